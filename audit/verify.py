"""Does the record prove itself, and do the tables say what it says?

One snapshot; every stream's chain (hash, link, number, columns, seal of the
head, birth in a register), each difference's old value, the rows replayed
into a scratch file and held against the live tables and the projected
history; the triggers, all there as they should be; the journal, empty.

Checkpoints vouch for the ends of streams and for whole streams (audit.anchors).
What it cannot see is the past put back to a sealed state since the last of them:
only a log of appends, kept elsewhere, can tell.
"""

import sqlite3
from collections.abc import Callable
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from django.db import DatabaseError, connection

from . import canon, capture, schema
from .anchors import Anchors
from .append import register_of, seal
from .findings import Report, Rows, Undecodable, snapshot, undecodable
from .live import Comparison, compare_all
from .own import own_tables
from .projection import history_models
from .replay import Anchor, Defaults, StreamReplay
from .scratch import Batch, parts, scratch, take_up
from .stamps import verify_stamps
from .uncompared import count_uncompared

Progress = Callable[[str, int, int], None]


def silent(what: str, done: int, total: int) -> None:
    """Nobody waits for this run."""


def verify(
    case: str | None = None,
    since: int | None = None,
    kept: Path | None = None,
    progress: Progress = silent,
) -> Report:
    """Check the whole record, or what it says of the case with this code.

    since: a checkpoint whose past is trusted: only streams that changed after it
        are read, and only their rows compared; the others are counted.
    kept: a scratch file that outlives an interruption; a run over the same begins
        where it was left. Raises OtherRun for a file of another run.
    """
    try:
        return _verify(case, since, kept, progress, tolerant=False)
    except (Undecodable, DatabaseError, sqlite3.Error) as error:
        if not undecodable(error):
            raise
        # some text is none (SQLite): read it once more, slower
        return _verify(case, since, kept, progress, tolerant=True)


def _verify(
    case: str | None,
    since: int | None,
    kept: Path | None,
    progress: Progress,
    tolerant: bool,
) -> Report:
    report = Report()
    _triggers(report)
    scope = canon.dumps([case, since])
    with scratch(kept, scope) as file, snapshot(tolerant) as rows:
        anchors = Anchors(rows, file, report, since)
        begun = True
        with report.reading("audit_checkpoint"):
            begun = anchors.read()
        if not begun:
            return report
        with report.reading("audit_checkpoint_stamp"):
            verify_stamps(rows, report, since)
        if not _scope(rows, file, case, since):
            report.add("case_unknown", "audit_event", case)
            return report
        take_up(file, report)
        limited = case is not None or since is not None
        known, defaults, tracked = _schema(rows)
        with report.reading("audit_event"):
            _streams(rows, file, report, defaults, tracked, progress)
            if since is not None:
                _ends(rows, file, report)
            _births(rows, file, report, case, since)
            _anchored(file, report, case)
            _reach(file, report, since)
        for id, _op, table, old, new in rows(
            "SELECT id, op, tbl, old, new FROM audit_journal"
        ):
            report.add("journal_left", table or "audit_journal", id, "", old, new)
        compare_all(Comparison(rows, file, report, defaults, limited), known, progress)
        if since is not None and case is None:
            count_uncompared(rows, file, report, capture.existing_columns(connection))
        with report.reading("audit_event"):
            own_tables(rows, file, report, limited)
    return report


def _triggers(report: Report) -> None:
    there = capture.installed(connection)
    for (table, name), trigger in capture.expected(connection).items():
        if (table, name) not in there:
            report.add("trigger_missing", table, name)
        elif there[table, name] != trigger.shape:
            report.add("trigger_altered", table, name)
        report.counts["triggers"] += 1


