"""The live tables and the projected history, held against the replayed record."""

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

from django.db import connection

from . import canon, capture
from .actors import user_key
from .erasure import ERASE
from .findings import Report, Rows
from .projection import REASON_LENGTH, history_models
from .replay import Defaults, is_digest
from .scratch import parts
from .tables import Table, history_tables, tables

CHUNK = 500
REASON = "history_change_reason"
Opened = dict[str, tuple[str, str]]


class Comparison:
    """Compares what is there with what the record says should be there.

    limited: only rows of the streams that were read (``todo``) are compared.
    """

    def __init__(
        self,
        rows: Rows,
        file: sqlite3.Connection,
        report: Report,
        defaults: Defaults,
        limited: bool,
    ) -> None:
        self.rows, self.file, self.report = rows, file, report
        self.defaults, self.limited = defaults, limited

    # -- live rows --------------------------------------------------------------

    def compare(self, table: Table) -> None:
        """One live table with the replayed rows."""
        for chunk in _chunks(self._live(table)):
            self.report.counts["rows"] += len(chunk)
            self._chunk(table, chunk)
        gone = "SELECT pk, state FROM row WHERE tbl = ? AND seen = 0 AND state NOTNULL"
        for pk, state in self.file.execute(gone, [table.name]):
            self.report.add("row_deleted", table.name, pk, old=state[:200])

    def _live(self, table: Table) -> Iterator[dict[str, Any]]:
        if not self.limited:
            for (text,) in self.rows(capture.live_rows_sql(connection, table)):
                yield table.row(text)
            return
        for part in parts(self.file, "todo"):
            streams = set(part)
            for condition, values in table.conditions(part):
                sql = capture.live_rows_sql(connection, table, where=condition)
                for (text,) in self.rows(sql, values):
                    row = table.row(text)
                    if table.stream(row) in streams:
                        yield row

    def _chunk(self, table: Table, chunk: list[dict[str, Any]]) -> None:
        pks = [row[table.pk] for row in chunk]
        marks = ",".join("?" * len(pks))
        known = {
            pk: json.loads(state)
            for pk, state in self.file.execute(
                f"SELECT pk, state FROM row WHERE tbl = ? AND state NOTNULL"
                f" AND pk IN ({marks})",
                [table.name, *pks],
            )
        }
        self.file.execute(
            f"UPDATE row SET seen = 1 WHERE tbl = ? AND pk IN ({marks})",
            [table.name, *pks],
        )
        opened = self._opened(known.values())
        for row in chunk:
            recorded = known.get(row[table.pk])
            if recorded is None:
                new = canon.dumps(row)[:200]
                self.report.add("row_inserted", table.name, row[table.pk], new=new)
                continue
            for column, value in row.items():
                default = self.defaults.get((table.name, column))
                old = recorded.get(column, default)
                if old != value:
                    where = table.name, row[table.pk], column
                    self._differs("row_changed", where, old, value, opened)

    # -- personal values -----------------------------------------------------------

    def disclosures(self) -> None:
        """Every digest in a line can be opened, or an event says it was erased."""
        erased = {
            digest
            for (line,) in self.rows(
                "SELECT line FROM audit_event WHERE verb = %s", [ERASE]
            )
            for digest in json.loads(line)["data"]["digests"]
        }
        every = self.file.execute("SELECT digest, place FROM disclosed")
        while chunk := dict(every.fetchmany(CHUNK)):
            opened = self._opened([{d: {"digest": d} for d in chunk}])
            for digest, place in chunk.items():
                self.report.counts["disclosures"] += 1
                if digest not in opened and digest in erased:
                    self.report.counts["erased"] += 1
                elif digest not in opened:
                    self.report.add(
                        "disclosure_missing", "audit_disclosure", digest, note=place
                    )
                elif canon.digest(*opened[digest]) != digest:
                    self.report.add(
                        "disclosure_altered",
                        "audit_disclosure",
                        digest,
                        "value",
                        note=place,
                    )

    def _opened(self, states: Iterable[dict[str, Any]]) -> Opened:
        """The disclosures (salt, value) of the digests among these values."""
        digests = sorted(
            {
                value["digest"]
                for state in states
                for value in state.values()
                if is_digest(value)
            }
        )
        found: Opened = {}
        for start in range(0, len(digests), CHUNK):
            part = digests[start : start + CHUNK]
            marks = ",".join(["%s"] * len(part))
            for digest, salt, value in self.rows(
                "SELECT digest, salt, value FROM audit_disclosure"
                f" WHERE digest IN ({marks})",
                part,
            ):
                found[digest] = salt, value
        return found

    def _differs(
        self, kind: str, where: tuple[str, Any, str], old: Any, new: Any, opened: Opened
    ) -> None:
        """A value is not the recorded one: unless that is its digest."""
        if is_digest(old):
            digest = old["digest"]
            if digest not in opened or canon.digest(*opened[digest]) != digest:
                return  # erased, or a finding of ``disclosures``
            old = json.loads(opened[digest][1])
            if where[2] == REASON:  # history keeps a hundred characters of it
                old = old[:REASON_LENGTH]
        if old != new:
            self.report.add(kind, *where, old, new)

    # -- projected history -----------------------------------------------------------

    def compare_history(self, name: str) -> None:
        """One table of simple-history with the states that the replay went through."""
        history = history_models()[name]
        table = history_tables()[history._meta.db_table]
        key = history.instance_type._meta.pk.column
        tracked = [f.column for f in history.tracked_fields]
        for chunk in _chunks(self._live_history(table, name, key)):
            self.report.counts["history"] += len(chunk)
            for row in chunk:
                self._history_row(name, table, key, tracked, row)
        missing = "SELECT pk, at, sign FROM history WHERE tbl = ? AND seen = 0"
        for pk, at, sign in self.file.execute(missing, [table.name]):
            self.report.add("history_missing", table.name, pk, note=f"{sign} {at}")

    def _live_history(
        self, table: Table, name: str, key: str
    ) -> Iterator[dict[str, Any]]:
        if not self.limited:
            for (text,) in self.rows(capture.live_rows_sql(connection, table)):
                yield table.row(text)
            return
        pks = self.file.execute("SELECT pk FROM row WHERE tbl = ?", [name]).fetchall()
        for start in range(0, len(pks), CHUNK):
            part = [pk for (pk,) in pks[start : start + CHUNK]]
            where = f'"{key}" IN ({",".join(["%s"] * len(part))})'
            sql = capture.live_rows_sql(connection, table, where=where)
            for (text,) in self.rows(sql, part):
                yield table.row(text)

    def _history_row(
        self, name: str, table: Table, key: str, tracked: list[str], row: dict[str, Any]
    ) -> None:
        at, sign = row["history_date"], row["history_type"]
        found = self.file.execute(
            "SELECT id, state, reason, actor FROM history WHERE seen = 0 AND tbl = ?"
            " AND pk = ? AND at = ? AND sign = ? ORDER BY id LIMIT 1",
            [table.name, row[key], at, sign],
        ).fetchone()
        if found is None:
            note = f"{sign} {at}"
            self.report.add("history_inserted", table.name, row[table.pk], note=note)
            return
        id, text, reason_text, actor = found
        self.file.execute("UPDATE history SET seen = 1 WHERE id = ?", [id])
        state, reason = json.loads(text), json.loads(reason_text)
        opened = self._opened([state, {REASON: reason}])
        expected = {
            column: state[column]
            for column in tracked
            if column in row and column in state
        }
        expected["history_user_id"] = user_key(actor)
        expected[REASON] = reason or None
        for column, old in expected.items():
            if column in row and old != row[column]:
                where = table.name, row[table.pk], column
                self._differs("history_changed", where, old, row[column], opened)


def compare_all(
    comparison: Comparison,
    known: dict[str, set[str]],
    progress: Callable[[str, int, int], None],
) -> None:
    """Every audited table and every history, and whether any has gone missing."""
    there = capture.existing_columns(connection)
    report = comparison.report
    every = tables() | history_tables()
    for number, (name, table) in enumerate(every.items()):
        progress("tables", number, len(every))
        if name not in there:
            report.add("table_missing", name, "")
            continue
        columns = set(there[name])
        if columns != known.get(name):
            changed = ",".join(sorted(columns ^ known.get(name, set())))
            report.add("columns_changed", name, "", changed)
        if name in tables():
            comparison.compare(table)
    comparison.disclosures()
    for name in known.keys() - tables().keys() - history_tables().keys():
        report.add("table_unaudited", name, "")
    for name, history in history_models().items():
        if history._meta.db_table in there:
            comparison.compare_history(name)


def _chunks(rows: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    every = iter(rows)
    while chunk := list(islice(every, CHUNK)):
        yield chunk
