"""Grants: tells attachments who may read and write the folders it owns."""

from typing import Any

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GrantsConfig(AppConfig):
    name = "grants"
    verbose_name = _("Grants")

    def ready(self) -> None:
        from django.db.models.signals import post_migrate

        from attachments.registry import register

        post_migrate.connect(
            after_migrations, sender=self, dispatch_uid="grants.permissions"
        )
        register(
            "case",
            can_read=can_read_case,
            can_write=can_write_case,
            can_replace=can_replace_in_case,
            takes_macros=case_takes_macros,
        )
        register("objection", can_read=can_read_objection, can_write=nobody)
        register("finding", can_read=can_read_finding, can_write=can_write_finding)
        register(
            "round",
            can_read=can_use_round,
            can_write=can_write_round,
            takes_macros=round_takes_macros,
        )


def after_migrations(*, sender: Any, using: str, **kwargs: Any) -> None:
    """Programmes that are there already: their roles may take new actions, too."""
    from django.contrib.auth.management import create_permissions

    from grants.services.programmes import give_new_permissions

    create_permissions(sender, using=using, verbosity=0)
    give_new_permissions(by="system:migrate")


def can_read_case(user: Any, folder: Any) -> bool:
    """One rule for page, list and file: who sees the case reads its papers."""
    from grants.selectors import cases_visible_to

    return cases_visible_to(user).filter(folder=folder).exists()


def can_write_case(user: Any, folder: Any) -> bool:
    """Members of the organisation, and the offices that file documents.

    Nobody once the case is archived: then it is read-only.
    """
    filing = filing_in(user, folder)
    return filing is not None and filing.may_write


def can_replace_in_case(user: Any, document: Any) -> bool:
    """A paper gets a new version from the side that filed it, while it may."""
    filing = filing_in(user, document.folder)
    return filing is not None and filing.may_replace(document.pk)


def filing_in(user: Any, folder: Any) -> Any:
    """What somebody files in the case of a folder; None for who does not see it."""
    from grants.selectors import cases_visible_to
    from grants.services.filing import Filing

    found = cases_visible_to(user).filter(folder=folder)
    case = found.select_related("round", "rules").first()
    return case and Filing(user, case)


def case_takes_macros(folder: Any) -> bool:
    """By the rules that the case runs under."""
    from grants.models import Case
    from grants.rules import rules_of

    case = Case.objects.filter(folder=folder).first()
    return case is not None and rules_of(case).accepts_macros


def round_takes_macros(folder: Any) -> bool:
    """By the rules of the round."""
    from grants.models import Round
    from grants.rules import rules_of

    round_ = Round.objects.filter(folder=folder).first()
    return round_ is not None and rules_of(round_).accepts_macros


def can_read_objection(user: Any, folder: Any) -> bool:
    """Who handles the objection, and auditors: never the applicant."""
    from grants.models import Objection
    from grants.selectors import sees_objections

    found = Objection.objects.select_related("case__round").filter(folder=folder)
    objection = found.first()
    return objection is not None and sees_objections(user, objection.case)


def can_read_finding(user: Any, folder: Any) -> bool:
    """Who reads the finding: the oversight, the office, and who is asked."""
    from grants.models import Finding
    from grants.selectors import sees_finding

    found = Finding.objects.select_related("case__round").filter(folder=folder)
    finding = found.first()
    return finding is not None and sees_finding(user, finding)


def can_write_finding(user: Any, folder: Any) -> bool:
    """The auditor's evidence comes with the finding, from who raises it."""
    from grants.models import Finding, FindingStatus

    raised = Finding.objects.filter(folder=folder, status=FindingStatus.RAISED)
    return raised.filter(raised_by=user.pk).exists()


def nobody(user: Any, folder: Any) -> bool:
    """Files come with the objection; nobody adds one later."""
    return False


def can_use_round(user: Any, folder: Any) -> bool:
    """Minutes and lists of a round belong to who holds something in it."""
    from grants.models import Round
    from grants.permissions import programme_permissions

    round_ = Round.objects.filter(folder=folder).first()
    if round_ is None:
        return False
    return bool(programme_permissions(user).get(round_.programme_id))


def can_write_round(user: Any, folder: Any) -> bool:
    """Who files documents in the programme; who only reads does not."""
    from grants.models import Round
    from grants.permissions import has_permission
    from grants.services.filing import FILE_DOCUMENTS

    round_ = Round.objects.filter(folder=folder).first()
    return round_ is not None and has_permission(
        user, FILE_DOCUMENTS, round_.programme_id
    )
