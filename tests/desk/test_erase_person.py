"""A person is forgotten on request: values go, digests and acts stay, all verifies."""

import io
import json

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.utils import translation
from django.utils.timezone import now

from audit.erasure import ERASE
from audit.forgetting import MASK, Person
from audit.models import Disclosure, Event, Journal
from audit.record import record
from audit.selectors import timeline_of
from audit.tables import tables
from audit.testing import ambient_event, as_administrator
from audit.verify import verify
from desk.record_words import field_label, table_label
from grants.models import Application, Expense, Intervention
from outbox.models import Message
from tests.factories.running import Running, act_on, make_running_case

pytestmark = pytest.mark.django_db
NAME, PHONE, MAIL = "欧阳明远", "13911112222", "ouyang.mingyuan@example.org"
REQUEST = "本人书面申请，经办公会批准（演示）"


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.fixture
def running(clock) -> Running:
    """A project whose applicant stands in many places by name."""
    clock.to("2026-03-02 09:00")
    running = make_running_case()
    with record("set_up", by="system:test", reason=f"{NAME}来电要求"):
        users = get_user_model().objects.filter(pk=running.applicant.pk)
        users.update(name=NAME, phone=PHONE, email=MAIL)
        rows = Application.objects.filter(case=running.case)
        rows.update(leader_name=NAME, leader_mobile=PHONE, contact_name="另一人")
    act_on("record_expense", running.case, running.applicant, payee=NAME)
    with record("intervene", by=running.auditor):
        Intervention.objects.create(
            recorded_by=running.auditor,
            case=running.case,
            who="某处长",
            asked=f"要求关照{NAME}",
            done="予以拒绝",
            way="PHONE",
            happened_on=now().date(),
        )
    with record("note", by=running.auditor):
        rows.update(screening_reason=f"与{NAME}面谈后同意")
    Message.objects.create(
        recipient=running.auditor, template="x", params={"who": [f"{NAME}提交"]}
    )
    return running


def closed(running: Running) -> None:
    """The account is closed; somebody administers."""
    users = get_user_model().objects
    with ambient_event():
        users.filter(pk=running.applicant.pk).update(is_active=False)
        users.filter(pk=running.funder.pk).update(is_administrator=True)


def erase(running: Running, *options: str) -> str:
    out = io.StringIO()
    user = ["--user", running.applicant.username]
    call_command("erase_person", *user, *options, stdout=out)
    return out.getvalue()


def carried_out(running: Running, *more: str) -> str:
    closed(running)
    told = ["--carry-out", "--by", running.funder.username, "--request", REQUEST]
    return erase(running, *told, "--confirm", NAME, *more)


def test_a_dry_run_lists_and_changes_nothing(running):
    closed(running)
    events, values = Event.objects.count(), Disclosure.objects.count()
    told = erase(running)
    pk = Application.objects.get(case=running.case).pk
    assert f"{running.case.code}: {table_label('grants_application')} {pk}, " in told
    assert field_label("grants_expense", "payee") in told
    assert "What stays, and why:" in told
    assert "contents of documents" in told
    assert "this was a dry run" in told
    assert (Event.objects.count(), Disclosure.objects.count()) == (events, values)
    assert Application.objects.get(case=running.case).leader_name == NAME


def test_nothing_of_the_person_is_left_and_all_verifies(running):
    told = carried_out(running)
    assert "personal values erased" in told
    for text in (NAME, PHONE, MAIL):
        assert not Disclosure.objects.filter(value__contains=text).exists()
        assert not Event.objects.filter(line__contains=text).exists()
    application = Application.objects.get(case=running.case)
    assert (application.leader_name, application.contact_name) == (MASK, "另一人")
    assert Expense.objects.get(case=running.case).payee == MASK
    assert application.screening_reason == f"与{MASK}面谈后同意"
    assert Message.objects.get(template="x").params == {"who": [f"{MASK}提交"]}
    user = get_user_model().objects.get(pk=running.applicant.pk)
    assert (user.name, user.phone, user.username) == (MASK, MASK, f"erased-{user.pk}")
    past = Application.history.filter(case_id=running.case.pk)
    assert not past.filter(leader_name=NAME).exists()
    assert not past.filter(history_change_reason__contains=NAME).exists()
    assert not Journal.objects.exists()
    assert verify().findings == []


