"""Changed columns are told; rows that came before the record are adopted."""

import json
from types import SimpleNamespace

import pytest
from django.db import connection, models
from django.db.migrations.state import ProjectState

from audit import capture, schema
from audit.migrating import Recorded
from audit.models import Event
from audit.record import record
from audit.tables import tables
from audit.testing import as_administrator
from audit.verify import verify
from organisations.models import Organisation

pytestmark = pytest.mark.django_db
TABLE = "organisations_organisation"


def booked() -> dict:
    event = Event.objects.filter(stream=f"schema:{TABLE}").order_by("seq").last()
    return json.loads(event.line)["data"]


def migrate(*statements: str) -> None:
    """What a migration does: triggers off, change, triggers on, booking."""
    with as_administrator() as cursor:
        for statement in statements:
            cursor.execute(statement)
    schema.book()


@pytest.fixture
def _two(alice) -> None:
    with record("make", by=alice):
        for name in "AB":
            Organisation.objects.create(name=name, legal_form="ASSOC")


def test_migrate_told_every_table(db) -> None:
    known = schema.known_columns()
    assert set(tables()) <= set(known)
    assert known[TABLE] == set(capture.columns(connection, TABLE))
    assert "password" not in known["organisations_user"]
    assert schema.book() == 0


@pytest.mark.usefixtures("_two")
def test_new_column_with_a_default() -> None:
    migrate(f"ALTER TABLE {TABLE} ADD COLUMN extra varchar(9) NOT NULL DEFAULT 'new'")
    assert booked() == {"table": TABLE, "added": {"extra": "new"}, "removed": []}
    assert verify().findings == []
    with record("edit", by="system:test"), connection.cursor() as cursor:
        cursor.execute(f"UPDATE {TABLE} SET extra = 'two' WHERE name = 'B'")
    assert verify().findings == []
    with as_administrator() as cursor:
        cursor.execute(f"UPDATE {TABLE} SET extra = 'sly' WHERE name = 'A'")
    (finding,) = verify().findings
    assert (finding.kind, finding.field, finding.old, finding.new) == (
        "row_changed",
        "extra",
        "new",
        "sly",
    )


@pytest.mark.usefixtures("_two")
def test_new_column_filled_by_the_migration() -> None:
    migrate(
        f"ALTER TABLE {TABLE} ADD COLUMN extra varchar(9) NOT NULL DEFAULT ''",
        f"UPDATE {TABLE} SET extra = name",
    )
    assert booked()["added"] == {"extra": None}
    assert Event.objects.filter(verb="schema.adopt").count() == 2
    assert verify().findings == []


@pytest.mark.usefixtures("_two")
def test_removed_column() -> None:
    migrate(f"ALTER TABLE {TABLE} ADD COLUMN extra varchar(9) NOT NULL DEFAULT 'new'")
    with record("edit", by="system:test"), connection.cursor() as cursor:
        cursor.execute(f"UPDATE {TABLE} SET extra = 'two' WHERE name = 'B'")
    migrate(f"ALTER TABLE {TABLE} DROP COLUMN extra")
    assert booked() == {"table": TABLE, "added": {}, "removed": ["extra"]}
    assert verify().findings == []


def test_table_new_to_the_record_is_adopted(hospice, settings) -> None:
    """As after the first migration of a database that had rows before."""
    with as_administrator() as cursor:
        cursor.execute("INSERT INTO auth_group(id, name) VALUES (4711, 'before')")
        cursor.execute("DELETE FROM audit_event WHERE stream = 'schema:auth_group'")
        cursor.execute("DELETE FROM audit_head WHERE stream = 'schema:auth_group'")
    schema.book()
    line = json.loads(Event.objects.get(stream="auth_group:4711").line)
    assert line["verb"] == "schema.adopt"
    assert line["changes"][0][3:] == ["+", {"id": 4711, "name": "before"}]


def test_table_that_left_the_record(db, monkeypatch) -> None:
    kept = {k: v for k, v in tables().items() if k != "auth_group"}
    for module in (schema, capture):
        monkeypatch.setattr(module, "tables", lambda: kept)
    schema.book()
    line = Event.objects.filter(stream="schema:auth_group").order_by("seq").last().line
    assert json.loads(line)["data"]["dropped"] is True
    assert "auth_group" not in schema.known_columns()


@pytest.mark.django_db(transaction=True)
def test_table_rebuilt_by_a_migration_keeps_its_triggers(hospice) -> None:
    """SQLite rebuilds a table to alter it, and drops its triggers silently."""
    field = Organisation._meta.get_field("name")
    longer = models.CharField(max_length=120, unique=True)
    longer.set_attributes_from_name("name")
    longer.model = Organisation
    for old, new in ((field, longer), (longer, field)):
        capture.uninstall()
        with connection.schema_editor() as editor:
            editor.alter_field(Organisation, old, new)
        capture.install()
    assert verify().findings == []


def test_data_migration_inside_the_record(hospice) -> None:
    def rename(apps: object, schema_editor: object) -> None:
        Organisation.objects.update(name="Migrated")

    connection.check_constraints()
    capture.uninstall()
    editor, state = SimpleNamespace(connection=connection), ProjectState()
    Recorded(rename).database_forwards("organisations", editor, state, state)
    assert capture.installed(connection) == {}
    capture.install()
    event = Event.objects.get(verb="migrate:organisations")
    assert event.actor == "system:migrate"
    assert verify().findings == []
