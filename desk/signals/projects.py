"""The same project in two tiers or rounds of one year."""

from collections import defaultdict
from collections.abc import Iterator
from difflib import SequenceMatcher
from itertools import combinations, product

from django.utils.translation import gettext as _

from desk.signals.base import Facts, Finding, Row
from desk.signals.thresholds import COMPARED, SIMILAR_TEXT, SIMILAR_TITLE
from grants.lifecycle import REOPENABLE
from grants.models import Application, Case


def funded_twice(facts: Facts) -> list[Finding]:
    """One credit code, one year, two rounds, and nearly the same words."""
    groups: dict[tuple[int, int], list[Case]] = defaultdict(list)
    for case in facts.cases.values():
        if case.status not in REOPENABLE:
            groups[case.organisation_id, case.round.year].append(case)
    several = {
        key: found
        for key, found in groups.items()
        if len({case.round_id for case in found}) > 1
    }
    keys = [case.pk for found in several.values() for case in found]
    texts = {
        pk: f"{objectives}\n{plan}\n{summary}"
        for pk, objectives, plan, summary in Application.objects.filter(
            case__in=keys
        ).values_list("case", "objectives", "plan", "summary")
    }
    out = []
    for found in several.values():
        for one, other in across_rounds(found):
            out += _compared(one, other, texts)
    return out


def across_rounds(cases: list[Case]) -> Iterator[tuple[Case, Case]]:
    """The pairs of cases of two rounds, the earlier one first; those of one round
    are never laid side by side, however many they are."""
    rounds: dict[int, list[Case]] = defaultdict(list)
    for case in sorted(cases, key=lambda c: c.pk):
        rounds[case.round_id].append(case)
    for some, others in combinations(rounds.values(), 2):
        for pair in product(some, others):
            one, other = sorted(pair, key=lambda c: c.pk)
            yield one, other


def _compared(one: Case, other: Case, texts: dict[int, str]) -> list[Finding]:
    titles = alike(one.title, other.title)
    words = common(texts.get(one.pk, ""), texts.get(other.pk, ""))
    if titles < SIMILAR_TITLE and words < SIMILAR_TEXT:
        return []
    text = _(
        "%(organisation)s (%(code)s) has two like projects in %(year)s: titles alike "
        "to %(titles)s, texts to %(texts)s per cent."
    ) % {
        "organisation": one.organisation,
        "code": one.organisation.credit_code or "–",
        "year": one.round.year,
        "titles": round(titles * 100),
        "texts": round(words * 100),
    }
    rows = [
        Row(f"{case} · {case.round} · {case.round.get_tier_display()}", case, "form")
        for case in (one, other)
    ]
    return [Finding(text, rows)]


def alike(one: str, other: str) -> float:
    """How alike two titles are, from 0 to 1; the order of characters counts."""
    first, second = "".join(one.split()), "".join(other.split())
    if not first or not second:
        return 0.0
    return SequenceMatcher(None, first, second, autojunk=False).ratio()


def common(one: str, other: str) -> float:
    """The share of three-character pieces that two texts have in common."""
    first, second = pieces(one), pieces(other)
    return len(first & second) / len(first | second) if first and second else 0.0


def pieces(text: str) -> set[str]:
    plain = "".join(text.split())[:COMPARED]
    return {plain[n : n + 3] for n in range(len(plain) - 2)}
