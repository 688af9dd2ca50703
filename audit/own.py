"""The record's own tables on SQLite: is what they hold of the form it was written in?

Their contents are held against chains, seals and signatures elsewhere; this is for
values that read the same there and are found or ordered otherwise.
"""

import sqlite3
from collections.abc import Callable, Iterable
from typing import Any

from django.db import connection, models

from .findings import UNREADABLE, Report, Rows
from .models import (
    Checkpoint,
    CheckpointHead,
    CheckpointStamp,
    Disclosure,
    Event,
    Head,
)
from .scratch import parts
from .stored import stored_otherwise
from .tables import Table

Row = dict[str, Any]
#: What a finding is called, and by which key the row is known.
OWN: tuple[tuple[type[models.Model], str, Callable[[Row], Any]], ...] = (
    (Event, "event_altered", lambda r: f"{r['stream']}#{r['seq']}"),
    (Head, "head_altered", lambda r: r["stream"]),
    (Disclosure, "disclosure_altered", lambda r: r["digest"]),
    (Checkpoint, "checkpoint_altered", lambda r: r["number"]),
    (
        CheckpointHead,
        "checkpoint_altered",
        lambda r: f"{r['checkpoint']} {r['stream']}",
    ),
    (CheckpointStamp, "stamp_altered", lambda r: r["checkpoint"]),
)
OF_STREAMS = (Event, Head, Disclosure)


def own_tables(
    rows: Rows, file: sqlite3.Connection, report: Report, limited: bool
) -> None:
    """Name values of a form in which the record does not write."""
    if connection.vendor != "sqlite":
        return
    for model, kind, key in OWN:
        table = Table(model, connection.vendor)
        columns = list(table.fields)
        told = {(f.key, f.field) for f in report.findings if f.table == table.name}
        wanted: Iterable[tuple[str, list[str]]] = [("", [])]
        if limited and model in OF_STREAMS:
            wanted = (
                (f"stream IN ({','.join(['%s'] * len(part))})", part)
                for part in parts(file, "todo")
            )
        for where, values in wanted:
            for text, odd in stored_otherwise(rows, table, columns, where, values):
                try:
                    row = table.read(text)
                    place = key(row)
                except UNREADABLE:
                    row, place = {}, "?"
                for column, value in odd.items():
                    if (place, column) not in told:
                        note = "it reads as written, but is not stored so"
                        old = row.get(column, "")
                        report.add(kind, table.name, place, column, old, value, note)
