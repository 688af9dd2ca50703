"""The public register of funded projects: what anybody may know of them.

A project is in it from the award letter on; one whose award lapsed is not.
Nothing here names a person.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from grants.models import Case, Round, Status
from grants.rules import category_label
from grants.selectors import PROJECT_STATUSES

#: Where a public project may stand, in public words.
PREPARING, RUNNING, CLOSED, ENDED_EARLY = "preparing", "running", "closed", "ended"
STATES: dict[str, tuple[Any, tuple[str, ...]]] = {
    PREPARING: (_("Agreement being made"), (Status.REVISION, Status.AGREEMENT)),
    RUNNING: (
        _("Running now"),
        tuple(
            s
            for s in PROJECT_STATUSES
            if s
            not in (
                Status.CLOSED,
                Status.ARCHIVED,
                Status.TERMINATED,
                Status.CLAWBACK,
                Status.CLAWBACK_DONE,
            )
        ),
    ),
    CLOSED: (pgettext_lazy("project", "Completed"), (Status.CLOSED, Status.ARCHIVED)),
    ENDED_EARLY: (
        _("Ended early"),
        (Status.TERMINATED, Status.CLAWBACK, Status.CLAWBACK_DONE),
    ),
}
STATE_OF = {
    status: name for name, (_label, found) in STATES.items() for status in found
}


@dataclass(frozen=True)
class Entry:
    """One funded project; CNY."""

    number: str
    title: str
    organisation: str
    round: str
    year: int
    district: str
    category: str
    awarded: Decimal
    state: str
    state_label: str
    starts_on: Any
    ends_on: Any
    summary: str


@dataclass(frozen=True)
class Share:
    """One bar of a plot: CNY and projects, and its length of 1000."""

    label: str
    amount: Decimal
    projects: int
    length: int


def funded() -> QuerySet[Case]:
    """Cases that are in the public register."""
    return Case.objects.filter(project__isnull=False, status__in=STATE_OF)


def searched(
    *, q: str = "", round_code: str = "", district: str = "", state: str = ""
) -> QuerySet[Case]:
    """The register cut down; wrong values find nothing or are ignored."""
    cases = funded()
    if q := q.strip():
        cases = cases.filter(
            Q(title__icontains=q)
            | Q(organisation__name__icontains=q)
            | Q(project__award_no__icontains=q)
        )
    if round_code:
        cases = cases.filter(round__code=round_code)
    if district:
        cases = cases.filter(district__code=district)
    if state in STATES:
        cases = cases.filter(status__in=STATES[state][1])
    return cases


def with_facts(cases: QuerySet[Case]) -> QuerySet[Case]:
    """What an entry reads: one query for all of them."""
    return cases.select_related(
        "organisation", "round", "district", "application", "project", "rules"
    )


def entry_of(case: Case) -> Entry:
    state = STATE_OF[case.status]
    application = case.application
    return Entry(
        number=case.project.award_no,
        title=case.title,
        organisation=case.organisation.name,
        round=str(case.round),
        year=case.round.year,
        district=str(case.district or ""),
        category=category_label(case, application.category),
        awarded=case.awarded or Decimal("0.00"),
        state=state,
        state_label=str(STATES[state][0]),
        starts_on=application.period_start,
        ends_on=application.period_end,
        summary=application.summary,
    )


def totals(cases: QuerySet[Case]) -> tuple[int, Decimal]:
    """How many projects, and CNY awarded to them."""
    found = cases.order_by().aggregate(n=Count("pk"), amount=Sum("awarded"))
    return found["n"], found["amount"] or Decimal("0.00")


def by_district(cases: QuerySet[Case]) -> list[Share]:
    """CNY by district, the largest first."""
    rows = (
        cases.order_by()
        .values("district__name_zh", "district__name_en")
        .annotate(amount=Sum("awarded"), n=Count("pk"))
    )
    english = (get_language() or "").startswith("en")
    name = "district__name_en" if english else "district__name_zh"
    return shares((row[name] or "–", row["amount"], row["n"]) for row in rows)


def by_category(cases: QuerySet[Case]) -> list[Share]:
    """CNY by service field, the largest first."""
    rows = (
        cases.order_by()
        .values("application__category")
        .annotate(amount=Sum("awarded"), n=Count("pk"))
    )
    sample = cases.select_related("rules").first()
    return shares(
        (category_label(sample, row["application__category"]), row["amount"], row["n"])
        for row in rows
    )


def by_round(cases: QuerySet[Case]) -> list[Share]:
    """CNY by round, the latest first."""
    rows = {
        row["round"]: row
        for row in cases.order_by()
        .values("round")
        .annotate(amount=Sum("awarded"), n=Count("pk"))
    }
    rounds = Round.objects.filter(pk__in=rows).order_by("-opens_at")
    found = [(str(r), rows[r.pk]["amount"], rows[r.pk]["n"]) for r in rounds]
    return shares(found, ordered=True)


def shares(
    rows: Iterable[tuple[str, Decimal | None, int]], *, ordered: bool = False
) -> list[Share]:
    """Bars whose lengths compare; equal labels are one bar."""
    summed: dict[str, tuple[Decimal, int]] = {}
    for label, amount, projects in rows:
        before = summed.get(label, (Decimal("0.00"), 0))
        summed[label] = (before[0] + (amount or 0), before[1] + projects)
    most = max((amount for amount, _n in summed.values()), default=Decimal(0))
    bars = [
        Share(label, amount, n, int(1000 * amount / most) if most else 0)
        for label, (amount, n) in summed.items()
    ]
    return bars if ordered else sorted(bars, key=lambda b: (-b.amount, b.label))
