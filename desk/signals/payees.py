"""Who is paid: relatives of the applicant, one payee everywhere, fees in one hand."""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal

from django.utils.translation import gettext as _

from desk.signals.base import Facts, Finding, Row
from desk.signals.money import expense_row
from desk.signals.names import plain_name
from desk.signals.thresholds import OFTEN, PAYEE_OWNERS, PAYEE_SHARE
from grants.models import BudgetLine, Expense
from organisations.models import MembershipRole, OrganisationProfile

FEES = BudgetLine.Head.STAFF


def related_payees(facts: Facts) -> list[Finding]:
    """Expenses paid to the legal representative, or to what else is theirs."""
    heads = _heads(facts)
    theirs = _firms({key for found in heads.values() for key in found})
    found: dict[tuple[int, str, str], list[Row]] = defaultdict(list)
    for expense in facts.expenses:
        case, payee = facts.cases[expense.case_id], plain_name(expense.payee)
        own = case.organisation_id
        for key, name in heads.get(own, {}).items():
            others = {other for other, pk in theirs[key] if pk != own}
            if payee == key or payee in others:
                text = f"{expense.spent_on} · {expense.payee} · {expense.amount:,.2f}"
                found[own, name, payee].append(Row(text, case, "ledger"))
    return [
        Finding(
            _("%(organisation)s paid %(payee)s; its legal representative is %(name)s.")
            % {
                "organisation": facts.organisations[own],
                "payee": rows[0].text.split(" · ")[1],
                "name": name,
            },
            rows,
        )
        for (own, name, payee), rows in sorted(found.items())
    ]


def _heads(facts: Facts) -> dict[int, dict[str, str]]:
    """The legal representatives of each applicant: plain name, name."""
    out: dict[int, dict[str, str]] = defaultdict(dict)
    profiles = OrganisationProfile.objects.filter(
        organisation__in=facts.overseen.order_by().values("organisation")
    ).exclude(legal_representative="")
    for pk, name in profiles.values_list("organisation", "legal_representative"):
        out[pk].setdefault(plain_name(name), name.strip())
    for pk, members in facts.memberships.items():
        for member in members:
            if member.role == MembershipRole.LEGAL_REP and member.user.name:
                name = member.user.name
                out[pk].setdefault(plain_name(name), name.strip())
    return out


def _firms(heads: set[str]) -> dict[str, set[tuple[str, int]]]:
    """By the plain name of a head: the organisations that they represent."""
    out: dict[str, set[tuple[str, int]]] = defaultdict(set)
    profiles = OrganisationProfile.objects.exclude(legal_representative="")
    for name, other, pk in profiles.values_list(
        "legal_representative", "organisation__name", "organisation"
    ):
        key = plain_name(name)
        if key in heads:
            out[key].add((plain_name(other), pk))
    return out


def repeated_payees(facts: Facts) -> list[Finding]:
    """One payee, paid often, takes the better part of several organisations' money.

    Wages are left out: they are looked at by themselves.
    """
    spent: dict[int, Decimal] = defaultdict(Decimal)
    paid: dict[str, dict[int, list[Expense]]] = defaultdict(lambda: defaultdict(list))
    for expense in facts.expenses:
        if expense.head != FEES:
            spent[expense.case_id] += expense.amount
            paid[plain_name(expense.payee)][expense.case_id].append(expense)
    out = []
    for by_case in paid.values():
        much = {
            pk: rows
            for pk, rows in by_case.items()
            if len(rows) >= OFTEN
            and sum(row.amount for row in rows) >= PAYEE_SHARE * spent[pk]
        }
        rows = [row for found in much.values() for row in found]
        if len(_owners(facts, much)) >= PAYEE_OWNERS:
            text = _(
                "%(payee)s was paid %(n)s times by %(owners)s organisations, together "
                "%(sum)s, and each time most of what a project spent."
            )
            out.append(_finding(facts, text, rows))
    return out


def fees_in_one_hand(facts: Facts) -> list[Finding]:
    """Fees of several organisations for one person, and entries for oneself."""
    fees: dict[str, list[Expense]] = defaultdict(list)
    own: dict[tuple[int, str], list[Expense]] = defaultdict(list)
    people = facts.people(row.recorded_by_id for row in facts.expenses)
    for expense in facts.expenses:
        key = plain_name(expense.payee)
        if expense.head == FEES:
            fees[key].append(expense)
        if key and key == plain_name(people[expense.recorded_by_id].name):
            own[facts.cases[expense.case_id].organisation_id, key].append(expense)
    several = _(
        "%(payee)s was paid fees %(n)s times by %(owners)s organisations, together "
        "%(sum)s."
    )
    oneself = _(
        "%(payee)s entered what %(payee)s was paid: %(n)s times, together %(sum)s."
    )
    found = [
        _finding(facts, several, rows)
        for rows in fees.values()
        if len(_owners(facts, (row.case_id for row in rows))) >= PAYEE_OWNERS
    ]
    return found + [_finding(facts, oneself, rows) for rows in own.values()]


def _owners(facts: Facts, cases: Iterable[int]) -> set[int]:
    return {facts.cases[pk].organisation_id for pk in cases}


def _finding(facts: Facts, text: str, rows: list[Expense]) -> Finding:
    named = {
        "payee": rows[0].payee,
        "n": len(rows),
        "owners": len(_owners(facts, (row.case_id for row in rows))),
        "sum": f"{sum(row.amount for row in rows):,.2f}",
    }
    return Finding(
        text % named, [expense_row(row, facts.cases[row.case_id]) for row in rows]
    )
