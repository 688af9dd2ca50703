"""An event is a transaction: nesting, rollback, actors, and what is not written."""

import json
from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import AnonymousUser, Group
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from audit.context import open_of, request_id
from audit.models import Disclosure, Event, Head, Journal
from audit.record import record, record_read, record_refusal
from audit.verify import verify
from organisations.models import Organisation

from .conftest import stream_of

pytestmark = pytest.mark.django_db


def rename(row: Organisation, name: str) -> None:
    Organisation.objects.filter(pk=row.pk).update(name=name)


def body(verb: str) -> dict:
    return json.loads(Event.objects.get(verb=verb).line)


def test_event_says_who_when_for_whom_and_why(alice, hospice) -> None:
    before = timezone.now()
    with record(
        "rename",
        by=alice,
        target="GY-1",
        reason="因为搬家",
        reason_code="moved",
        on_behalf=hospice,
        data={"amount": Decimal("10.00"), "at": before, "rows": [1, 2.5]},
    ) as act:
        rename(hospice, "New")
        act.data["more"] = "filled inside"
    event = Event.objects.get(verb="rename")
    told = json.loads(event.line)
    assert event.stream == told["stream"] == stream_of(hospice)
    assert event.actor == told["actor"] == f"user:{alice.pk}"
    assert before <= event.at <= timezone.now()
    assert told["for"] == stream_of(hospice)
    assert told["target"] == "GY-1"
    assert told["reason_code"] == "moved"
    assert told["data"]["amount"] == "10.00"
    assert told["data"]["rows"] == [1, {"$number": "2.5"}]
    assert told["data"]["more"] == "filled inside"
    assert "因为搬家" not in event.line
    disclosure = Disclosure.objects.get(digest=told["reason"]["digest"])
    assert json.loads(disclosure.value) == "因为搬家"


def test_data_without_a_canonical_form_refused(alice, hospice) -> None:
    unheard = record("rename", by=alice, data={"thing": object()})
    with pytest.raises(TypeError), unheard:
        rename(hospice, "New")
    hospice.refresh_from_db()
    assert hospice.name == "Hospice"


@pytest.mark.parametrize("by", ["alice", None, 7])
def test_actor_that_is_none_refused(by, db) -> None:
    with pytest.raises((TypeError, ValueError)), record("act", by=by):
        pass


def test_anonymous_visitor_is_a_system(db, hospice) -> None:
    with record("rename", by=AnonymousUser()):
        rename(hospice, "New")
    assert Event.objects.get(verb="rename").actor == "system:anonymous"


def test_exception_leaves_nothing(alice, hospice) -> None:
    events = Event.objects.count()

    def fail() -> None:
        with record("rename", by=alice):
            rename(hospice, "New")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert Event.objects.count() == events
    hospice.refresh_from_db()
    assert hospice.name == "Hospice"
    assert not Journal.objects.exists()
    assert open_of(connection).op is None
    refused = pytest.raises(IntegrityError, match="change without an event")
    with refused, transaction.atomic():
        rename(hospice, "New")


def test_savepoint_rolled_back_leaves_its_changes_out(alice, hospice, told) -> None:
    @transaction.atomic
    def fail() -> None:
        rename(hospice, "Second")
        raise ZeroDivisionError

    with record("rename", by=alice):
        rename(hospice, "First")
        with pytest.raises(ZeroDivisionError):
            fail()
    assert told("rename")[0][3] == {"name": ["Hospice", "First"]}
    assert verify().findings == []


def test_nested_event_has_the_changes_made_in_it(alice, hospice, told) -> None:
    with record("outer", by=alice):
        rename(hospice, "A")
        with record("inner", by="system:timers"):
            rename(hospice, "B")
        rename(hospice, "C")
    assert [c[3] for c in told("outer")] == [
        {"name": ["Hospice", "A"]},
        {"name": ["B", "C"]},
    ]
    assert [c[3] for c in told("inner")] == [{"name": ["A", "B"]}]
    assert body("outer")["tx"] == body("inner")["tx"] == body("outer")["id"]
    assert verify().findings == []


def test_nested_event_that_fails_leaves_the_outer_one(alice, hospice, told) -> None:
    def fail() -> None:
        with record("inner", by=alice):
            rename(hospice, "B")
            with record("innermost", by=alice):
                rename(hospice, "C")
            raise ZeroDivisionError

    with record("outer", by=alice):
        rename(hospice, "A")
        with pytest.raises(ZeroDivisionError):
            fail()
        rename(hospice, "D")
    assert [c[3]["name"] for c in told("outer")] == [["Hospice", "A"], ["A", "D"]]
    assert not Event.objects.filter(verb__startswith="inner").exists()
    assert verify().findings == []


def test_nested_event_undone_by_a_savepoint_around_it(alice, hospice, told) -> None:
    """It ended well, and was rolled back afterwards: it never was."""

    @transaction.atomic
    def fail() -> None:
        with record("inner", by=alice, stream="case:1"):
            rename(hospice, "B")
        raise ZeroDivisionError

    with record("outer", by=alice):
        with pytest.raises(ZeroDivisionError):
            fail()
        rename(hospice, "C")
    assert not Event.objects.filter(verb="inner").exists()
    assert told("outer")[0][3] == {"name": ["Hospice", "C"]}
    assert verify().findings == []


