"""What the ledger of a project adds up to: served, spent, reached (服务台账).

Voided entries never count. Amounts are CNY.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Count, Sum

from grants.models import (
    Activity,
    BudgetLine,
    Expense,
    Indicator,
    ServiceRecord,
)

NOTHING = Decimal("0.00")


class Spent(NamedTuple):
    """Expenses of one activity, head and source together."""

    activity: int | None
    head: str
    funded_by: str
    amount: Decimal


class Planned(NamedTuple):
    """Lines of the budget of one activity (its name) and head together."""

    activity: str
    head: str
    amount: Decimal


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
class ActivitySum:
    """One planned activity, or none: held and served, and its money by line.

    `heads` are the lines of the budget that serve it, those of one head together.
    """

    name: str
    heads: list[HeadSum]
    times: int = 0
    held: int = 0
    attendances: int = 0
    persons: int = 0

    @property
    def planned(self) -> Decimal:
        return sum((head.planned for head in self.heads), NOTHING)

    @property
    def spent(self) -> Decimal:
        return sum((head.spent for head in self.heads), NOTHING)

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
    by_activity: list[ActivitySum] = field(default_factory=list)
    indicators: list[Indicator] = field(default_factory=list)

    def counted(self, indicator: Indicator) -> Decimal | None:
        """What the entries say of an indicator; None for one that is said."""
        kinds = Indicator.Counted
        sums: dict[str, Any] = {
            kinds.SESSIONS: self.activities,
            kinds.PERSONS: self.persons,
            kinds.VOLUNTEERS: self.volunteers,
            kinds.HOURS: self.hours,
        }
        found = sums.get(indicator.counts)
        return None if found is None else Decimal(found)

    @property
    def over(self) -> list[HeadSum]:
        return [head for head in self.heads if head.is_over]


def ledgers_of(
    ids: Iterable[int], *, indicators: bool = True, activities: bool = False
) -> dict[int, Ledger]:
    """The ledgers of some cases by id.

    Three queries; one more with the indicators, one more by planned activity.
    """
    ids = list(ids)
    live = {"case__in": ids, "voided_at": None}
    served: dict[int, dict[int | None, dict[str, Any]]] = defaultdict(dict)
    for row in (
        ServiceRecord.objects.filter(**live)
        .order_by()
        .values("case_id", "activity_id")
        .annotate(
            activities=Count("pk"),
            persons=Sum("persons"),
            volunteers=Sum("volunteers"),
            hours=Sum("hours"),
        )
    ):
        served[row.pop("case_id")][row.pop("activity_id")] = row
    spent: dict[int, list[Spent]] = defaultdict(list)
    rows = Expense.objects.filter(**live).order_by()
    for case_id, *sums in rows.values_list(
        "case_id", "activity_id", "head", "funded_by"
    ).annotate(Sum("amount")):
        spent[case_id].append(Spent(*sums))
    planned: dict[int, list[Planned]] = defaultdict(list)
    lines = BudgetLine.objects.filter(case__in=ids, kind=BudgetLine.Kind.PLAN)
    for case_id, *sums in (
        lines.order_by()
        .values_list("case_id", "activity", "head")
        .annotate(Sum("amount"))
    ):
        planned[case_id].append(Planned(*sums))
    measured: dict[int, list[Indicator]] = defaultdict(list)
    if indicators:
        plan = Indicator.objects.filter(case__in=ids, kind=BudgetLine.Kind.PLAN)
        for indicator in plan.order_by("position"):
            measured[indicator.case_id].append(indicator)
    named: dict[int, list[Activity]] = defaultdict(list)
    if activities:
        steps = Activity.objects.filter(case__in=ids, kind=BudgetLine.Kind.PLAN)
        for activity in steps.order_by("position"):
            named[activity.case_id].append(activity)
    return {
        pk: Ledger(
            **_together(served[pk].values()),
            spent_of_grant=_sum(spent[pk], BudgetLine.FundedBy.GRANT),
            spent_in_all=_sum(spent[pk]),
            heads=_heads(planned[pk], spent[pk]),
            indicators=measured[pk],
            by_activity=_by_activity(named[pk], served[pk], planned[pk], spent[pk])
            if activities
            else [],
        )
        for pk in ids
    }


def _together(rows: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """The sums of several groups of entries."""
    out: dict[str, Any] = {}
    for row in rows:
        for name, value in row.items():
            out[name] = out.get(name, 0) + value
    return out


def _by_activity(
    activities: list[Activity],
    served: dict[int | None, dict[str, Any]],
    planned: list[Planned],
    spent: list[Spent],
) -> list[ActivitySum]:
    """Planned activities with what was held and spent, in their order.

    The last one, without a name, is of the money and the entries of no activity;
    it is left out where there are none.
    """
    found = []
    for activity in activities:
        entries = served.get(activity.pk, {})
        found.append(
            ActivitySum(
                activity.name,
                _heads(
                    [line for line in planned if line.activity == activity.name],
                    [row for row in spent if row.activity == activity.pk],
                ),
                activity.times,
                entries.get("activities", 0),
                activity.attendances,
                entries.get("persons", 0),
            )
        )
    names = {activity.name for activity in activities}
    keys = {activity.pk for activity in activities}
    rest = _together(row for key, row in served.items() if key not in keys)
    other = ActivitySum(
        "",
        _heads(
            [line for line in planned if line.activity not in names],
            [row for row in spent if row.activity not in keys],
        ),
        held=rest.get("activities", 0),
        persons=rest.get("persons", 0),
    )
    return [*found, other] if found and (other.heads or other.held) else found


def _sum(spent: list[Spent], funded_by: str = "") -> Decimal:
    return sum(
        (row.amount for row in spent if funded_by in ("", row.funded_by)), NOTHING
    )


def _heads(planned: list[Planned], spent: list[Spent]) -> list[HeadSum]:
    """Every head that is planned or was spent on, in the order of the form."""
    given: dict[str, Decimal] = defaultdict(lambda: NOTHING)
    for line in planned:
        given[line.head] += line.amount
    used: dict[str, Decimal] = defaultdict(lambda: NOTHING)
    for row in spent:
        used[row.head] += row.amount
    return [
        HeadSum(head, given[head], used[head])
        for head in BudgetLine.Head.values
        if head in given or head in used
    ]
