"""The reviewer's desk: proposal and sheet on one page, and asking before locking."""

import re
import uuid
from typing import Any

import pytest

from audit.testing import ambient_event
from grants.actions import ACTIONS
from grants.models import Case, Review, Seat, SeatStatus
from organisations.models import User
from tests.costs import queries_of
from tests.desk.conftest import World
from tests.workflows.driver import fresh, take
from workflows.models import WorkItem
from workflows.selectors import inbox_for

pytestmark = pytest.mark.once


def declared(world: World, case: Case) -> tuple[User, WorkItem]:
    """The first seat's reviewer, who has declared no conflict."""
    user = fresh(case.seats.get(number=1).reviewer)
    items = inbox_for(user).filter(action="declare_interest")
    for item in list(items):
        take(item, user)
    return user, inbox_for(user).get(action="lock_score", case=case)


@pytest.fixture
def case(world: World) -> Case:
    return world.bring(world.draft(), "UNDER_REVIEW")


def marks(item: WorkItem, user: User, **changes: str) -> dict[str, Any]:
    body = ACTIONS["lock_score"].example(item.target, user)
    return body | {"token": uuid.uuid4().hex} | changes


def test_page_shows_proposal_files_and_sheet_without_telephones(world, case, text):
    user, item = declared(world, case)
    page = text(world.enter(user).get(f"/work/{item.pk}/"))
    application = case.application
    assert application.beneficiaries in page
    assert application.contact_mobile not in page
    assert "Score, 0 to 20" in page
    assert "Below 12 a comment is needed." in page
    assert "Case 1 of 1 in my group" in page
    assert "0 of 1 locked" in page
    assert page.count("data-score ") == 6


def test_locking_asks_first_and_says_what_is_locked(world, case, text):
    user, item = declared(world, case)
    client, url = world.enter(user), f"/work/{item.pk}/"
    body = marks(item, user, score_need="17.25", recommended="80000")
    answer = client.post(url, body)
    assert answer.status_code == 200
    page = text(answer)
    assert "Lock this score sheet?" in page
    assert "17.25 / 20" in page
    assert "85.25 / 100" in page
    assert "80,000.00" in page
    assert not Review.objects.exists()
    assert 'value="17.25"' in text(client.get(url))  # kept meanwhile
    client.post(url, body | {"confirmed": "true"})
    assert Review.objects.get().total == 85.25
    reviews = text(client.get(f"/cases/{case.code}/reviews/"))
    assert reviews.count("Not scored yet.") == case.seats.count() - 1


def test_low_score_without_comment_is_refused_beside_its_field(world, case, text):
    user, item = declared(world, case)
    body = marks(item, user, score_team="8.99", comment_team=" ", score_need="17.25")
    for more in ({}, {"confirmed": "true"}):
        answer = world.enter(user).post(f"/work/{item.pk}/", body | more)
        page = text(answer)
        assert answer.status_code == 422
        assert 'href="#id_comment_team"' in page
        assert 'id="id_comment_team-error"' in page
        assert 'value="17.25"' in page
    assert not Review.objects.exists()


@pytest.mark.parametrize("typed", ["a lot", "NaN", "1e9", "-1", "20.001"])
def test_mistyped_scores_stay_on_the_page(world, case, text, typed):
    user, item = declared(world, case)
    body = marks(item, user, score_need=typed)
    answer = world.enter(user).post(f"/work/{item.pk}/", body)
    assert answer.status_code == 422
    assert f'value="{typed}"' in text(answer)


def test_next_and_previous_lead_through_my_group(world, text):
    cases = [world.bring(world.draft(n), "SCREENING") for n in range(3)]
    for case in cases:
        take(world.item(case, "screen"), world["operator1"])
    take(world.item(None, "open_review"), world["operator1"])
    user = fresh(cases[0].seats.get(number=1).reviewer)
    for item in list(inbox_for(user).filter(action="declare_interest")[:2]):
        take(item, user)
    seats = list(Seat.objects.filter(reviewer=user).order_by("case__code"))
    steps = [WorkItem.objects.get(task__seat=s, closed_at=None).pk for s in seats]
    client = world.enter(user)
    page = text(client.get(f"/work/{steps[0]}/"))
    assert "Previous case" not in page
    assert f'<a class="btn" href="/work/{steps[1]}/" data-key="PageDown"' in page
    page = text(client.get(f"/work/{steps[1]}/"))
    assert f'<a class="btn" href="/work/{steps[0]}/" data-key="PageUp"' in page
    assert f'<a class="btn" href="/work/{steps[2]}/" data-key="PageDown"' in page
    take(inbox_for(user).get(pk=steps[0]), user)
    page = text(client.get(f"/work/{steps[1]}/"))
    assert "1 of 3 locked" in page
    assert f"/cases/{cases[0].code}/reviews/" in page
    assert Seat.objects.filter(reviewer=user, status=SeatStatus.LOCKED).count() == 1


def test_desk_costs_the_same_however_large_the_group(world):
    first = world.bring(world.draft(0), "UNDER_REVIEW")
    user, item = declared(world, first)
    client = world.enter(user)
    alone = queries_of(client, f"/work/{item.pk}/")
    for number in (1, 2):
        case = world.bring(world.draft(number), "UNDER_REVIEW")
        panel = first.seats.first().panel_id
        with ambient_event():
            Seat.objects.filter(case=case, reviewer=user).update(panel=panel)
    assert queries_of(client, f"/work/{item.pk}/") == alone == 20


def test_operator_reopens_and_the_reviewer_reads_why_and_what_was_written(
    world, case, text
):
    user, item = declared(world, case)
    take(item, user, score_need="18.25", comment_need="需求清楚")
    colleague = fresh(case.seats.get(number=2).reviewer)
    take(inbox_for(colleague).get(action="declare_interest"), colleague)
    take(inbox_for(colleague).get(action="lock_score"), colleague)
    operator = world.enter("operator1")
    reviews = f"/cases/{case.code}/reviews/"
    url = f"/cases/{case.code}/act/reopen_score/?seat=1"
    assert url in text(operator.get(reviews))
    assert url not in text(world.enter("funder1").get(reviews))
    assert re.search('value="1"[^>]* (checked|selected)', text(operator.get(url)))
    body = {"seat": "1", "token": uuid.uuid4().hex}
    refused = operator.post(url, body | {"reason": ""})
    assert refused.status_code == 422
    assert 'id="id_reason-error"' in text(refused)
    done = operator.post(url, body | {"reason": "评语写错了项目"})
    assert done["Location"] == reviews
    item = inbox_for(user).get(action="lock_score", case=case)
    client = world.enter(user)
    for page in (client.get(f"/work/{item.pk}/"), operator.get(reviews)):
        assert "评语写错了项目" in text(page)
        assert str(world["operator1"]) in text(page)
        assert "18.25" in text(page)
        assert "需求清楚" in text(page)
    for other in (colleague, world.applicant_of(case)):
        page = text(world.enter(other).get(reviews))
        assert "评语写错了项目" not in page
        assert "需求清楚" not in page
    assert text(client.get(reviews)).count("<section") == 1  # the others' are shut
