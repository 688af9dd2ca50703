"""The demo's clock: rounds of earlier years are built as of their own days."""

from datetime import date, datetime, time, timedelta

from grants.calendar import SHANGHAI
from workflows.moved_clock import Clock, clock_from

__all__ = ["Clock", "at", "clock_from", "days"]


def at(day: date, hour: int = 9, minute: int = 0) -> datetime:
    """A moment of a day in Shanghai."""
    return datetime.combine(day, time(hour, minute), SHANGHAI)


def days(count: float) -> timedelta:
    return timedelta(days=count)
