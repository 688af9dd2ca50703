"""Which files go into the bundle of a case or of one stage, and where they lie in it.

The stage of a file is that of the requirement which it answers, else of the tracking
report or visit that it came with, else its kind's; what belongs to no stage is in the
bundle of the whole case only. Five queries beside those of the documents.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from django.utils.translation import gettext as _

from attachments.models import Document, Folder, Version
from attachments.registry import can_read
from attachments.scanning import withheld
from attachments.selectors import documents_for
from desk.lists.bundles import fit
from desk.requirements import kind_label
from desk.wording import role_label
from grants.models import Case, Role, RoleGroup, Stage, Visit, VisitPicture
from grants.paper_rules import ORDER, PaperStage, Requirement
from grants.rules import rules_of
from organisations.models import Membership, User

#: Stages of kinds that no requirement names.
STAGE_OF_KIND: dict[str, str] = {
    "sealed_application": PaperStage.APPLICATION,
    "answer": PaperStage.APPLICATION,
    "screening": PaperStage.APPLICATION,
    "objection": PaperStage.AWARD,
    "agreement_applicant": PaperStage.AGREEMENT,
    "agreement": PaperStage.AGREEMENT,
    "declaration": PaperStage.AGREEMENT,
    "audit_report": PaperStage.CLOSING,
    "closure_package": PaperStage.CLOSING,
    "refund_proof": PaperStage.CLOSING,
}
ELSEWHERE = 99


@dataclass
class Entry:
    """One version in the bundle, or left out of it and why."""

    path: str
    document: Document
    version: Version
    versions: int
    label: str
    stage: str  # "" for none
    requirements: list[Requirement] = field(default_factory=list)
    role: str = ""
    #: "" or WAITING, INFECTED (attachments.scanning), later LOST.
    left_out: str = ""


@dataclass(frozen=True)
class Asked:
    """What somebody wants bundled: a case or one of its stages ("" for all)."""

    code: str
    stage: str = ""
    earlier: bool = False

    def as_query(self) -> dict[str, Any]:
        return {"code": self.code, "stage": self.stage, "earlier": self.earlier}


def entries_for(user: User, case: Case, asked: Asked) -> list[Entry]:
    """The files of a case that this person may read, in the order of the zip."""
    documents = [d for f in folders_of(user, case) for d in documents_for(user, f)]
    stages = stages_of(case, documents)
    found: list[tuple[str, Document]] = []
    for document in documents:
        of = stages[document.pk]
        if asked.stage and asked.stage not in of:
            continue
        found.append((asked.stage or (of[0] if of else ""), document))
    found.sort(key=lambda pair: (place_of(pair[0]), pair[1].kind, pair[1].pk))
    return list(_placed(user, case, found, asked))


def folders_of(user: User, case: Case) -> Iterator[Folder]:
    """The case's folder and those of objections to it, as far as they are open."""
    folders = [case.folder]
    folders += [o.folder for o in case.objections.select_related("folder")]
    for folder in folders:
        if folder is not None and can_read(user, folder):
            yield folder


def stages_of(case: Case, documents: Iterable[Document]) -> dict[int, list[str]]:
    """The stages that each document belongs to, in the order of the road."""
    linked = linked_stages(case)
    asked: dict[str, set[str]] = {}
    for row in rules_of(case).papers:
        if row.kind:
            asked.setdefault(row.kind, set()).add(row.stage)
    found = {}
    for document in documents:
        of = linked.get(document.pk) or asked.get(document.kind)
        if not of and document.kind in STAGE_OF_KIND:
            of = {STAGE_OF_KIND[document.kind]}
        found[document.pk] = sorted(of or (), key=place_of)
    return found


def linked_stages(case: Case) -> dict[int, set[str]]:
    """Stages of the files that came with reports and visits; three queries."""
    found: dict[int, set[str]] = {}
    files = Stage.objects.filter(case=case).values_list(
        "kind", "report_file", "rectification_file"
    )
    pairs = [(kind, pk) for kind, *pks in files for pk in pks]
    pairs += Visit.objects.filter(case=case).values_list("stage__kind", "photo")
    pairs += VisitPicture.objects.filter(case=case).values_list(
        "visit__stage__kind", "document"
    )
    for kind, pk in pairs:
        if pk is not None:
            found.setdefault(pk, set()).add(kind)
    return found


def place_of(stage: str) -> int:
    return ORDER[stage] if stage else ELSEWHERE


# -- names in the zip ----------------------------------------------------------------


def root_of(case: Case) -> str:
    """GYCT-2026-CITY-0001_项目名称"""
    return "_".join(filter(None, [case.code, fit(case.title)]))


def folder_of(stage: str) -> str:
    """01_申报; 99_其他 for what belongs to no stage."""
    if not stage:
        other = _("Other")
        return f"{ELSEWHERE}_{fit(other)}"
    return f"{ORDER[stage] + 1:02d}_{fit(str(PaperStage(stage).label))}"


def _placed(
    user: User, case: Case, found: list[tuple[str, Document]], asked: Asked
) -> Iterator[Entry]:
    roles = roles_of_uploaders(case, [document for _stage, document in found])
    requirements = rules_of(case).papers
    numbers: dict[str, int] = {}
    for stage, document in found:
        numbers[stage] = number = numbers.get(stage, 0) + 1
        label = kind_label(document.kind, case)
        versions = list(document.versions.all())  # the newest first
        for version in versions if asked.earlier else versions[:1]:
            name = f"{number:02d}_{fit(label)}"
            title = fit(document.title)
            name += f"_{title}" if title and title != fit(label) else ""
            name += f"_v{version.number}" if len(versions) > 1 else ""
            suffix = fit(PurePosixPath(version.name).suffix.lower()[:10])
            suffix = f".{suffix}" if suffix and not suffix.startswith(".") else suffix
            yield Entry(
                path=f"{root_of(case)}/{folder_of(stage)}/{name}{suffix}",
                document=document,
                version=version,
                versions=len(versions),
                label=label,
                stage=stage,
                requirements=[
                    row
                    for row in requirements
                    if row.kind == document.kind and stage in ("", row.stage)
                ],
                role=roles.get(version.uploaded_by_id, _("without an account")),
                left_out=withheld(version, user),
            )


def roles_of_uploaders(
    case: Case, documents: Iterable[Document]
) -> dict[int | None, str]:
    """In which role each person filed: never the name. Two queries."""
    people = {v.uploaded_by_id for d in documents for v in d.versions.all()} - {None}
    members = Membership.objects.filter(
        user__in=people, organisation=case.organisation_id
    )
    roles: dict[int | None, str] = dict.fromkeys(people, _("Other"))
    held = RoleGroup.objects.filter(
        programme=case.round.programme_id, group__user__in=people
    )
    order = {role.value: place for place, role in enumerate(Role)}
    for person, role in sorted(
        held.values_list("group__user", "role"), key=lambda row: -order[row[1]]
    ):
        roles[person] = role_label(role)
    for person in members.values_list("user", flat=True):
        roles[person] = _("Applicant organisation")
    return roles
