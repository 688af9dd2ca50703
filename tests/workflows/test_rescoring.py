"""A reopened score is its reviewer's task again, and the panel waits for it."""

from typing import Any

import pytest

from grants.actions import ACTIONS
from grants.models import Case
from tests.guards.world import attempt, make_world, walk
from workflows.models import WorkItem
from workflows.open import violations_of

pytestmark = pytest.mark.django_db


def locked_until(clock: Any, left: int) -> tuple[Any, Case]:
    """A case of whose panel so many have not locked yet."""
    clock.to("2026-03-02 09:00")
    world = make_world()
    case = world.start()
    for action in walk(world, case, clock):
        if action == "lock_score":
            if case.seats.exclude(status="LOCKED").count() == left:
                return world, case
    raise AssertionError(case.status)


def open_items(case: Case, action: str) -> list[WorkItem]:
    found = WorkItem.objects.filter(case=case, action=action, closed_at=None)
    return list(found.order_by("pk"))


def test_reviewer_gets_the_task_back_and_the_panel_closes_after_it(clock):
    world, case = locked_until(clock, 1)
    seat = case.seats.filter(status="LOCKED").first()
    body = {"seat": str(seat.number), "reason": "评语有误"}
    by = world.one("operator")
    assert attempt("reopen_score", case, by=by, body=body) == "done"
    assert violations_of(case) == []
    mine = [i for i in open_items(case, "lock_score") if i.task.seat_id == seat.pk]
    assert [item.holder_id for item in mine] == [seat.reviewer_id]
    (other,) = [i for i in open_items(case, "lock_score") if i not in mine]
    told = attempt("lock_score", other.target, by=other.holder, item=other)
    assert told == "done"
    case.refresh_from_db()
    assert case.status == "UNDER_REVIEW"
    target = mine[0].target
    assert ACTIONS["lock_score"].form(target=target, by=seat.reviewer).initial
    told = attempt("lock_score", target, by=seat.reviewer, item=mine[0])
    assert told == "done"
    case.refresh_from_db()
    assert case.status == "SCORED"
    assert case.reviews.count() == 6
    assert violations_of(case) == []


def test_score_is_reopened_twice_and_locked_twice(clock):
    world, case = locked_until(clock, 1)
    seat = case.seats.filter(status="LOCKED").last()
    for _turn in range(2):
        body = {"seat": str(seat.number), "reason": "再看"}
        by = world.one("operator")
        assert attempt("reopen_score", case, by=by, body=body) == "done"
        (item,) = [
            i for i in open_items(case, "lock_score") if i.task.seat_id == seat.pk
        ]
        told = attempt("lock_score", item.target, by=seat.reviewer, item=item)
        assert told == "done"
        assert violations_of(case) == []
    assert case.reviews.filter(seat=seat).count() == 3
    assert case.reviews.filter(seat=seat, reopened_at=None).count() == 1
    assert open_items(case, "close_panel") == []
    case.refresh_from_db()
    assert case.status == "UNDER_REVIEW"
