"""The scratch file of a verification: memory holds some streams, this file the rest.

It is also the bookmark of a run that can be taken up again: what stands in ``seen``
was checked up to that head, and ``found`` holds what did not fit there.
"""

import json
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from .findings import Finding, Report

PART = 500
FULL = 5_000  # rows that memory holds until the file gets them

FORM = 3  # of the tables below: a file of another form is another run's
TABLES = """
CREATE TABLE IF NOT EXISTS run(scope PRIMARY KEY, checkpoint);
CREATE TABLE IF NOT EXISTS row(id INTEGER PRIMARY KEY, tbl, pk, stream, state);
CREATE TABLE IF NOT EXISTS history(id INTEGER PRIMARY KEY, tbl, pk, at, sign, state,
    reason, actor, stream);
CREATE TABLE IF NOT EXISTS born(stream PRIMARY KEY, register, after, before)
    WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS seen(stream PRIMARY KEY, seq, hash, events, first)
    WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS disclosed(digest, place, stream);
CREATE TABLE IF NOT EXISTS found(stream, finding);
"""
#: Made when all is written: sorting once is cheaper than a million searches.
INDEXES = """
CREATE INDEX IF NOT EXISTS row_key ON row(tbl, pk);
CREATE INDEX IF NOT EXISTS history_key ON history(tbl, pk, at, sign);
"""
#: What each run reads anew from its own snapshot.
OF_THIS_RUN = """
CREATE TEMP TABLE head(stream PRIMARY KEY, seq, hash, at, seal) WITHOUT ROWID;
CREATE TEMP TABLE todo(stream PRIMARY KEY) WITHOUT ROWID;
CREATE TEMP TABLE stored(number PRIMARY KEY, at, root, prev, streams, events, key,
    body, signature);
CREATE TEMP TABLE offered(source, stream, seq, hash, leaf,
    PRIMARY KEY(source, stream)) WITHOUT ROWID;
CREATE TEMP TABLE anchor(stream, number, seq, hash, PRIMARY KEY(stream, number))
    WITHOUT ROWID;
CREATE TEMP TABLE fold(stream PRIMARY KEY, seq, hash, leaf) WITHOUT ROWID;
"""
STALE = """
CREATE TEMP TABLE stale AS SELECT stream FROM seen WHERE NOT EXISTS (
    SELECT 1 FROM head WHERE head.stream = seen.stream AND head.seq = seen.seq
        AND head.hash = seen.hash)
    OR EXISTS (SELECT 1 FROM anchor WHERE anchor.stream = seen.stream
        AND anchor.number > (SELECT checkpoint FROM run));
DELETE FROM row WHERE stream IN (SELECT stream FROM stale);
DELETE FROM history WHERE stream IN (SELECT stream FROM stale);
DELETE FROM born WHERE register IN (SELECT stream FROM stale);
DELETE FROM found WHERE stream IN (SELECT stream FROM stale);
DELETE FROM seen WHERE stream IN (SELECT stream FROM stale);
"""


class OtherRun(Exception):
    """The file is the bookmark of a run over something else, or no bookmark."""


@contextmanager
def scratch(kept: Path | None = None, scope: str = "") -> Iterator[sqlite3.Connection]:
    """Open the file: a temporary one, or one that outlives an interrupted run.

    kept: where it lies; it is removed when the run has come to its end.
    scope: what the run is about. Raises OtherRun for a file of another one.
    """
    with tempfile.TemporaryDirectory(prefix="weigong-verify-") as folder:
        path = kept or Path(folder) / "scratch.sqlite3"
        file = sqlite3.connect(path, isolation_level=None)
        try:
            _prepare(file, kept is not None, scope)
            file.execute("BEGIN")
            yield file
        finally:
            file.close()
        if kept:
            for name in (kept.name, f"{kept.name}-wal", f"{kept.name}-shm"):
                kept.with_name(name).unlink(missing_ok=True)