def _scope(
    rows: Rows, file: sqlite3.Connection, case: str | None, since: int | None
) -> bool:
    """Load the heads, and note which streams are to be read; False for none."""
    heads = "SELECT stream, seq, hash, at, seal FROM audit_head"
    if case is not None:
        found = "SELECT DISTINCT stream FROM audit_event WHERE target = %s"
        streams = list(rows(f"{found} AND stream LIKE %s", [case, "case:%"]))
        file.executemany("INSERT INTO todo VALUES (?)", streams)
        for (stream,) in streams:
            file.executemany(
                "INSERT INTO head VALUES (?, ?, ?, ?, ?)",
                rows(f"{heads} WHERE stream = %s", [stream]),
            )
        return bool(streams)
    file.executemany("INSERT INTO head VALUES (?, ?, ?, ?, ?)", rows(heads))
    file.execute("INSERT INTO todo SELECT stream FROM head")
    file.executemany(
        "INSERT OR IGNORE INTO todo VALUES (?)",
        rows("SELECT DISTINCT stream FROM audit_event"),
    )
    if since is not None:
        file.execute(
            "DELETE FROM todo WHERE stream IN (SELECT h.stream FROM head h JOIN anchor"
            " a ON a.stream = h.stream AND a.number = ? AND a.seq = h.seq"
            " AND a.hash = h.hash)"
            " AND stream NOT IN (SELECT stream FROM anchor WHERE number > ?)",
            [since, since],
        )
    return True


def _schema(
    rows: Rows,
) -> tuple[dict[str, set[str]], Defaults, dict[str, int | None]]:
    """The columns of the record, their defaults, and since when a table's history is
    projected: None for its beginning, as one migration made both (the lines say so),
    else the row of the event that tells of the history table."""
    lines: list[str] = []
    began: dict[str, tuple[int, str]] = {}
    for id, stream, line in rows(
        "SELECT id, stream, line FROM audit_event WHERE stream LIKE %s"
        " ORDER BY stream, seq",
        ["schema:%"],
    ):
        tx = schema.told_in(line)
        if tx is not None:  # else the replay names the event
            lines.append(line)
            began.setdefault(stream.removeprefix("schema:"), (id, tx))
    known, defaults = schema.fold(lines)
    tracked: dict[str, int | None] = {}
    for table, history in history_models().items():
        id, tx = began.get(history._meta.db_table, (0, None))
        if tx is not None:
            together = tx == began.get(table, (0, ""))[1]
            tracked[table] = None if together else id
    return known, defaults, tracked


def _events(part: list[str]) -> str:
    """SQL for the events of so many streams. PostgreSQL gives moments as texts: no
    Python has those that it takes for one, the infinite and those of BC."""
    at = "at"
    if connection.vendor == "postgresql":
        at = """to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""
    marks = ",".join(["%s"] * len(part))
    return (
        f"SELECT stream, seq, {at}, verb, actor, target, request, line, hash, id"
        f" FROM audit_event WHERE stream IN ({marks}) ORDER BY stream, seq"
    )


def _streams(
    rows: Rows,
    file: sqlite3.Connection,
    report: Report,
    defaults: Defaults,
    tracked: dict[str, int | None],
    progress: Progress,
) -> None:
    """Replay what is to be read, some hundred streams at a time."""
    (total,) = file.execute(
        "SELECT coalesce(sum(seq), 0) FROM head JOIN todo USING (stream)"
    ).fetchone()
    unread, batch = "stream NOT IN (SELECT stream FROM seen)", Batch()
    for part in parts(file, "todo", unread):
        marks = ",".join("?" * len(part))
        heads = {
            head[0]: head[1:]
            for head in file.execute(
                f"SELECT * FROM head WHERE stream IN ({marks})", part
            )
        }
        anchors: dict[str, list[Anchor]] = {}
        for stream, *anchor in file.execute(
            "SELECT stream, number, seq, hash FROM anchor"
            f" WHERE stream IN ({marks}) ORDER BY number",
            part,
        ):
            anchors.setdefault(stream, []).append(tuple(anchor))
        events = rows(_events(part), part)
        for stream, found in groupby(events, key=itemgetter(0)):
            before = len(report.findings)
            anchored = anchors.get(stream, [])
            replay = StreamReplay(stream, report, batch, defaults, tracked, anchored)
            replay.run(found)
            head = heads.get(stream)
            _head(report, replay, head, anchored)
            report.counts["streams"] += 1
            report.counts["events"] += replay.events
            top = (head[0], head[1]) if head else (0, "")
            batch.done(
                stream, top, replay.events, replay.first, report.findings[before:]
            )
            if batch.is_full:
                batch.store(file)
        batch.store(file)
        progress("events", report.counts["events"], total)
    removed = "SELECT stream, seq FROM head JOIN todo USING (stream) WHERE "
    for stream, seq in file.execute(removed + unread):
        note = f"its head knows {seq} events"
        report.add("stream_removed", "audit_event", stream, note=note)


def _head(
    report: Report,
    replay: StreamReplay,
    head: tuple[int, str, str, str] | None,
    anchors: list[Anchor],
) -> None:
    """Head and events must agree, and neither may end before a checkpoint's head."""
    stream = replay.stream
    end, note = max(((seq, number) for number, seq, _ in anchors), default=(0, 0))
    told = f"checkpoint {note} knows it"
    if head is None:
        report.missing(stream, replay.seq + 1, end, told)
        report.add("head_missing", "audit_head", stream)
        return
    seq, hash, at, mac = head
    if not isinstance(seq, int):
        report.add("head_altered", "audit_head", stream, "seq", note="no number")
        return
    if seal(stream, seq, hash, at) != mac:
        report.add("head_altered", "audit_head", stream, "seal")
    report.missing(stream, replay.seq + 1, seq, "its head knows it")
    report.missing(stream, max(replay.seq, seq) + 1, end, told)
    if seq < replay.seq or (seq == replay.seq and hash != replay.hash):
        old, new = f"{seq} {hash}", f"{replay.seq} {replay.hash}"
        report.add("head_differs", "audit_head", stream, "seq,hash", old, new)


