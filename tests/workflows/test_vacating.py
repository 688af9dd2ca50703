"""A freed seat's step ends undone, and its branch goes on to a successor."""

from typing import Any

import pytest

from grants.models import Case, Recusal, Seat
from grants.services.drafts import draft_key, save_typing, typed_in
from tests.guards.world import START, World, attempt, bring, make_world
from workflows.models import WorkItem
from workflows.open import violations_of
from workflows.selectors import done_by, inbox_for

pytestmark = pytest.mark.django_db
Reviewed = tuple[World, Case]


@pytest.fixture
def reviewed(clock: Any) -> Reviewed:
    """A case whose panel was just drawn."""
    clock.to(START)
    world = make_world()
    return world, bring(world, world.start(), "UNDER_REVIEW", clock)


def free(world: World, case: Case, number: int) -> Seat:
    body = {"seat": str(number), "reason": "住院"}
    assert attempt("vacate_seat", case, by=world.one("operator"), body=body) == "done"
    assert violations_of(case) == []
    return case.seats.get(number=number)


def open_at(seat: Seat) -> WorkItem:
    """The one open step about a seat."""
    return WorkItem.objects.get(task__seat=seat, closed_at=None)


def do(seat: Seat) -> str:
    """Its reviewer does what is open at a seat."""
    item = open_at(seat)
    target = item.target
    return attempt(item.action, target, by=target.reviewer, item=item)


def test_a_seat_that_was_never_answered_goes_to_a_successor(reviewed, clock):
    world, case = reviewed
    asked = open_at(case.seats.get(number=2))
    left = case.seats.get(number=2).reviewer
    seat = free(world, case, 2)
    asked.refresh_from_db()
    assert asked.closed_at is not None
    assert asked.completed_by is None
    assert list(done_by(left)) == []
    assert not inbox_for(left).filter(case=case).exists()
    replace = open_at(seat)
    assert (replace.action, replace.role) == ("replace_reviewer", "operator")
    assert bring(world, case, "SCORED", clock).reviews.count() == 5
    assert Recusal.objects.get().reviewer == left
    assert not case.reviews.filter(reviewer=left).exists()
    assert violations_of(case) == []


def test_a_seat_declared_clear_loses_its_typing_and_the_panel_closes(reviewed, clock):
    world, case = reviewed
    seat = case.seats.get(number=1)
    left = seat.reviewer
    assert do(seat) == "done"
    step = open_at(seat)
    assert step.action == "lock_score"
    key = draft_key("lock_score", seat)
    save_typing(key, by=left, fields={"comment_need": "写了一半"})
    free(world, case, 1)
    assert typed_in(key) == {}
    step.refresh_from_db()
    assert (step.closed_at is None, step.completed_by) == (False, None)
    told = attempt("lock_score", case.seats.get(number=1), by=left)
    assert told == "409 wrong_state"
    operator = world.one("operator")
    item = open_at(seat)
    assert attempt(item.action, item.target, by=operator, item=item) == "done"
    assert open_at(seat).action == "declare_interest"
    assert do(seat) == "done"
    assert typed_in(key) == {}
    assert do(seat) == "done"
    bring(world, case, "SCORED", clock)
    assert case.reviews.count() == 5
    assert case.reviews.get(seat=seat).reviewer != left
    assert violations_of(case) == []


def test_two_seats_are_freed_and_one_of_them_again(reviewed, clock):
    world, case = reviewed
    assert do(case.seats.get(number=1)) == "done"
    for number in (1, 4):
        free(world, case, number)
    other_steps = WorkItem.objects.filter(case=case, closed_at=None)
    actions = sorted(item.action for item in other_steps)
    assert actions == ["declare_interest"] * 3 + ["replace_reviewer"] * 2
    item = open_at(case.seats.get(number=4))
    operator = world.one("operator")
    assert attempt(item.action, item.target, by=operator, item=item) == "done"
    free(world, case, 4)
    bring(world, case, "SCORED", clock)
    assert case.reviews.count() == 5
    assert Recusal.objects.filter(case=case).count() == 3
    assert violations_of(case) == []


def test_a_locked_seat_stays_with_its_reviewer(reviewed):
    world, case = reviewed
    seat = case.seats.get(number=3)
    assert do(seat) == "done"
    assert do(seat) == "done"
    waiting = [(task.pk, task.status) for task in case.tasks.order_by("pk")]
    for number in ("3", "99", ""):
        body = {"seat": number, "reason": "住院"}
        told = attempt("vacate_seat", case, by=world.one("operator"), body=body)
        assert told.startswith("422 invalid {'seat'")
    seat.refresh_from_db()
    assert seat.status == "LOCKED"
    assert [(t.pk, t.status) for t in case.tasks.order_by("pk")] == waiting