def test_refused_statement_inside_a_savepoint_keeps_the_event(alice, hospice) -> None:
    with record("rename", by=alice):
        with pytest.raises(DatabaseError), transaction.atomic():
            Organisation.objects.create(name="Hospice", legal_form="ASSOC")
        rename(hospice, "New")
    assert Event.objects.filter(verb="rename").count() == 1


@pytest.mark.django_db(transaction=True)
def test_on_commit_runs_after_the_event_and_may_open_another(alice, hospice) -> None:
    seen = []

    def later() -> None:
        seen.append(Event.objects.filter(verb="rename").count())
        with record("later", by="system:test"):
            rename(hospice, "Later")

    with record("rename", by=alice):
        rename(hospice, "New")
        transaction.on_commit(later)
    assert seen == [1]
    assert Event.objects.filter(verb="later").exists()
    assert verify().findings == []


def test_one_line_for_each_stream(alice, hospice, readers) -> None:
    with record("both", by=alice):
        rename(hospice, "New")
        Group.objects.filter(pk=readers.pk).update(name="all")
    streams = Event.objects.filter(verb="both").values_list("stream", flat=True)
    assert set(streams) == {stream_of(hospice), stream_of(readers)}


def test_event_without_a_change_in_the_stream_it_names(alice) -> None:
    with record("export", by="system:timers", stream="round:3"):
        pass
    assert Event.objects.get(verb="export").stream == "round:3"


def test_person_who_changed_nothing_is_told_in_their_stream(alice) -> None:
    with record("look", by=alice):
        pass
    assert Event.objects.get(verb="look").stream == stream_of(alice)


def test_system_that_changed_nothing_is_not_told(db) -> None:
    with record("sweep", by="system:timers"):
        pass
    assert not Event.objects.filter(verb="sweep").exists()


def test_stream_chain(alice, hospice) -> None:
    for name in "ABC":
        with record("rename", by=alice):
            rename(hospice, name)
    events = list(Event.objects.filter(stream=stream_of(hospice)).order_by("seq"))
    assert [e.seq for e in events] == [1, 2, 3, 4]
    assert [json.loads(e.line)["prev"] for e in events[1:]] == [
        e.hash for e in events[:-1]
    ]
    head = Head.objects.get(pk=stream_of(hospice))
    assert (head.seq, head.hash) == (4, events[-1].hash)


def test_birth_of_a_stream_is_in_a_register(alice) -> None:
    births = Event.objects.filter(verb="stream.open", line__contains=stream_of(alice))
    assert births.get().stream.startswith("register:")


def test_moment_follows_the_moved_clock(alice, hospice, clock) -> None:
    at = clock.to("2021-03-01 09:00")
    with record("rename", by=alice):
        rename(hospice, "Old times")
    event = Event.objects.get(verb="rename")
    assert (event.at - at).total_seconds() < 60
    assert event.seq == 2


def test_moment_does_not_go_back_for_a_slow_clock(alice, hospice, clock) -> None:
    before = Event.objects.get(stream=stream_of(hospice)).at
    clock.to(before - timedelta(seconds=30))
    with record("rename", by=alice):
        rename(hospice, "New")
    assert Event.objects.get(verb="rename").at == before


def test_refusal_is_told_in_the_stream_of_who_tried(alice) -> None:
    record_refusal("pay", by=alice, target="GY-1", code="four_eyes")
    event = Event.objects.get(verb="refused:pay")
    assert (event.stream, event.target) == (stream_of(alice), "GY-1")
    assert body("refused:pay")["data"] == {"code": "four_eyes"}


def test_read_is_told_in_the_stream_of_the_reader(alice) -> None:
    record_read(by=alice, target="GY-1", what="bank_account")
    event = Event.objects.get(verb="read")
    assert (event.stream, event.target) == (stream_of(alice), "GY-1")
    assert body("read")["data"] == {"what": "bank_account"}


def test_request_id_is_in_the_event(alice, hospice) -> None:
    token = request_id.set("abc")
    try:
        with record("rename", by=alice):
            rename(hospice, "New")
    finally:
        request_id.reset(token)
    assert Event.objects.get(verb="rename").request == "abc"


def test_witness_has_a_line_for_each_append(
    alice, hospice, caplog, django_capture_on_commit_callbacks
) -> None:
    caplog.set_level("INFO", logger="audit.witness")
    with django_capture_on_commit_callbacks(execute=True):
        with record("rename", by=alice):
            rename(hospice, "New")
        assert not caplog.messages
    head = Head.objects.get(pk=stream_of(hospice))
    assert caplog.messages == [f"{head.stream}|2|{head.hash}"]


def test_many_streams_in_one_event(alice) -> None:
    with record("import", by=alice):
        Organisation.objects.bulk_create(
            Organisation(name=f"Organisation {i}", legal_form="ASSOC")
            for i in range(450)
        )
    assert Event.objects.filter(verb="import").count() == 450
    assert verify().findings == []
