"""Values in forms in which nobody of ours stores them: they are named, and no row keeps
the verification from naming the others."""

import json
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection, models

from audit import canon
from audit.erasure import ERASE
from audit.models import Event
from audit.projection import history_models
from audit.record import record
from audit.tables import Table, history_tables
from audit.testing import as_administrator
from audit.verify import verify
from organisations.models import Organisation
from tests.audit import forger
from tests.audit.tampering import (
    Places,
    arranged,
    chance,
    found,
    places,
    rows_of,
    seen,
    used,
    value,
)
from tests.services import needs

pytestmark = pytest.mark.django_db
__all__ = ["arranged", "chance"]  # fixtures
TABLE = "organisations_organisation"
LARGE = 2**53 + 1


def alike(kind: models.Field, old: Any) -> Any:
    """A value that reads as this one in SQLite, and is another; None: there is none."""
    if isinstance(kind, models.BooleanField):
        return "abc" if old else ""
    if isinstance(kind, models.DecimalField):
        return float(old) + 0.4 * 10**-kind.decimal_places
    if isinstance(kind, models.DateTimeField):
        return canon.moment(old).replace("T", " ").replace("Z", "+00:00")
    if isinstance(kind, models.UUIDField):
        return str(old).upper()
    if isinstance(kind, models.JSONField) and isinstance(old, dict) and old:
        text = json.dumps(old)
        return f'{{"{next(iter(old))}": 0, {text[1:]}'
    return None


def altered(table: Table, chance: Any) -> set[tuple[Any, str]]:
    """Each column of a table that can be: on a row of chance, by key."""
    done = set()
    for column in seen(table):
        kind = table.fields[column]
        for pk in rows_of(table.model, chance):
            old = value(table.model, pk, kind.attname)
            new = None if old is None else alike(canon.concrete(kind), old)
            if new is not None:
                forger.run(
                    f'UPDATE {table.name} SET "{column}" = %s WHERE "{table.pk}" = %s',
                    new,
                    table.model._meta.pk.get_db_prep_value(pk, connection),
                )
                done.add((pk, column))
                break
    return done


@pytest.mark.once  # columns of PostgreSQL hold values of one type
def test_values_that_read_alike_are_named_in_each_table(chance) -> None:
    expected: Places = set()
    for table in used().values():
        for pk, column in altered(table, chance):
            key = str(pk) if hasattr(pk, "hex") and not isinstance(pk, int) else pk
            expected.add(("row_changed", table.name, key, column))
    for history in history_models().values():
        table = history_tables()[history._meta.db_table]
        for pk, column in altered(table, chance):
            expected.add(("history_changed", table.name, pk, column))
    assert len(expected) > 200
    assert places(found()) == expected


@pytest.mark.once
def test_digits_stored_as_bytes_are_named(arranged) -> None:
    with record("name", by="system:test"):
        row = Organisation.objects.create(name="3132", legal_form="ASSOC")
    with as_administrator():
        forger.run(f"UPDATE {TABLE} SET name = x'3132' WHERE id = %s", row.pk)
    (finding,) = verify().findings
    assert (finding.key, finding.field) == (row.pk, "name")
    assert (finding.old, finding.new) == ("3132", "X'3132'")


@pytest.mark.once
def test_events_and_heads_in_another_form_are_named(chance) -> None:
    streams = [e.stream for e in Event.objects.filter(seq=1).order_by("id")[5:9]]
    run = forger.run
    zone = "SET at = replace(at, ' ', 'T') || '+00:00'"
    run(f"UPDATE audit_event {zone} WHERE stream = %s AND seq = 1", streams[0])
    blob = "SET verb = CAST(verb AS BLOB)"
    run(f"UPDATE audit_event {blob} WHERE stream = %s AND seq = 1", streams[1])
    run("UPDATE audit_head SET seq = 'many' WHERE stream = %s", streams[2])
    run("UPDATE audit_event SET seq = 'x', at = 'never' WHERE stream = %s", streams[3])
    assert places(found()) >= {
        ("event_altered", "audit_event", f"{streams[0]}#1", "at"),
        ("event_altered", "audit_event", f"{streams[1]}#1", "verb"),
        ("head_altered", "audit_head", streams[2], "seq"),
        ("event_altered", "audit_event", f"{streams[3]}#x", "seq"),
    }


