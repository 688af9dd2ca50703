"""The record, read: timelines, states, and personal values that were erased."""

import json

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone

from audit.erasure import erase_disclosures
from audit.models import Disclosure, Event
from audit.record import record, record_read
from audit.selectors import (
    events_by,
    events_of,
    reads_by,
    state_of,
    streams_of,
    timeline_of,
)
from audit.tables import tables
from audit.verify import verify
from organisations.models import Organisation

from .conftest import stream_of

pytestmark = pytest.mark.django_db


def test_timeline_says_before_after_who_and_why(alice, hospice) -> None:
    with record("rename", by=alice, target="GY-1", reason="it moved", data={"n": 1}):
        Organisation.objects.update(name="New")
    born, renamed = timeline_of(stream_of(hospice))
    assert (born.verb, born.changes[0].sign) == ("make_organisation", "+")
    assert (renamed.actor, renamed.target) == (f"user:{alice.pk}", "GY-1")
    assert (renamed.reason, renamed.data) == ("it moved", {"n": 1})
    assert renamed.at <= timezone.now()
    (change,) = renamed.changes
    assert change.model_label == "organisations.Organisation"
    assert (change.pk, change.field) == (hospice.pk, "name")
    assert (change.old, change.new) == ("Hospice", "New")


@pytest.mark.parametrize("times", [1, 3])
def test_timeline_takes_two_queries(times, alice, django_assert_num_queries) -> None:
    for n in range(times):
        with record("call", by=alice, reason="wrong number"):
            get_user_model().objects.update(phone=str(n))
    with django_assert_num_queries(2):
        assert len(timeline_of(stream_of(alice))) == times + 1


def test_personal_value_is_a_digest_in_the_line(alice) -> None:
    lines = " ".join(Event.objects.values_list("line", flat=True))
    assert "13800000000" not in lines
    assert "alice@example.org" not in lines
    values = set(Disclosure.objects.values_list("value", flat=True))
    assert {'"13800000000"', '"alice@example.org"'} <= values


def test_old_personal_value_is_not_disclosed_again(alice) -> None:
    with record("call", by=alice):
        get_user_model().objects.update(phone="139")
    line = json.loads(Event.objects.get(verb="call").line)
    old, new = line["changes"][0][4]["phone"]
    assert old is None
    assert set(new) == {"digest"}
    assert Disclosure.objects.filter(value='"13800000000"').count() == 1


def test_timeline_opens_personal_values(alice) -> None:
    with record("call", by=alice):
        get_user_model().objects.update(phone="139")
    (change,) = timeline_of(stream_of(alice))[-1].changes
    assert (change.old, change.new) == ("13800000000", "139")


def test_same_personal_value_has_another_digest_each_time(db) -> None:
    for name in ("bob", "carol"):
        with record("make_person", by="system:test"):
            get_user_model().objects.create_user(name, phone="110")
    assert Disclosure.objects.filter(value='"110"').count() == 2


def test_erased_person_is_gone_and_the_chain_verifies(alice) -> None:
    with record("call", by=alice, reason="told me by Alice"):
        get_user_model().objects.update(phone="139")
    digests = Disclosure.objects.filter(stream=stream_of(alice))
    with record("leave", by="system:test"):
        get_user_model().objects.update(phone="", email="", username="erased")
        count = erase_disclosures(
            list(digests.values_list("digest", flat=True)),
            by="system:test",
            stream=stream_of(alice),
            reason_code="PIPL-47",
        )
    assert count == 5
    assert not Disclosure.objects.filter(value__contains="13").exists()
    report = verify()
    assert report.findings == []
    assert report.counts["erased"] == 5
    called = next(e for e in timeline_of(stream_of(alice)) if e.verb == "call")
    assert called.reason == ""
    assert called.changes[0].erased
    assert called.changes[0].new is None


def test_state_at_a_moment(alice, hospice) -> None:
    with record("rename", by=alice):
        Organisation.objects.update(name="A")
    moment = Event.objects.get(verb="rename").at
    with record("rename_again", by=alice):
        Organisation.objects.update(name="B")
    with record("remove", by=alice):
        hospice.delete()
    stream = Event.objects.get(verb="rename").stream
    key = ("organisations_organisation", int(stream.split(":")[1]))
    assert state_of(stream, moment)[key]["name"] == "A"
    assert state_of(stream) == {}


def test_events_by_target_and_actor(alice, hospice) -> None:
    with record("open", by=alice, target="GY-1", stream="case:7"):
        pass
    record_read(by=alice, target="GY-1", what="bank_account")
    assert [e.verb for e in events_of("GY-1")] == ["open", "read"]
    assert streams_of("GY-1") == ["case:7"]
    actor = f"user:{alice.pk}"
    done = events_by(actor).exclude(verb="stream.open")
    assert [e.verb for e in done] == ["read", "open"]
    assert [e.target for e in reads_by(actor)] == ["GY-1"]


def test_erasure_reaches_the_history(alice, hospice, monkeypatch) -> None:
    table = tables()["organisations_organisation"]
    monkeypatch.setattr(table, "personal", frozenset({"name"}))
    with record("rename", by=alice, reason="asked by Wang"):
        Organisation.objects.update(name="Wang's")
    assert hospice.history.filter(name="Wang's").exists()
    told = Disclosure.objects.filter(stream=stream_of(hospice))
    with record("leave", by="system:test"):
        Organisation.objects.update(name="")
        erase_disclosures(
            list(told.values_list("digest", flat=True)),
            by="system:test",
            stream=stream_of(hospice),
            reason_code="PIPL-47",
        )
    history = hospice.history.order_by("history_id")
    assert list(history.values_list("name", "history_change_reason")) == [
        ("Hospice", None),
        ("", None),
        ("", None),
    ]
    assert verify().findings == []
