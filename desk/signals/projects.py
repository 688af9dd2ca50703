"""The same project funded twice: by one organisation, or by several with one text."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from difflib import SequenceMatcher
from functools import cached_property
from itertools import combinations, product
from typing import Any

from django.utils.translation import gettext as _

from desk.signals.base import Facts, Finding, Row
from desk.signals.thresholds import (
    COMPARED,
    CROWD,
    RENEWED_TEXT,
    SHORTEST_CLAUSE,
    SHORTEST_TEXT,
    SIMILAR_TEXT,
    SIMILAR_TITLE,
)
from grants.lifecycle import REOPENABLE
from grants.models import Application, Case

#: What ends a clause, in Chinese and in Latin writing.
CLAUSE = re.compile(r"[。；！？，、：;!?:,.\n]+")
#: Clauses that two texts have in common before they are compared.
SHARED = 2


class Words:
    """Texts and times of the applications of cases that go on: one query."""

    def __init__(self, cases: list[Case]) -> None:
        rows = Application.objects.filter(case__in=[case.pk for case in cases])
        self.of: dict[int, tuple[Any, ...]] = {
            pk: rest
            for pk, *rest in rows.values_list(
                "case", "objectives", "plan", "summary", "period_start", "period_end"
            )
        }

    def text(self, case: Case) -> str:
        found = self.of.get(case.pk)
        return "\n".join(found[:3]) if found else ""

    def tell(self, case: Case) -> bool:
        """Whether the text is long enough to be somebody's own."""
        return len(self.text(case)) >= SHORTEST_TEXT

    def overlap(self, one: Case, other: Case) -> bool:
        """Whether two projects run at the same time; without days, in one year."""
        if one.round.year == other.round.year:
            return True
        first, second = self.of.get(one.pk), self.of.get(other.pk)
        days = [*first[3:], *second[3:]] if first and second else [None]
        if None in days:
            return False
        start, end, other_start, other_end = days
        return bool(start <= other_end and other_start <= end)


def funded_twice(facts: Facts) -> list[Finding]:
    """One organisation, two rounds of one time, and nearly the same words; or word
    for word again in another year; or several organisations with one text."""
    going = [c for c in facts.cases.values() if c.status not in REOPENABLE]
    words = Words(going)
    own: dict[int, list[Case]] = defaultdict(list)
    for case in going:
        own[case.organisation_id].append(case)
    out = []
    for found in own.values():
        for one, other in across_rounds(found):
            out += _compared(one, other, words)
    return out + _elsewhere([case for case in going if case.awarded], words)


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


def _compared(one: Case, other: Case, words: Words) -> list[Finding]:
    titles = alike(one.title, other.title)
    same = common(words.text(one), words.text(other))
    if words.overlap(one, other):
        if titles < SIMILAR_TITLE and same < SIMILAR_TEXT:
            return []
    elif same < RENEWED_TEXT or not words.tell(one):
        return []  # gone on with in another year: ordinary
    text = _(
        "%(organisation)s (%(code)s) has two like projects in %(year)s: titles alike "
        "to %(titles)s, texts to %(texts)s per cent."
    ) % {
        "organisation": one.organisation,
        "code": one.organisation.credit_code or "–",
        "year": "/".join(str(y) for y in sorted({one.round.year, other.round.year})),
        "titles": round(titles * 100),
        "texts": round(same * 100),
    }
    return [Finding(text, [_row(case) for case in (one, other)])]


def _row(case: Case) -> Row:
    return Row(f"{case} · {case.round} · {case.round.get_tier_display()}", case, "form")


# -- several organisations ----------------------------------------------------------


class Group:
    """The cases of texts that are nearly the same; `same` is the greatest share."""

    def __init__(self, cases: list[Case], same: float = 1.0) -> None:
        self.cases, self.same = cases, same

    @cached_property
    def owners(self) -> list[str]:
        return sorted({str(case.organisation) for case in self.cases})


def _elsewhere(cases: list[Case], words: Words) -> list[Finding]:
    """Funded projects of several organisations with nearly one text.

    Short texts say too little. Only texts that share clauses are compared, and a
    clause that very many have is a phrase of the form: so the work grows with the
    number of texts, not with its square.
    """
    texts: dict[str, list[Case]] = defaultdict(list)
    for case in sorted(cases, key=lambda c: c.pk):
        if words.tell(case):
            texts[words.text(case)].append(case)
    every = list(texts)
    leads = list(range(len(every)))  # of each text: one of the same group
    shares: dict[int, float] = {}

    def lead(n: int) -> int:
        while leads[n] != n:
            n = leads[n]
        return n

    for one, other in _candidates(every):
        same = common(every[one], every[other])
        if same >= SIMILAR_TEXT:
            first, second = lead(one), lead(other)
            leads[max(first, second)] = min(first, second)
            most = max(same, shares.get(first, 0), shares.get(second, 0))
            shares[min(first, second)] = most
    groups: dict[int, list[Case]] = defaultdict(list)
    for n, text in enumerate(every):
        groups[lead(n)] += texts[text]
    found = [Group(cases, shares.get(n, 1.0)) for n, cases in groups.items()]
    return [_shared(group) for group in found if len(group.owners) > 1]


def _candidates(texts: list[str]) -> list[tuple[int, int]]:
    """Which texts share clauses that are no common phrases."""
    first: dict[str, int] = {}
    having: dict[str, list[int]] = {}  # most clauses are of one text alone
    for n, text in enumerate(texts):
        for clause in {found.strip() for found in CLAUSE.split(text)}:
            if len(clause) < SHORTEST_CLAUSE:
                continue
            one = first.setdefault(clause, n)
            if one != n:
                having.setdefault(clause, [one]).append(n)
    pairs: Counter[tuple[int, int]] = Counter()
    for found in having.values():
        if len(found) <= CROWD:
            pairs.update(combinations(found, 2))
    return sorted(pair for pair, times in pairs.items() if times >= SHARED)


def _shared(group: Group) -> Finding:
    text = _(
        "%(n)s organisations were funded for nearly the same text, alike to %(texts)s "
        "per cent: %(names)s."
    ) % {
        "n": len(group.owners),
        "texts": round(group.same * 100),
        "names": ", ".join(group.owners),
    }
    return Finding(text, [_row(case) for case in group.cases])


# -- how alike ----------------------------------------------------------------------


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
