"""Starting from what the organisation wrote before: its profile, its answers.

Texts and tables are copied into the draft, never money, dates of the project
or the commitment; and only where nothing is typed yet.
"""

from typing import Any

from django.db.models import Q, QuerySet

from grants.models import Application, Case, Status
from grants.services.applying import stored_values
from grants.services.drafts import draft_key, save_typing, typed_in
from grants.services.proposal import FIELDS, PROFILE, as_typed
from organisations.models import Organisation, OrganisationProfile, User

#: What every application says anew.
ANEW = frozenset(
    ("amount", "budget", "period_start", "period_end", "commitment", "other_funding")
)
COPIED = tuple(name for name in FIELDS if name not in ANEW)
APPLY = "submit_application"


def earlier_applications(case: Case) -> QuerySet[Case]:
    """What the same organisation handed in before, or wrote and let expire."""
    written = Q(submitted_at__isnull=False) | Q(status=Status.EXPIRED)
    return (
        Case.objects.filter(written, organisation=case.organisation_id)
        .exclude(pk=case.pk)
        .select_related("round", "application", "district", "rules")
        .order_by("-id")
    )


def typed_values(case: Case) -> dict[str, Any]:
    """An application's answers as they would be typed; of an expired one its draft."""
    if case.submitted_at is None:
        return typed_in(draft_key(APPLY, case))
    values = stored_values(case)
    values["district"] = case.district.code if case.district else ""
    return {name: as_typed(value) for name, value in values.items()}


def copy_from(earlier: Case, case: Case, *, by: User) -> list[str]:
    """Copy an earlier application's texts and tables into the draft.

    Returns the fields that were filled; what is typed already stays.
    """
    return _fill(case, typed_values(earlier), COPIED, by)


def prefill(case: Case, *, by: User) -> list[str]:
    """Begin a draft with the organisation's profile and the person's own contact.

    What the profile does not say comes from the newest application.
    """
    values: dict[str, Any] = {
        "contact_name": str(by),
        "contact_mobile": by.phone,
        "contact_email": by.email,
    }
    newest = earlier_applications(case).filter(submitted_at__isnull=False).first()
    if newest is not None:
        values |= typed_values(newest)
    values |= typed_profile(case.organisation)
    return _fill(case, values, (*PROFILE, *CONTACT), by)


def typed_profile(organisation: Organisation) -> dict[str, Any]:
    """What the organisation's profile says, as an applicant would type it."""
    profile = OrganisationProfile.objects.filter(organisation=organisation).first()
    if profile is None:
        return {}
    said = {name: as_typed(getattr(profile, name)) for name in PROFILE}
    return {name: value for name, value in said.items() if value != ""}


def profile_before(organisation: Organisation) -> dict[str, Any]:
    """What the organisation's newest application said of it, as it was typed."""
    stated = Application.objects.filter(
        case__organisation=organisation, case__submitted_at__isnull=False
    )
    newest = stated.order_by("-case").first()
    if newest is None:
        return {}
    return {name: as_typed(getattr(newest, name)) for name in PROFILE}


CONTACT = ("contact_name", "contact_mobile", "contact_phone", "contact_email")


def _fill(
    case: Case, values: dict[str, Any], names: tuple[str, ...], by: User
) -> list[str]:
    key = draft_key(APPLY, case)
    typed = typed_in(key)
    blank: tuple[Any, ...] = ("", [], None, False)
    fields = {
        n: values[n]
        for n in names
        if values.get(n, "") not in blank and typed.get(n, "") in blank
    }
    if fields:
        save_typing(key, by=by, fields=fields)
    return sorted(fields)
