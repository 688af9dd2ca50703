"""The order of scored cases, as the committee sees it.

By score; ties by need, then budget, then the lower amount, then the earlier
submission (CONV, DOMAIN §7.1). What still ties goes by number of application.
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.db.models import Avg

from grants.models import Case, Score

TIE_BREAKERS = ("need", "budget")


def ranked_cases(cases: Iterable[Case]) -> list[Case]:
    """Cases with a score, best first; one query besides theirs."""
    cases = list(cases)
    means: dict[tuple[int, str], Decimal] = {}
    rows = (
        Score.objects.filter(
            case__in=cases, criterion__in=TIE_BREAKERS, review__reopened_at=None
        )
        .values_list("case_id", "criterion")
        .annotate(mean=Avg("score"))
    )
    for case_id, criterion, mean in rows:
        means[case_id, criterion] = mean

    def place(case: Case) -> tuple[Any, ...]:
        ties = [-means.get((case.pk, c), Decimal(0)) for c in TIE_BREAKERS]
        return (
            -(case.application.score or Decimal(0)),
            *ties,
            case.requested or Decimal(0),
            case.submitted_at,
            case.code,
        )

    return sorted(cases, key=place)
