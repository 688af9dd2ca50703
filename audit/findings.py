"""What a verification says, and the snapshot that it reads."""

import codecs
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction

from . import canon

Rows = Callable[..., Iterator[tuple[Any, ...]]]

MANY = 100  # missing events beyond this number are named by the ends of their row
#: What reading rows raises that anybody may have changed.
UNREADABLE = (
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    ArithmeticError,
    RecursionError,
    ValidationError,
    DatabaseError,
    sqlite3.Error,
)


class Undecodable(Exception):
    """SQLite gave bytes for a text that are none: read it tolerantly."""


def undecodable(error: Exception) -> bool:
    """Is it that SQLite has bytes for a text?"""
    return isinstance(error, Undecodable) or "Could not decode" in str(error)


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
        told = (_printable(part) for part in (key, field, old, new, note))
        self.findings.append(Finding(kind, table, *told))

    @contextmanager
    def reading(self, table: str, key: Any = "") -> Iterator[None]:
        """What cannot be read inside is a finding, and the verification goes on."""
        try:
            with _savepoint():
                yield
        except UNREADABLE as error:
            if undecodable(error):
                raise Undecodable from error
            self.add("record_unreadable", table, key, note=repr(error)[:500])

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


def _printable(value: Any) -> Any:
    """A value that can be written out: some that were planted cannot."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, dict | list):
        try:
            canon.dumps(value)
        except (TypeError, RecursionError):
            return repr(value)
    return value


@contextmanager
def _savepoint() -> Iterator[None]:
    """After an error PostgreSQL answers nothing but from a savepoint."""
    if connection.vendor == "postgresql" and connection.in_atomic_block:
        with transaction.atomic():
            yield
    else:
        yield


def _marked(error: UnicodeError) -> tuple[str, int]:
    """Bytes that are no text, each as a sign that no text of ours has."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    bad = error.object[error.start : error.end]
    return "".join(f"\ufffd<{byte:02x}>" for byte in bad), error.end


codecs.register_error("audit.marked", _marked)


def _tolerant(text: bytes) -> str:
    return text.decode("utf-8", "audit.marked")


@contextmanager
def snapshot(tolerant: bool = False) -> Iterator[Rows]:
    """``rows(sql, params)`` over one state of the database, while others write.

    Inside an open transaction (a test) it is that transaction's state.
    tolerant: SQLite's texts may hold bytes that are none; reading takes longer.
    """
    factory: Any = _tolerant if tolerant else str
    if connection.in_atomic_block:
        with _reading_texts(factory):
            yield _through_django
    elif connection.vendor == "sqlite":
        name = str(connection.settings_dict["NAME"])
        if name == ":memory:" or "mode=memory" in name:
            with _reading_texts(factory):
                yield _through_django
            return
        uri = Path(name).resolve().as_uri()
        raw = sqlite3.connect(f"{uri}?mode=ro", uri=True, isolation_level=None)
        raw.text_factory = factory
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


@contextmanager
def _reading_texts(factory: Any) -> Iterator[None]:
    """Django's own connection reads texts so (SQLite)."""
    if connection.vendor != "sqlite":
        yield
        return
    connection.ensure_connection()
    connection.connection.text_factory = factory
    try:
        yield
    finally:
        connection.connection.text_factory = str


def _through_django(sql: str, params: Sequence[Any] = ()) -> Iterator[tuple[Any, ...]]:
    with connection.chunked_cursor() as cursor:
        cursor.execute(sql, params)
        yield from cursor
