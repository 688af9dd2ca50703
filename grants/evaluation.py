"""Scores of an evaluation: dimensions, totals, bands (DOMAIN 7.2-7.4)."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_DOWN, Decimal
from typing import Any

from grants.models import Stage
from grants.rules import Rules, rules_of

TENTH = Decimal("0.1")
#: Points of the questionnaire that counts as full satisfaction.
MOST_SATISFIED = 5

Dimension = Mapping[str, Any]


def dimensions_of(stage: Stage) -> Sequence[Dimension]:
    """What a stage is scored by; none where one plain score is given."""
    return rules_of(stage.case).evaluation.dimensions.get(stage.kind, ())


def spread(dimensions: Sequence[Dimension], total: Decimal) -> dict[str, Decimal]:
    """A total of 100 shared out by the weights; the last one takes what is left."""
    scores = {
        d["code"]: (d["weight"] * total / 100).quantize(TENTH, ROUND_DOWN)
        for d in dimensions
    }
    if dimensions:
        last = dimensions[-1]["code"]
        scores[last] += total - sum(scores.values(), Decimal(0))
    return scores


def total_of(scores: Iterable[Decimal], adjustment: Decimal | None) -> Decimal:
    """The sum with bonus or penalty, never below nothing; it may exceed 100."""
    return max(Decimal(0), sum(scores, Decimal(0)) + (adjustment or Decimal(0)))


def least_satisfaction(rules: Rules) -> Decimal:
    """The mean of the questionnaires that a final pass needs, of five points."""
    return rules.evaluation.satisfaction_min * MOST_SATISFIED


def band_of(score: Decimal | None, rules: Rules) -> str:
    """The closing band of a final score (X30); the lowest without a score."""
    bands = sorted(rules.bands, key=lambda band: -band["min"])
    for band in bands:
        if score is not None and score >= band["min"]:
            return str(band["code"])
    return str(bands[-1]["code"])


def percent(part: int, whole: int) -> Decimal:
    """A share of projects in per cent, cut after one decimal: 10 of 32 is 31.2."""
    if not whole:
        return Decimal("0.0")
    return (Decimal(part * 100) / whole).quantize(TENTH, ROUND_DOWN)
