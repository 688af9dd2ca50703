"""One stream of the record: is its chain whole, and which rows does it give?"""

import json
import sqlite3
from collections.abc import Iterable
from typing import Any

from . import canon
from .findings import Report
from .projection import history_models, history_moment

COLUMNS = ("at", "verb", "actor", "target", "request")
OLD_KEYS = {  # of lines of version 1
    "v",
    "stream",
    "seq",
    "prev",
    "at",
    "verb",
    "actor",
    "for",
    "target",
    "reason",
    "reason_code",
    "request",
    "data",
    "id",
    "tx",
    "changes",
}
KEYS = OLD_KEYS | {"origin"}
Defaults = dict[tuple[str, str], Any]
Anchor = tuple[int, int, str]  # number of the checkpoint, of the event, its hash


class StreamReplay:
    """Checks the events of one stream and replays them into the scratch file.

    defaults: the values of columns that were added after a row was born.
    tracked: from which event on (its id) a table has history rows.
    anchors: the heads that checkpoints hold: number and hash, by checkpoint.
    """

    def __init__(
        self,
        stream: str,
        report: Report,
        file: sqlite3.Connection,
        defaults: Defaults,
        tracked: dict[str, int],
        anchors: Iterable[Anchor] = (),
    ) -> None:
        self.stream, self.report, self.file = stream, report, file
        self.defaults, self.tracked = defaults, tracked
        self.seq, self.hash, self.events = 0, "", 0
        self.anchors: dict[int, list[tuple[int, str]]] = {}
        for number, at, anchored in anchors:
            self.anchors.setdefault(at, []).append((number, anchored))
        self.anchored, self.torn = 0, False
        self.rows: dict[tuple[str, Any], dict[str, Any] | None] = {}
        self.history: list[tuple[Any, ...]] = []
        self.digests: list[tuple[str, str]] = []
        self.tx: str | None = None
        self.pending: list[tuple[list[Any], dict[str, Any], int]] = []

    def run(self, events: Iterable[tuple[Any, ...]]) -> None:
        """Take the events: stream, seq, at, verb, …, line, hash, id."""
        for _, seq, at, verb, actor, target, request, line, hash, id in events:
            self.events += 1
            found = (canon.moment(at), verb, actor, target, request)
            self._event(seq, found, line, hash, id)
        self._apply()
        self._store()

    def _event(
        self, seq: int, columns: tuple[Any, ...], line: str, hash: str, id: int
    ) -> None:
        add, key = self.report.add, f"{self.stream}#{seq}"
        self.report.missing(self.stream, self.seq + 1, seq - 1)
        computed = canon.sha256(line)
        if computed != hash:
            add("event_altered", "audit_event", key, "line", hash, computed)
        self._anchored(seq, computed)
        previous, self.seq, self.hash = self.hash, seq, hash
        try:
            body = json.loads(line)
        except ValueError:
            body = None
        if not isinstance(body, dict) or set(body) != keys_of(body.get("v")):
            add("event_altered", "audit_event", key, "line", note="malformed")
            return
        if body["prev"] != previous:
            note = "the event before it was replaced, moved or removed"
            add(
                "chain_broken", "audit_event", key, "prev", body["prev"], previous, note
            )
        said = {"stream": body["stream"], "seq": body["seq"]}
        if said != {"stream": self.stream, "seq": seq}:
            add("event_moved", "audit_event", key, "stream,seq", said, key)
        for name, value in zip(COLUMNS, columns, strict=True):
            if body[name] != value:
                add("event_altered", "audit_event", key, name, body[name], value)
        try:
            self._take(body, seq, id)
        except (KeyError, TypeError, ValueError, IndexError) as error:
            add("event_altered", "audit_event", key, "changes", note=repr(error))

    def _anchored(self, seq: int, computed: str) -> None:
        """Is the event the one that checkpoints saw? Only the first that is not
        is named: the chain carries the difference on to all that follow."""
        for number, hash in self.anchors.get(seq, ()):
            if hash == computed:
                self.anchored = seq
            elif not self.torn:
                self.torn = True
                note = f"checkpoint {number}: of #{self.anchored + 1} to #{seq}"
                key = f"{self.stream}#{seq}"
                self.report.add(
                    "anchor_differs", "audit_event", key, "hash", hash, computed, note
                )

    def _take(self, body: dict[str, Any], seq: int, id: int) -> None:
        if body["verb"] == "stream.open":
            births = [(s, self.stream) for s in body["data"]["streams"]]
            self.file.executemany("INSERT OR REPLACE INTO born VALUES (?, ?)", births)
        if body["reason"]:
            self.digests.append((body["reason"]["digest"], f"{self.stream}#{seq}"))
        if is_digest(body.get("origin")):
            self.digests.append((body["origin"]["digest"], f"{self.stream}#{seq}"))
        if body["tx"] != self.tx:
            self._apply()
            self.tx = body["tx"]
        body["id"] = id  # of the row, from here on: for the history's beginning
        self.pending += [(change, body, seq) for change in body["changes"]]

    def _apply(self) -> None:
        """Replay one transaction's changes, in the order in which they were made."""
        for change, body, seq in sorted(self.pending, key=lambda p: p[0][0]):
            self._change(change, body, f"{self.stream}#{seq}")
        self.pending = []

    def _change(self, change: list[Any], body: dict[str, Any], where: str) -> None:
        number, table, pk, sign, fields = change
        row = self.rows.get((table, pk))
        if sign == "+":
            if row is not None:
                self.report.add("born_twice", table, pk, note=where)
            row = dict(fields)
        elif row is None:
            self.report.add("changed_unborn", table, pk, note=where)
            return
        else:
            self._differences(table, pk, sign, row, fields, where)
        self.rows[table, pk] = None if sign == "-" else row
        if sign != "-":
            self._note_digests(table, pk, {c: row[c] for c in fields})
        if table in self.tracked and body["id"] > self.tracked[table]:
            self._note_history(table, pk, number, sign, row, body)

    def _differences(
        self,
        table: str,
        pk: Any,
        sign: str,
        row: dict[str, Any],
        fields: dict[str, Any],
        where: str,
    ) -> None:
        """Old values must be what the record had; the line has no personal ones."""
        for column, value in fields.items():
            old, new = (value, None) if sign == "-" else value
            personal = old is None and (sign == "-" or is_digest(new))
            if not personal:
                self._old(table, pk, column, row, old, where)
            if sign == "~":
                row[column] = new

    def _note_digests(self, table: str, pk: Any, values: dict[str, Any]) -> None:
        for column, value in values.items():
            if is_digest(value):
                self.digests.append((value["digest"], f"{table} {pk} {column}"))

    def _note_history(
        self,
        table: str,
        pk: Any,
        number: int,
        sign: str,
        row: dict[str, Any],
        body: dict[str, Any],
    ) -> None:
        name = history_models()[table]._meta.db_table
        at = canon.moment(history_moment(body["at"], number))
        reason = canon.dumps(body["reason"] or body["reason_code"])
        self.history.append(
            (name, pk, at, sign, canon.dumps(row), reason, body["actor"], self.stream)
        )

    def _old(
        self, table: str, pk: Any, column: str, row: dict[str, Any], old: Any, at: str
    ) -> None:
        """The old value of a difference must be what the record had before."""
        known = row.get(column, self.defaults.get((table, column)))
        if known != old and not is_digest(known):
            note = f"changed outside the record before {at}"
            self.report.add("row_changed", table, pk, column, known, old, note)

    def _store(self) -> None:
        self.file.executemany(
            "INSERT OR IGNORE INTO disclosed VALUES (?, ?)", self.digests
        )
        self.file.executemany(
            "INSERT OR REPLACE INTO row(tbl, pk, stream, state) VALUES (?, ?, ?, ?)",
            [
                (table, pk, self.stream, None if row is None else canon.dumps(row))
                for (table, pk), row in self.rows.items()
            ],
        )
        self.file.executemany(
            "INSERT INTO history(tbl, pk, at, sign, state, reason, actor, stream)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            self.history,
        )


def is_digest(value: Any) -> bool:
    """Does a digest stand here for a personal value?"""
    return isinstance(value, dict) and set(value) == {"digest"}


def keys_of(version: Any) -> set[str]:
    """What a line of this version holds; nothing for one that there is not."""
    return KEYS if version == 2 else OLD_KEYS if version == 1 else set()
