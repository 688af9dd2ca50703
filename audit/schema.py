"""What the record knows of the tables' columns.

A changed column set leaves one ``schema.change`` event per table, with the
value that the new column has in the old rows; the old lines stay valid.
"""

import json
from collections.abc import Iterable
from typing import Any

from django.db import connection

from . import capture
from .models import Event
from .record import record
from .tables import Table, history_tables, tables

VERB = "schema.change"
BY = "system:migrate"


def book() -> int:
    """After a migration: note new and changed tables; return how many.

    The rows of a table that is new to the record are adopted: their births
    are changes of the same event. So are the values of a new column, where
    they are not one and the same in all rows.
    """
    known = known_columns()
    there = capture.existing_columns(connection)
    changed = 0
    with record("migrate", by=BY):
        for name, table in tables().items():
            if name in there:
                changed += _book_table(table, set(there[name]), known.pop(name, None))
        for name, table in history_tables().items():
            if name in there:
                changed += _book_table(
                    table, set(there[name]), known.pop(name, None), adopt=False
                )
        for name in known:
            _event(name, {}, sorted(known[name]), dropped=True)
    return changed + len(known)


def known_columns() -> dict[str, set[str]]:
    """The columns of each table, as the events have it."""
    lines = Event.objects.filter(stream__startswith="schema:", verb=VERB)
    return fold(lines.order_by("stream", "seq").values_list("line", flat=True))[0]


def fold(
    lines: Iterable[str],
) -> tuple[dict[str, set[str]], dict[tuple[str, str], Any]]:
    """Columns by table, and the defaults of columns added later."""
    known: dict[str, set[str]] = {}
    added: dict[tuple[str, str], Any] = {}
    for line in lines:
        data = json.loads(line)["data"]
        name = data["table"]
        if data.get("dropped"):
            known.pop(name, None)
            continue
        columns = known.setdefault(name, set())
        columns |= set(data["added"])
        columns -= set(data["removed"])
        added |= {(name, c): value for c, value in data["added"].items()}
    return known, added


def told_in(line: str) -> str | None:
    """The transaction of a line about columns; None where it is no such line."""
    try:
        body = json.loads(line)
        fold([line])
        return str(body["tx"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _event(name: str, added: dict[str, Any], removed: list[str], **more: Any) -> None:
    data = {"table": name, "added": added, "removed": removed} | more
    with record(VERB, by=BY, stream=f"schema:{name}", data=data):
        pass


def _book_table(
    table: Table, columns: set[str], known: set[str] | None, adopt: bool = True
) -> int:
    if columns == known:
        return 0
    if known is None:
        _event(table.name, dict.fromkeys(sorted(columns)), [])
        if adopt:
            _adopt(table, None)
        return 1
    added, uneven = {}, set()
    for column in sorted(columns - known):
        even, added[column] = _default(table, column)
        if not even:
            uneven.add(column)
    _event(table.name, added, sorted(known - columns))
    if uneven and adopt:
        _adopt(table, uneven)
    return 1


def _default(table: Table, column: str) -> tuple[bool, Any]:
    """Whether a new column has one value in all rows, and which."""
    with connection.cursor() as cursor:
        quoted = connection.ops.quote_name
        cursor.execute(f"SELECT COUNT(*) FROM {quoted(table.name)}")
        if cursor.fetchone()[0] == 0:
            return True, None
        cursor.execute(
            f"SELECT COUNT(DISTINCT {quoted(column)}), COUNT({quoted(column)}),"
            f" COUNT(*) FROM {quoted(table.name)}"
        )
        distinct, filled, rows = cursor.fetchone()
    if filled == 0:
        return True, None
    if distinct > 1 or filled < rows:
        return False, None
    text = next(iter(capture.live_rows(connection, table, limit=1)))
    value = table.row(text)[column]
    if column in table.personal and value:
        return False, None
    return True, value


def _adopt(table: Table, columns: set[str] | None) -> None:
    """Put rows into the journal as if they were born, or had been filled, now."""
    rows = list(capture.live_rows(connection, table))
    if not rows:
        return
    adopted = record("schema.adopt", by=BY, data={"table": table.name})
    with adopted as act, connection.cursor() as cursor:
        for new in rows:
            old = None
            if columns is not None:
                old = json.dumps(json.loads(new) | dict.fromkeys(columns))
            cursor.execute(
                "INSERT INTO audit_journal(op, tbl, old, new) VALUES (%s, %s, %s, %s)",
                [act.id, table.name, old, new],
            )
