"""The operator frees a seat: one button, nothing of the former reviewer is left."""

import re
import uuid
from typing import Any

import pytest

from grants.models import Case
from grants.services.drafts import draft_key, typed_in
from organisations.models import User
from outbox.models import Message
from tests.costs import queries_of
from tests.desk.conftest import World
from tests.workflows.driver import fresh, take
from workflows.models import WorkItem
from workflows.selectors import inbox_for

pytestmark = pytest.mark.once

HALF = "写了一半的评语"


@pytest.fixture
def case(world: World) -> Case:
    return world.bring(world.draft(), "UNDER_REVIEW")


def of_seat(case: Case, number: int, action: str) -> tuple[User, WorkItem]:
    """Who sits there now, and the open step of the seat."""
    seat = case.seats.get(number=number)
    items = case.work_items.filter(action=action, closed_at=None)
    return fresh(seat.reviewer), items.get(task__seat=seat)


def declare(case: Case, number: int) -> tuple[User, WorkItem]:
    """The reviewer declares no conflict; the step in which they score."""
    user, item = of_seat(case, number, "declare_interest")
    take(item, user)
    return of_seat(case, number, "lock_score")


def send(client: Any, item: WorkItem, typed: str) -> int:
    """What the page of a score sheet sends while somebody types."""
    body = {"draft_fields": "comment_need", "comment_need": typed}
    return client.post(f"/work/{item.pk}/draft/", body).status_code


def test_seat_is_freed_and_the_successor_begins_with_nothing(world, case, text):
    left, item = declare(case, 1)
    mine = world.enter(left)
    assert send(mine, item, HALF) == 302
    assert HALF in text(mine.get(f"/work/{item.pk}/"))
    operator = world.enter("operator1")
    tab = f"/cases/{case.code}/reviews/"
    url = f"/cases/{case.code}/act/vacate_seat/?seat=1"
    assert url in text(operator.get(tab))
    assert url not in text(world.enter("funder1").get(tab))
    page = text(operator.get(url))
    assert HALF not in page
    assert re.search('value="1"[^>]* (checked|selected)', page)
    body = {"seat": "1", "token": uuid.uuid4().hex}
    refused = operator.post(url, body | {"reason": " "})
    assert refused.status_code == 422
    assert 'id="id_reason-error"' in text(refused)
    done = operator.post(url, body | {"reason": "因病住院"})
    assert done["Location"] == tab
    page = text(operator.get(tab))
    assert "Seat given up" in page
    assert "因病住院" in page
    assert url not in page
    # whoever left is told so, and is out of the case at once
    message = Message.objects.get(recipient=left, template="vacate_seat")
    assert f"Your seat was freed: {case.code}" in text(mine.get("/messages/"))
    assert mine.get(message.url).status_code == 200
    assert send(mine, item, "再写") == 404
    assert mine.post(f"/work/{item.pk}/", {"confirmed": "true"}).status_code == 404
    assert mine.get(f"/cases/{case.code}/").status_code == 404
    assert not inbox_for(fresh(left)).filter(case=case).exists()
    assert typed_in(draft_key("lock_score", case.seats.get(number=1))) == {}
    # and the next one finds an empty sheet
    take(world.item(case, "replace_reviewer"), world["operator1"])
    successor, item = declare(case, 1)
    assert successor != left
    page = text(world.enter(successor).get(f"/work/{item.pk}/"))
    assert HALF not in page
    assert str(left) not in page
    world.bring(case, "SCORED")
    assert case.reviews.get(seat__number=1).reviewer == successor


def test_who_reads_of_it(world, case, text):
    body = {"seat": "1", "reason": "因病住院", "token": uuid.uuid4().hex}
    world.enter("operator1").post(f"/cases/{case.code}/act/vacate_seat/", body)
    assert case.seats.get(number=1).status == "CONFLICT"
    colleague, _item = declare(case, 2)
    for tab in ("timeline/", "reviews/", "diagram/"):
        for who in (colleague, world.applicant_of(case)):
            page = text(world.enter(who).get(f"/cases/{case.code}/{tab}"))
            assert "因病住院" not in page
            assert "Free a reviewer" not in page
    page = text(world.enter("funder1").get(f"/cases/{case.code}/timeline/"))
    assert "Free a reviewer&#x27;s seat" in page
    assert "因病住院" in page


def test_locked_seat_offers_no_freeing_and_the_tab_costs_the_same(world, case, text):
    tab = f"/cases/{case.code}/reviews/"
    operator = world.enter("operator1")
    before = queries_of(operator, tab)
    assert text(operator.get(tab)).count("act/vacate_seat/") == 5
    for number in (1, 2, 3):
        user, item = declare(case, number)
        take(item, user)
    page = text(operator.get(tab))
    assert page.count("act/vacate_seat/") == 2
    assert page.count("act/reopen_score/") == 3
    # the scores of the sheets, and minutes, are read once there are any
    assert (before, queries_of(operator, tab)) == (14, 15)
