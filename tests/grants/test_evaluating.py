"""Evaluation sheets by dimension, and the band that the final score proposes."""

from decimal import Decimal
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from grants.errors import Invalid
from grants.evaluation import percent, spread, total_of
from grants.rules import default_data, parse
from tests.clock import Clock
from tests.factories.running import (
    Running,
    bring_to_closing,
    close_current,
    make_running_case,
    open_next,
)

pytestmark = pytest.mark.once

SHEETS = parse(default_data()).evaluation.dimensions


@settings(max_examples=60, deadline=None)
@given(
    st.decimals(min_value=0, max_value=100, places=2), st.sampled_from(["MID", "FINAL"])
)
def test_a_spread_total_is_that_total_within_the_weights(total, kind):
    scores = spread(SHEETS[kind], total)
    assert sum(scores.values()) == total == total_of(scores.values(), None)
    assert all(s >= 0 for s in scores.values())


def test_weights_of_each_sheet_sum_to_a_hundred():
    assert {kind: sum(d["weight"] for d in dims) for kind, dims in SHEETS.items()} == {
        "MID": 100,
        "FINAL": 100,
    }


@pytest.mark.parametrize(
    ("part", "whole", "shown"), [(10, 32, "31.2"), (22, 32, "68.7"), (0, 0, "0.0")]
)
def test_shares_of_bands_are_cut_not_rounded(part, whole, shown):
    assert str(percent(part, whole)) == shown


@pytest.fixture
def mid(db: Any, clock: Clock) -> Running:
    """A project whose mid-term evaluation awaits its grade."""
    clock.to("2021-07-01 09:00")
    project = make_running_case()
    project.pass_stage("INITIAL")
    project.pay(1)
    open_next(project, clock, "MID")
    to_grade(project, "MID")
    return project


def to_grade(project: Running, kind: str) -> None:
    for name in ("report_stage", "check_materials", "visit_site"):
        project.do(name, project.stage(kind))


def test_total_is_computed_and_each_dimension_kept(mid):
    marks = {
        "score_implementation": "30.5",
        "score_input": "12",
        "score_finance": "20",
        "score_effect": "25",
    }
    mid.do("grade_stage", mid.stage("MID"), adjustment="2.25", **marks)
    stage = mid.stage("MID")
    assert (stage.score, stage.status) == (Decimal("89.75"), "PASSED")
    kept = dict(stage.scores.values_list("dimension", "score"))
    assert {f"score_{code}": str(s) for code, s in kept.items()} == {
        name: f"{Decimal(value):.2f}" for name, value in marks.items()
    }


def test_bonus_may_lift_the_total_above_a_hundred(mid):
    mid.do("grade_stage", mid.stage("MID"), score="100", adjustment="5")
    assert mid.stage("MID").score == Decimal("105.00")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"score_finance": "25.01"}, "score_finance"),
        ({"score_finance": None}, "score_finance"),
        ({"score_finance": "14.99", "comment_finance": " "}, "comment_finance"),
        ({"adjustment": "10.01"}, "adjustment"),
        ({"adjustment": "-3", "remarks": ""}, "remarks"),
        ({"score": "59.99"}, "score_implementation"),
        ({"score": "62", "adjustment": "-2.01"}, "score_implementation"),
    ],
)
def test_wrong_sheet_is_refused_beside_its_field(mid, changes, field):
    with pytest.raises(Invalid) as refused:
        mid.do("grade_stage", mid.stage("MID"), **changes)
    assert list(refused.value.errors) == [field]
    assert mid.stage("MID").status == "GRADE"
    assert not mid.stage("MID").scores.exists()


def test_final_pass_needs_satisfied_people(mid, clock):
    mid.do("grade_stage", mid.stage("MID"))
    close_current(mid)
    open_next(mid, clock, "FINAL")
    to_grade(mid, "FINAL")
    with pytest.raises(Invalid) as refused:
        mid.do("grade_stage", mid.stage("FINAL"), satisfaction="3.99")
    assert "4.00" in refused.value.errors["satisfaction"][0]
    mid.do("grade_stage", mid.stage("FINAL"), satisfaction="4.00")
    assert mid.stage("FINAL").satisfaction == Decimal("4.00")


def test_another_band_than_the_score_proposes_needs_a_reason(db, clock):
    clock.to("2021-07-01 09:00")
    project = make_running_case()
    bring_to_closing(project, clock, score="84.99", accepted_expenditure="90000.00")
    with pytest.raises(Invalid) as refused:
        project.do("close_project", band="A", remarks="")
    assert "B" in refused.value.errors["band"][0]
    project.do("close_project", band="A", remarks="获省级表彰")
    project.case.project.refresh_from_db()
    assert project.case.project.band == "A"
