"""Interventions in cases: recorded by the staff, seen by the inspector alone."""

import json
from contextlib import nullcontext

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client

from audit.models import Disclosure, Event
from audit.record import record
from audit.selectors import timeline_of
from audit.testing import ambient_event, as_administrator
from audit.verify import verify
from desk.oversight.scope import events_for
from grants.models import Intervention
from tests.costs import queries_of
from tests.factories.running import Running, make_running_case
from tests.services import needs

pytestmark = pytest.mark.django_db
GIVEN = {
    "who": "某局王处长",
    "happened_on": "2026-03-01",
    "way": "PHONE",
    "asked": "要求提高评分",
    "done": "予以拒绝",
}


@pytest.fixture
def running(clock) -> Running:
    clock.to("2026-03-02 09:00")
    return make_running_case()


def enter(running: Running, who: str, language: str = "en") -> Client:
    client = Client(headers={"accept-language": language})
    with ambient_event():
        client.force_login(
            getattr(running, who), "django.contrib.auth.backends.ModelBackend"
        )
    return client


def send(running: Running, by: str, **changes: str):
    url = f"/cases/{running.case.code}/intervention/"
    return enter(running, by).post(url, GIVEN | changes)


def test_the_staff_records_and_the_inspector_alone_reads(running):
    version = running.case.version
    assert send(running, "funder").status_code == 302
    assert enter(running, "inspector").get("/interventions/").status_code == 200
    page = enter(running, "inspector", "zh-hans").get("/interventions/")
    assert GIVEN["who"] in page.content.decode()
    assert GIVEN["done"] in page.content.decode()
    for who in ("auditor", "funder", "head", "leader", "operator", "applicant"):
        client = enter(running, who)
        assert client.get("/interventions/").status_code == 404, who
        page = client.get(f"/cases/{running.case.code}/timeline/").content.decode()
        assert GIVEN["who"] not in page
        assert "Intervention recorded" not in page
    running.case.refresh_from_db()
    assert running.case.version == version


def test_the_record_knows_and_neither_case_nor_auditor_does(running):
    send(running, "funder")
    event = Event.objects.get(verb="record_intervention")
    found = Intervention.objects.get()
    assert event.stream == f"grants_intervention:{found.pk}"
    assert event.target == f"intervention:{found.pk}"
    for text in (GIVEN["who"], GIVEN["asked"], GIVEN["done"]):
        assert text not in event.line
    assert Disclosure.objects.filter(stream=event.stream).count() == 3
    verbs = {entry.verb for entry in timeline_of(f"case:{running.case.pk}")}
    assert "record_intervention" not in verbs
    assert not events_for(running.auditor).filter(pk=event.pk).exists()
    assert verify().findings == []


def test_the_reading_is_an_event(running):
    send(running, "funder")
    enter(running, "inspector").get("/interventions/")
    own = f"organisations_user:{running.inspector.pk}"
    read = Event.objects.get(stream=own, verb="read")
    assert read.target == "interventions"
    assert json.loads(read.line)["data"] == {
        "what": f"interventions:{Intervention.objects.get().pk}"
    }
    assert not events_for(running.auditor).filter(pk=read.pk).exists()


def test_nothing_changes_what_is_on_record(running):
    send(running, "funder")
    found = Intervention.objects.get()
    with ambient_event():
        for change in (
            found.save,
            found.delete,
            Intervention.objects.all().delete,
            lambda: Intervention.objects.update(done="同意"),
        ):
            with pytest.raises(TypeError):
                change()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("who", ""),
        ("asked", "   "),
        ("done", ""),
        ("way", "SMOKE"),
        ("happened_on", "2026-03-03"),
        ("happened_on", "2026-02-30"),
    ],
)
def test_bad_input_is_named_and_nothing_is_lost(running, field, value):
    answer = send(running, "funder", **{field: value})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert f"id_{field}" in page
    kept = "asked" if field != "asked" else "done"
    assert GIVEN[kept] in page
    assert not Intervention.objects.exists()


def test_who_has_no_role_records_none(running):
    assert send(running, "applicant").status_code == 403
    page = enter(running, "applicant").get(f"/cases/{running.case.code}/")
    assert "/intervention/" not in page.content.decode()
    page = enter(running, "operator").get(f"/cases/{running.case.code}/")
    assert "/intervention/" in page.content.decode()


def test_own_organisation_and_other_programmes_are_left_out(running):
    send(running, "funder")
    other = make_running_case()
    page = enter(other, "inspector").get("/interventions/").content.decode()
    assert GIVEN["who"] not in page


def test_list_reads_rows_at_the_same_cost(running):
    """One event for the page, however many it shows."""
    send(running, "funder")
    one = queries_of(enter(running, "inspector"), "/interventions/")
    for _number in range(3):
        send(running, "operator")
    four = queries_of(enter(running, "inspector"), "/interventions/")
    told = 2 if connection.vendor == "postgresql" else 0  # the event, to triggers
    assert (one, four) == (14 + told, 14 + told)


ATTEMPTS = {
    "change": "UPDATE grants_intervention SET who = 'nobody'",
    "removal": "DELETE FROM grants_intervention",
    "same": "UPDATE grants_intervention SET who = who",
    "emptying": "TRUNCATE grants_intervention",
}


@pytest.mark.parametrize(
    "attempt",
    ["change", "removal", "same", pytest.param("emptying", marks=needs("postgres"))],
)
@pytest.mark.parametrize("recorded", [True, False], ids=["in an event", "without"])
def test_the_database_refuses_to_change_or_remove_one(running, attempt, recorded):
    """The model refuses, too; here somebody asks the database itself."""
    send(running, "funder")
    connection.check_constraints()  # or PostgreSQL truncates nothing for its own reason
    event = record("tidy", by="system:test") if recorded else nullcontext()
    refused = pytest.raises(IntegrityError, match="append-only")
    with refused, transaction.atomic(), event, connection.cursor() as cursor:
        cursor.execute(ATTEMPTS[attempt])
    assert Intervention.objects.get().who == GIVEN["who"]
    assert verify().findings == []


def test_what_got_around_the_triggers_is_found(running):
    send(running, "funder")
    pk = Intervention.objects.get().pk
    with as_administrator() as cursor:
        cursor.execute("UPDATE grants_intervention SET who = 'nobody'")
    (found,) = verify().findings
    assert (found.kind, found.table, found.key) == (
        "row_changed",
        "grants_intervention",
        pk,
    )
    assert found.field == "who"


def test_a_trigger_that_was_taken_off_is_named(running):
    with connection.cursor() as cursor:
        on = " ON grants_intervention" if connection.vendor == "postgresql" else ""
        name = "keep" if on else "update"
        cursor.execute(f"DROP TRIGGER audit_{name}_grants_intervention{on}")
    assert [f.kind for f in verify().findings] == ["trigger_missing"]
