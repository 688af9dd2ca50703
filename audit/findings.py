"""What a verification says, and the files and cursors it works with."""

import sqlite3
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from django.db import connection, transaction

Rows = Callable[..., Iterator[tuple[Any, ...]]]

SCRATCH = """
PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -32000;
CREATE TABLE row(tbl, pk, stream, state, seen DEFAULT 0, PRIMARY KEY(tbl, pk))
    WITHOUT ROWID;
CREATE TABLE history(id INTEGER PRIMARY KEY, tbl, pk, at, sign, state, reason,
    actor, seen DEFAULT 0);
CREATE INDEX history_key ON history(tbl, pk, at);
CREATE TABLE born(stream PRIMARY KEY, register) WITHOUT ROWID;
CREATE TABLE seen(stream PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE disclosed(digest PRIMARY KEY, place) WITHOUT ROWID;
"""


@dataclass(frozen=True)
class Finding:
    """One thing that does not fit: where it is, and both values."""

    kind: str
    table: str
    key: Any
    field: str = ""
    old: Any = ""
    new: Any = ""
    note: str = ""


@dataclass
class Report:
    """The outcome of a verification."""

    findings: list[Finding] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def add(
        self,
        kind: str,
        table: str,
        key: Any,
        field: str = "",
        old: Any = "",
        new: Any = "",
        note: str = "",
    ) -> None:
        self.findings.append(Finding(kind, table, key, field, old, new, note))

    def as_json(self) -> dict[str, Any]:
        return {
            "ok": not self.findings,
            "counts": dict(sorted(self.counts.items())),
            "findings": [asdict(f) for f in self.findings],
        }


@contextmanager
def scratch() -> Iterator[sqlite3.Connection]:
    """An SQLite file for the replayed rows: memory holds one stream only."""
    with tempfile.TemporaryDirectory(prefix="weigong-verify-") as folder:
        file = sqlite3.connect(Path(folder) / "scratch.sqlite3", isolation_level=None)
        try:
            file.executescript(SCRATCH)
            file.execute("BEGIN")
            yield file
        finally:
            file.close()


@contextmanager
def snapshot() -> Iterator[Rows]:
    """``rows(sql, params)`` over one state of the database, while others write.

    Inside an open transaction (a test) it is that transaction's state.
    """
    if connection.in_atomic_block:
        yield _through_django
    elif connection.vendor == "sqlite":
        name = str(connection.settings_dict["NAME"])
        if name == ":memory:" or "mode=memory" in name:
            yield _through_django
            return
        uri = Path(name).resolve().as_uri()
        raw = sqlite3.connect(f"{uri}?mode=ro", uri=True, isolation_level=None)
        raw.execute("BEGIN")
        try:
            yield lambda sql, params=(): iter(
                raw.execute(sql.replace("%s", "?"), params)
            )
        finally:
            raw.close()
    else:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(
                    "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"
                )
            yield _through_django


def _through_django(sql: str, params: Sequence[Any] = ()) -> Iterator[tuple[Any, ...]]:
    with connection.chunked_cursor() as cursor:
        cursor.execute(sql, params)
        yield from cursor
