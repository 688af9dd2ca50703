"""The shared draft of a task through the API: read, kept, and never overwritten."""

import pytest

from grants.models import Draft
from organisations.models import MembershipRole
from organisations.services import add_member
from tests.api.world import BY, Person, World

pytestmark = [pytest.mark.once, pytest.mark.django_db]


@pytest.fixture
def task(world: World) -> str:
    """Where the draft of a new application is."""
    [call] = world.applicant1.get("rounds").json()
    answer = world.applicant1.post("cases", {"round": call["id"], "title": "漂在杭城"})
    assert answer.status_code == 201, answer.content
    return f"tasks/{world.applicant1.task('submit_application')['task']}/draft"


@pytest.fixture
def colleague(world: World, task: str) -> Person:
    """Another applicant of the same organisation."""
    person = world.operator1
    organisation = world.applicant1.user.memberships.get().organisation
    role = MembershipRole.APPLICANT
    add_member(organisation, user=person.user, role=role, by=BY)
    return person


def test_what_one_keeps_the_other_reads(world, task, colleague):
    mine = world.applicant1.get(task).json()
    assert mine["fields"] == {"title": "漂在杭城"}
    rows = [{"head": "ACTIVITY", "item": "场地", "amount": "100.00"}]
    fields = {"summary": "做什么", "amount": "too much", "budget": rows, "title": None}
    answer = world.applicant1.post(task, {"base": mine["revision"], "fields": fields})
    assert answer.status_code == 200, answer.content
    theirs = colleague.get(task).json()
    assert theirs == answer.json()
    assert theirs["revision"] == mine["revision"] + 1
    assert theirs["fields"]["summary"] == "做什么"
    assert theirs["fields"]["amount"] == "too much"  # wrong, and kept
    assert theirs["fields"]["budget"][0]["item"] == "场地"
    assert theirs["fields"]["title"] == ""
    assert theirs["saved"]["summary"]["name"] == str(world.applicant1.user)


def test_a_field_that_was_saved_meanwhile_is_answered_with_both_values(
    world, task, colleague
):
    base = world.applicant1.get(task).json()["revision"]
    first = {"base": base, "fields": {"title": "她的", "summary": "她写的"}}
    assert colleague.post(task, first).status_code == 200
    body = {"base": base, "fields": {"title": "我的", "place": "某社区"}}
    answer = world.applicant1.post(task, body)
    assert answer.status_code == 409
    said = answer.json()
    assert said["code"] == "draft_conflict"
    [conflict] = said["conflicts"]
    assert (conflict["field"], conflict["yours"]) == ("title", "我的")
    assert (conflict["theirs"], conflict["by"]) == ("她的", str(colleague.user))
    kept = Draft.objects.get()
    assert (kept.data["title"], "place" in kept.data) == ("她的", False)
    assert kept.contested == {}
    assert said["revision"] == kept.revision
    again = world.applicant1.post(task, body | {"base": said["revision"]})
    assert again.json()["fields"]["title"] == "我的"
    other = {"base": base, "fields": {"innovation": "别的"}}
    assert colleague.post(task, other).status_code == 200  # another field, an old base


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({}, "base"),
        ({"base": "1", "fields": {}}, "base"),
        ({"base": True, "fields": {}}, "base"),
        ({"base": -1, "fields": {}}, "base"),
        ({"base": 0, "fields": []}, "fields"),
        ({"base": 0, "fields": {"nothing": "x"}}, "fields.nothing"),
        ({"base": 0, "fields": {"title": 7}}, "fields.title"),
        ({"base": 0, "fields": {"budget": "x"}}, "fields.budget"),
        ({"base": 0, "fields": {}, "more": 1}, "more"),
    ],
)
def test_a_broken_body_is_refused_field_by_field(world, task, body, where):
    answer = world.applicant1.post(task, body)
    assert answer.status_code == 422
    assert where in answer.json()["fields"]


def test_too_much_text_is_refused_and_nothing_is_lost(world, task):
    body = {"base": 9, "fields": {"plan": "字" * 300_001}}
    answer = world.applicant1.post(task, body)
    assert answer.status_code == 413
    assert Draft.objects.get().data == {"title": "漂在杭城"}


def test_only_those_who_may_take_the_task_reach_its_draft(world, task):
    for who in (world.operator1, world.funder1, world.reviewer1):
        assert who.get(task).status_code == 404
        assert who.post(task, {"base": 0, "fields": {}}).status_code == 404
