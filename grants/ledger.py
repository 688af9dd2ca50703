"""What the ledger of a project adds up to: served, spent, reached (服务台账).

Voided entries never count. Amounts are CNY.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Count, Sum

from grants.models import BudgetLine, Expense, Indicator, ServiceRecord

NOTHING = Decimal("0.00")


@dataclass(frozen=True)
class HeadSum:
    """One budget head: what the approved budget gives and what was spent."""

    head: str
    planned: Decimal
    spent: Decimal

    @property
    def label(self) -> str:
        return str(BudgetLine.Head(self.head).label)

    @property
    def left(self) -> Decimal:
        return self.planned - self.spent

    @property
    def is_over(self) -> bool:
        return self.spent > self.planned


@dataclass(frozen=True)
class Ledger:
    """A project's entries, added up."""

    activities: int = 0
    persons: int = 0
    volunteers: int = 0
    hours: Decimal = Decimal("0.0")
    spent_of_grant: Decimal = NOTHING
    spent_in_all: Decimal = NOTHING
    heads: list[HeadSum] = field(default_factory=list)
    indicators: list[Indicator] = field(default_factory=list)

    @property
    def over(self) -> list[HeadSum]:
        return [head for head in self.heads if head.is_over]


def ledgers_of(ids: Iterable[int], *, indicators: bool = True) -> dict[int, Ledger]:
    """The ledgers of some cases by id: three queries, one more with indicators."""
    ids = list(ids)
    live = {"case__in": ids, "voided_at": None}
    services = {
        row.pop("case_id"): row
        for row in ServiceRecord.objects.filter(**live)
        .order_by()
        .values("case_id")
        .annotate(
            activities=Count("pk"),
            persons=Sum("persons"),
            volunteers=Sum("volunteers"),
            hours=Sum("hours"),
        )
    }
    spent: dict[int, list[Any]] = defaultdict(list)
    rows = Expense.objects.filter(**live).order_by()
    for case_id, *row in rows.values_list("case_id", "head", "funded_by").annotate(
        Sum("amount")
    ):
        spent[case_id].append(row)
    planned: dict[int, dict[str, Decimal]] = defaultdict(dict)
    lines = BudgetLine.objects.filter(case__in=ids, kind=BudgetLine.Kind.PLAN)
    for case_id, head, amount in (
        lines.order_by().values_list("case_id", "head").annotate(Sum("amount"))
    ):
        planned[case_id][head] = amount
    measured: dict[int, list[Indicator]] = defaultdict(list)
    if indicators:
        plan = Indicator.objects.filter(case__in=ids, kind=BudgetLine.Kind.PLAN)
        for indicator in plan.order_by("position"):
            measured[indicator.case_id].append(indicator)
    return {
        pk: Ledger(
            **services.get(pk, {}),
            spent_of_grant=_sum(spent[pk], BudgetLine.FundedBy.GRANT),
            spent_in_all=_sum(spent[pk]),
            heads=_heads(planned[pk], spent[pk]),
            indicators=measured[pk],
        )
        for pk in ids
    }


def _sum(spent: list[Any], funded_by: str = "") -> Decimal:
    return sum(
        (amount for _head, fund, amount in spent if funded_by in ("", fund)), NOTHING
    )


def _heads(planned: dict[str, Decimal], spent: list[Any]) -> list[HeadSum]:
    """Every head that is planned or was spent on, in the order of the form."""
    by_head: dict[str, Decimal] = defaultdict(lambda: NOTHING)
    for head, _fund, amount in spent:
        by_head[head] += amount
    return [
        HeadSum(head, planned.get(head, NOTHING), by_head[head])
        for head in BudgetLine.Head.values
        if head in planned or head in by_head
    ]
