"""Money: invoices that come twice, sums split under a limit, shared accounts."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Func, QuerySet, Value
from django.db.models.functions import Replace, Upper
from django.utils.translation import gettext as _

from desk.signals.base import Facts, Finding, Row
from desk.signals.thresholds import EXPENSE_LIMITS, NEAR, SHORTEST_NUMBER, TOGETHER
from grants.accounts import masked
from grants.models import BudgetLine, Case, Expense, Tranche, TrancheStatus

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
    found = _repeated(expenses, "invoice_number", facts, _expense_row)
    return found + _repeated(tranches, "receipt_number", facts, _tranche_row)


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


def _expense_row(row: Expense, case: Case) -> Row:
    text = f"{row.spent_on} · {row.payee} · {row.invoice_number} · {row.amount:,.2f}"
    if row.voided_at is not None:
        text = " · ".join((text, _("voided")))
    return Row(text, case, "ledger")


def _tranche_row(row: Tranche, case: Case) -> Row:
    named = {"n": row.seq, "number": row.receipt_number, "amount": f"{row.amount:,.2f}"}
    return Row(
        _("Tranche %(n)s · receipt %(number)s · %(amount)s") % named, case, "money"
    )


@dataclass(frozen=True)
class Payment:
    """One payment as the search for splitting needs it."""

    case: Case
    payee: str
    day: dt.date
    amount: Decimal
    row: Row


def split_amounts(facts: Facts) -> list[Finding]:
    """Several payments to one payee within days, each just under a limit."""
    out = []
    for payments in (_expenses(facts), _tranches(facts)):
        groups: dict[Any, list[Payment]] = defaultdict(list)
        for payment in payments:
            groups[payment.payee].append(payment)
        for payee, found in sorted(groups.items(), key=lambda pair: str(pair[0])):
            limits = {x for p in found for x in limits_of(facts, p.case)}
            for limit in sorted(limits):
                out += _split(payee, limit, found)
    return out


def limits_of(facts: Facts, case: Case) -> set[Decimal]:
    """The limits that a case's payments may be kept under (CNY)."""
    rules = facts.rules[case.rules_id]
    chain = (rules.officer_up_to, rules.leader_above)
    return {limit for limit in (*chain, *EXPENSE_LIMITS) if limit > 0}


def _split(payee: Any, limit: Decimal, payments: Iterable[Payment]) -> list[Finding]:
    """Runs of payments just under one limit, each within TOGETHER of its first."""
    near = [p for p in payments if NEAR * limit <= p.amount < limit]
    near.sort(key=lambda p: (p.day, p.row.text))
    out, run = [], near[:0]
    for payment in [*near, None]:
        if run and (payment is None or payment.day - run[0].day > TOGETHER):
            if len(run) > 1 and sum(p.amount for p in run) >= limit:
                out.append(_split_finding(payee, limit, run))
            run = []
        if payment is not None:
            run.append(payment)
    return out


def _split_finding(payee: Any, limit: Decimal, run: list[Payment]) -> Finding:
    text = _(
        "%(n)s payments to %(payee)s from %(first)s to %(last)s, each just under "
        "%(limit)s, together %(sum)s."
    ) % {
        "n": len(run),
        "payee": payee,
        "first": run[0].day.isoformat(),
        "last": run[-1].day.isoformat(),
        "limit": f"{limit:,.2f}",
        "sum": f"{sum(p.amount for p in run):,.2f}",
    }
    return Finding(text, [payment.row for payment in run])


def _expenses(facts: Facts) -> Iterable[Payment]:
    """Expenses without wages, which come every month to the same people."""
    rows = Expense.objects.filter(case__in=facts.keys, voided_at=None)
    rows = rows.exclude(head=BudgetLine.Head.STAFF)
    for row in rows.order_by("pk"):
        case = facts.cases[row.case_id]
        yield Payment(
            case, row.payee.strip(), row.spent_on, row.amount, _expense_row(row, case)
        )


def _tranches(facts: Facts) -> Iterable[Payment]:
    rows = Tranche.objects.filter(case__in=facts.keys, status=TrancheStatus.PAID)
    for row in rows.exclude(paid_on=None).order_by("pk"):
        case = facts.cases[row.case_id]
        yield Payment(
            case,
            str(case.organisation),
            row.paid_on,
            row.amount,
            _tranche_row(row, case),
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
            used[number][payee].append(_tranche_row(tranche, case))
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
