"""Reopening a locked score: on record, back to its reviewer, counted once."""

from decimal import Decimal

import pytest

from grants.errors import Invalid, NotYours, WrongState
from grants.models import Case, Review, Role, SeatStatus, Status
from grants.papers.review_papers import scores
from grants.ranking import ranked_cases
from grants.services.programmes import grant_role
from grants.services.rescoring import locked_before
from grants.services.reviewing import close_panel
from tests.factories import (
    BY,
    act_on,
    declare,
    make_case,
    make_round,
    person,
    score,
    score_all,
)

pytestmark = pytest.mark.django_db
WHY = "评语写到了别的项目"


@pytest.fixture
def case(db) -> Case:
    return make_case(make_round(), until=Status.UNDER_REVIEW)


def locked(case: Case, number: int = 1, **marks):
    seat = case.seats.get(number=number)
    declare(seat)
    score(case.seats.get(number=number), **marks)
    return case.seats.get(number=number)


def reopen(case: Case, number: int = 1, **changes):
    body = {"seat": str(number), "reason": WHY} | changes
    return act_on("reopen_score", case, by=person("operator", case.round), **body)


def test_reopened_sheet_stays_and_its_reviewer_begins_with_it(case):
    seat = locked(case, score_need="19.5", comment_need="很好", recommended="80000")
    reopen(case)
    seat = case.seats.get(number=1)
    assert seat.status == SeatStatus.REOPENED
    assert seat.review is None
    (kept,) = seat.earlier_reviews
    assert (kept.total, kept.reopen_reason) == (Decimal("87.50"), WHY)
    assert kept.reopened_by == person("operator", case.round)
    assert kept.scores.count() == 6
    before = locked_before(seat)
    assert before["score_need"] == Decimal("19.50")
    assert (before["comment_need"], before["recommended"]) == ("很好", Decimal("80000"))


def test_second_lock_counts_and_the_first_does_not(case):
    locked(case, score_need="0", comment_need="没有需求调查")
    reopen(case)
    score(case.seats.get(number=1), score_need="17")
    for number in range(2, 6):
        locked(case, number)
    assert Review.objects.filter(case=case).count() == 6
    mean = close_panel(Case.objects.get(pk=case.pk), by=BY)
    assert mean == Decimal("85.00")
    assert ranked_cases([case]) == [case]
    assert "68.00" not in str(scores(case.seats.first().panel))


def test_reopened_score_is_no_number_on_the_summary(case):
    locked(case, score_need="3.25", comment_need="不足")
    panel = case.seats.first().panel
    assert "71.25" in str(scores(panel))
    reopen(case)
    assert "71.25" not in str(scores(panel))


def test_reason_is_needed_and_only_a_locked_score_is_reopened(case):
    locked(case)
    with pytest.raises(Invalid) as caught:
        reopen(case, reason=" ")
    assert list(caught.value.errors) == ["reason"]
    with pytest.raises(Invalid) as caught:
        reopen(case, 2)
    assert list(caught.value.errors) == ["seat"]
    reopen(case)
    with pytest.raises(Invalid):
        reopen(case)


def test_panel_that_closed_is_not_opened_again(case):
    score_all(case)
    with pytest.raises(WrongState):
        act_on(
            "reopen_score",
            case,
            by=person("operator", case.round),
            seat="1",
            reason=WHY,
        )


def test_operator_on_the_panel_reopens_nothing(case):
    seat = locked(case)
    grant_role(case.round.programme, Role.OPERATOR, seat.reviewer, by=BY)
    with pytest.raises(NotYours):
        act_on(
            "reopen_score",
            case,
            by=type(seat.reviewer).objects.get(pk=seat.reviewer_id),
            seat="1",
            reason=WHY,
        )
