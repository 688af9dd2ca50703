"""Freeing a seat that has locked nothing: who may, of whom, and what goes."""

import pytest

from grants.errors import Invalid, NotYours, WrongState
from grants.models import Case, Draft, Recusal, Role, Seat, SeatStatus, Status
from grants.services.drafts import draft_key, save_typing, typed_in
from grants.services.programmes import grant_role
from grants.services.replacing import NOT_LEAVABLE, vacate_seat
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
WHY = "住院"


@pytest.fixture
def case(db) -> Case:
    return make_case(make_round(), until=Status.UNDER_REVIEW)


def free(case: Case, number: int = 1, **changes) -> Seat:
    body = {"seat": str(number), "reason": WHY} | changes
    return act_on("vacate_seat", case, by=person("operator", case.round), **body)


def replace(seat: Seat) -> Seat:
    act_on("replace_reviewer", seat, by=person("operator", seat.case.round))
    return Seat.objects.get(pk=seat.pk)


@pytest.mark.parametrize("declared", [False, True])
def test_seat_is_left_as_if_declined_and_its_reviewer_is_shut_out(case, declared):
    seat = case.seats.get(number=1)
    left = seat.reviewer
    if declared:
        declare(seat)
    seat = free(case)
    assert (seat.status, seat.declined) == (SeatStatus.CONFLICT, True)
    assert (seat.conflict_reason, seat.reviewer) == (WHY, left)
    after = replace(seat)
    assert after.status == SeatStatus.DRAWN
    assert after.reviewer != left
    recusal = Recusal.objects.get()
    assert (recusal.reviewer, recusal.reason, recusal.declined) == (left, WHY, True)
    assert recusal.declared_at == seat.declared_at


def test_typing_goes_with_its_writer_and_nobody_elses(case):
    seats = list(case.seats.order_by("number")[:2])
    keys = {}
    for seat in seats:
        declare(seat)
        for action in ("declare_interest", "lock_score"):
            keys[seat.number, action] = draft_key(action, seat)
            typed = {"reason": f"{seat.number}"}
            save_typing(keys[seat.number, action], by=seat.reviewer, fields=typed)
    seat = free(case)
    left = {keys[2, "declare_interest"], keys[2, "lock_score"]}
    assert set(Draft.objects.values_list("key", flat=True)) == left
    # a page that was still open sends its typing a moment too late
    late = keys[1, "lock_score"]
    save_typing(late, by=seats[0].reviewer, fields={"comment_need": "迟到"})
    replace(seat)
    assert typed_in(late) == {}


def test_only_a_seat_that_has_locked_nothing_is_freed(case):
    declare(case.seats.get(number=1))
    score(case.seats.get(number=1))
    operator = person("operator", case.round)
    free(case, 3)
    for number in (1, 3, 9):
        with pytest.raises(Invalid) as caught:
            free(case, number)
        assert caught.value.errors["seat"] == [str(NOT_LEAVABLE)]
        with pytest.raises(WrongState):
            vacate_seat(case, by=operator, seat=number, reason=WHY)
    act_on("reopen_score", case, by=operator, seat="1", reason=WHY)
    with pytest.raises(Invalid):
        free(case, 1)
    with pytest.raises(WrongState):
        vacate_seat(case, by=operator, seat=1, reason=WHY)
    assert case.seats.get(number=1).status == SeatStatus.REOPENED


def test_reason_is_needed(case):
    with pytest.raises(Invalid) as caught:
        free(case, reason=" ")
    assert list(caught.value.errors) == ["reason"]
    with pytest.raises(Invalid):
        vacate_seat(case, by=person("operator", case.round), seat=1, reason=" ")
    assert case.seats.get(number=1).status == SeatStatus.DRAWN


def test_seats_of_a_closed_panel_stay(case):
    score_all(case)
    with pytest.raises(WrongState):
        vacate_seat(case, by=person("operator", case.round), seat=1, reason=WHY)


def test_only_an_operator_without_a_seat_frees_one(case):
    seated = case.seats.get(number=2).reviewer
    grant_role(case.round.programme, Role.OPERATOR, seated, by=BY)
    people = [person(Role.FUNDER, case.round), person(Role.REVIEWER, case.round)]
    for by in (*people, type(seated).objects.get(pk=seated.pk)):
        with pytest.raises(NotYours):
            act_on("vacate_seat", case, by=by, seat="1", reason=WHY)