def test_an_intervention_is_blanked_and_still_refuses_changes(running):
    carried_out(running)
    found = Intervention.objects.get()
    assert (found.who, found.asked, found.done) == ("某处长", "", "予以拒绝")
    change = "UPDATE grants_intervention SET asked = '未曾要求'"
    refused = pytest.raises(IntegrityError, match="append-only")
    with refused, transaction.atomic(), record("tidy", by="system:test"):
        connection.cursor().execute(change)
    with as_administrator() as cursor:
        cursor.execute(change)
    (finding,) = verify().findings
    assert (finding.table, finding.field) == ("grants_intervention", "asked")


def test_an_erased_row_of_history_takes_nothing_but_a_blank(running):
    carried_out(running)
    past = Application.history.filter(case_id=running.case.pk, leader_name="")
    row = past.order_by("history_id").last()
    with as_administrator() as cursor:
        cursor.execute(
            "UPDATE grants_historicalapplication SET leader_name = 'x'"
            " WHERE history_id = %s",
            [row.history_id],
        )
    (finding,) = verify().findings
    told = (finding.kind, finding.field, finding.new)
    assert told == ("history_changed", "leader_name", "x")


def test_each_record_that_mentions_the_person_tells_of_the_erasure(running):
    carried_out(running)
    stream = f"case:{running.case.pk}"
    told = Event.objects.filter(verb=ERASE)
    own = f"organisations_user:{running.applicant.pk}"
    assert {stream, own} <= set(told.values_list("stream", flat=True))
    body = json.loads(Event.objects.get(verb="erase_person", stream=stream).line)
    assert body["actor"] == f"user:{running.funder.pk}"
    assert body["reason_code"] == "PIPL-47"
    digest = body["reason"]["digest"]
    assert json.loads(Disclosure.objects.get(digest=digest).value) == REQUEST
    named = [c for e in timeline_of(stream) for c in e.changes if c.field == "payee"]
    assert [c.erased for c in named] == [True, False], "and then it is masked"


def test_only_in_one_case_leaves_the_others(running):
    """A name may be that of several people."""
    other = make_running_case(with_case=running)
    with ambient_event():
        Application.objects.filter(case=other.case).update(leader_name=NAME)
    carried_out(running, "--in", running.case.code)
    assert Application.objects.get(case=other.case).leader_name == NAME
    assert Application.objects.get(case=running.case).leader_name == MASK
    assert verify().findings == []


def test_what_was_written_in_clear_stays_and_is_said(running, monkeypatch):
    table = tables()["grants_application"]
    monkeypatch.setattr(table, "personal", table.personal - {"contact_name"})
    with record("before", by="system:test"):
        Application.objects.filter(case=running.case).update(contact_name=NAME)
    monkeypatch.undo()
    told = carried_out(running)
    assert "Lines that hold it in clear" in told
    assert f"{running.case.code}: 1" in told.partition("in clear")[2]
    assert Application.objects.get(case=running.case).contact_name == MASK
    assert verify().findings == []


def test_it_is_refused_unless_all_is_said(running):
    with pytest.raises(CommandError, match="Close the account first"):
        erase(running)
    closed(running)
    by = ["--by", running.funder.username]
    asked = ["--request", REQUEST]
    for options, said in (
        ([], "on what authority"),
        (asked, "which administrator"),
        ([*asked, "--by", running.auditor.username], "which administrator"),
        ([*asked, *by], "Nothing was changed"),
        ([*asked, *by, "--confirm", "x"], "Nothing was changed"),
        (["--in", "nothing"], "There is no case"),
        (["--text", "王"], "too short"),
    ):
        with pytest.raises(CommandError, match=said):
            erase(running, "--carry-out", *options)
    with pytest.raises(CommandError, match="Say who it is"):
        call_command("erase_person")
    assert Application.objects.get(case=running.case).leader_name == NAME


@pytest.mark.once
def test_a_text_is_masked_inside_of_others_and_a_short_one_alone():
    person = Person((NAME,), ("op",))
    assert person.masked(f"{NAME}、{NAME}") == f"{MASK}、{MASK}"
    assert (person.masked("op"), person.masked("stop")) == (MASK, "stop")
    found = [person.is_in(value) for value in ("op", "stop", NAME + "等", None)]
    assert found == [True, False, True, False]
