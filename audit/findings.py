"""What a verification says, and the snapshot that it reads."""

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from django.db import connection, transaction

Rows = Callable[..., Iterator[tuple[Any, ...]]]

MANY = 100  # missing events beyond this number are named by the ends of their row


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
class Reach:
    """How far the last checkpoint reaches.

    signature: "checked", or "unchecked" where no public key is known.
    after: events in the streams of this run that no checkpoint covers.
    since: the checkpoint whose past was trusted and not read; None: all was read.
    unarchived: checkpoints of this run that the archive does not hold.
    stamped: the newest checkpoint with a time stamp that fits, its moment, and
        whether signatures of stamps were "checked".
    """

    number: int = 0
    at: str = ""
    root: str = ""
    signature: str = "unchecked"
    after: int = 0
    since: int | None = None
    unarchived: int = 0
    stamped: int = 0
    stamped_at: str = ""
    stamps: str = ""


@dataclass
class Report:
    """The outcome of a verification."""

    findings: list[Finding] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    reach: Reach = field(default_factory=Reach)

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

    def missing(self, stream: str, first: int, last: int, note: str = "") -> None:
        """Name the events of a stream that are not there."""
        if last - first >= MANY:
            key = f"{stream}#{first}-{last}"
            self.add("event_missing", "audit_event", key, note=note)
            return
        for seq in range(first, last + 1):
            self.add("event_missing", "audit_event", f"{stream}#{seq}", note=note)

    def as_json(self) -> dict[str, Any]:
        return {
            "ok": not self.findings,
            "counts": dict(sorted(self.counts.items())),
            "checkpoint": asdict(self.reach),
            "findings": [asdict(f) for f in self.findings],
        }


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
