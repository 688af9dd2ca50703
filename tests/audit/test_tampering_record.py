"""Every table of the record itself, tampered with at random; and after a checkpoint the
last events and whole cases, by somebody with the key of the seals."""

import datetime as dt
import random

import pytest
from django.db import connection

from audit.models import Disclosure, Event, Head, Journal
from tests.audit import forger
from tests.audit.tampering import (
    Places,
    another,
    arranged,
    chance,
    found,
    places,
    put,
    value,
)

pytestmark = pytest.mark.django_db
__all__ = ["arranged", "chance"]  # fixtures


# -- the record itself --------------------------------------------------------------


def some_events(chance: random.Random, number: int) -> list[Event]:
    """Events of as many streams, each between two others."""
    every = Event.objects.exclude(stream__startswith="register:").filter(seq__gt=1)
    last = dict(Head.objects.values_list("stream", "seq"))
    inner: dict[str, Event] = {}
    for event in every.order_by("id"):
        if event.seq < last[event.stream]:
            inner.setdefault(event.stream, event)
    return chance.sample(sorted(inner.values(), key=lambda e: e.pk), number)


def place(event: Event) -> str:
    return f"{event.stream}#{event.seq}"


def test_each_column_of_an_event_altered_is_named(chance) -> None:
    columns = ["verb", "actor", "target", "request", "at", "line", "hash", "id"]
    events = some_events(chance, len(columns) + 2)
    expected: Places = set()
    for column, event in zip(columns, events, strict=False):
        kind, old = Event._meta.get_field(column), getattr(event, column)
        new = -event.pk if column == "id" else another(kind, old, chance)
        assert put(Event, event.pk, column, new)
        field = "line" if column == "hash" else column
        expected.add(("event_altered", "audit_event", place(event), field))
    *_, moved, renumbered = events
    assert put(Event, moved.pk, "stream", "case:4711")
    assert put(Event, renumbered.pk, "seq", 4711)
    expected.add(("event_moved", "audit_event", f"case:4711#{moved.seq}", "stream,seq"))
    expected.add(("event_missing", "audit_event", place(moved), ""))
    expected.add(("event_missing", "audit_event", place(renumbered), ""))
    assert places(found()) >= expected


def test_events_removed_added_swapped_and_dated_back_are_named(chance) -> None:
    gone, copied, one, other, dated = some_events(chance, 5)
    Event.objects.filter(pk=gone.pk)._raw_delete(connection.alias)
    last = Event.objects.filter(stream=copied.stream).order_by("seq").last()
    copied.pk, copied.seq = None, last.seq + 1
    copied.save(force_insert=True)
    for event, twin in ((one, other), (other, one)):
        Event.objects.filter(pk=event.pk).update(line=twin.line, hash=twin.hash)
    Event.objects.filter(pk=dated.pk).update(at=dated.at - dt.timedelta(days=9))
    assert places(found()) >= {
        ("event_missing", "audit_event", place(gone), ""),
        ("event_moved", "audit_event", place(copied), "stream,seq"),
        ("event_moved", "audit_event", place(one), "stream,seq"),
        ("event_moved", "audit_event", place(other), "stream,seq"),
        ("event_altered", "audit_event", place(dated), "at"),
    }


def test_each_column_of_a_head_altered_is_named(chance) -> None:
    expected: Places = set()
    streams = [event.stream for event in some_events(chance, 6)]
    for column, stream in zip(("seq", "hash", "at", "seal"), streams, strict=False):
        old = value(Head, stream, column)
        new = old + 3 if column == "seq" else "é" + old[1:]
        assert put(Head, stream, column, new)
        expected.add(("head_altered", "audit_head", stream, "seal"))
    assert put(Head, streams[4], "stream", "case:4711")
    Head.objects.filter(pk=streams[5])._raw_delete(connection.alias)
    Head.objects.create(stream="case:4712", seq=1, hash="0", at="", seal="0")
    expected |= {
        ("head_missing", "audit_head", streams[4], ""),
        ("head_missing", "audit_head", streams[5], ""),
        ("stream_removed", "audit_event", "case:4711", ""),
        ("stream_removed", "audit_event", "case:4712", ""),
    }
    assert places(found()) >= expected


