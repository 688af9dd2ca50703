"""A reviewer who cannot take a seat frees it: on record, alternates first."""

import pytest

from grants.models import Alternate, Recusal, Seat
from grants.services.replacing import alternate_place, replacements_for
from tests.workflows.driver import fresh, take
from workflows.models import WorkItem

pytestmark = pytest.mark.once

AWAY = "评审期间出差"


@pytest.fixture
def seat(world) -> Seat:
    case = world.bring(world.draft(), "UNDER_REVIEW")
    return case.seats.get(number=2)


def asked(seat: Seat) -> WorkItem:
    """The open step in which the seat's reviewer declares an interest."""
    items = seat.case.work_items.filter(action="declare_interest", closed_at=None)
    return items.get(holder=seat.reviewer)


def test_seat_is_freed_and_an_alternate_takes_it(world, seat, text):
    case, left, item = seat.case, fresh(seat.reviewer), asked(seat)
    client = world.enter(left)
    body = {"declined": "true", "reason": ""}
    answer = client.post(f"/work/{item.pk}/", body)
    assert answer.status_code == 422
    assert "Say why you cannot take the seat." in text(answer)
    answer = client.post(f"/work/{item.pk}/", body | {"reason": AWAY})
    assert answer.status_code == 302
    seat.refresh_from_db()
    assert (seat.status, seat.declined) == ("CONFLICT", True)
    replace = world.item(case, "replace_reviewer")
    page = text(world.enter("operator1").get(f"/work/{replace.pk}/"))
    assert AWAY in page
    assert "Seat given up" in page
    assert Alternate.objects.filter(panel=seat.panel).exists()
    first = replacements_for(seat)[0]
    assert alternate_place(seat, first) == 1
    take(replace, world["operator1"])
    seat.refresh_from_db()
    assert (seat.reviewer, seat.status, seat.declined) == (first, "DRAWN", False)
    recusal = Recusal.objects.get()
    assert (recusal.reviewer, recusal.reason, recusal.declined) == (left, AWAY, True)
    assert client.get(f"/cases/{case.code}/").status_code == 404


def test_a_conflict_stays_a_conflict(world, seat, text):
    left, case = fresh(seat.reviewer), seat.case
    take(asked(seat), left, conflict=True, declined=True, reason="亲属")
    seat.refresh_from_db()
    assert (seat.status, seat.declined) == ("CONFLICT", False)
    page = text(world.enter("operator1").get(f"/cases/{case.code}/reviews/"))
    assert "Conflict declared" in page
