"""Who reads telephones, accounts and people is on record, whoever it is; and what the
API is asked is told like pages."""

import json

import pytest
from django.test import Client

from audit.models import Event
from audit.testing import ambient_event
from grants.models import Case
from organisations.services import issue_token
from tests.desk.conftest import World, arrange

pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def running(house_of_the_module):
    return arrange(house_of_the_module, "RUNNING_INITIAL")


@pytest.fixture
def world(running, db, clock) -> World:
    return running.again(clock)


@pytest.fixture
def case(running, world) -> Case:
    return Case.objects.get(pk=running.case.pk)


def read(client: Client, path: str) -> list[tuple[str, str]]:
    """What one page leaves on record: target and what."""
    before = Event.objects.latest("pk").pk
    assert client.get(path).status_code == 200, path
    found = Event.objects.filter(pk__gt=before, verb="read").order_by("pk")
    return [(e.target, json.loads(e.line)["data"]["what"]) for e in found]


def test_telephones_on_the_form_are_told_of_offices(world, case):
    path = f"/cases/{case.code}/form/"
    told = [(case.code, f"page:{path}")]
    assert read(world.enter("operator1"), path) == told
    assert read(world.enter(world.applicant_of(case)), path) == []
    assert read(world.enter("auditor1"), path) == [(case.code, "form")]


def test_accounts_in_full_are_told_and_masked_ones_not(world, case):
    path = f"/cases/{case.code}/money/"
    page = world.enter("finance1").get(path).content.decode()
    account = (case.organisation.custodian or case.organisation).bank_account
    assert account
    assert account in page
    assert read(world.enter("finance1"), path) == [(case.code, f"page:{path}")]
    assert account not in world.enter("operator1").get(path).content.decode()
    assert read(world.enter("operator1"), path) == []
    own = world.enter(world.applicant_of(case))
    assert account in own.get(path).content.decode()
    assert read(own, path) == []


def test_before_the_award_no_account_is_shown(world):
    other = world.bring(world.draft(1), "SCREENING")
    assert read(world.enter("finance1"), f"/cases/{other.code}/money/") == []


def test_people_are_told_of_the_administrator(world, case):
    client, person = world.enter("admin1"), world["operator1"]
    assert read(client, "/people/") == [("audit", "page:/people/")]
    path = f"/people/{person.pk}/"
    assert read(client, path) == [(f"user:{person.pk}", f"page:{path}")]
    assert read(client, "/organisations/") == []


def test_the_tables_of_the_machine_are_told(world):
    user = world["admin1"]
    with ambient_event():
        user.is_superuser = user.is_staff = True
        user.save()
    path = "/admin/organisations/user/"
    assert read(world.enter(user), path) == [("audit", f"page:{path}")]


def test_other_pages_of_offices_leave_none(world, case):
    client = world.enter("operator1")
    for path in ("/home/", "/cases/", f"/cases/{case.code}/", "/inbox/"):
        assert read(client, path) == [], path


def test_the_api_is_told_like_the_pages(world, case):
    def reader(name: str) -> Client:
        token = issue_token(world[name], by="system:test")
        return Client(headers={"authorization": f"Bearer {token}"})

    root = "/api/v1"
    auditor = reader("auditor1")
    for path, target in (
        ("cases", "audit"),
        ("inbox", "audit"),
        (f"cases/{case.code}/requirements", case.code),
        (f"cases/{case.code}/diagram.svg", case.code),
        (f"rounds/{world.round.pk}", world.round.code),
    ):
        told = [(target, f"page:{root}/{path}")]
        assert read(auditor, f"{root}/{path}") == told
        assert read(reader("operator1"), f"{root}/{path}") == []
    assert read(auditor, f"{root}/cases/{case.code}") == [(case.code, "api:case")]


def test_who_read_the_case_lists_them(world, case):
    world.enter("operator1").get(f"/cases/{case.code}/form/")
    answer = world.enter("inspector1").get(f"/cases/{case.code}/readers/")
    hits = [(hit.who, hit.read) for hit in answer.context["hits"]]
    assert (str(world["operator1"]), f"Page /cases/{case.code}/form/") in hits
