"""A case from ``POST cases`` to *archived*, by people who know only the API.

They know `url`, `schema` and `example` of what stands in their inbox, tasks of
the round included; the test moves nothing but the clock.
"""

import pytest

from tests.api.world import World

pytestmark = pytest.mark.django_db


def start(world: World, number: int = 1) -> str:
    """A new draft from the example of the open round; its code."""
    person = world.people[f"applicant{number}"]
    (round_,) = person.get("rounds").json()
    response = person.post(round_["url"], round_["example"])
    assert response.status_code == 201, response.content
    assert response.json()["status"] == "DRAFT"
    return response.json()["code"]


def state(world: World, code: str, who: str = "funder1") -> dict:
    response = world.people[who].get(f"cases/{code}")
    assert response.status_code == 200, response.content
    return response.json()


def test_one_case_from_draft_to_archive(world: World) -> None:
    code = start(world)
    me = "applicant1"
    steps = world.work(lambda: state(world, code, me)["status"] == "ARCHIVED")
    case = state(world, code)
    assert case["money"] == {
        "requested": "100000.00",
        "awarded": "100000.00",
        "paid": "100000.00",
        "returned": "0.00",
    }
    assert case["tasks"] == []
    assert case["available_actions"] == []
    assert case["holds"] == []
    assert steps > 40
    for person in world.people.values():
        assert person.inbox() == []
