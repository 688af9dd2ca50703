"""One stream of the record: is its chain whole, and which rows does it give?"""

from collections.abc import Iterable
from functools import cache
from operator import itemgetter
from typing import Any

from . import canon
from .actors import own_stream
from .findings import UNREADABLE, Report
from .projection import history_models, history_moment
from .scratch import Batch

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
#: What stands beside a line, too, in columns of the event, apart from its moment.
COLUMNS = ("stream", "seq", "verb", "actor", "target", "request")
told_beside = itemgetter(*COLUMNS)
texts_of = itemgetter("at", "verb", "actor", "target", "tx")
FIVE_TEXTS = (str,) * 5
SIGNS = ("+", "~", "-")
LARGE = 2**63
Defaults = dict[tuple[str, str], Any]
Anchor = tuple[int, int, str]  # number of the checkpoint, of the event, its hash


class StreamReplay:
    """Checks the events of one stream and replays them for the scratch file.

    defaults: the values of columns that were added after a row was born.
    tracked: from which event on (its id) a table has history rows; None: from its
        first.
    anchors: the heads that checkpoints hold: number and hash, by checkpoint.
    """

    def __init__(
        self,
        stream: str,
        report: Report,
        batch: Batch,
        defaults: Defaults,
        tracked: dict[str, int | None],
        anchors: Iterable[Anchor] = (),
    ) -> None:
        self.stream, self.report, self.batch = stream, report, batch
        self.defaults, self.tracked = defaults, tracked
        self.seq, self.hash, self.events = 0, "", 0
        self.first = self.id = 0  # rows of the first event and of the last so far
        self.opened = 0  # row of the last birth in this register
        self.anchors: dict[int, list[tuple[int, str]]] = {}
        for number, at, anchored in anchors:
            self.anchors.setdefault(at, []).append((number, anchored))
        self.anchored, self.torn = 0, False
        self.rows: dict[tuple[str, Any], dict[str, Any] | None] = {}
        self.tx: str | None = None
        self.pending: list[tuple[list[Any], dict[str, Any], int]] = []

    def run(self, events: Iterable[tuple[Any, ...]]) -> None:
        """Take the events: stream, seq, at, verb, …, line, hash, id."""
        for stream, seq, at, verb, actor, target, request, line, hash, id in events:
            self.events += 1
            if not isinstance(seq, int):  # SQLite takes anything for a number
                place = f"{self.stream}#{seq}"
                self.report.add("event_altered", "audit_event", place, "seq")
                continue
            if isinstance(line, bytes):  # and for a text
                line = line.decode("utf-8", "backslashreplace")
            self.first = self.first or id
            columns = stream, seq, verb, actor, target, request
            self._event(columns, at, line, hash, id)
        self._apply()
        self._store()

    def _event(
        self, columns: tuple[Any, ...], at: Any, line: str, hash: str, id: int
    ) -> None:
        seq = columns[1]
        add, key = self.report.add, f"{self.stream}#{seq}"
        if seq != self.seq + 1:
            self.report.missing(self.stream, self.seq + 1, seq - 1)
        computed = canon.sha256(line)
        if computed != hash:
            add("event_altered", "audit_event", key, "line", hash, computed)
        self._anchored(seq, computed)
        before, self.id = self.id, id
        if self.events > 1 and id <= before:
            note = "before the event before it"
            add("event_altered", "audit_event", key, "id", f"> {before}", id, note)
        previous, self.seq, self.hash = self.hash, seq, hash
        try:
            body = canon.parse(line)
        except ValueError:
            body = None
        if not is_line(body):
            add("event_altered", "audit_event", key, "line", note="malformed")
            return
        if body["prev"] != previous:
            note = "the event before it was replaced, moved or removed"
            add(
                "chain_broken", "audit_event", key, "prev", body["prev"], previous, note
            )
        if told_beside(body) != columns or not is_moment(body["at"], at):
            self._told_otherwise(key, body, columns, at)
        try:
            self._take(body, seq, id)
        except UNREADABLE as error:
            add("event_altered", "audit_event", key, "changes", note=repr(error))

    def _told_otherwise(
        self, key: str, body: dict[str, Any], columns: tuple[Any, ...], at: Any
    ) -> None:
        """The columns of an event beside its line do not say what the line says."""
        beside = dict(zip(COLUMNS, columns, strict=True)) | {"at": _moment(at)}
        place = {"stream": body["stream"], "seq": body["seq"]}
        if place != {name: beside.pop(name) for name in place}:
            self.report.add("event_moved", "audit_event", key, "stream,seq", place, key)
        for name, value in beside.items():
            if body[name] != value:
                self.report.add(
                    "event_altered", "audit_event", key, name, body[name], value
                )

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
            born = (self.stream, self.opened, id)
            self.batch.births += [(str(s), *born) for s in body["data"]["streams"]]
            self.opened = id
        if body["reason"]:
            self._disclosed(body["reason"], f"{self.stream}#{seq}", self.stream)
        if is_digest(body.get("origin")):
            whose = own_stream(body["actor"])
            self._disclosed(body["origin"], f"{self.stream}#{seq}", whose)
        if body["tx"] != self.tx:
            self._apply()
            self.tx = body["tx"]
        body["id"] = id  # of the row, from here on: for the history's beginning
        self.pending += [(_change(c), body, seq) for c in body["changes"]]

    def _disclosed(self, value: dict[str, str], place: str, stream: str) -> None:
        """A personal value is to be found, in this stream."""
        self.batch.digests.append((str(value["digest"]), place, stream))

    def _apply(self) -> None:
        """Replay one transaction's changes, in the order in which they were made."""
        if len(self.pending) > 1:
            self.pending.sort(key=lambda p: p[0][0])
        for change, body, seq in self.pending:
            key = f"{self.stream}#{seq}"
            try:
                self._change(change, body, key)
            except UNREADABLE as error:
                note = repr(error)
                self.report.add(
                    "event_altered", "audit_event", key, "changes", note=note
                )
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
            self._note_digests(table, pk, row, fields)
        if table in self.tracked and self._has_history(table, body["id"]):
            self._note_history(table, pk, number, sign, row, body)

    def _has_history(self, table: str, id: int) -> bool:
        """Was the history of a table projected when this event was written?"""
        began = self.tracked[table]
        return began is None or id > began

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

    def _note_digests(
        self, table: str, pk: Any, row: dict[str, Any], changed: Iterable[str]
    ) -> None:
        for column in changed:
            value = row[column]
            if type(value) is dict and is_digest(value):  # most are no objects
                self._disclosed(value, f"{table} {pk} {column}", self.stream)

    def _note_history(
        self,
        table: str,
        pk: Any,
        number: int,
        sign: str,
        row: dict[str, Any],
        body: dict[str, Any],
    ) -> None:
        at = canon.moment(history_moment(body["at"], number)) if number else body["at"]
        reason = canon.dumps(body["reason"] or body["reason_code"])
        state, name = canon.dumps(row), history_names()[table]
        self.batch.history.append(
            (name, pk, at, sign, state, reason, body["actor"], self.stream)
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
        self.batch.rows += [
            (table, pk, self.stream, None if row is None else canon.dumps(row))
            for (table, pk), row in self.rows.items()
        ]


@cache
def history_names() -> dict[str, str]:
    """The table of each audited table's history."""
    return {name: model._meta.db_table for name, model in history_models().items()}


def is_digest(value: Any) -> bool:
    """Does a digest stand here for a personal value?"""
    return (
        isinstance(value, dict)
        and len(value) == 1
        and isinstance(value.get("digest"), str)
    )


def is_moment(said: str, at: Any) -> bool:
    """Is the moment of a line that of its row? SQLite keeps it without two signs."""
    if isinstance(at, str) and said in (at, f"{at[:10]}T{at[11:]}Z"):
        return at[10:11] in " T"
    return said == _moment(at)


def _moment(at: Any) -> Any:
    """The moment of an event in its row; what is none stands as it is."""
    try:
        return canon.moment(at)
    except UNREADABLE:
        return str(at)


def _change(change: Any) -> list[Any]:
    """One change of a line. Raises ValueError where it is none."""
    number, table, pk, sign, fields = change
    well = isinstance(number, int) and isinstance(table, str) and sign in SIGNS
    key = isinstance(pk, str) or (isinstance(pk, int) and abs(pk) < LARGE)
    if not (well and key and isinstance(fields, dict)):
        raise ValueError("no change")
    return [number, table, pk, sign, fields]


def is_line(body: Any) -> bool:
    """Does it hold what a line of its version holds?"""
    if not isinstance(body, dict):
        return False
    version, keys = body.get("v"), body.keys()
    if not (version == 2 and keys == KEYS) and not (version == 1 and keys == OLD_KEYS):
        return False
    return tuple(map(type, texts_of(body))) == FIVE_TEXTS