# -- what nobody can read ----------------------------------------------------------


def planted() -> tuple[str, str, Any, str]:
    """A change that is to be named whatever else there is."""
    row = Organisation.objects.order_by("pk").first()
    forger.run(f"UPDATE {TABLE} SET bank = 'Sly' WHERE id = %s", row.pk)
    return "row_changed", TABLE, row.pk, "bank"


def test_row_with_a_key_beyond_all_others_is_named(chance) -> None:
    row = Organisation.objects.order_by("pk").first()
    row.pk, row.name, row.credit_code = LARGE, "Ghost", ""
    row.save_base(raw=True, force_insert=True)
    twin = row.history.model.objects.order_by("pk").first()
    twin.pk, twin.id = None, LARGE
    twin.save_base(raw=True, force_insert=True)
    told = places(found())
    key = canon.dumps(canon.number(LARGE))
    assert ("row_inserted", TABLE, key, "") in told
    assert ("history_inserted", twin._meta.db_table, twin.pk, "") in told


@pytest.mark.once
@pytest.mark.parametrize(
    ("sql", "named"),
    [
        (f"UPDATE {TABLE} SET name = CAST(x'ff41' AS TEXT) WHERE id = 1", "name"),
        ("UPDATE grants_tranche SET amount = 9e999 WHERE id = 1", ""),
        (
            "UPDATE audit_event SET actor = CAST(x'ff' AS TEXT)"
            " WHERE stream = 'case:1' AND seq = 2",
            "actor",
        ),
        (
            "UPDATE audit_head SET stream = CAST(x'ff' AS TEXT)"
            " WHERE stream = 'case:1'",
            "",
        ),
    ],
)
def test_what_cannot_be_read_is_named_and_so_is_the_rest(sql, named, chance) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM grants_tranche WHERE id = 1")
        assert cursor.fetchone() == (1,)
    other = planted()
    forger.run(sql)
    report = found()
    assert other in places(report)
    table = sql.split()[1]
    assert named in {f.field for f in report.findings if f.table == table}


@pytest.mark.parametrize(
    "changes",
    [
        [["x"]],
        [[0, TABLE, {"digest": 1}, "+", {}]],
        [[0, TABLE, 2**63, "+", {}]],
        [["0", TABLE, 1, "+", {}]],
        [[0, TABLE, "its key", "~", {"name": 1}]],
    ],
)
def test_line_of_no_sense_under_a_fitting_seal_is_named(changes, chance) -> None:
    other = planted()
    stream = f"{TABLE}:{other[2]}"

    def spoil(body: forger.Body) -> None:
        if body["seq"] == 2:
            body["changes"] = [
                [other[2] if part == "its key" else part for part in change]
                for change in changes
            ]

    forger.rewrite(stream, spoil)
    told = places(found())
    assert ("event_altered", "audit_event", f"{stream}#2", "changes") in told
    assert other in told


def test_erasure_of_no_sense_is_named(arranged, chance) -> None:
    other = planted()
    event = Event.objects.filter(stream=arranged, seq=2)
    event.update(verb=ERASE, line="no line")
    told = places(found())
    assert ("event_altered", "audit_event", f"{arranged}#2", "line") in told
    assert other in told


@needs("postgres")
@pytest.mark.parametrize("moment", ["infinity", "0044-03-15 12:00:00 BC"])
def test_moment_that_python_has_not_is_named(moment, arranged, chance) -> None:
    forger.run(
        "UPDATE audit_event SET at = %s WHERE stream = %s AND seq = 2",
        moment,
        arranged,
    )
    user = get_user_model().objects.earliest("pk").pk
    table = "organisations_user"
    forger.run(f"UPDATE {table} SET date_joined = %s WHERE id = %s", moment, user)
    assert places(found()) == {
        ("event_altered", "audit_event", f"{arranged}#2", "at"),
        ("row_changed", table, user, "date_joined"),
    }


def test_untouched_it_verifies(arranged) -> None:
    assert verify().findings == []
