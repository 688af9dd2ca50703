"""Working days with make-up workdays, and deadlines in Shanghai."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grants.calendar import (
    SHANGHAI,
    add_working_days,
    end_of,
    end_of_working_day,
    is_provisional,
    is_working_day,
    next_working_day,
    start_of,
    today,
    working_days_between,
)

pytestmark = pytest.mark.once

unhurried = settings(deadline=None)  # the machine may be busy
days = st.dates(date(2010, 1, 1), date(2035, 12, 31))


def test_notice_of_futian_2021_has_five_working_days():
    assert working_days_between(date(2021, 8, 18), date(2021, 8, 24)) == 5


def test_corrections_of_april_2021_count_the_make_up_sunday():
    assert is_working_day(date(2021, 4, 25))  # a Sunday, worked for 1 May
    assert working_days_between(date(2021, 4, 22), date(2021, 4, 27)) == 5
    assert add_working_days(date(2021, 4, 21), 5) == date(2021, 4, 27)


def test_national_day_is_no_working_week():
    assert working_days_between(date(2021, 10, 1), date(2021, 10, 7)) == 0
    assert next_working_day(date(2021, 9, 30)) == date(2021, 10, 8)
    assert is_working_day(date(2021, 10, 9))  # a Saturday, worked


def test_an_empty_span_has_no_working_days():
    assert working_days_between(date(2021, 8, 18), date(2021, 8, 17)) == 0


def test_a_year_without_announced_holidays_is_provisional():
    new_year = date(2035, 1, 1)
    assert is_provisional(new_year)
    assert is_working_day(new_year) == (new_year.weekday() < 5)
    assert not is_provisional(date(2021, 1, 1))


def test_working_days_run_across_the_end_of_the_announced_years():
    assert add_working_days(date(2035, 1, 5), 3) == date(2035, 1, 10)


@unhurried
@given(day=days, count=st.integers(1, 30))
def test_adding_working_days_counts_them(day, count):
    last = add_working_days(day, count)
    assert is_working_day(last)
    assert working_days_between(day + timedelta(days=1), last) == count


@unhurried
@given(day=days, count=st.integers(0, 20))
def test_adding_none_stays(day, count):
    assert add_working_days(day, 0) == day
    assert add_working_days(day, count) <= add_working_days(day, count + 1)


def test_a_day_ends_at_midnight_in_shanghai():
    day = date(2021, 6, 8)
    assert start_of(day) == datetime(2021, 6, 7, 16, tzinfo=UTC)
    assert end_of(day) == datetime(2021, 6, 8, 16, tzinfo=UTC)
    assert end_of(day) == start_of(day + timedelta(days=1))


def test_today_is_the_day_in_shanghai():
    assert today(datetime(2021, 6, 8, 15, 59, tzinfo=UTC)) == date(2021, 6, 8)
    assert today(datetime(2021, 6, 8, 16, 0, tzinfo=UTC)) == date(2021, 6, 9)


@pytest.mark.parametrize("hour", [0, 9, 23])
def test_term_ends_with_the_last_working_day_whatever_the_hour(hour):
    at = datetime(2021, 4, 21, hour, tzinfo=SHANGHAI)
    assert end_of_working_day(at, 5) == end_of(date(2021, 4, 27))
