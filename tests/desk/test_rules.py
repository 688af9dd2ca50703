"""The pages of a programme's rules and of the version that a round takes."""

import copy

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.testing import ambient_event
from grants.models import ProgrammeRules, Round
from grants.rules import default_data
from grants.services.ruling import change_rules

pytestmark = pytest.mark.once


def payload(**fields):
    """The page of the approval as a browser sends it."""
    amounts = {"officer_up_to": "0", "leader_above": "200000.00"}
    return amounts | {"reason": "市局会议", "base": "1"} | fields


def test_officer_makes_a_version_and_reads_what_it_changed(world, text):
    funder = world.enter("funder1")
    assert "Change the rules" in text(funder.get("/rules/GYCT/"))
    page = text(funder.get("/rules/GYCT/review/"))
    assert 'name="criteria-0-weight"' in page
    wrong = funder.post("/rules/GYCT/approval/", payload(leader_above="-1", reason=""))
    assert wrong.status_code == 422
    assert 'href="#id_leader_above"' in text(wrong)
    assert 'href="#id_reason"' in text(wrong)
    made = funder.post("/rules/GYCT/approval/", payload(leader_above="300000"))
    assert made.status_code == 302
    page = text(funder.get(made["Location"]))
    assert "200,000.00" in page
    assert "300,000.00" in page
    assert "市局会议" in page
    assert "Version 2" in text(funder.get("/rules/GYCT/"))


def test_round_with_rules_that_cannot_be_is_not_published(world, text):
    draft = world.open_draft("r2027")
    data = copy.deepcopy(default_data())
    data["review"]["panel_size"] = 0
    data["review"]["criteria"][1]["weight"] = 21
    with ambient_event():
        ProgrammeRules.objects.filter(pk=draft.rules_id).update(data=data)
    page = text(world.enter("funder1").post("/rounds/r2027/publish/", follow=True))
    assert "Experts in a panel: Enter a number from 1 to 15." in page
    assert "Criteria: The weights add up to 101; they must be 100." in page
    draft.refresh_from_db()
    assert draft.published_at is None


def test_version_made_meanwhile_is_told_and_nothing_typed_is_lost(world, text):
    funder = world.enter("funder1")
    funder.post("/rules/GYCT/approval/", payload(leader_above="300000"))
    answer = funder.post("/rules/GYCT/approval/", payload(leader_above="123456"))
    assert answer.status_code == 422
    page = text(answer)
    assert "Version 2 was made meanwhile" in page
    assert 'value="123456"' in page
    assert 'value="市局会议"' in page
    assert 'name="base" value="2"' in page


def test_rules_are_read_by_offices_and_changed_by_who_sets_up(world):
    for name, read, change in (
        ("operator1", 200, 200),
        ("head1", 200, 404),
        ("reviewer1", 404, 404),
        ("admin1", 404, 404),
    ):
        client = world.enter(name)
        assert client.get("/rules/GYCT/").status_code == read, name
        assert client.get("/rules/GYCT/version/1/").status_code == read, name
        assert client.get("/rules/GYCT/budget/").status_code == change, name
    funder = world.enter("funder1")
    for path in ("nonsense/", "version/9/"):
        assert funder.get(f"/rules/GYCT/{path}").status_code == 404
    assert funder.get("/rules/NOWHERE/").status_code == 404


def test_bureau_gives_a_published_round_another_version(world, text):
    data = copy.deepcopy(default_data())
    data["review"]["pass_mark"] = 70
    change_rules(
        world.house.programme, data, base=1, reason="提高", by=world["funder1"]
    )
    assert world.enter("operator1").get("/rounds/r2026/rules/").status_code == 403
    funder = world.enter("funder1")
    assert "/rounds/r2026/rules/" in text(funder.get("/rounds/r2026/"))
    assert "Pass mark" in text(funder.get("/rounds/r2026/rules/"))
    refused = funder.post("/rounds/r2026/rules/", {"version": "1", "reason": ""})
    assert refused.status_code == 422
    body = {"version": "2", "reason": "统一标准"}
    assert funder.post("/rounds/r2026/rules/", body).status_code == 302
    assert Round.objects.get(code="r2026").rules.version == 2


def test_list_of_versions_costs_the_same_with_many(world):
    funder, data = world.enter("funder1"), copy.deepcopy(default_data())
    with CaptureQueriesContext(connection) as few:
        funder.get("/rules/GYCT/")
    for mark in range(61, 66):
        data = copy.deepcopy(data)
        data["review"]["pass_mark"] = mark
        by = world["funder1"]
        change_rules(world.house.programme, data, base=mark - 60, reason="x", by=by)
    with CaptureQueriesContext(connection) as many:
        funder.get("/rules/GYCT/")
    assert (len(few), len(many)) == (9, 9)
