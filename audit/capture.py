"""Triggers: every change of an audited table leaves a journal row.

Whatever made the change (a save, a bulk statement, a cascade, SQL, another
driver), it is noted inside an open event and refused outside of one. SQLite
asks the function ``audit_op()``, which only our connections have; PostgreSQL
asks the transaction's setting ``audit.op``.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from . import postgresql, sqlite
from .context import open_of
from .tables import Table, history_tables, tables

APPEND_ONLY = (
    "audit_event",
    "audit_checkpoint",
    "audit_checkpoint_head",
    "audit_checkpoint_stamp",
)


class Trigger(NamedTuple):
    """A trigger: where it is, what makes it, and what it looks like when there."""

    name: str
    table: str
    ddl: str
    shape: str


def dialect(connection: BaseDatabaseWrapper) -> Any:
    """The module that knows the triggers of this database."""
    return postgresql if connection.vendor == "postgresql" else sqlite


def register(connection: BaseDatabaseWrapper) -> None:
    """Give a new SQLite connection the function that its triggers ask."""
    if connection.vendor == "sqlite":
        state = open_of(connection)
        connection.connection.create_function("audit_op", 0, lambda: state.op)


def set_op(connection: BaseDatabaseWrapper, op: str | None, local: bool = True) -> None:
    """Tell the triggers which operation is open (until the transaction ends)."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('audit.op', %s, %s)", [op or "", local])
    open_of(connection).op = op


def existing_columns(connection: BaseDatabaseWrapper) -> dict[str, list[str]]:
    """The columns that each table has in the database, secret ones left out."""
    with connection.cursor() as cursor:
        found = dialect(connection).columns(cursor)
    for name, table in tables().items():
        if table.secret and name in found:
            found[name] = [c for c in found[name] if c not in table.secret]
    return found


def existing_tables(connection: BaseDatabaseWrapper) -> set[str]:
    """The tables that the database has."""
    return set(existing_columns(connection))


def columns(connection: BaseDatabaseWrapper, table: str) -> list[str]:
    """The columns that one table has in the database, secret ones left out."""
    return existing_columns(connection)[table]


def expected(connection: BaseDatabaseWrapper) -> dict[tuple[str, str], Trigger]:
    """The triggers that should be there, by table and name."""
    there = existing_columns(connection)
    make = dialect(connection)
    found: list[Trigger] = []
    for table in tables().values():
        if table.name in there:
            made = map(Trigger._make, make.capturing(table, there[table.name]))
            if table.append_only:
                made_kept = make.append_only(table.name, erasable=True)
                kept = [*map(Trigger._make, made_kept)]
                names = {trigger.name for trigger in kept}
                found += [t for t in made if t.name not in names] + kept
            else:
                found += made
    for name in sorted(history_tables().keys() & there.keys()):
        found += map(Trigger._make, make.guarding(name))
    for name in APPEND_ONLY:
        if name in there:
            found += map(Trigger._make, make.append_only(name))
    return {(t.table, t.name): t for t in found}


def installed(connection: BaseDatabaseWrapper) -> dict[tuple[str, str], str]:
    """The shapes of the triggers that are there, by table and name."""
    with connection.cursor() as cursor:
        return dialect(connection).installed(cursor)


def uninstall(using: str = DEFAULT_DB_ALIAS) -> None:
    """Drop the triggers: before a migration, which rebuilds tables on SQLite."""
    connection = connections[using]
    with connection.cursor() as cursor:
        drop = dialect(connection).drop
        for table, name in installed(connection):
            cursor.execute(drop(table, name))


def install(using: str = DEFAULT_DB_ALIAS) -> int:
    """Create the triggers that are missing or altered; return how many."""
    connection = connections[using]
    if "audit_journal" not in existing_tables(connection):
        return 0
    make = dialect(connection)
    there, wanted = installed(connection), expected(connection)
    todo = [t for key, t in wanted.items() if there.get(key) != t.shape]
    with connection.cursor() as cursor:
        make.prepare(cursor)
        for key in there:
            if key not in wanted or there[key] != wanted[key].shape:
                cursor.execute(make.drop(*key))
        for trigger in todo:
            cursor.execute(trigger.ddl)
    return len(todo)


def live_rows_sql(
    connection: BaseDatabaseWrapper,
    table: Table,
    where: str = "",
    tail: str = "",
    seen: list[str] | None = None,
    keyed: bool = False,
) -> str:
    """SQL for the live rows as JSON, through the expression of the triggers.

    seen: the table's columns, where the caller has asked the database already.
    keyed: each row's key beside it, as the database has it.
    """
    name = connection.ops.quote_name(table.name)
    condition = f" WHERE {where}" if where else ""
    if connection.vendor == "postgresql":
        expression = postgresql.row_expression(table.secret, "x")
    else:
        seen = columns(connection, table.name) if seen is None else seen
        expression = sqlite.row_expression(seen)
    order = f' ORDER BY "{table.pk}"'
    if keyed:
        expression += f', "{table.pk}"'
    return f"SELECT {expression} FROM {name} x{condition}{order}{tail}"


def live_rows(
    connection: BaseDatabaseWrapper, table: Table, limit: int | None = None
) -> Iterator[str]:
    """The live rows of a table as JSON."""
    tail = "" if limit is None else f" LIMIT {limit:d}"
    with connection.cursor() as cursor:
        cursor.execute(live_rows_sql(connection, table, tail=tail))
        for (text,) in cursor:
            yield text
