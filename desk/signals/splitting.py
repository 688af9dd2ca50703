"""Sums split under a limit: each just under it, or many small ones that pass it."""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from desk.signals.base import Facts, Finding, Row
from desk.signals.money import expense_row, tranche_row
from desk.signals.names import plain_name
from desk.signals.thresholds import (
    EXPENSE_LIMITS,
    NEAR,
    SMALL,
    SMALL_TIMES,
    TOGETHER,
)
from grants.models import BudgetLine, Case, Tranche, TrancheStatus


@dataclass(frozen=True)
class Payment:
    """One payment as the search for splitting needs it; `key` says who is paid."""

    case: Case
    key: Any
    payee: str
    day: dt.date
    amount: Decimal
    row: Row


Run = list[Payment]


def split_amounts(facts: Facts) -> list[Finding]:
    """Several payments to one payee within days that pass a limit together.

    Two are enough where each is just under it. Of smaller ones it takes SMALL_TIMES,
    and they are looked for among expenses only: the tranches of an award are small
    by its agreement.
    """
    out = []
    for payments, also_small in ((_expenses(facts), True), (_tranches(facts), False)):
        groups: dict[Any, Run] = defaultdict(list)
        for payment in payments:
            groups[payment.key].append(payment)
        for _key, found in sorted(groups.items()):
            found.sort(key=lambda p: (p.day, p.row.text))
            limits = {x for p in found for x in limits_of(facts, p.case)}
            for limit in sorted(limits):
                near = _near(limit, found)
                out += [_just_under(limit, run) for run in near]
                if also_small:
                    told = {payment.row for run in near for payment in run}
                    out += [
                        _in_sum(limit, run)
                        for run in _small(limit, found)
                        if not told & {payment.row for payment in run}
                    ]
    return out


def limits_of(facts: Facts, case: Case) -> set[Decimal]:
    """The limits that a case's payments may be kept under (CNY)."""
    rules = facts.rules[case.rules_id]
    chain = (rules.officer_up_to, rules.leader_above)
    return {limit for limit in (*chain, *EXPENSE_LIMITS) if limit > 0}


def _near(limit: Decimal, payments: Run) -> list[Run]:
    """Runs of payments just under the limit."""
    near = [p for p in payments if NEAR * limit <= p.amount < limit]
    return _runs(near, lambda run: len(run) > 1 and _sum(run) >= limit)


def _small(limit: Decimal, payments: Run) -> list[Run]:
    """Runs of payments of one organisation, each well under the limit, that reach it
    together; a shop that many organisations buy from is no sign."""
    by_owner: dict[int, Run] = defaultdict(list)
    for payment in payments:
        if SMALL * limit <= payment.amount < limit:
            by_owner[payment.case.organisation_id].append(payment)

    def counts(run: Run) -> bool:
        return len(run) >= SMALL_TIMES and _sum(run) >= limit

    return [run for small in by_owner.values() for run in _runs(small, counts)]


def _runs(payments: Run, counts: Callable[[Run], bool]) -> list[Run]:
    """The runs that count, each within TOGETHER of its first and as long as can be;
    no payment is in two of them. The payments come in the order of their days."""
    out, start = [], 0
    while start < len(payments):
        last = payments[start].day + TOGETHER
        run = [p for p in payments[start:] if p.day <= last]
        if counts(run):
            out.append(run)
            start += len(run)
        else:
            start += 1
    return out


def _sum(run: Run) -> Decimal:
    return sum((p.amount for p in run), Decimal())


def _just_under(limit: Decimal, run: Run) -> Finding:
    text = _(
        "%(n)s payments to %(payee)s from %(first)s to %(last)s, each just under "
        "%(limit)s, together %(sum)s."
    )
    return _finding(text, limit, run)


def _in_sum(limit: Decimal, run: Run) -> Finding:
    text = _(
        "%(n)s small payments to %(payee)s from %(first)s to %(last)s: each is under "
        "%(limit)s, together they are %(sum)s."
    )
    return _finding(text, limit, run)


def _finding(text: str, limit: Decimal, run: Run) -> Finding:
    named = {
        "n": len(run),
        "payee": run[0].payee,
        "first": run[0].day.isoformat(),
        "last": run[-1].day.isoformat(),
        "limit": f"{limit:,.2f}",
        "sum": f"{_sum(run):,.2f}",
    }
    return Finding(text % named, [payment.row for payment in run])


def _expenses(facts: Facts) -> Iterable[Payment]:
    """Expenses without wages, which come every month to the same people."""
    for row in facts.expenses:
        if row.head == BudgetLine.Head.STAFF:
            continue
        case, payee = facts.cases[row.case_id], row.payee.strip()
        yield Payment(
            case,
            plain_name(payee),
            payee,
            row.spent_on,
            row.amount,
            expense_row(row, case),
        )


def _tranches(facts: Facts) -> Iterable[Payment]:
    rows = Tranche.objects.filter(case__in=facts.keys, status=TrancheStatus.PAID)
    for row in rows.exclude(paid_on=None).order_by("pk"):
        case = facts.cases[row.case_id]
        yield Payment(
            case,
            case.organisation_id,
            str(case.organisation),
            row.paid_on,
            row.amount,
            tranche_row(row, case),
        )
