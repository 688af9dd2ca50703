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
from .scratch import INDEXES, Met, parts
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

    def compare(self, table: Table, columns: list[str]) -> None:
        """One live table with the replayed rows."""
        met = Met(self.file, "row")
        for chunk in _chunks(self._live(table, columns)):
            self.report.counts["rows"] += len(chunk)
            self._chunk(table, chunk, met)
        every = "SELECT max(id) FROM row WHERE tbl = ? GROUP BY pk"
        for (id,) in self.file.execute(every, [table.name]):
            if id not in met:
                self._gone(table, id)

    def _gone(self, table: Table, id: int) -> None:
        find = "SELECT pk, state FROM row WHERE id = ?"
        pk, state = self.file.execute(find, [id]).fetchone()
        if state is not None:
            self.report.add("row_deleted", table.name, pk, old=state[:200])

    def _live(self, table: Table, columns: list[str]) -> Iterator[dict[str, Any]]:
        if not self.limited:
            for (text,) in self.rows(self._sql(table, columns)):
                yield table.read(text)
            return
        for part in parts(self.file, "todo"):
            streams = set(part)
            for condition, values in table.conditions(part):
                for (text,) in self.rows(self._sql(table, columns, condition), values):
                    row = table.read(text)
                    if table.stream(row) in streams:
                        yield row

    def _sql(self, table: Table, columns: list[str], where: str = "") -> str:
        return capture.live_rows_sql(connection, table, where=where, seen=columns)

    def _chunk(self, table: Table, chunk: list[dict[str, Any]], met: Met) -> None:
        pks = [row[table.pk] for row in chunk]
        known = {}
        for id, pk, state in self.file.execute(
            "SELECT id, pk, state FROM row WHERE tbl = ?"
            f" AND pk IN ({','.join('?' * len(pks))}) ORDER BY id",
            [table.name, *pks],
        ):
            met.add(id)
            known[pk] = state
        differing = []
        for row in chunk:
            state = known.get(row[table.pk])
            if state is None:
                new = canon.dumps(row)[:200]
                self.report.add("row_inserted", table.name, row[table.pk], new=new)
                continue
            recorded = canon.parse(state)
            if recorded != row:
                differing.append((row, self._wrong(table, row, recorded)))
        self._tell("row_changed", table, differing)

    def _wrong(
        self, table: Table, row: dict[str, Any], recorded: dict[str, Any]
    ) -> dict[str, Any]:
        """The recorded values that are not those of the row."""
        wrong = {}
        for column, value in row.items():
            if column not in recorded or recorded[column] != value:
                default = self.defaults.get((table.name, column))
                old = recorded.get(column, default)
                if old != value:
                    wrong[column] = old
        return wrong

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
        every = self.file.execute(
            "SELECT digest, min(place) FROM disclosed GROUP BY digest"
        )
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

    def _tell(
        self,
        kind: str,
        table: Table,
        differing: list[tuple[dict[str, Any], dict[str, Any]]],
    ) -> None:
        """The rows that are not as recorded: each with the recorded values of the
        columns that differ."""
        opened = self._opened(wrong for _, wrong in differing)
        for row, wrong in differing:
            for column, old in wrong.items():
                where = table.name, row[table.pk], column
                self._differs(kind, where, old, row[column], opened)

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

    def compare_history(self, name: str, columns: list[str]) -> None:
        """One table of simple-history with the states that the replay went through."""
        history = history_models()[name]
        table = history_tables()[history._meta.db_table]
        key = history.instance_type._meta.pk.column
        tracked = [f.column for f in history.tracked_fields]
        met = Met(self.file, "history")
        for chunk in _chunks(self._live_history(table, name, key, columns)):
            self.report.counts["history"] += len(chunk)
            self._history_chunk(table, key, tracked, chunk, met)
        every = "SELECT id FROM history WHERE tbl = ?"
        for (id,) in self.file.execute(every, [table.name]):
            if id not in met:
                find = "SELECT pk, at, sign FROM history WHERE id = ?"
                pk, at, sign = self.file.execute(find, [id]).fetchone()
                note = f"{sign} {at}"
                self.report.add("history_missing", table.name, pk, note=note)

    def _live_history(
        self, table: Table, name: str, key: str, columns: list[str]
    ) -> Iterator[dict[str, Any]]:
        if not self.limited:
            for (text,) in self.rows(self._sql(table, columns)):
                yield table.read(text)
            return
        pks = self.file.execute("SELECT pk FROM row WHERE tbl = ?", [name]).fetchall()
        for start in range(0, len(pks), CHUNK):
            part = [pk for (pk,) in pks[start : start + CHUNK]]
            where = f'"{key}" IN ({",".join(["%s"] * len(part))})'
            for (text,) in self.rows(self._sql(table, columns, where), part):
                yield table.read(text)

    def _history_chunk(
        self,
        table: Table,
        key: str,
        tracked: list[str],
        chunk: list[dict[str, Any]],
        met: Met,
    ) -> None:
        places = [(row[key], row["history_date"], row["history_type"]) for row in chunk]
        states = self._states(table.name, places, met)
        differing = []
        for row, place in zip(chunk, places, strict=True):
            found = states.get(place)
            if not found:
                note = f"{place[2]} {place[1]}"
                pk = row[table.pk]
                self.report.add("history_inserted", table.name, pk, note=note)
                continue
            id, text, reason, actor = found.pop(0)
            met.add(id)
            state = canon.parse(text)
            expected = {c: state[c] for c in tracked if c in row and c in state}
            expected["history_user_id"] = user_key(actor)
            expected[REASON] = canon.parse(reason) or None
            wrong = {c: v for c, v in expected.items() if c in row and v != row[c]}
            if wrong:
                differing.append((row, wrong))
        self._tell("history_changed", table, differing)

    def _states(
        self, name: str, places: list[tuple[Any, str, str]], met: Met
    ) -> dict[tuple[Any, str, str], list[tuple[Any, ...]]]:
        """The replayed states at these places that were not met yet, in order."""
        found: dict[tuple[Any, str, str], list[tuple[Any, ...]]] = {}
        for pk, at, sign, *state in self.file.execute(
            "SELECT h.pk, h.at, h.sign, h.id, h.state, h.reason, h.actor"
            " FROM json_each(?) w CROSS JOIN history h ON h.tbl = ?"
            " AND h.pk = json_extract(w.value, '$[0]')"
            " AND h.at = json_extract(w.value, '$[1]')"
            " AND h.sign = json_extract(w.value, '$[2]') ORDER BY h.id",
            [canon.dumps(sorted(set(places), key=str)), name],
        ):
            if state[0] not in met:
                found.setdefault((pk, at, sign), []).append(tuple(state))
        return found


def compare_all(
    comparison: Comparison,
    known: dict[str, set[str]],
    progress: Callable[[str, int, int], None],
) -> None:
    """Every audited table and every history, and whether any has gone missing."""
    there = capture.existing_columns(connection)
    report = comparison.report
    comparison.file.executescript(INDEXES)
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
            comparison.compare(table, there[name])
    comparison.disclosures()
    for name in known.keys() - tables().keys() - history_tables().keys():
        report.add("table_unaudited", name, "")
    for name, history in history_models().items():
        table_name = history._meta.db_table
        if table_name in there:
            comparison.compare_history(name, there[table_name])


def _chunks(rows: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    every = iter(rows)
    while chunk := list(islice(every, CHUNK)):
        yield chunk
