"""The organisation's own page: kept by its people, and where drafts begin."""

import datetime as dt

import pytest

from audit.models import Event
from audit.testing import ambient_event
from grants.models import Application
from grants.services.drafts import draft_key, typed_in
from grants.services.reuse import APPLY
from organisations.models import OrganisationProfile

GIVEN = {
    "legal_representative": "何某某",
    "telephone": "0571-8888 0000",
    "email": "office@example.invalid",
    "staff": "12",
    "founded_on": "2015-06-01",
    "postcode": "310000",
    "address": "上城区某路1号",
    "annual_check_year": "2025",
    "annual_check_result": "PASSED",
    "grade_year": "2024",
    "grade": "4",
    "org_profile": "做社区养老十年。",
}


@pytest.fixture
def here(world) -> str:
    return f"/our-organisation/{world.organisation().pk}/"


def member(world, role: str):
    return world.enter(world.house.member_of(world.organisation(), role))


def test_applicant_fills_it_in_once_and_it_is_on_record(world, here, text):
    client = member(world, "applicant")
    for _time in range(2):
        assert client.post(here, GIVEN)["Location"] == here
    kept = OrganisationProfile.objects.get()
    assert (kept.staff, kept.grade, kept.founded_on) == (12, 4, dt.date(2015, 6, 1))
    assert kept.updated_by == world.house.member_of(world.organisation(), "applicant")
    events = Event.objects.filter(verb="record_profile")
    assert events.count() == 1
    assert "0571-8888" not in events.get().line
    shown = text(client.get(here))
    assert "何某某" in shown
    assert f"Changed by {kept.updated_by}" in shown
    assert here in text(client.get("/home/"))
    assert here in text(client.get("/account/"))


def test_new_draft_begins_with_it(world, here):
    client = member(world, "applicant")
    client.post(here, GIVEN)
    body = {"round": world.round.code, "organisation": world.organisation().pk}
    client.post("/apply/", body)
    case = world.organisation().cases.get()
    typed = typed_in(draft_key(APPLY, case))
    for name in ("address", "postcode", "org_profile", "grade", "founded_on"):
        assert typed[name] == GIVEN[name], name


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("postcode", "31000"),
        ("telephone", "call me"),
        ("email", "nobody"),
        ("founded_on", "2999-01-01"),
        ("grade", "6"),
        ("grade_year", "1800"),
        ("staff", "-1"),
        ("annual_check_result", "EXCELLENT"),
        ("org_profile", "长" * 501),
        ("legal_representative", "长" * 61),
    ],
)
def test_wrong_fact_is_refused_beside_its_field(world, here, text, name, typed):
    answer = member(world, "legal_rep").post(here, GIVEN | {name: typed})
    assert answer.status_code == 422
    shown = text(answer)
    assert f'id="id_{name}-error"' in shown
    assert "上城区某路1号" in shown
    assert not OrganisationProfile.objects.exists()


def test_finance_contact_reads_it_and_strangers_do_not(world, here, text):
    client = member(world, "org_finance")
    shown = text(client.get(here))
    assert "/bank-account/" in shown
    assert '<form method="post" id="form"' not in shown
    assert client.post(here, GIVEN).status_code == 403
    for who in ("funder1", "reviewer1", "admin1"):
        assert world.enter(who).get(here).status_code == 404
        assert world.enter(who).post(here, GIVEN).status_code == 404


def test_it_offers_what_the_newest_application_said(world, here, text):
    case = world.bring(world.draft(), "SCREENING")
    with ambient_event():
        Application.objects.filter(case=case).update(address="下城区某街2号")
    shown = text(member(world, "applicant").get(here))
    assert "下城区某街2号" in shown
