"""The triggers of SQLite."""

from collections.abc import Iterator
from typing import Any

from .context import PROJECTION
from .tables import Table

PAIRS_A_CALL = 50  # a SQL function takes at most 127 arguments
ACTIONS = {"insert": ("", "NEW."), "update": ("OLD.", "NEW."), "delete": ("OLD.", "")}
Made = tuple[str, str, str, str]


def quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def row_expression(columns: list[str], prefix: str = "") -> str:
    """SQL for a row as JSON; binary values as hexadecimal text."""
    expression = "json_object()"
    for start in range(0, len(columns), PAIRS_A_CALL):
        pairs = []
        for column in columns[start : start + PAIRS_A_CALL]:
            value = prefix + quote(column)
            pairs.append(
                f"""'$."{column}"', CASE typeof({value})"""
                f" WHEN 'blob' THEN hex({value}) ELSE {value} END"
            )
        expression = f"json_set({expression}, {', '.join(pairs)})"
    return expression


def _made(name: str, table: str, ddl: str) -> Made:
    return name, table, ddl, ddl


def capturing(table: Table, seen: list[str]) -> Iterator[Made]:
    """The triggers that note the changes of a table."""
    every = seen + sorted(table.secret)
    changed = " OR ".join(f"OLD.{quote(c)} IS NOT NEW.{quote(c)}" for c in every)
    for action, (old, new) in ACTIONS.items():
        name = f"audit_{action}_{table.name}"
        when = f" WHEN {changed}" if action == "update" else ""
        before = row_expression(seen, old) if old else "NULL"
        after = row_expression(seen, new) if new else "NULL"
        yield _made(
            name,
            table.name,
            f"CREATE TRIGGER {quote(name)} AFTER {action.upper()}"
            f" ON {quote(table.name)}{when} BEGIN"
            f" SELECT RAISE(ABORT, 'change without an event: {table.name}')"
            " WHERE audit_op() IS NULL;"
            " INSERT INTO audit_journal(op, tbl, old, new)"
            f" VALUES (audit_op(), '{table.name}', {before}, {after}); END",
        )


def guarding(table: str) -> Iterator[Made]:
    """The triggers that let only the projection write a history table."""
    for action in ACTIONS:
        name = f"audit_{action}_{table}"
        yield _made(
            name,
            table,
            f"CREATE TRIGGER {quote(name)} BEFORE {action.upper()}"
            f" ON {quote(table)} BEGIN"
            f" SELECT RAISE(ABORT, 'history is written by the record: {table}')"
            f" WHERE audit_op() IS NOT '{PROJECTION}'; END",
        )


def append_only(table: str, erasable: bool = False) -> Iterator[Made]:
    """The triggers that keep the lines as they were written; erasable: an erasure
    may blank values of a row."""
    for action in ("update", "delete"):
        name = f"audit_{action}_{table}"
        blanks = erasable and action == "update"
        when = f" WHEN audit_op() IS NOT '{PROJECTION}'" if blanks else ""
        yield _made(
            name,
            table,
            f"CREATE TRIGGER {quote(name)} BEFORE {action.upper()}"
            f" ON {quote(table)}{when} BEGIN"
            f" SELECT RAISE(ABORT, 'the record is append-only: {table}'); END",
        )


def columns(cursor: Any) -> dict[str, list[str]]:
    """The columns of every table, in one query."""
    cursor.execute(
        "SELECT t.name, c.name FROM sqlite_master t, pragma_table_xinfo(t.name) c"
        " WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
        " AND c.hidden <> 1 ORDER BY t.name, c.cid"
    )
    found: dict[str, list[str]] = {}
    for table, column in cursor.fetchall():
        found.setdefault(table, []).append(column)
    return found


def prepare(cursor: Any) -> None:
    """Nothing comes before the triggers here."""


def installed(cursor: Any) -> dict[tuple[str, str], str]:
    cursor.execute(
        "SELECT tbl_name, name, sql FROM sqlite_master"
        " WHERE type = 'trigger' AND name LIKE 'audit\\_%' ESCAPE '\\'"
    )
    return {(table, name): sql for table, name, sql in cursor.fetchall()}


def drop(table: str, name: str) -> str:
    return f"DROP TRIGGER {quote(name)}"
