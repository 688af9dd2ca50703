"""The administrator of the tests of tampering: what they find, and what they may do.

One case of the real road, and rows of no meaning where it left a table empty. What is
to be found is not what was tampered with, but what two images of the tables, before
and after, do not agree about. WEIGONG_SEED=… repeats a run, or goes elsewhere.
"""

import datetime as dt
import os
import random
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, connection, models, transaction
from django.test import override_settings

from audit import capture, checkpoints, keys
from audit.findings import Report
from audit.record import record
from audit.tables import Table, tables
from audit.verify import verify
from tests.audit.filling import fill, value_of
from tests.clock import moved_clock
from tests.desk.conftest import World

SEED = int(os.environ.get("WEIGONG_SEED", "20261123"))
TRIES = 3  # at a column: what one row may not have, another may
#: The engine's own tables: ours stand in their place, and nobody writes there.
UNUSED = {"viewflow_process", "viewflow_task", "viewflow_task_previous"}
Places = set[tuple[str, str, Any, str]]
Images = dict[str, dict[Any, dict[str, Any]]]


@pytest.fixture(scope="module")
def arranged(
    shared_db: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Yields the stream of its case."""
    folder = tmp_path_factory.mktemp("everywhere")
    public = keys.make(folder / "key")
    key = keys.load(folder / "key")
    with override_settings(
        CHECKPOINT_FOLDER=folder / "archive", CHECKPOINT_PUBLIC_KEYS=[public]
    ):
        with moved_clock() as clock:
            clock.to("2026-03-02 09:00")
            world = World(clock, projects=2)
            case = world.bring(world.draft(), "AGREEMENT")
            stream = f"case:{case.pk}"
            assert checkpoints.make(key)
            world.bring(world.draft(1), "SCREENING")
            assert checkpoints.make(key)
        assert fill().keys() == UNUSED
        _past()
        assert checkpoints.make(key)
        with record("after", by="system:test", stream=stream):
            pass  # what no checkpoint covers
        connection.check_constraints()
        yield stream


def _past() -> None:
    """Each table's rows have a second event, where a text of theirs may change."""
    with record("again", by="system:test", reason="once more"):
        for table in tables().values():
            for column, kind in table.fields.items():
                free = kind.get_internal_type() in ("TextField", "CharField")
                free &= column not in table.placeholders.values() and is_ours(kind)
                if free and not (kind.unique or kind.choices or table.append_only):
                    try:
                        with transaction.atomic():
                            rows = table.model._base_manager.all()
                            rows.update(**{table.fields[column].attname: "again"})
                        break
                    except DatabaseError:
                        continue


def is_ours(kind: models.Field) -> bool:
    """Not an engine's own, which takes no values but its own."""
    return type(kind).__module__.startswith("django.")


@pytest.fixture
def chance(arranged: str, db: None) -> Iterator[random.Random]:
    """The administrator's: the triggers are off, and this is what they do next."""
    print(f"WEIGONG_SEED={SEED}")  # noqa: T201 - repeats a run
    with transaction.atomic():
        capture.uninstall()
        yield random.Random(SEED)
        transaction.set_rollback(True)


def found() -> Report:
    """What the verification names; that the triggers are off is known."""
    report = verify()
    report.findings = [f for f in report.findings if f.kind != "trigger_missing"]
    return report


def places(report: Report) -> Places:
    return {(f.kind, f.table, f.key, f.field) for f in report.findings}


# -- images -------------------------------------------------------------------------


def image(every: dict[str, Table]) -> Images:
    """The rows of these tables in their canonical form, by key."""
    there = capture.existing_columns(connection)
    images: Images = {}
    for name, table in every.items():
        sql = capture.live_rows_sql(connection, table, seen=there[name])
        with connection.cursor() as cursor:
            cursor.execute(sql)
            rows = [table.read(text) for (text,) in cursor.fetchall()]
        images[name] = {row[table.pk]: row for row in rows}
    return images


@dataclass
class Told:
    """What a verification has to say of the live tables."""

    places: Places = field(default_factory=set)
    values: dict[tuple[str, Any, str], tuple[Any, Any]] = field(default_factory=dict)


def differences(before: Images, after: Images) -> Told:
    told = Told()
    for name, rows in before.items():
        for pk in rows.keys() - after[name].keys():
            told.places.add(("row_deleted", name, pk, ""))
        for pk, row in after[name].items():
            if pk not in rows:
                told.places.add(("row_inserted", name, pk, ""))
                continue
            for column, value in row.items():
                if rows[pk][column] != value:
                    told.places.add(("row_changed", name, pk, column))
                    told.values[name, pk, column] = rows[pk][column], value
    return told


def named(before: Images, at_least: int) -> None:
    """The differences are named, old and new, and nothing else is."""
    told = differences(before, image(tables()))
    assert len(told.places) >= at_least
    report = found()
    assert places(report) == told.places
    values = {
        (f.table, f.key, f.field): (f.old, f.new)
        for f in report.findings
        if f.kind == "row_changed"
    }
    assert values == told.values


# -- tampering ----------------------------------------------------------------------


def tried(change: Callable[[], Any]) -> bool:
    """Whether the database takes the change: a constraint may refuse it."""
    try:
        with transaction.atomic():
            change()
    except DatabaseError:
        return False
    return True


#: How a value of a type becomes another; the first type that fits is taken.
OTHERS: tuple[tuple[Any, Callable[[Any, int], Any]], ...] = (
    (bool, lambda v, n: not v),
    (Decimal, lambda v, n: v - 1 if v >= 1 else v + 1),
    (int | float, lambda v, n: v + n),
    (dt.date, lambda v, n: v - dt.timedelta(days=n)),
    (dt.time, lambda v, n: v.replace(minute=(v.minute + n) % 60)),
    (dt.timedelta, lambda v, n: v + dt.timedelta(minutes=n)),
    (uuid.UUID, lambda v, n: uuid.UUID(int=v.int ^ n)),
    (bytes | memoryview, lambda v, n: bytes(v) + b"x"),
    (dict | list, lambda v, n: {"sly": n}),
)


def another(kind: models.Field, value: Any, chance: random.Random) -> Any:
    """Another value that such a column takes."""
    number = chance.randrange(1, 9)
    if kind.remote_field is not None:
        return 4_000_000 + number if isinstance(value, int | None) else f"{number}x"
    if value is None:
        return value_of(kind, number)
    for known, changed in OTHERS:
        if isinstance(value, known):
            return changed(value, number)
    text = "sly" if str(value) != "sly" else "other"
    return text[: kind.max_length or None]


def rows_of(model: Any, chance: random.Random) -> list[Any]:
    """The keys of a table's rows in an order of chance."""
    every = list(model._base_manager.order_by("pk").values_list("pk", flat=True))
    chance.shuffle(every)
    return every


def value(model: Any, pk: Any, name: str) -> Any:
    return model._base_manager.values_list(name, flat=True).get(pk=pk)


def put(model: Any, pk: Any, name: str, new: Any) -> bool:
    rows = model._base_manager.filter(pk=pk)
    return tried(lambda: rows.update(**{name: new}))


def alter(table: Table, column: str, chance: random.Random) -> Any:
    """Another value in one column of a row of chance; its key, or None."""
    model, kind = table.model, table.fields[column]
    for pk in rows_of(model, chance)[:5]:
        old = value(model, pk, kind.attname)
        if put(model, pk, kind.attname, another(kind, old, chance)):
            return pk
    return None


def seen(table: Table) -> list[str]:
    """The columns that the record sees, the key apart."""
    return [
        column
        for column, kind in table.fields.items()
        if column != table.pk and column not in table.secret and is_ours(kind)
    ]


def copy(table: Table, chance: random.Random) -> bool:
    """One more row, as like to one of chance as the constraints allow."""
    model = table.model
    names = {f.attname: f for f in model._meta.local_concrete_fields}
    for pk in rows_of(model, chance):
        row = model._base_manager.filter(pk=pk).values(*names).get()
        for _ in range(2):
            made = model(**row)
            made.pk = another(model._meta.pk, pk, chance)
            if isinstance(pk, int):
                made.pk = 5_000_000 + chance.randrange(1000)
            if tried(lambda made=made: made.save_base(raw=True, force_insert=True)):
                return True
            for name, kind in names.items():  # where it must be unlike
                if kind.unique or not kind.null or kind.remote_field:
                    row[name] = another(kind, row[name], chance)
    return False


def swap(table: Table, chance: random.Random) -> str:
    """Two rows change the values of a column; its name, or "" where none would."""
    columns = seen(table) * TRIES
    chance.shuffle(columns)
    for column in columns:
        name = table.fields[column].attname
        values: dict[Any, Any] = {}
        for pk in rows_of(table.model, chance):
            values.setdefault(str(value(table.model, pk, name)), pk)
        pairs = list(values.values())[:2]
        if len(pairs) == 2 and tried(lambda p=pairs, c=column: _swap(table, p, c)):
            return column
    return ""


def _swap(table: Table, pair: list[Any], column: str) -> None:
    """By way of a third value: the two may not stand twice."""
    model, kind = table.model, table.fields[column]
    a, b = (value(model, pk, kind.attname) for pk in pair)
    aside = another(kind, a, random.Random(SEED))
    for pk, new in ((pair[0], aside), (pair[1], a), (pair[0], b)):
        model._base_manager.filter(pk=pk).update(**{kind.attname: new})


def used() -> dict[str, Table]:
    return {name: t for name, t in tables().items() if name not in UNUSED}
