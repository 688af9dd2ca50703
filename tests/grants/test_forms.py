"""Properties: money adds up, working days count right, no body breaks a form."""

import datetime as dt
import json
from decimal import Decimal
from typing import Any

import pytest
from django.http import QueryDict
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grants.actions import ACTIONS, Action
from grants.calendar import (
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
from grants.errors import Invalid
from grants.evaluation import band_of
from grants.money import FEN, fen, last_tranche, tranche_amounts
from grants.numbers import plain_number
from grants.rules import default_data, parse
from grants.services.tracking import working_days_after
from tests.factories.running import targets_of

pytestmark = pytest.mark.once

unhurried = settings(deadline=None)  # the machine may be busy

# -- money --------------------------------------------------------------------

amounts = st.decimals(
    min_value=Decimal("0.01"), max_value=Decimal("999999999.99"), places=2
)
percents = st.lists(st.integers(1, 99), min_size=1, max_size=6)


@unhurried
@given(amounts, percents)
def test_tranches_sum_to_the_award_whatever_the_shares(award, parts):
    shares = tuple(Decimal(part) / Decimal(sum(parts)) for part in parts)
    tranches = tranche_amounts(award, shares)
    assert sum(tranches) == award
    assert len(tranches) == len(parts)
    assert all(tranche == fen(tranche) for tranche in tranches)


@unhurried
@given(amounts)
def test_default_shares_never_make_a_negative_tranche(award):
    tranches = tranche_amounts(award, parse(default_data()).shares)
    assert sum(tranches) == award
    assert all(tranche >= 0 for tranche in tranches)


def test_tranches_of_the_documented_example():
    shares = (Decimal("0.50"), Decimal("0.40"), Decimal("0.10"))
    assert [str(a) for a in tranche_amounts(Decimal("99999.99"), shares)] == [
        "50000.00",
        "40000.00",
        "9999.99",
    ]


@unhurried
@given(st.decimals(min_value=0, max_value=10**9, places=6))
def test_fen_is_the_nearest_fen(amount):
    assert abs(fen(amount) - amount) <= FEN / 2
    assert fen(fen(amount)) == fen(amount)


@unhurried
@given(amounts, amounts, st.data())
def test_last_tranche_never_lets_more_out_than_award_or_acceptance(
    award, accepted, data
):
    paid = data.draw(st.decimals(min_value=0, max_value=award, places=2))
    last = last_tranche(award, accepted, paid)
    assert paid + last == min(award, accepted)
    assert paid + max(last, Decimal(0)) <= award


@unhurried
@given(st.decimals(min_value=0, max_value=100, places=2))
def test_bands_are_a_from_85_b_from_60_else_c(score):
    expected = "A" if score >= 85 else "B" if score >= 60 else "C"
    assert band_of(score, parse(default_data())) == expected


def test_band_without_a_score_is_the_lowest():
    assert band_of(None, parse(default_data())) == "C"


@unhurried
@given(st.text(max_size=40))
def test_plain_number_is_plain_already(number):
    assert plain_number(plain_number(number)) == plain_number(number)


@pytest.mark.parametrize(
    "number",
    ["No.12-34a", "ｎｏ．１２－３４Ａ", " no. 12–34 a", "NO.12\u200b—34A\u00a0"],
)
def test_plain_number_sees_through_spellings(number):
    assert plain_number(number) == "NO.12-34A"


# -- working days -------------------------------------------------------------

days = st.dates(min_value=dt.date(2019, 1, 1), max_value=dt.date(2031, 12, 31))
counts = st.integers(0, 40)


@unhurried
@given(days, counts)
def test_the_nth_working_day_is_n_working_days_away(day, count):
    last = add_working_days(day, count)
    first = day + dt.timedelta(days=1)
    assert working_days_between(first, last) == count
    assert count == 0 or is_working_day(last)


@unhurried
@given(days, counts, counts)
def test_working_days_add_up(day, one, other):
    there = add_working_days(add_working_days(day, one), other)
    assert there == add_working_days(day, one + other)


@unhurried
@given(days)
def test_no_working_day_lies_before_the_next_one(day):
    following = next_working_day(day)
    assert following > day
    assert working_days_between(day + dt.timedelta(days=1), following) == 1


@unhurried
@given(days)
def test_a_day_ends_where_the_next_begins(day):
    assert end_of(day) == start_of(day + dt.timedelta(days=1))
    assert today(start_of(day)) == day
    assert today(end_of(day) - dt.timedelta(microseconds=1)) == day


@unhurried
@given(days, st.integers(1, 20))
def test_a_due_day_is_not_counted_twice(day, count):
    """Five working days after a day's end are five, not six."""
    assert working_days_after(end_of(day), count) == end_of(
        add_working_days(day, count)
    )
    noon = start_of(day) + dt.timedelta(hours=12)
    assert working_days_after(noon, count) == end_of_working_day(noon, count)


@unhurried
@given(st.dates(min_value=dt.date(2040, 1, 1), max_value=dt.date(2045, 12, 31)))
def test_a_year_not_announced_counts_weekdays_provisionally(day):
    assert is_provisional(day)
    assert is_working_day(day) == (day.weekday() < 5)


def test_futians_notice_of_2021_runs_five_working_days():
    assert working_days_between(dt.date(2021, 8, 18), dt.date(2021, 8, 24)) == 5


def test_the_make_up_sunday_of_april_2021_counts():
    assert add_working_days(dt.date(2021, 4, 21), 5) == dt.date(2021, 4, 27)


# -- forms: whatever is sent, the answer is an error, never a crash -----------

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([0, -1, 10**30, -(10**30), Decimal("1e-9"), Decimal("1e40")])
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.text(max_size=12)
    | st.sampled_from(["NaN", "Infinity", "1e999999", "２０２１-06-01", "\x00", ".."])
)
json_values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner)
    ),
    max_leaves=6,
)
inline_files = st.fixed_dictionaries(
    {
        "name": scalars | st.sampled_from(["", "a.pdf", "../a.pdf", "a/"]),
        "content_base64": scalars | st.just("QUJD"),
    }
)
FORMS = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture(scope="module")
def targets_of_the_module(shared_db: None) -> dict[str, Any]:
    return targets_of()


