"""One text for one value, whoever writes it."""

import datetime as dt
import decimal
import json
import uuid
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit import canon

pytestmark = pytest.mark.once

WHOLE = st.integers(-canon.SAFE_INTEGER, canon.SAFE_INTEGER)
LEAVES = st.none() | st.booleans() | WHOLE | st.text()
PLAIN = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=5)
    ),
    max_leaves=15,
)


@given(PLAIN)
def test_text_is_that_of_the_standard_library(value) -> None:
    text = canon.dumps(value)
    assert text == json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )
    assert canon.parse(text) == json.loads(text) == value


@dataclass
class Point:
    x: int


@pytest.mark.parametrize(
    "value",
    [
        dt.date(2026, 1, 2),
        dt.datetime(2026, 1, 2, tzinfo=dt.UTC),
        decimal.Decimal(1),
        {1},
        Point(1),
    ],
)
def test_what_json_does_not_know_is_refused(value) -> None:
    with pytest.raises(TypeError):
        canon.dumps([value])


def test_lone_surrogate_is_refused() -> None:
    with pytest.raises(TypeError, match="surrogates"):
        canon.dumps("\ud800")


@pytest.mark.parametrize("text", ["", "{", "[1,]", "NaN", "'a'", '"\\ud800"', "1 2"])
def test_what_is_no_canonical_text_is_a_value_error(text) -> None:
    with pytest.raises(json.JSONDecodeError):
        canon.parse(text)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("2026-11-22 07:00:00.123456", "2026-11-22T07:00:00.123456Z"),
        ("2026-11-22 07:00:00", "2026-11-22T07:00:00.000000Z"),
        ("2026-11-22T07:00:00.5+00:00", "2026-11-22T07:00:00.500000Z"),
        ("2026-11-22T15:00:00.123456+08:00", "2026-11-22T07:00:00.123456Z"),
        ("2026-11-22T07:00:00+00:00", "2026-11-22T07:00:00.000000Z"),
        (dt.datetime(2026, 11, 22, 7), "2026-11-22T07:00:00.000000Z"),  # noqa: DTZ001
        (dt.datetime(2026, 11, 22, 7, tzinfo=dt.UTC), "2026-11-22T07:00:00.000000Z"),
    ],
)
def test_moment_has_one_form(written, said) -> None:
    assert canon.moment(written) == said


@given(st.datetimes(), st.sampled_from([0, 8, -5]))
def test_moment_is_that_of_the_text_as_of_the_value(at, hours) -> None:
    zone = dt.timezone(dt.timedelta(hours=hours))
    aware = at.replace(tzinfo=zone)
    try:
        said = canon.moment(aware)
    except OverflowError:  # before the year 1 or after 9999 in UTC
        return
    assert canon.moment(aware.isoformat()) == said
    assert canon.moment(said) == said
    assert dt.datetime.fromisoformat(said) == aware


def test_uuid_is_text() -> None:
    value = uuid.UUID(int=7)
    assert canon.fact({"id": value}) == {"id": str(value)}