def _prepare(file: sqlite3.Connection, kept: bool, scope: str) -> None:
    try:
        if kept:
            file.execute("PRAGMA journal_mode = WAL")
        else:
            file.execute("PRAGMA journal_mode = OFF")
        file.executescript("PRAGMA synchronous = OFF; PRAGMA cache_size = -32000;")
        file.executescript(TABLES + OF_THIS_RUN)
        mine = f"{FORM} {scope}"
        file.execute("INSERT OR IGNORE INTO run VALUES (?, 0)", [mine])
        runs = file.execute("SELECT scope FROM run").fetchall()
    except sqlite3.DatabaseError:
        raise OtherRun from None
    if runs != [(mine,)]:
        raise OtherRun


def take_up(file: sqlite3.Connection, report: Report) -> int:
    """Forget what changed since the file was left; return how many streams stay.

    Their findings and counts go into the report.
    """
    file.execute("COMMIT")
    file.executescript(STALE)
    file.execute("BEGIN")
    file.execute(
        "UPDATE run SET checkpoint = (SELECT coalesce(max(number), 0) FROM anchor)"
    )
    for (text,) in file.execute("SELECT finding FROM found"):
        report.findings.append(Finding(**json.loads(text)))
    kept, events = file.execute("SELECT count(*), sum(events) FROM seen").fetchone()
    if kept:
        report.counts["streams"] += kept
        report.counts["events"] += events
    return int(kept)


@dataclass
class Batch:
    """What some streams have given and the file does not have yet."""

    rows: list[tuple[Any, ...]] = field(default_factory=list)
    history: list[tuple[Any, ...]] = field(default_factory=list)
    digests: list[tuple[str, str, str]] = field(default_factory=list)
    births: list[tuple[str, str, int, int]] = field(default_factory=list)
    seen: list[tuple[str, int, str, int, int]] = field(default_factory=list)
    found: list[tuple[str, str]] = field(default_factory=list)

    @property
    def is_full(self) -> bool:
        return len(self.rows) + len(self.history) + len(self.digests) > FULL

    def done(
        self,
        stream: str,
        head: tuple[int, str],
        events: int,
        first: int,
        findings: list[Finding],
    ) -> None:
        """A stream is checked: remember it, and what was found in it."""
        self.seen.append((stream, *head, events, first))
        self.found += [(stream, json.dumps(asdict(f), default=str)) for f in findings]

    def store(self, file: sqlite3.Connection) -> None:
        """Into the file with it; what was done so far outlives an interruption."""
        write = file.executemany
        write("INSERT INTO row(tbl, pk, stream, state) VALUES (?, ?, ?, ?)", self.rows)
        write(
            "INSERT INTO history(tbl, pk, at, sign, state, reason, actor, stream)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            self.history,
        )
        write("INSERT INTO disclosed VALUES (?, ?, ?)", self.digests)
        write("INSERT OR REPLACE INTO born VALUES (?, ?, ?, ?)", self.births)
        write("INSERT INTO seen VALUES (?, ?, ?, ?, ?)", self.seen)
        write("INSERT INTO found VALUES (?, ?)", self.found)
        for every in vars(self).values():
            every.clear()
        file.execute("COMMIT")
        file.execute("BEGIN")


class Met:
    """Which rows of a table of the file were met: a byte for each."""

    def __init__(self, file: sqlite3.Connection, table: str) -> None:
        (last,) = file.execute(f"SELECT coalesce(max(id), 0) FROM {table}").fetchone()
        self._met = bytearray(last + 1)

    def add(self, id: int) -> None:
        self._met[id] = 1

    def __contains__(self, id: int) -> bool:
        return bool(self._met[id])


def parts(file: sqlite3.Connection, table: str, where: str = "") -> Iterator[list[str]]:
    """The streams of a table in order, some hundred at a time."""
    last, condition = "", f" AND {where}" if where else ""
    while part := [
        stream
        for (stream,) in file.execute(
            f"SELECT stream FROM {table} WHERE stream > ?{condition}"
            f" ORDER BY stream LIMIT {PART}",
            [last],
        )
    ]:
        yield part
        last = part[-1]
