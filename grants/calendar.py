"""Working days and moments in Asia/Shanghai (DOMAIN §5.5).

The holiday table comes from `chinesecalendar`, make-up workdays included. It
raises for a year that is not announced yet: then weekdays count, and the date
is provisional.
"""

import datetime as dt
from zoneinfo import ZoneInfo

import chinese_calendar

SHANGHAI = ZoneInfo("Asia/Shanghai")


def is_working_day(day: dt.date) -> bool:
    """Whether offices work that day; weekdays for a year not announced yet."""
    try:
        return chinese_calendar.is_workday(day)
    except NotImplementedError:
        return day.weekday() < 5


def is_provisional(day: dt.date) -> bool:
    """Whether the year's holidays are not announced yet."""
    try:
        chinese_calendar.is_workday(day)
    except NotImplementedError:
        return True
    return False


def next_working_day(day: dt.date) -> dt.date:
    """The first working day after `day`."""
    day += dt.timedelta(days=1)
    while not is_working_day(day):
        day += dt.timedelta(days=1)
    return day


def add_working_days(day: dt.date, count: int) -> dt.date:
    """The `count`-th working day after `day` (day itself not counted)."""
    for _ in range(count):
        day = next_working_day(day)
    return day


def working_days_between(first: dt.date, last: dt.date) -> int:
    """Working days from first to last, both counted (X13: 18-24 Aug 2021 = 5)."""
    days = (last - first).days + 1
    return sum(is_working_day(first + dt.timedelta(days=i)) for i in range(days))


def today(at: dt.datetime) -> dt.date:
    """The date in Shanghai at a moment."""
    return at.astimezone(SHANGHAI).date()


def end_of(day: dt.date) -> dt.datetime:
    """The moment a day ends in Shanghai: the next midnight."""
    return dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), SHANGHAI)


def start_of(day: dt.date) -> dt.datetime:
    """Midnight in Shanghai at the beginning of a day."""
    return dt.datetime.combine(day, dt.time(), SHANGHAI)


def end_of_working_day(at: dt.datetime, count: int) -> dt.datetime:
    """The end of the `count`-th working day after a moment."""
    return end_of(add_working_days(today(at), count))
