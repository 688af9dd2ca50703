"""The administrator takes the triggers off and changes something: is it named?"""

import json

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.db.models import BooleanField

from audit import canon, capture
from audit.append import seal
from audit.findings import Finding
from audit.models import Disclosure, Event, Head, Journal
from audit.record import record
from audit.testing import as_administrator
from audit.verify import verify
from organisations.models import Organisation

from .conftest import stream_of

pytestmark = pytest.mark.django_db
HISTORY = "organisations_historicalorganisation"


@pytest.fixture
def stream(alice, hospice, readers) -> str:
    """An organisation with a past of four events."""
    for name in ("First", "Second", "Third"):
        with record("rename", by=alice, target="GY-1", reason="why"):
            hospice.name = name
            hospice.save()
    with record("join", by=alice):
        alice.groups.add(readers)
    assert verify().findings == []
    return stream_of(hospice)


def tamper(sql: str, *params: object) -> None:
    with as_administrator() as cursor:
        cursor.execute(sql, params)


def found() -> set[tuple[str, str, object, str]]:
    return {(f.kind, f.table, f.key, f.field) for f in verify().findings}


def test_live_field_named(stream, hospice) -> None:
    tamper(
        "UPDATE organisations_organisation SET legal_form = 'GOV' WHERE id = %s",
        hospice.pk,
    )
    table = "organisations_organisation"
    assert verify().findings == [
        Finding("row_changed", table, hospice.pk, "legal_form", "ASSOC", "GOV")
    ]


def test_every_live_field_of_a_person_named(stream, alice) -> None:
    """Each visible column in turn; a changed personal value differs from its digest."""
    user = get_user_model()
    for column in capture.columns(connection, user._meta.db_table):
        if column == "id":
            continue
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT "{column}" FROM organisations_user')
            (before,) = cursor.fetchone()
        if isinstance(user._meta.get_field(column), BooleanField):
            after: object = not before
        elif column in ("last_login", "date_joined"):
            after = "2001-01-01 00:00:00+00:00"
        else:
            after = "other"
        sql = f'UPDATE organisations_user SET "{column}" = %s'
        tamper(sql, after)
        assert found() == {("row_changed", "organisations_user", alice.pk, column)}
        tamper(sql, before)
    assert verify().findings == []


def test_live_row_deleted_named(stream, alice) -> None:
    through = get_user_model().groups.through
    pk = through.objects.get().pk
    tamper("DELETE FROM organisations_user_groups")
    assert found() == {("row_deleted", "organisations_user_groups", pk, "")}


def test_live_row_inserted_named(stream, hospice) -> None:
    tamper(
        "INSERT INTO organisations_organisation(id, name, legal_form, credit_code,"
        " is_community, exclusion_reason, bank, bank_account)"
        " VALUES (4711, 'Ghost', 'ASSOC', '', FALSE, '', '', '')"
    )
    assert found() == {("row_inserted", "organisations_organisation", 4711, "")}


def test_change_between_two_events_named(stream, alice, hospice) -> None:
    """It is overwritten since, but the difference's old value betrays it."""
    tamper("UPDATE organisations_organisation SET name = 'Sly'")
    with record("rename", by=alice):
        hospice.name = "Honest"
        hospice.save()
    assert ("row_changed", "organisations_organisation", hospice.pk, "name") in found()


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("actor", "user:666"),
        ("verb", "praise"),
        ("target", "GY-2"),
        ("request", "forged"),
        ("at", "2001-01-01 00:00:00+00:00"),
        ("hash", "0" * 64),
    ],
)
def test_event_column_altered_named(column, value, stream) -> None:
    tamper(
        f"UPDATE audit_event SET {column} = %s WHERE stream = %s AND seq = 2",
        value,
        stream,
    )
    named = "line" if column == "hash" else column
    assert ("event_altered", "audit_event", f"{stream}#2", named) in found()


def relined(event: Event, **changes: object) -> tuple[str, str]:
    line = canon.dumps({**json.loads(event.line), **changes})
    return line, canon.sha256(line)


def test_event_line_altered_named(stream) -> None:
    event = Event.objects.get(stream=stream, seq=2)
    line, _ = relined(event, actor="user:666")
    tamper("UPDATE audit_event SET line = %s WHERE id = %s", line, event.pk)
    assert ("event_altered", "audit_event", f"{stream}#2", "line") in found()


def test_event_line_and_hash_altered_found_at_the_next_one(stream) -> None:
    event = Event.objects.get(stream=stream, seq=2)
    line, hash = relined(event, reason_code="better")
    tamper(
        "UPDATE audit_event SET line = %s, hash = %s WHERE id = %s",
        line,
        hash,
        event.pk,
    )
    assert found() == {("chain_broken", "audit_event", f"{stream}#3", "prev")}


