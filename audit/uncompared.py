"""What a run with ``--since`` leaves out, counted; and rows in streams of no record.

Such a run replays the streams that changed, so it knows what only their rows should
be. Of every other row it can tell one thing: whether the record knows its stream.
"""

import sqlite3
from collections.abc import Iterator
from typing import Any

from django.db import connection

from .findings import Report, Rows
from .live import keyed
from .projection import history_models
from .tables import Table, history_tables, tables

KNOWN = (
    "SELECT EXISTS (SELECT 1 FROM todo WHERE stream = ?1),"
    " EXISTS (SELECT 1 FROM head WHERE stream = ?1)"
)


def count_uncompared(
    rows: Rows, file: sqlite3.Connection, report: Report, there: dict[str, list[str]]
) -> None:
    """Name rows of streams that no head knows; count those that were not compared."""
    for name, table in tables().items():
        if name in there:
            with report.reading(name):
                _strangers(rows, file, report, table)
    for history in history_models().values():
        table = history_tables()[history._meta.db_table]
        if table.name in there:
            quoted = connection.ops.quote_name(table.name)
            ((stored,),) = rows(f"SELECT count(*) FROM {quoted}")
            report.counts["history_not_compared"] += stored
    report.counts["history_not_compared"] -= report.counts["history"]


def _strangers(
    rows: Rows, file: sqlite3.Connection, report: Report, table: Table
) -> None:
    for key, stream in _streams(rows, table):
        compared, known = file.execute(KNOWN, [stream]).fetchone()
        if not (compared or known):
            note = f"{stream}: no event tells of it"
            report.add("row_inserted", table.name, key, note=note)
        elif not compared:
            report.counts["rows_not_compared"] += 1


def _streams(rows: Rows, table: Table) -> Iterator[tuple[Any, str]]:
    """Key and stream of each row of a table, from the columns that say it."""
    columns = [table.pk, *sorted({*table.placeholders.values()} - {table.pk})]
    quoted = ", ".join(f'"{column}"' for column in columns)
    name = connection.ops.quote_name(table.name)
    for values in rows(f"SELECT {quoted} FROM {name} ORDER BY 1"):
        row = {
            column: None if value is None else _canonical(table, column, value)
            for column, value in zip(columns, values, strict=True)
        }
        yield keyed(row[table.pk]), table.stream(row)


def _canonical(table: Table, column: str, value: Any) -> Any:
    """A key as lines have it: the database's driver may give an object for it."""
    plain = value if isinstance(value, int | str) else str(value)
    return table.encoders[column](plain)
