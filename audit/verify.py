"""Does the record prove itself, and do the tables say what it says?

One snapshot; every stream's chain (hash, link, number, columns, seal of the
head, birth in a register), each difference's old value, the rows replayed
into a scratch file and held against the live tables and the projected
history; the triggers, all there as they should be; the journal, empty.

What it cannot see: a whole database put back to an older sealed state. Only
something kept elsewhere can tell (a checkpoint, a log of appends).
"""

import hmac
import sqlite3
from itertools import groupby

from django.db import connection

from . import capture, schema
from .append import register_of, seal
from .findings import Report, Rows, scratch, snapshot
from .live import Comparison, compare_all
from .projection import history_models
from .replay import Defaults, StreamReplay

EVENTS = (
    "SELECT stream, seq, at, verb, actor, target, request, line, hash, id"
    " FROM audit_event"
)


def verify(case: str | None = None) -> Report:
    """Check the whole record, or what it says of the case with this code."""
    report = Report()
    _triggers(report)
    with scratch() as file, snapshot() as rows:
        only = None if case is None else _streams_of(rows, case)
        if only == []:
            report.add("case_unknown", "audit_event", case)
            return report
        known, defaults, tracked = _schema(rows)
        _streams(rows, file, report, defaults, tracked, only)
        _births(rows, file, report, only)
        for id, _op, table, old, new in rows(
            "SELECT id, op, tbl, old, new FROM audit_journal"
        ):
            report.add("journal_left", table or "audit_journal", id, "", old, new)
        compare_all(Comparison(rows, file, report, defaults, only), known)
    return report


def _triggers(report: Report) -> None:
    there = capture.installed(connection)
    for (table, name), trigger in capture.expected(connection).items():
        if (table, name) not in there:
            report.add("trigger_missing", table, name)
        elif there[table, name] != trigger.shape:
            report.add("trigger_altered", table, name)
        report.counts["triggers"] += 1


def _streams_of(rows: Rows, case: str) -> list[str]:
    found = rows(
        "SELECT DISTINCT stream FROM audit_event WHERE target = %s AND stream LIKE %s",
        [case, "case:%"],
    )
    return sorted(stream for (stream,) in found)


def _schema(rows: Rows) -> tuple[dict[str, set[str]], Defaults, dict[str, int]]:
    """The columns of the record, their defaults, and since when a table's
    history is projected (the id of the event that tells of the history table)."""
    lines: list[str] = []
    began: dict[str, int] = {}
    for id, stream, line in rows(
        "SELECT id, stream, line FROM audit_event WHERE stream LIKE %s AND verb = %s"
        " ORDER BY stream, seq",
        ["schema:%", schema.VERB],
    ):
        lines.append(line)
        began.setdefault(stream.removeprefix("schema:"), id)
    known, defaults = schema.fold(lines)
    tracked = {
        table: began[history._meta.db_table]
        for table, history in history_models().items()
        if history._meta.db_table in began
    }
    return known, defaults, tracked


def _streams(
    rows: Rows,
    file: sqlite3.Connection,
    report: Report,
    defaults: Defaults,
    tracked: dict[str, int],
    only: list[str] | None,
) -> None:
    where, params = "", []
    if only is not None:
        where, params = f" WHERE stream IN ({','.join(['%s'] * len(only))})", only
    heads = {
        head[0]: head[1:]
        for head in rows(
            f"SELECT stream, seq, hash, at, seal FROM audit_head{where}", params
        )
    }
    events = rows(f"{EVENTS}{where} ORDER BY stream, seq", params)
    for stream, found in groupby(events, key=lambda event: event[0]):
        report.counts["streams"] += 1
        replay = StreamReplay(stream, report, file, defaults, tracked)
        replay.run(found)
        _head(report, replay, heads.pop(stream, None))
    for stream, head in heads.items():
        note = f"its head knows {head[0]} events"
        report.add("stream_removed", "audit_event", stream, note=note)


def _head(
    report: Report, replay: StreamReplay, head: tuple[int, str, str, str] | None
) -> None:
    stream = replay.stream
    if head is None:
        report.add("head_missing", "audit_head", stream)
        return
    seq, hash, at, mac = head
    if not hmac.compare_digest(seal(stream, seq, hash, at), mac):
        report.add("head_altered", "audit_head", stream, "seal")
    for missing in range(replay.seq + 1, seq + 1):
        note = "its head knows it"
        report.add("event_missing", "audit_event", f"{stream}#{missing}", note=note)
    if seq < replay.seq or (seq == replay.seq and hash != replay.hash):
        old, new = f"{seq} {hash}", f"{replay.seq} {replay.hash}"
        report.add("head_differs", "audit_head", stream, "seq,hash", old, new)


def _births(
    rows: Rows, file: sqlite3.Connection, report: Report, only: list[str] | None
) -> None:
    """Every stream is a line in its register, and every such line has a stream."""
    if only is not None:
        for stream in only:
            found = rows(
                "SELECT 1 FROM audit_event WHERE stream = %s AND line LIKE %s",
                [register_of(stream), f'%"{stream}"%'],
            )
            if not list(found):
                report.add("stream_unborn", "audit_event", stream)
        return
    removed = (
        "SELECT stream, register FROM born"
        " WHERE stream NOT IN (SELECT stream FROM seen)"
    )
    reported = {f.key for f in report.findings if f.kind == "stream_removed"}
    for stream, register in file.execute(removed):
        if stream not in reported:
            note = f"opened in {register}"
            report.add("stream_removed", "audit_event", stream, note=note)
    unborn = (
        "SELECT stream FROM seen WHERE stream NOT LIKE 'register:%'"
        " AND stream NOT IN (SELECT stream FROM born)"
    )
    for (stream,) in file.execute(unborn):
        report.add("stream_unborn", "audit_event", stream)