@pytest.fixture
def targets(targets_of_the_module: dict[str, Any], db: None) -> dict[str, Any]:
    """Something of each kind that an action may be about, and who acts."""
    return targets_of_the_module


def bodies(action: Action, target: Any, by: Any) -> st.SearchStrategy[Any]:
    """Any JSON at all, objects with the form's own names, spoiled examples."""
    names = list(action.schema(target, by)["properties"])
    example = action.example(target, by)
    own = st.dictionaries(
        st.sampled_from([*names, "nothing"]), json_values | inline_files
    )
    spoiled = own.map(lambda changes: {**example, **changes})
    rows = [name for name in names if isinstance(example.get(name), list)]
    if rows:
        columns = [
            k for row in example[rows[0]][:1] if isinstance(row, dict) for k in row
        ]
        row = st.dictionaries(st.sampled_from([*columns, "nothing"]), json_values)
        table = st.lists(row, max_size=3).map(lambda r: {**example, rows[0]: r})
        return json_values | own | spoiled | table
    return json_values | own | spoiled


@pytest.mark.parametrize("name", sorted(ACTIONS))
def test_no_json_body_breaks_the_form_of(name, targets):
    action = ACTIONS[name]
    target, by = targets[action.of], targets["by"]

    @FORMS
    @given(bodies(action, target, by))
    def answered(body: Any) -> None:
        try:
            form = action.bind_json(target, by=by, body=body)
        except Invalid:
            return
        valid = form.is_valid()
        paths = form.error_paths()
        assert valid == (not paths)
        assert all(message for messages in paths.values() for message in messages)

    answered()


@pytest.mark.parametrize("name", sorted(ACTIONS))
def test_no_posted_page_breaks_the_form_of(name, targets):
    action = ACTIONS[name]
    target, by = targets[action.of], targets["by"]
    names = list(action.schema(target, by)["properties"])
    cells = [f"{n}-0-{c}" for n in names for c in ("tranche", "case", "amount")]
    posted = st.dictionaries(
        st.sampled_from([*names, *cells, "nothing"]), st.text(max_size=20)
    )

    @FORMS
    @given(posted)
    def answered(fields: dict[str, str]) -> None:
        data = QueryDict(mutable=True)
        data.update(fields)
        form = action.bind(target, by=by, data=data)
        assert form.is_valid() == (not form.error_paths())

    answered()


@pytest.mark.parametrize("name", sorted(ACTIONS))
def test_schema_and_example_are_json_and_agree(name, targets):
    action = ACTIONS[name]
    target, by = targets[action.of], targets["by"]
    schema, example = action.schema(target, by), action.example(target, by)
    json.dumps(schema)
    json.dumps(example)
    assert set(example) <= set(schema["properties"])
    assert set(schema["required"]) <= set(example)


@pytest.mark.parametrize("number", [0, -5, 10**30])
def test_a_document_that_is_not_there_is_an_error_of_its_field(targets, number):
    action, target, by = ACTIONS["visit_site"], targets["stage"], targets["by"]
    body = {**action.example(target, by), "photo": number}
    with pytest.raises(Invalid) as refusal:
        action.clean(action.bind_json(target, by=by, body=body))
    assert list(refusal.value.errors) == ["photo"]
