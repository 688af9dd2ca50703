"""Leave cover, reminders, and the calendar that a phone subscribes to."""

import datetime as dt

import pytest
from django.test import Client
from django.utils.timezone import localdate, now
from icalendar import Calendar

from audit.models import Event
from audit.selectors import timeline_of
from audit.testing import ambient_event
from desk.views.calendar import feed_path
from grants.errors import Invalid, NotYours, WrongState
from grants.models import Cover, Role
from grants.permissions import can_take, on_behalf_of
from grants.services.covering import end_cover, make_cover
from grants.services.programmes import grant_role
from organisations.models import User
from outbox.models import Message
from tests.desk.test_lists import enter
from tests.factories.running import fresh, make_running_case, make_user
from workflows.engine import ensure_flows
from workflows.models import WorkItem
from workflows.reminding import remind_now
from workflows.selectors import inbox_for, is_free_for, why

pytestmark = pytest.mark.once


@pytest.fixture
def running(db, clock):
    clock.to("2026-03-02 09:00")
    return make_running_case(award="100000.00")


def cover(running, absent: User, by_whom: User, days: int = 5, **other) -> Cover:
    today = localdate()
    fields = {
        "absent": absent,
        "stand_in": by_whom,
        "starts_on": today,
        "ends_on": today + dt.timedelta(days=days),
        "reason": "年休假",
        "by": absent,
    } | other
    return make_cover(running.programme, **fields)


def test_a_stand_in_may_what_the_absent_may_and_both_are_on_record(running):
    supervisor, stand_in = running.operator, running.district
    running.do("report_stage", running.stage("INITIAL"))
    assert not can_take("check_materials", running.stage("INITIAL"), stand_in)
    cover(running, supervisor, stand_in)
    stand_in = fresh(stand_in)
    stage = running.stage("INITIAL")
    assert can_take("check_materials", stage, stand_in)
    assert on_behalf_of("check_materials", stage, stand_in) == supervisor
    running.do("check_materials", stage, by=stand_in)
    entry = timeline_of(f"case:{running.case.pk}")[-1]
    assert (entry.verb, entry.actor) == ("check_materials", f"user:{stand_in.pk}")
    assert entry.on_behalf == f"user:{supervisor.pk}"
    page = enter(running.funder).get(f"/cases/{running.case.code}/timeline/")
    assert f"{stand_in} for {supervisor}" in page.content.decode()


def test_a_cover_ends_with_its_last_day_and_when_it_is_ended(running, clock):
    stand_in = running.district
    made = cover(running, running.operator, stand_in, days=1)
    stage = running.stage("INITIAL")
    assert can_take("check_materials", stage, fresh(stand_in))
    clock.forward(days=2)
    assert not can_take("check_materials", stage, fresh(stand_in))
    with pytest.raises(WrongState):
        end_cover(made, by=running.operator)
    again = cover(running, running.operator, stand_in)
    assert can_take("check_materials", stage, fresh(stand_in))
    with pytest.raises(NotYours):
        end_cover(again, by=stand_in)
    end_cover(again, by=running.operator)
    assert not can_take("check_materials", stage, fresh(stand_in))


def test_four_eyes_hold_for_stand_ins(running):
    """Who paid in may not approve through a cover, nor for whom they stand in."""
    tranche = running.tranche(1)
    running.do("request_payment", tranche)
    running.do("register_receipt", tranche)  # by the registrar
    rows = [{"tranche": tranche.pk}]
    running.do("approve_payment", by=running.leader, tranches=rows)
    stand_in = running.district
    cover(running, running.registrar, stand_in)
    assert not can_take("record_payment", running.tranche(1), fresh(stand_in))
    assert can_take("record_payment", running.tranche(1), running.finance)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda r: {"stand_in": r.operator}, "stand_in"),
        (lambda r: {"ends_on": localdate() - dt.timedelta(days=1)}, "ends_on"),
        (lambda r: {"ends_on": localdate() + dt.timedelta(days=400)}, "ends_on"),
        (lambda r: {"stand_in": r.auditor}, "stand_in"),
    ],
)
def test_bad_covers_are_refused_by_field(running, change, field):
    with pytest.raises(Invalid) as refused:
        cover(running, running.operator, running.district, **change(running))
    assert field in refused.value.errors
    assert not Cover.objects.exists()


def test_seats_are_not_covered(running):
    with pytest.raises(Invalid) as refused:
        cover(running, running.reviewer, running.district)
    assert "programme" in refused.value.errors


def test_two_covers_of_the_same_days_are_refused(running):
    cover(running, running.operator, running.district)
    with pytest.raises(Invalid) as refused:
        cover(running, running.operator, running.supervisor)
    assert "starts_on" in refused.value.errors