def test_last_event_line_and_hash_altered_found_at_the_head(stream) -> None:
    event = Event.objects.get(stream=stream, seq=4)
    line, hash = relined(event, reason_code="better")
    tamper(
        "UPDATE audit_event SET line = %s, hash = %s WHERE id = %s",
        line,
        hash,
        event.pk,
    )
    assert found() == {("head_differs", "audit_head", stream, "seq,hash")}
    tamper("UPDATE audit_head SET hash = %s WHERE stream = %s", hash, stream)
    assert found() == {("head_altered", "audit_head", stream, "seal")}


def test_malformed_line_named(stream) -> None:
    for line in ("not JSON", "[]", "{}", '{"v":3}', '{"v":[]}'):
        tamper(
            "UPDATE audit_event SET line = %s WHERE stream = %s AND seq = 4",
            line,
            stream,
        )
        assert ("event_altered", "audit_event", f"{stream}#4", "line") in found()


def test_event_removed_named(stream) -> None:
    tamper("DELETE FROM audit_event WHERE stream = %s AND seq = 2", stream)
    assert ("event_missing", "audit_event", f"{stream}#2", "") in found()


def test_last_event_removed_named(stream) -> None:
    tamper("DELETE FROM audit_event WHERE stream = %s AND seq = 4", stream)
    assert ("event_missing", "audit_event", f"{stream}#4", "") in found()


def test_last_event_removed_and_head_moved_back_found(stream) -> None:
    before = Event.objects.get(stream=stream, seq=3)
    tamper("DELETE FROM audit_event WHERE stream = %s AND seq = 4", stream)
    tamper(
        "UPDATE audit_head SET seq = 3, hash = %s WHERE stream = %s",
        before.hash,
        stream,
    )
    assert ("head_altered", "audit_head", stream, "seal") in found()


def test_event_appended_by_hand_found(stream, alice) -> None:
    last = Event.objects.get(stream=stream, seq=4)
    line, hash = relined(last, seq=5, prev=last.hash, verb="forged", changes=[])
    Event.objects.create(
        stream=stream,
        seq=5,
        at=last.at,
        verb="forged",
        actor=last.actor,
        target=last.target,
        line=line,
        hash=hash,
    )
    assert ("head_differs", "audit_head", stream, "seq,hash") in found()


def test_event_moved_to_another_stream_found(stream, readers) -> None:
    tamper(
        "UPDATE audit_event SET stream = %s, seq = 9 WHERE stream = %s AND seq = 4",
        stream_of(readers),
        stream,
    )
    key = f"{stream_of(readers)}#9"
    assert ("event_moved", "audit_event", key, "stream,seq") in found()


def test_head_altered_found(stream) -> None:
    tamper("UPDATE audit_head SET seq = 9 WHERE stream = %s", stream)
    assert ("head_altered", "audit_head", stream, "seal") in found()
    head = Head.objects.get(pk=stream)
    wrong = seal(stream, 4, "0" * 64, head.at)
    tamper(
        "UPDATE audit_head SET seq = 4, hash = %s, seal = %s WHERE stream = %s",
        "0" * 64,
        wrong,
        stream,
    )
    assert ("head_differs", "audit_head", stream, "seq,hash") in found()


def test_head_removed_found(stream) -> None:
    tamper("DELETE FROM audit_head WHERE stream = %s", stream)
    assert found() == {("head_missing", "audit_head", stream, "")}


def test_stream_removed_with_its_head_and_rows_found(stream, hospice) -> None:
    """The register of births still knows it."""
    tamper("DELETE FROM audit_event WHERE stream = %s", stream)
    tamper("DELETE FROM audit_head WHERE stream = %s", stream)
    tamper("DELETE FROM organisations_organisation WHERE id = %s", hospice.pk)
    tamper(f"DELETE FROM {HISTORY} WHERE id = %s", hospice.pk)
    assert ("stream_removed", "audit_event", stream, "") in found()


def test_register_removed_found(stream) -> None:
    register = Event.objects.get(
        verb="stream.open", line__contains=f'"{stream}"'
    ).stream
    tamper("DELETE FROM audit_event WHERE stream = %s", register)
    tamper("DELETE FROM audit_head WHERE stream = %s", register)
    assert ("stream_unborn", "audit_event", stream, "") in found()


def test_trigger_dropped_found(stream) -> None:
    (table, name), *_ = (
        key
        for key in capture.installed(connection)
        if key[0] == "organisations_organisation"
    )
    with connection.cursor() as cursor:
        cursor.execute(capture.dialect(connection).drop(table, name))
    assert found() == {("trigger_missing", table, name, "")}
    assert capture.install() == 1
    assert found() == set()


