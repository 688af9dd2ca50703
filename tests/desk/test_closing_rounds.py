"""Closing a round on the page, through the API, from the inbox."""

import pytest

from grants.actions import ACTIONS
from grants.models import Round
from workflows.models import WorkItem
from workflows.services import perform, sweep

pytestmark = pytest.mark.once


def withdraw(world, case):
    by, action = world.applicant_of(case), ACTIONS["withdraw"]
    form = action.bind_json(case, by=by, body=action.example(case, by))
    perform("withdraw", case, by=by, form=form)


def close_tasks():
    return WorkItem.objects.filter(action="close_round", closed_at=None)


def test_the_page_says_how_many_cases_are_unfinished(world, text):
    world.bring(world.draft(), "SCREENING")
    withdraw(world, world.draft(1))
    client = world.enter("funder1")
    url = f"/rounds/{world.round.code}/close/"
    assert url not in text(client.get(f"/rounds/{world.round.code}/"))
    world.clock.to(world.round.closes_at)
    client = world.enter("funder1")
    assert url in text(client.get(f"/rounds/{world.round.code}/"))
    assert client.get(url).status_code == 200
    answer = client.post(url, {"token": "1"})
    assert answer.status_code == 409
    assert "1 case of this round is not finished" in text(answer)
    path = f"/api/v1/rounds/{world.round.pk}"
    refused = client.post(f"{path}/close_round", {}, content_type="application/json")
    assert refused.status_code == 409
    assert refused.json()["code"] == "cases_unfinished"
    state = client.get(path).json()
    assert (state["closed_at"], state["cases"]) == (
        None,
        {"SCREENING": 1},  # a draft that was withdrawn is its organisation's alone
    )


def test_the_task_stands_once_the_round_is_over_and_everything_ended(world, text):
    withdraw(world, world.draft())
    sweep()
    assert not close_tasks().exists()
    world.clock.to(world.round.ends_at)
    sweep()
    assert close_tasks().get().role == "funder"
    client = world.enter("funder1")
    items = client.get("/api/v1/inbox").json()
    items = items["items"] if isinstance(items, dict) else items
    (task,) = [i for i in items if i["action"] == "close_round"]
    answer = client.post(task["url"], task["example"], content_type="application/json")
    assert answer.status_code == 200
    assert Round.objects.get(pk=world.round.pk).closed_at
    assert not close_tasks().exists()
    state = client.get(f"/api/v1/rounds/{world.round.pk}").json()
    assert state["closed_at"]
    page = text(client.get(f"/rounds/{world.round.code}/"))
    assert f"/rounds/{world.round.code}/close/" not in page
    sweep()
    assert not close_tasks().exists()


def test_an_unfinished_case_keeps_the_task_away(world):
    world.bring(world.draft(), "ELIGIBLE")
    world.clock.to(world.round.ends_at)
    sweep()
    assert not close_tasks().exists()