def test_nobody_gives_away_the_role_of_another(running):
    with pytest.raises(NotYours):
        cover(running, running.operator, running.district, by=running.district)


def test_the_page_makes_and_ends_a_cover_and_both_are_told(running):
    client = enter(running.operator)
    today = localdate()
    sent = {
        "programme": running.programme.pk,
        "stand_in": running.district.pk,
        "starts_on": today.isoformat(),
        "ends_on": (today - dt.timedelta(days=3)).isoformat(),
        "reason": "出差",
    }
    answer = client.post("/covers/new/", sent)
    assert answer.status_code == 422
    assert "出差" in answer.content.decode(), "what was typed stays"
    sent["ends_on"] = (today + dt.timedelta(days=3)).isoformat()
    assert client.post("/covers/new/", sent).status_code == 302
    made = Cover.objects.get()
    told = Message.objects.filter(template="make_cover")
    assert {m.recipient_id for m in told} == {running.operator.pk, running.district.pk}
    messages = enter(running.district).get("/messages/").content.decode()
    assert "stands in for" in messages
    assert enter(running.head).post(f"/covers/{made.pk}/end/").status_code == 404
    assert client.post(f"/covers/{made.pk}/end/").status_code == 302
    made.refresh_from_db()
    assert made.ended_at is not None
    assert enter(running.applicant).get("/covers/new/").status_code == 404


def late_item(running, **other) -> WorkItem:
    with ambient_event():
        return WorkItem.objects.create(
            case=running.case,
            round=running.round,
            programme=running.programme,
            stream=f"case:{running.case.pk}",
            due_at=now() - dt.timedelta(days=3),
            **{"action": "check_materials", "role": Role.OPERATOR} | other,
        )


def test_held_tasks_come_to_the_stand_in(running):
    with ambient_event():
        ensure_flows(running.case)
    item = WorkItem.objects.get(case=running.case, action="report_stage")
    with ambient_event():
        WorkItem.objects.filter(pk=item.pk).update(
            role=Role.OPERATOR, membership_role="", holder=running.operator
        )
    stand_in = running.district
    assert item not in inbox_for(stand_in)
    cover(running, running.operator, stand_in)
    stand_in = fresh(stand_in)
    found = inbox_for(stand_in).get(pk=item.pk)
    assert is_free_for(found, stand_in)
    assert str(running.operator) in why(found, stand_in)


def test_one_click_reminds_everybody_once_a_day(running, clock):
    late_item(running)
    late_item(running, action="archive")
    client = enter(running.funder)
    assert client.post("/lists/overdue/remind/").status_code == 302
    told = Message.objects.filter(template="reminder")
    assert [m.recipient for m in told] == [running.operator]
    assert told.get().params["count"] == 2
    event = Event.objects.filter(verb="remind").first()
    assert event is not None
    client.post("/lists/overdue/remind/")
    late_item(running, action="screen")
    assert remind_now(WorkItem.objects.all(), by=running.funder) == 1
    assert told.all().count() == 1, "one letter a day"
    clock.forward(days=1)
    client = enter(running.funder)
    client.post("/lists/overdue/remind/")
    assert told.all().count() == 2
    assert set(WorkItem.objects.values_list("reminders", flat=True)) == {2}
    page = enter(running.operator).get("/messages/").content.decode()
    assert "3 steps are overdue" in page
    assert enter(running.applicant).post("/lists/overdue/remind/").status_code == 404


def test_the_calendar_shows_what_is_due_to_who_has_its_address(running):
    item = late_item(running)
    path = feed_path(running.operator)
    answer = Client().get(path)
    assert answer.status_code == 200
    events = Calendar.from_ical(answer.content).walk("VEVENT")
    assert f"item-{item.pk}@weigong" in {str(e["UID"]) for e in events}
    assert running.case.code in answer.content.decode().replace("\r\n ", "")
    assert Client().get(path.replace(".ics", "x.ics")).status_code == 404
    assert Client().get("/calendar/999999:abc.ics").status_code == 404
    assert Client().get("/calendar/none.ics").status_code == 404
    with ambient_event():
        operator = running.operator
        operator.set_password("another")
        operator.save()
    assert Client().get(path).status_code == 404


def test_who_is_granted_the_role_acts_in_their_own_name(running):
    with ambient_event():
        stand_in = make_user("both")
        grant_role(running.programme, Role.OPERATOR, stand_in, by="system:test")
    cover(running, running.operator, stand_in)
    stage = running.stage("INITIAL")
    assert on_behalf_of("check_materials", stage, fresh(stand_in)) is None