def test_trigger_replaced_found(stream) -> None:
    table = "organisations_organisation"
    connection.check_constraints()
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            name = f"audit_change_{table}"
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {name}")
        else:
            name = f"audit_update_{table}"
            cursor.execute(f"DROP TRIGGER {name}")
            cursor.execute(
                f"CREATE TRIGGER {name} AFTER UPDATE ON {table} BEGIN SELECT 1; END"
            )
    assert found() == {("trigger_altered", table, name, "")}


def test_journal_left_over_found(stream) -> None:
    row = Journal.objects.create(op="x", tbl="auth_group", new="{}")
    assert found() == {("journal_left", "auth_group", row.pk, "")}


def test_history_row_altered_named(stream, hospice) -> None:
    row = hospice.history.order_by("history_id")[1]
    tamper(f"UPDATE {HISTORY} SET name = 'Sly' WHERE history_id = %s", row.pk)
    assert found() == {("history_changed", HISTORY, row.pk, "name")}


@pytest.mark.parametrize(
    ("column", "value"),
    [("history_user_id", None), ("history_change_reason", "better")],
)
def test_history_who_and_why_altered_named(column, value, stream, hospice) -> None:
    row = hospice.history.latest()
    tamper(f"UPDATE {HISTORY} SET {column} = %s WHERE history_id = %s", value, row.pk)
    assert found() == {("history_changed", HISTORY, row.pk, column)}


def test_history_row_removed_found(stream, hospice) -> None:
    row = hospice.history.order_by("history_id")[1]
    tamper(f"DELETE FROM {HISTORY} WHERE history_id = %s", row.pk)
    assert found() == {("history_missing", HISTORY, hospice.pk, "")}


def test_history_emptied_under_a_late_beginning_named(stream, hospice) -> None:
    """Rows of events before the history's own beginning are not asked for: the
    lines say when it began, not the numbers of rows."""
    tamper(
        "UPDATE audit_event SET id = 1000000000000 WHERE stream = %s",
        f"schema:{HISTORY}",
    )
    tamper(f"DELETE FROM {HISTORY}")
    found = verify().findings
    missing = [f.key for f in found if f.kind == "history_missing"]
    assert missing == [hospice.pk] * 4
    assert {f.key for f in found if f.field == "id"} == {f"schema:{HISTORY}#1"}


def test_event_put_before_its_beginning_named(stream) -> None:
    tamper("UPDATE audit_event SET id = -7 WHERE stream = %s AND seq = 1", stream)
    assert found() == {("event_altered", "audit_event", f"{stream}#1", "id")}


def test_events_numbered_in_another_order_named(stream) -> None:
    tamper("UPDATE audit_event SET id = -7 WHERE stream = %s AND seq = 3", stream)
    assert found() == {("event_altered", "audit_event", f"{stream}#3", "id")}


def test_history_row_redated_found(stream, hospice) -> None:
    row = hospice.history.latest()
    tamper(
        f"UPDATE {HISTORY} SET history_date = %s WHERE history_id = %s",
        "2001-01-01 00:00:00+00:00",
        row.pk,
    )
    assert ("history_inserted", HISTORY, row.pk, "") in found()


def test_disclosure_altered_found(stream, alice) -> None:
    row = Disclosure.objects.get(value='"13800000000"')
    Disclosure.objects.filter(pk=row.pk).update(value='"139"')
    assert found() == {("disclosure_altered", "audit_disclosure", row.pk, "value")}


def test_disclosure_removed_found(stream, alice) -> None:
    digest = Disclosure.objects.get(value='"13800000000"').pk
    Disclosure.objects.filter(pk=digest).delete()
    assert found() == {("disclosure_missing", "audit_disclosure", digest, "")}


def test_column_added_outside_a_migration_found(stream) -> None:
    table = "organisations_organisation"
    connection.check_constraints()
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} ADD COLUMN sly integer")
    assert ("columns_changed", table, "", "sly") in found()


def test_rows_of_many_kinds_are_counted(stream) -> None:
    counts = verify().counts
    assert counts["rows"] >= 3 + Organisation.objects.count() - 1
    assert counts["events"] == Event.objects.count()
    assert counts["history"] == 4


@pytest.mark.once  # the columns of SQLite take any value
@pytest.mark.parametrize("value", ["never", "", 7, 1.5, b"\xff"])
def test_value_that_no_such_column_can_have_named(value, stream, alice) -> None:
    table = alice._meta.db_table
    tamper(f"UPDATE {table} SET date_joined = %s WHERE id = %s", value, alice.pk)
    assert ("row_changed", table, alice.pk, "date_joined") in found()


@pytest.mark.once
def test_history_of_no_moment_found(stream, hospice) -> None:
    row = hospice.history.latest()
    tamper(f"UPDATE {HISTORY} SET history_date = 'never' WHERE history_id = %s", row.pk)
    assert ("history_inserted", HISTORY, row.pk, "") in found()
