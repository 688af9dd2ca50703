"""The live tables and the projected history, held against the replayed record."""

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection

from . import canon, capture
from .actors import user_key
from .disclosures import erased_by, opened_by, verify_disclosures
from .findings import UNREADABLE, Report, Rows
from .projection import REASON_LENGTH, history_models
from .replay import Defaults, is_digest
from .scratch import INDEXES, Met, parts
from .statements import chunks
from .stored import stored_otherwise
from .tables import Table, history_tables, tables

CHUNK = 500
REASON = "history_change_reason"
BLANK = (None, "")  # what stands where a value was erased
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
        self.unread: set[tuple[str, Any]] = set()

    # -- live rows --------------------------------------------------------------

    def compare(self, table: Table, columns: list[str]) -> None:
        """One live table with the replayed rows."""
        met = Met(self.file, "row")
        for chunk in chunks(self._live(table, columns), CHUNK):
            self.report.counts["rows"] += len(chunk)
            self._chunk(table, chunk, met)
        every = "SELECT max(id) FROM row WHERE tbl = ? GROUP BY pk"
        for (id,) in self.file.execute(every, [table.name]):
            if id not in met:
                self._gone(table, id)
        self._stored(table, columns)

    def _gone(self, table: Table, id: int) -> None:
        find = "SELECT pk, state FROM row WHERE id = ?"
        pk, state = self.file.execute(find, [id]).fetchone()
        if state is not None and (table.name, pk) not in self.unread:
            self.report.add("row_deleted", table.name, pk, old=state[:200])

    def _live(self, table: Table, columns: list[str]) -> Iterator[dict[str, Any]]:
        if not self.limited:
            yield from self._read(table, columns)
            return
        for streams, condition, values in self._wanted(table):
            for row in self._read(table, columns, condition, values):
                if table.stream(row) in streams:
                    yield row

    def _wanted(self, table: Table) -> Iterator[tuple[set[str], str, list[Any]]]:
        """Streams of this run, and the condition for their rows in a table."""
        for part in parts(self.file, "todo"):
            streams = set(part)
            for condition, values in table.conditions(part):
                yield streams, condition, values

    def _read(
        self, table: Table, columns: list[str], where: str = "", values: Any = ()
    ) -> Iterator[dict[str, Any]]:
        """Rows of a table; one that cannot be read is a finding."""
        sql = capture.live_rows_sql(
            connection, table, where=where, seen=columns, keyed=True
        )
        for text, key in self.rows(sql, values):
            try:
                row = table.read(text)
                row[table.pk] = keyed(row[table.pk])
            except UNREADABLE as error:
                self.unread.add((table.name, keyed(key)))
                note = repr(error)[:500]
                self.report.add("row_unreadable", table.name, str(key), note=note)
                continue
            yield row

    def _stored(
        self, table: Table, columns: list[str], kind: str = "row_changed"
    ) -> None:
        """Values that read as recorded, in a form that no one of ours stores."""
        if connection.vendor != "sqlite":
            return
        told = {(f.key, f.field) for f in self.report.findings if f.table == table.name}
        wanted: Iterable[tuple[Any, str, list[Any]]] = [(None, "", [])]
        if self.limited and kind == "row_changed":
            wanted = self._wanted(table)
        for streams, where, values in wanted:
            for text, odd in stored_otherwise(self.rows, table, columns, where, values):
                try:
                    row = table.read(text)
                except UNREADABLE:
                    continue  # named already
                if streams is None or table.stream(row) in streams:
                    self._odd(kind, table, row, odd, told)

    def _odd(
        self,
        kind: str,
        table: Table,
        row: dict[str, Any],
        odd: dict[str, str],
        told: set[tuple[Any, str]],
    ) -> None:
        key = keyed(row[table.pk])
        for column, value in odd.items():
            if (key, column) not in told and (key, "") not in told:
                note = "it reads as recorded, but is not stored so"
                self.report.add(kind, table.name, key, column, row[column], value, note)

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

    @cached_property
    def erased(self) -> set[str]:
        """The digests whose values events say to have erased."""
        return erased_by(self.rows)

    def _opened(self, states: Iterable[dict[str, Any]]) -> Opened:
        """The disclosures (salt, value) of the digests among these values."""
        digests = (
            value["digest"]
            for state in states
            for value in state.values()
            if is_digest(value)
        )
        found = opened_by(self.rows, digests)
        return {digest: told[:2] for digest, told in found.items()}

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
            if digest not in opened and digest in self.erased and new not in BLANK:
                self.report.add(kind, *where, new=new, note="erased, yet not blank")
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
        tracked = {f.column for f in history.tracked_fields}
        met = Met(self.file, "history")
        for chunk in chunks(self._live_history(table, name, key, columns), CHUNK):
            self.report.counts["history"] += len(chunk)
            self._history_chunk(table, key, tracked, chunk, met)
        every = "SELECT id FROM history WHERE tbl = ?"
        for (id,) in self.file.execute(every, [table.name]):
            if id not in met:
                find = "SELECT pk, at, sign FROM history WHERE id = ?"
                pk, at, sign = self.file.execute(find, [id]).fetchone()
                note = f"{sign} {at}"
                self.report.add("history_missing", table.name, pk, note=note)
        self._stored(table, columns, "history_changed")

    def _live_history(
        self, table: Table, name: str, key: str, columns: list[str]
    ) -> Iterator[dict[str, Any]]:
        if not self.limited:
            yield from self._read(table, columns)
            return
        pks = self.file.execute("SELECT pk FROM row WHERE tbl = ?", [name]).fetchall()
        for part in chunks((pk for (pk,) in pks), CHUNK):
            where = f'"{key}" IN ({",".join(["%s"] * len(part))})'
            yield from self._read(table, columns, where, part)

    def _history_chunk(
        self,
        table: Table,
        key: str,
        tracked: set[str],
        chunk: list[dict[str, Any]],
        met: Met,
    ) -> None:
        told = (key, "history_date", "history_type")
        places = [tuple(keyed(row[name]) for name in told) for row in chunk]
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
            expected = {c: v for c, v in state.items() if c in tracked}
            expected["history_user_id"] = _user(actor)
            expected[REASON] = canon.parse(reason) or None
            wrong = {c: v for c, v in expected.items() if row.get(c, v) != v}
            if wrong:
                differing.append((row, wrong))
        self._tell("history_changed", table, differing)

    def _states(
        self, name: str, places: list[tuple[Any, ...]], met: Met
    ) -> dict[tuple[Any, ...], list[tuple[Any, ...]]]:
        """The replayed states at these places that were not met yet, in order."""
        found: dict[tuple[Any, ...], list[tuple[Any, ...]]] = {}
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


def keyed(value: Any) -> Any:
    """A value as the scratch file keeps keys: one that is none, as its text."""
    return (
        value if value is None or isinstance(value, str | int) else canon.dumps(value)
    )


def _user(actor: str) -> Any:
    try:
        return user_key(actor)
    except ValidationError:  # no such user can be
        return actor


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
            with report.reading(name):
                comparison.compare(table, there[name])
    with report.reading("audit_disclosure"):
        verify_disclosures(comparison.rows, comparison.file, report, comparison.limited)
    for name in known.keys() - tables().keys() - history_tables().keys():
        report.add("table_unaudited", name, "")
    for name, history in history_models().items():
        table_name = history._meta.db_table
        if table_name in there:
            with report.reading(table_name):
                comparison.compare_history(name, there[table_name])
