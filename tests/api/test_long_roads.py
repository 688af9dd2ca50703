"""The long ways, by other outcomes that the schemas name.

One case is sent back for correction, loses a reviewer to a conflict of
interest, is objected to in vain and must rectify. Another one loses its award
to an objection, and the wait list moves up.
"""

from typing import Any

import pytest
from django.test import Client

from tests.api import world as worlds
from tests.api.test_road import start, state
from tests.api.world import ROOT, World, make_world

pytestmark = [pytest.mark.once, pytest.mark.django_db, pytest.mark.slow(15)]


class Once:
    """Other outcomes than the example's, each taken once, and what was done."""

    def __init__(self, **choices: dict[str, Any]) -> None:
        self.choices = choices
        self.taken: list[str] = []
        self.seen: list[str] = []

    def __call__(self, item: dict[str, Any]) -> dict[str, Any] | None:
        action = item["action"]
        self.seen.append(action)
        other = self.choices.get(action)
        if other is None or action in self.taken:
            return None
        properties = item["schema"]["properties"]
        for name, value in other.items():
            allowed = properties[name].get("enum")
            assert allowed is None or value in allowed, (action, name, allowed)
        self.taken.append(action)
        return item["example"] | other


def object_to(code: str) -> dict[str, Any]:
    """Somebody without an account objects."""
    response = Client().post(
        f"{ROOT}/cases/{code}/object",
        {"text": "该项目与往年项目重复。", "name": "某居民", "contact": "0571-1"},
        content_type="application/json",
        headers={"Accept-Language": "en"},
    )
    assert response.status_code == 200, response.content
    return response.json()


@pytest.mark.usefixtures("unseen_steps")
def test_correction_conflict_dismissed_objection_rectification(world: World) -> None:
    code = start(world)
    other = Once(
        screen={"outcome": "CORRECTION", "fields": ["plan"], "reason": "请补充计划。"},
        declare_interest={"conflict": True, "reason": "曾任该机构理事。"},
        grade_stage={"outcome": "RECTIFY", "score": "55", "remarks": "请补充签到表。"},
    )
    world.work(lambda: state(world, code, "applicant1")["status"] == "IN_NOTICE", other)
    assert other.seen.count("resubmit") == 1
    assert other.seen.count("screen") == 2
    assert other.seen.count("replace_reviewer") == 1
    assert other.seen.count("declare_interest") == 6  # five seats, one of them twice
    worlds.CLOCK[0].forward(days=1)
    told = object_to(code)
    assert told["objection"]
    assert told["status"] is None  # a stranger learns no more than that
    world.work(lambda: state(world, code)["status"] != "IN_NOTICE", other)
    assert {"accept_objection", "rule_on_objection"} <= set(other.seen)
    (hold,) = state(world, code)["holds"]
    assert hold["kind"] == "objection"
    assert hold["lifted_at"]
    world.work(lambda: state(world, code)["status"] == "ARCHIVED", other)
    case = state(world, code)
    assert sorted(other.taken) == ["declare_interest", "grade_stage", "screen"]
    assert {"submit_rectification", "recheck"} <= set(other.seen)
    assert [h["kind"] for h in case["holds"]] == ["objection", "rectification"]
    assert all(h["lifted_at"] for h in case["holds"])
    assert case["money"]["paid"] == case["money"]["awarded"] == "100000.00"


def test_conflicted_reviewer_sees_nothing(world: World) -> None:
    code = start(world)
    other = Once(declare_interest={"conflict": True, "reason": "亲属任职。"})
    world.work(lambda: "declare_interest" in other.taken, other)
    entries = world.funder1.get(f"cases/{code}/timeline").json()
    (declared,) = [
        e for e in entries if e["action"] == "declare_interest" and e["changes"]
    ][-1:]
    person = world.people[declared["actor"]]
    for path in ("", "/timeline", "/diagram.svg", "/diagram.bpmn"):
        assert person.get(f"cases/{code}{path}").status_code == 404
    assert person.get("cases").json()["items"] == []
    assert person.inbox() == []
    assert person.post(f"cases/{code}/lock_score", {}).status_code == 404


@pytest.mark.usefixtures("unseen_steps")
def test_upheld_objection_and_the_wait_list_moves_up(db: None, at_start: Any) -> None:
    world = make_world(organisations=2, pool="100000.00", cap="100000.00")
    first, second = start(world, 1), start(world, 2)
    world.work(lambda: state(world, first, "applicant1")["status"] == "IN_NOTICE")
    statuses = {code: state(world, code)["status"] for code in (first, second)}
    assert sorted(statuses.values()) == ["IN_NOTICE", "WAITLISTED"]
    noticed = next(c for c, s in statuses.items() if s == "IN_NOTICE")
    waiting = next(c for c, s in statuses.items() if s == "WAITLISTED")
    worlds.CLOCK[0].forward(days=1)
    object_to(noticed)
    other = Once(rule_on_objection={"outcome": "UPHOLD"})
    world.work(lambda: state(world, noticed)["status"] != "IN_NOTICE", other)
    assert state(world, noticed)["status"] == "CANCELLED"
    assert state(world, noticed)["tasks"] == []
    world.work(lambda: state(world, waiting)["status"] == "ARCHIVED", other)
    assert "offer_place" in other.seen
    money = state(world, waiting)["money"]
    assert money["paid"] == money["awarded"] == "100000.00"
    assert state(world, noticed)["money"]["paid"] == "0.00"
