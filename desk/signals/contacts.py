"""Telephones and e-mail addresses that several organisations share."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from django.utils.translation import gettext as _

from desk.signals.base import Facts, Finding, Row
from desk.signals.thresholds import SHORTEST_NUMBER
from grants.models import Application, Case
from grants.services.proposal import CONTACTS
from organisations.models import OrganisationProfile

PROFILE = ("telephone", "email")
PERSON = ("phone", "email")


def contact(text: str) -> str:
    """A telephone by its figures, an address in small letters; "" for neither."""
    if "@" in text:
        return text.strip().lower()
    found = "".join(c for c in text if c.isdigit())
    return found if len(found) >= SHORTEST_NUMBER else ""


def shared_contacts(facts: Facts) -> list[Finding]:
    """One telephone or address that several organisations give as theirs."""
    first: dict[int, Case] = {}
    for case in facts.cases.values():
        first.setdefault(case.organisation_id, case)
    used: dict[str, dict[int, dict[str, Row]]] = defaultdict(lambda: defaultdict(dict))
    accounts: dict[tuple[str, int], int] = {}
    for owner, value, where, case, account in _given(facts, first):
        key = contact(value)
        if key:
            text = f"{facts.organisations[owner]} · {where} · {value}"
            used[key][owner].setdefault(text, Row(text, case, "form"))
            if account is not None:
                accounts.setdefault((key, owner), account)
    return [
        Finding(
            _("%(contact)s is given by %(n)s organisations: %(names)s.")
            % {
                "contact": key,
                "n": len(found),
                "names": ", ".join(
                    str(facts.organisations[pk]) for pk in sorted(found)
                ),
            },
            [row for pk in sorted(found) for row in found[pk].values()],
        )
        for key, found in sorted(used.items())
        if _parties(key, found, accounts) > 1 and not _in_custody(facts, set(found))
    ]


def _parties(
    key: str, owners: Iterable[int], accounts: dict[tuple[str, int], int]
) -> int:
    """How many different ones give a contact: organisations, where one person with
    one account who is a member of several counts once (that is no secret)."""
    return len(
        {
            ("member", accounts[key, pk]) if (key, pk) in accounts else pk
            for pk in owners
        }
    )


def _given(
    facts: Facts, first: dict[int, Case]
) -> Iterator[tuple[int, str, str, Case | None, int | None]]:
    """Organisation, value, what it is, a case, whose account: three queries."""
    labels: dict[str, Any] = {
        name: Application._meta.get_field(name).verbose_name for name in CONTACTS
    }
    rows = Application.objects.filter(case__in=facts.keys).order_by("pk")
    for pk, *values in rows.values_list("case", *CONTACTS):
        case = facts.cases[pk]
        for name, value in zip(CONTACTS, values, strict=True):
            yield case.organisation_id, value, str(labels[name]), case, None
    profile = _("profile")
    profiles = OrganisationProfile.objects.filter(organisation__in=list(first))
    for pk, *values in profiles.order_by("pk").values_list("organisation", *PROFILE):
        for value in values:
            yield pk, value, profile, first[pk], None
    for pk, members in facts.memberships.items():
        for member in members:
            if member.ended_at is None:
                for name in PERSON:
                    value = getattr(member.user, name)
                    yield pk, value, str(member.user), first.get(pk), member.user_id


def _in_custody(facts: Facts, keys: set[int]) -> bool:
    """Whether it is one organisation and who holds its money: that is ordinary."""
    return any(
        keys - {pk} <= {other for other in keys if _custodian(facts, other) == pk}
        for pk in keys
    )


def _custodian(facts: Facts, pk: int) -> int | None:
    found = facts.organisations[pk].custodian_id
    return int(found) if found is not None else None
