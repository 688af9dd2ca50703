"""The moved clock of the tests."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import time_machine
from django.utils import timezone


class Clock:
    """Move the time of the whole process; it ticks on from where it was put.

    >>> clock.to("2026-03-01 09:00")        # Asia/Shanghai unless it says otherwise
    >>> clock.forward(days=5)
    """

    def __init__(self) -> None:
        self._travel: time_machine.travel | None = None

    def to(self, moment: datetime | str) -> datetime:
        """Go to a moment; a naive one is local time in TIME_ZONE."""
        if isinstance(moment, str):
            moment = datetime.fromisoformat(moment)
        if timezone.is_naive(moment):
            moment = timezone.make_aware(moment)
        self.back()
        self._travel = time_machine.travel(moment, tick=True)
        self._travel.start()
        return moment

    def forward(self, **amount: float) -> datetime:
        """Go on by a timedelta's arguments: `days=5`, `minutes=1`."""
        return self.to(timezone.now() + timedelta(**amount))

    def back(self) -> None:
        """Return to the real time."""
        if self._travel is not None:
            self._travel.stop()
            self._travel = None


@contextmanager
def moved_clock() -> Iterator[Clock]:
    clock = Clock()
    try:
        yield clock
    finally:
        clock.back()
