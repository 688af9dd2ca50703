"""The personal values behind the digests: there, unaltered, in their streams."""

import json
import sqlite3
from collections.abc import Iterable

from . import canon
from .erasure import ERASE
from .findings import Report, Rows
from .statements import chunks

TABLE = "audit_disclosure"
CHUNK = 500
Opened = dict[str, tuple[str, str, str]]  # salt, value, stream


def verify_disclosures(
    rows: Rows, file: sqlite3.Connection, report: Report, limited: bool
) -> None:
    """Every digest in a line can be opened, or an event says it was erased.

    limited: some lines were not read. Else each value is in a stream that has its
    digest (a reason stands in several), and none is there that no line asks for.
    """
    erased, there = erased_by(rows), 0
    every = file.execute(
        "SELECT digest, min(place), min(stream), max(stream), count(*)"
        " FROM disclosed GROUP BY digest"
    )
    while chunk := every.fetchmany(CHUNK):
        opened = opened_by(rows, [row[0] for row in chunk])
        there += len(opened)
        for digest, place, *streams, times in chunk:
            report.counts["disclosures"] += 1
            if digest not in opened and digest in erased:
                report.counts["erased"] += 1
            elif digest not in opened:
                report.add("disclosure_missing", TABLE, digest, note=place)
            else:
                salt, value, stream = opened[digest]
                if canon.digest(salt, value) != digest:
                    _altered(report, digest, "value", place)
                elif not limited and stream not in (
                    streams if times < 3 else _streams_of(file, digest)
                ):
                    _altered(report, digest, "stream", place)
    if not limited:
        _surplus(rows, file, report, there)


def _altered(report: Report, digest: str, field: str, place: str) -> None:
    report.add("disclosure_altered", TABLE, digest, field, note=place)


def _streams_of(file: sqlite3.Connection, digest: str) -> set[str]:
    found = file.execute("SELECT stream FROM disclosed WHERE digest = ?", [digest])
    return {stream for (stream,) in found}


def erased_by(rows: Rows) -> set[str]:
    """The digests that events say were erased; what is no such event is named by
    the replay."""
    found: set[str] = set()
    for (line,) in rows("SELECT line FROM audit_event WHERE verb = %s", [ERASE]):
        try:
            found |= set(json.loads(line)["data"]["digests"])
        except (ValueError, KeyError, TypeError, RecursionError):
            continue
    return found


def _surplus(rows: Rows, file: sqlite3.Connection, report: Report, there: int) -> None:
    """Values that were put beside those of the record."""
    ((stored,),) = rows(f"SELECT count(*) FROM {TABLE}")
    if stored == there:
        return
    file.execute("CREATE INDEX IF NOT EXISTS disclosed_key ON disclosed(digest)")
    for digest, stream in rows(f"SELECT digest, stream FROM {TABLE} ORDER BY digest"):
        known = "SELECT 1 FROM disclosed WHERE digest = ?"
        if file.execute(known, [digest]).fetchone() is None:
            report.add("disclosure_inserted", TABLE, digest, note=stream)


def opened_by(rows: Rows, digests: Iterable[str]) -> Opened:
    """What opens these digests, as far as it is there."""
    found: Opened = {}
    for part in chunks(sorted(set(digests)), CHUNK):
        marks = ",".join(["%s"] * len(part))
        for digest, *told in rows(
            f"SELECT digest, salt, value, stream FROM {TABLE}"
            f" WHERE digest IN ({marks})",
            part,
        ):
            found[digest] = (told[0], told[1], told[2])
    return found
