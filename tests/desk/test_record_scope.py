"""Whom the auditor's search reaches over time, and days at the ends of time."""

import pytest
from django.urls import reverse

from audit.testing import ambient_event
from grants.services.programmes import grant_role, revoke_role
from organisations.services import end_membership
from tests.desk.conftest import World

pytestmark = pytest.mark.once

LOGIN = reverse("account_login")
PASSWORD = "long-enough-1"


@pytest.fixture
def case(world):
    return world.bring(world.draft(), "SCREENING")


def signs_in(world: World, user) -> None:
    with ambient_event():
        user.set_password(PASSWORD)
        user.save()
    client = world.enter(user)
    client.logout()
    answer = client.post(LOGIN, {"login": user.username, "password": PASSWORD})
    assert answer.status_code == 302


def hits(world: World, **asked: object) -> list[tuple[str, str]]:
    answer = world.enter("auditor1").get("/audit/", asked)
    assert answer.status_code == 200, answer.context["form"].errors
    return [(hit.label, hit.who) for hit in answer.context["found"].hits]


def test_who_lost_a_role_stays_on_record(world, case):
    person = world["operator2"]
    signs_in(world, person)
    known = [("Signed in", str(person))]
    asked = {"person": person.username, "verb": "account_login"}
    assert hits(world, **asked) == known
    revoke_role(world.house.programme, "operator", person, by="system:test")
    assert not world[person.username].groups.exists()
    assert hits(world, **asked) == known


def test_applicants_sign_in_on_record_and_those_who_left(world, case):
    person = world.applicant_of(case)
    signs_in(world, person)
    asked = {"person": person.username, "verb": "account_login"}
    assert hits(world, **asked) == [("Signed in", str(person))]
    for membership in person.memberships.filter(ended_at=None):
        end_membership(membership, by=world["admin1"])
    assert hits(world, **asked) == [("Signed in", str(person))]
    stranger = world.applicant_of(world.draft(1))
    signs_in(world, stranger)
    assert hits(world, **asked | {"person": stranger.username}) == []


def test_a_person_is_found_as_the_one_it_was_done_to(world, case):
    one, other = world["finance1"], world["operator1"]

    def granted(person) -> int:
        return len(hits(world, person=person.username, verb="grant_role"))

    before = granted(one), granted(other)
    grant_role(world.house.programme, "leader", one, by=world["admin1"])
    assert (granted(one), granted(other)) == (before[0] + 1, before[1])


def test_failed_sign_ins_are_found(world, case):
    person = world["operator1"]
    client = world.enter(person)
    client.logout()
    client.post(LOGIN, {"login": person.username, "password": "guess"})
    client.post(LOGIN, {"login": "nobody-at-all", "password": "guess"})
    refused = ("Refused: Sign-in", "Public")
    assert hits(world, person=person.username, verb="refused") == [refused]
    answer = world.enter("auditor1").get("/audit/", {"verb": "refused"})
    found = answer.context["found"].hits
    assert [(h.label, h.about, h.reason) for h in found] == [
        ("Refused: Sign-in", "", "nobody-at-all"),
        ("Refused: Sign-in", str(person), person.username),
    ]


@pytest.mark.parametrize("path", ["/audit/", "/audit/dossier/"])
@pytest.mark.parametrize(
    "day", ["0001-01-01", "1899-12-31", "3000-01-01", "9999-12-31"]
)
def test_days_at_the_ends_of_time_are_refused_beside_the_field(world, path, day):
    client = world.enter("auditor1")
    for asked in ({"since": day, "until": "2026-03-02"}, {"until": day}):
        given = {"since": "2026-03-01"} | asked
        answer = client.get(path, given)
        assert answer.status_code == 422
        page = answer.content.decode()
        assert "Enter a valid date" in page
        assert day in page
    sent = client.post("/audit/dossier/", {"since": day, "until": day})
    assert sent.status_code == 422


def test_days_at_the_ends_of_what_is_taken_are_looked_up(world):
    client = world.enter("auditor1")
    asked = {"since": "1900-01-01", "until": "2999-12-31"}
    assert client.get("/audit/", asked).status_code == 200