def _ends(rows: Rows, file: sqlite3.Connection, report: Report) -> None:
    """The last event of each stream that was not read is there."""
    for stream, seq in rows(
        "SELECT h.stream, h.seq FROM audit_head h WHERE NOT EXISTS ("
        "SELECT 1 FROM audit_event e WHERE e.stream = h.stream AND e.seq = h.seq"
        " AND e.hash = h.hash)"
    ):
        read = "SELECT 1 FROM todo WHERE stream = ?"
        if file.execute(read, [stream]).fetchone() is None:
            report.missing(stream, seq, seq, "its head knows it")


def _births(
    rows: Rows,
    file: sqlite3.Connection,
    report: Report,
    case: str | None,
    since: int | None,
) -> None:
    """Every stream is a line in its register, and every such line has a stream."""
    if case is not None:
        for (stream,) in file.execute("SELECT stream FROM todo"):
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
        " AND (stream IN (SELECT stream FROM todo)"
        "   OR stream NOT IN (SELECT stream FROM head))"
    )
    reported = _removed(report)
    for stream, register in file.execute(removed):
        if stream not in reported:
            note = f"opened in {register}"
            report.add("stream_removed", "audit_event", stream, note=note)
    unborn = (
        "SELECT stream FROM seen WHERE stream NOT LIKE 'register:%'"
        " AND stream NOT IN (SELECT stream FROM born) AND NOT EXISTS"
        " (SELECT 1 FROM anchor a WHERE a.stream = seen.stream AND a.number = ?)"
    )
    for (stream,) in file.execute(unborn, [since or 0]):
        report.add("stream_unborn", "audit_event", stream)
    renumbered = (
        "SELECT stream, first, after, before FROM seen JOIN born USING (stream)"
        " WHERE NOT (first > after AND first < before)"
    )
    for stream, first, after, before in file.execute(renumbered):
        note, window = "not when its register knows its birth", f"{after}-{before}"
        report.add(
            "event_altered", "audit_event", f"{stream}#1", "id", window, first, note
        )


def _removed(report: Report) -> set[str]:
    return {f.key for f in report.findings if f.kind == "stream_removed"}


def _anchored(file: sqlite3.Connection, report: Report, case: str | None) -> None:
    """Every stream that a checkpoint saw is there."""
    reported = _removed(report)
    within = "stream IN (SELECT stream FROM todo)"
    if case is None:
        within += " OR stream NOT IN (SELECT stream FROM head)"
    for stream, seq, number in file.execute(
        "SELECT stream, max(seq), number FROM anchor"
        f" WHERE stream NOT IN (SELECT stream FROM seen) AND ({within})"
        " GROUP BY stream"
    ):
        if stream not in reported:
            note = f"checkpoint {number} knows {seq} events"
            report.add("stream_removed", "audit_event", stream, note=note)


def _reach(file: sqlite3.Connection, report: Report, since: int | None) -> None:
    """How many events in the streams of this run no checkpoint covers."""
    report.reach.since = since
    (report.reach.after,) = file.execute(
        "SELECT coalesce(sum(max(h.seq - coalesce(f.seq, 0), 0)), 0) FROM todo"
        " JOIN head h USING (stream) LEFT JOIN fold f USING (stream)"
    ).fetchone()
