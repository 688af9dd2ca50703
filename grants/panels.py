"""Drawing the experts of a review group by lot (专家抽取).

The lot of a candidate is the SHA-256 of seed, group and user name; the lowest
lots win. Whoever knows the seed on record can repeat the draw by hand.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from hashlib import sha256


@dataclass(frozen=True)
class Candidate:
    """A reviewer of the programme who has no conflict in the group."""

    pk: int
    username: str
    is_finance_expert: bool


@dataclass(frozen=True)
class Drawn:
    """Who sits in which seat; a finance seat is filled by finance experts only."""

    number: int
    candidate: Candidate
    needs_finance_expert: bool


class TooFew(Exception):
    """There are not enough candidates; `what` is "experts" or "finance"."""

    def __init__(self, what: str, needed: int, found: int) -> None:
        self.what, self.needed, self.found = what, needed, found
        super().__init__(f"{found} of {needed} {what}")


def lot_of(seed: str, group: str, candidate: Candidate) -> str:
    """The candidate's lot, as 64 hexadecimal digits."""
    return sha256(f"{seed}|{group}|{candidate.username}".encode()).hexdigest()


def draw(
    candidates: Iterable[Candidate], *, seed: str, group: str, size: int, finance: int
) -> list[Drawn]:
    """Draw `size` seats of a group, the first `finance` among finance experts.

    The same seed, group and candidates give the same seats in any order of the
    candidates. TooFew names what is lacking.
    """
    by_lot = sorted(candidates, key=lambda c: lot_of(seed, group, c))
    experts = [c for c in by_lot if c.is_finance_expert][:finance]
    if len(experts) < finance:
        raise TooFew("finance", finance, len(experts))
    if len(by_lot) < size:
        raise TooFew("experts", size, len(by_lot))
    others = [c for c in by_lot if c not in experts][: size - finance]
    return [
        Drawn(number, candidate, number <= finance)
        for number, candidate in enumerate([*experts, *others], start=1)
    ]


def alternates(
    candidates: Iterable[Candidate],
    drawn: Iterable[Drawn],
    *,
    seed: str,
    group: str,
    count: int,
) -> list[Candidate]:
    """The next lots behind the seats, at most `count`; fewer where there are none."""
    seated = {seat.candidate for seat in drawn}
    left = (c for c in candidates if c not in seated)
    return sorted(left, key=lambda c: lot_of(seed, group, c))[:count]


def defence_times(first: time, count: int, minutes: int) -> list[time]:
    """When each defence of a group begins, one after the other."""
    start = datetime.combine(date(2000, 1, 1), first)
    return [(start + timedelta(minutes=minutes * i)).time() for i in range(count)]
