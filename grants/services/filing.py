"""Who files what among the papers of a case, beside the steps that bring papers.

To file is a right of its own (`file_documents`): the offices hold it, whoever oversees
or reviews does not. The organisation files by membership. A paper gets a new version
from the side that filed it, the organisation's only while it may still be exchanged:
until the application is handed in, when a correction was asked for, where the paper
runs out, or in the stage that asks for it. What came with a step, a step exchanges.
"""

from functools import cached_property
from typing import Any

from django.core.files import File
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from attachments.models import Document
from attachments.services import StoredUpload, add_document
from grants.errors import Invalid
from grants.lifecycle import ENDED
from grants.models import Case, RoleGroup, Status
from grants.paper_rules import (
    ANSWERS,
    ORDER,
    STAGE_OF_STATUS,
    Bringer,
    PaperStage,
    Validity,
)
from grants.permissions import has_permission, roles_of
from grants.rules import rules_of
from organisations.models import Membership, User
from organisations.selectors import organisation_ids_of

FILE_DOCUMENTS = "file_documents"
#: While the application is the organisation's to change.
THEIRS = (Status.DRAFT, Status.CORRECTION)
#: Kinds that come with a step alone.
BROUGHT = frozenset(a.kind for a in ANSWERS.values() if a.action and a.kind)


class Filing:
    """What one person may file in one case that they see; two queries at most."""

    def __init__(self, user: User, case: Case) -> None:
        self.user, self.case = user, case

    @cached_property
    def is_of_applicant(self) -> bool:
        return self.case.organisation_id in organisation_ids_of(self.user)

    @cached_property
    def may_write(self) -> bool:
        """Whether the person files here at all; nobody once the case is archived."""
        if self.case.folder_id is None or self.case.status == Status.ARCHIVED:
            return False
        programme = self.case.round.programme_id
        return self.is_of_applicant or has_permission(
            self.user, FILE_DOCUMENTS, programme
        )

    def may_add(self, kind: str) -> bool:
        """Whether the person adds a file of this kind beside the steps."""
        if not self.may_write or kind in BROUGHT:
            return False
        if not self.is_of_applicant:
            return True
        rows = [row for row in rules_of(self.case).papers if row.kind == kind]
        if not rows:
            return True  # it answers no requirement
        if not any(row.who == Bringer.APPLICANT for row in rows):
            return False
        return self.is_open(kind) or kind not in self._kinds_there

    def may_replace(self, document: int) -> bool:
        """Whether the person puts a new version over a paper of the case."""
        if not self.may_write or (filed := self._filed.get(document)) is None:
            return False
        if self.is_of_applicant:
            return filed["by_applicant"] and self.is_open(filed["kind"])
        if filed["by_applicant"]:
            return False
        return filed["created_by"] == self.user.pk or filed["by_office"]

    def may_date(self, document: int) -> bool:
        """Whether the person notes the days that stand on a paper.

        The offices do on every paper; the organisation on its own, once, and as long
        as it may be exchanged.
        """
        if not self.may_write or (filed := self._filed.get(document)) is None:
            return False
        if not self.is_of_applicant:
            return True
        return filed["by_applicant"] and (
            filed["dates"] is None or self.is_open(filed["kind"])
        )

    def is_open(self, kind: str) -> bool:
        """Whether the organisation may still exchange its papers of this kind."""
        status = self.case.status
        if status in THEIRS:
            return True
        if status in ENDED:
            return False
        stage = STAGE_OF_STATUS.get(status)
        return any(
            row.validity != Validity.NONE
            or (
                stage is not None
                and row.stage != PaperStage.APPLICATION
                and ORDER[row.stage] >= ORDER[stage]
            )
            for row in rules_of(self.case).papers
            if row.kind == kind and row.is_file
        )

    @cached_property
    def _kinds_there(self) -> set[str]:
        return {row["kind"] for row in self._filed.values()}

    @cached_property
    def _filed(self) -> dict[int, dict[str, Any]]:
        """The papers by id: their kind and by which side they were filed. One query."""
        programme = self.case.round.programme_id
        mine = [role for pk, role in roles_of(self.user) if pk == programme]
        members = Membership.objects.filter(
            organisation=self.case.organisation_id, user=OuterRef("created_by")
        )
        office = RoleGroup.objects.filter(
            programme=programme, role__in=mine, group__user=OuterRef("created_by")
        )
        found = Document.objects.filter(folder=self.case.folder_id).values(
            "pk",
            "kind",
            "created_by",
            "dates",
            by_applicant=Exists(members),
            by_office=Exists(office),
        )
        return {row["pk"]: dict(row) for row in found}


def not_now() -> Invalid:
    """Why a kind is not taken."""
    return Invalid({"kind": [_("You cannot add a paper of this kind now.")]})


def file_paper(
    case: Case,
    *,
    kind: str,
    upload: File | StoredUpload,
    by: User,
    title: str = "",
) -> Document:
    """Add a paper of a kind to a case, beside its steps.

    Invalid ("kind") for a kind that this person cannot add now, PermissionDenied
    (recorded) for who files nothing here, ValidationError for a file that is not taken.
    """
    filing = Filing(by, case)
    if filing.may_write and not filing.may_add(kind):
        raise not_now()
    return add_document(case.folder, kind=kind, upload=upload, by=by, title=title)
