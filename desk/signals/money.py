"""Money: invoices that come twice, accounts that several organisations share."""

from collections import defaultdict
from typing import Any

from django.db.models import Count, F, Func, QuerySet, Value
from django.db.models.functions import Replace, Upper
from django.utils.translation import gettext as _

from desk.signals.base import Facts, Finding, Row
from desk.signals.thresholds import SHORTEST_NUMBER
from grants.accounts import masked
from grants.models import Case, Expense, Tranche

#: What people write between the figures of a number.
BETWEEN = (" ", "-", "_", "/", ".")


def plain(column: str) -> Func:
    """A number in the database without what people write between its figures."""
    found: Any = F(column)
    for mark in BETWEEN:
        found = Replace(found, Value(mark), Value(""))
    return Upper(found)


def repeated_invoices(facts: Facts) -> list[Finding]:
    """One number on several expenses, or on several receipts of payments."""
    expenses = Expense.objects.filter(case__in=facts.keys)
    tranches = Tranche.objects.filter(case__in=facts.keys)
    found = _repeated(expenses, "invoice_number", facts, expense_row)
    return found + _repeated(tranches, "receipt_number", facts, tranche_row)


def _repeated(
    rows: QuerySet[Any], column: str, facts: Facts, words: Any
) -> list[Finding]:
    numbered = rows.exclude(**{column: ""}).annotate(plain=plain(column))
    twice = numbered.order_by().values("plain").annotate(n=Count("pk")).filter(n__gt=1)
    groups: dict[str, list[Any]] = defaultdict(list)
    for row in numbered.filter(plain__in=twice.values("plain")).order_by("plain", "pk"):
        groups[row.plain].append(row)
    return [
        Finding(
            _("The number %(number)s is on %(n)s entries.")
            % {"number": getattr(group[0], column), "n": len(group)},
            [words(row, facts.cases[row.case_id]) for row in group],
        )
        for group in groups.values()
        if not _is_correction(group)
    ]


def _is_correction(group: list[Any]) -> bool:
    """Entered anew in its own project after it was voided: that is ordinary."""
    voided = [row for row in group if getattr(row, "voided_at", None) is not None]
    same = len({row.case_id for row in group}) == 1
    return same and len(group) - len(voided) <= 1


def expense_row(row: Expense, case: Case) -> Row:
    text = f"{row.spent_on} · {row.payee} · {row.invoice_number} · {row.amount:,.2f}"
    if row.voided_at is not None:
        text = " · ".join((text, _("voided")))
    return Row(text, case, "ledger")


def tranche_row(row: Tranche, case: Case) -> Row:
    named = {"n": row.seq, "number": row.receipt_number, "amount": f"{row.amount:,.2f}"}
    return Row(
        _("Tranche %(n)s · receipt %(number)s · %(amount)s") % named, case, "money"
    )


def shared_accounts(facts: Facts) -> list[Finding]:
    """One bank account that several payees use; a custodian's is its own."""
    used: dict[str, dict[int, list[Row]]] = defaultdict(lambda: defaultdict(list))
    cases: dict[int, Case] = {}
    for case in facts.cases.values():
        cases.setdefault(case.organisation_id, case)
    for pk, organisation in facts.organisations.items():
        number = figures(organisation.bank_account)
        if number:
            used[number][pk].append(
                Row(
                    f"{organisation} · {masked(organisation.bank_account)}",
                    cases.get(pk),
                    "money",
                )
            )
    tranches = Tranche.objects.filter(case__in=facts.keys).exclude(account="")
    for tranche in tranches.order_by("pk"):
        case = facts.cases[tranche.case_id]
        number = figures(tranche.account)
        if number:
            payee = case.organisation.custodian_id or case.organisation_id
            used[number][payee].append(tranche_row(tranche, case))
    return [
        Finding(
            _("The account %(account)s belongs to %(n)s organisations: %(names)s.")
            % {
                "account": masked(number),
                "n": len(found),
                "names": ", ".join(
                    str(facts.organisations[pk]) for pk in sorted(found)
                ),
            },
            [row for pk in sorted(found) for row in found[pk]],
        )
        for number, found in sorted(used.items())
        if len(found) > 1
    ]


def figures(text: str) -> str:
    """A number for comparing; "" for one that is too short to mean anything."""
    found = "".join(c for c in text if c.isalnum()).upper()
    return found if len(found) >= SHORTEST_NUMBER else ""