def test_personal_values_altered_removed_added_and_swapped_are_named(chance) -> None:
    everything = list(Disclosure.objects.order_by("digest").exclude(value='"again"'))
    texts = {row.value: row for row in everything}
    rows = chance.sample([*texts.values()], 7)
    table, expected = "audit_disclosure", set()
    for column, row in zip(("salt", "value", "stream"), rows, strict=False):
        assert put(Disclosure, row.pk, column, "other")
        field = "stream" if column == "stream" else "value"
        expected.add(("disclosure_altered", table, row.pk, field))
    assert put(Disclosure, rows[3].pk, "digest", "0" * 64)
    Disclosure.objects.filter(pk=rows[4].pk)._raw_delete(connection.alias)
    for row, twin in ((rows[5], rows[6]), (rows[6], rows[5])):
        assert put(Disclosure, row.pk, "value", twin.value)
        expected.add(("disclosure_altered", table, row.pk, "value"))
    Disclosure.objects.create(digest="1" * 64, stream="case:1", salt="", value='""')
    expected |= {
        ("disclosure_missing", table, rows[3].pk, ""),
        ("disclosure_missing", table, rows[4].pk, ""),
        ("disclosure_inserted", table, "0" * 64, ""),
        ("disclosure_inserted", table, "1" * 64, ""),
    }
    assert places(found()) == expected


def test_change_that_no_event_tells_is_named(chance) -> None:
    row = Journal.objects.create(op="x", tbl="auth_group", new="{}")
    assert places(found()) == {("journal_left", "auth_group", row.pk, "")}


CHECKPOINT = ("at", "root", "prev", "streams", "events", "body", "signature", "key")


@pytest.mark.parametrize("column", [*CHECKPOINT, "number"])
def test_each_column_of_a_checkpoint_altered_is_named(column, chance) -> None:
    number = chance.randrange(1, 4)
    name = "audit_checkpoint"
    new = "47" if column in ("streams", "events", "number") else "sly"
    forger.run(f"UPDATE {name} SET {column} = %s WHERE number = %s", new, number)
    assert number in {f.key for f in found().findings if f.table == name}


@pytest.mark.parametrize("column", ["checkpoint", "stream", "seq", "hash"])
def test_each_column_of_a_head_in_a_checkpoint_altered_is_named(column, chance) -> None:
    name, number = "audit_checkpoint_head", chance.randrange(1, 4)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, stream FROM {name} WHERE checkpoint = %s ORDER BY id", [number]
        )
        id, stream = chance.choice(cursor.fetchall())
    new = "2" if column in ("checkpoint", "seq") and number != 2 else "47"
    forger.run(f"UPDATE {name} SET {column} = %s WHERE id = %s", new, id)
    keys_of = {f.key for f in found().findings if f.table == name}
    assert f"{number} {stream}" in keys_of


def test_heads_of_checkpoints_removed_and_added_and_a_false_stamp_are_named(
    chance,
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, stream FROM audit_checkpoint_head WHERE checkpoint = 1"
            " ORDER BY id"
        )
        id, stream = chance.choice(cursor.fetchall())
    forger.run("DELETE FROM audit_checkpoint_head WHERE id = %s", id)
    forger.run(
        "INSERT INTO audit_checkpoint_head(checkpoint, stream, seq, hash)"
        " VALUES (2, 'case:4711', 1, '0')"
    )
    forger.run(
        "INSERT INTO audit_checkpoint_stamp(checkpoint, at, answer)"
        " VALUES (2, '2026-01-01', 'bm8=')"
    )
    named_there = {(f.table, f.key) for f in found().findings}
    assert named_there >= {
        ("audit_checkpoint_head", f"1 {stream}"),
        ("audit_checkpoint_head", "2 case:4711"),
        ("audit_checkpoint_stamp", 2),
    }


# -- after a checkpoint, by somebody with the key of the seals ----------------------


def test_last_events_cut_off_under_fitting_seals_are_named(arranged, chance) -> None:
    expected: Places = set()
    for event in some_events(chance, 5):
        last = value(Head, event.stream, "seq") - (event.stream == arranged)
        forger.end_at(event.stream, event)
        for seq in range(event.seq + 1, last + 1):
            missing = f"{event.stream}#{seq}"
            expected.add(("event_missing", "audit_event", missing, ""))
    assert places(found()) >= expected


def test_whole_cases_removed_under_fitting_seals_are_named(chance, monkeypatch) -> None:
    monkeypatch.setattr(connection, "check_constraints", lambda *names: None)
    cases = Head.objects.filter(stream__startswith="case:").order_by("pk")
    streams = chance.sample([head.stream for head in cases], 2)
    for stream in streams:
        forger.remove(stream)
    told = places(found())
    assert told >= {("stream_removed", "audit_event", s, "") for s in streams}
