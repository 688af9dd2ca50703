"""The demo's clock: rounds of earlier years are built as of their own days."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import time_machine
from django.utils.timezone import now

SHANGHAI = ZoneInfo("Asia/Shanghai")


def at(day: date, hour: int = 9, minute: int = 0) -> datetime:
    """A moment of a day in Shanghai."""
    return datetime.combine(day, time(hour, minute), SHANGHAI)


class Clock:
    """The time of the process; it ticks on from where it was put."""

    def __init__(self, traveller: time_machine.Traveller) -> None:
        self._traveller = traveller

    def to(self, moment: datetime) -> None:
        """Go to a moment, never back."""
        if moment > now():
            self._traveller.move_to(moment)


@contextmanager
def clock_from(moment: datetime) -> Iterator[Clock]:
    """Travel for a while; the real time comes back at the end."""
    with time_machine.travel(moment, tick=True) as traveller:
        yield Clock(traveller)


def days(count: float) -> timedelta:
    return timedelta(days=count)
