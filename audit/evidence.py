"""What leaves the house of a stream: its lines, and what opens their digests."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from .erasure import ERASE
from .findings import Rows
from .statements import chunks

MANY = 500  # digests that one query asks for
Body = dict[str, Any]
Wanted = dict[int, set[str]]  # streams, by the checkpoint that saw their heads


@dataclass(frozen=True)
class Span:
    """The part of a stream from one event to another, both included."""

    first: int
    last: int


def part_of(rows: Rows, stream: str, span: Span) -> tuple[list[str], Body, Body]:
    """The lines of a part of a stream, where it ends, and after what it begins."""
    lines, head = [], {"seq": 0, "hash": "", "at": "", "seal": ""}
    begins: Body = {"seq": 0, "hash": ""}
    sql = (
        "SELECT seq, line, hash FROM audit_event"
        " WHERE stream = %s AND seq BETWEEN %s AND %s ORDER BY seq"
    )
    for seq, line, hash in rows(sql, [stream, span.first - 1, span.last]):
        if seq < span.first:
            begins = {"seq": seq, "hash": hash}
            continue
        lines.append(line)
        head |= {"seq": seq, "hash": hash, "at": json.loads(line)["at"]}
    return lines, head, begins


def spans_of(rows: Rows, found: dict[str, Span]) -> tuple[dict[str, Span], Wanted]:
    """These parts, each led on to the checkpoints before and after it; and by
    checkpoint the streams that it so vouches for.

    A part whose past or future no checkpoint saw stays as it is on that side.
    """
    spans, wanted = dict(found), defaultdict(set)
    for part in chunks(sorted(found), MANY):
        marks = ", ".join(["%s"] * len(part))
        ends: dict[str, list[tuple[int, int] | None]] = {s: [None, None] for s in part}
        for stream, number, seq in rows(
            "SELECT stream, checkpoint, seq FROM audit_checkpoint_head"
            f" WHERE seq > 0 AND stream IN ({marks}) ORDER BY stream, checkpoint",
            part,
        ):
            if seq < found[stream].first:
                ends[stream][0] = number, seq
            elif seq >= found[stream].last and ends[stream][1] is None:
                ends[stream][1] = number, seq
        for stream, (before, after) in ends.items():
            first = before[1] + 1 if before else found[stream].first
            spans[stream] = Span(first, after[1] if after else found[stream].last)
            for end in (before, after):
                if end is not None:
                    wanted[end[0]].add(stream)
    return spans, dict(wanted)


def lines_of(rows: Rows, stream: str) -> tuple[list[str], Body]:
    """The lines of a stream, as they are hashed, and its head: one snapshot."""
    head: Body = {"seq": 0, "hash": "", "at": "", "seal": ""}
    sql = "SELECT seq, hash, at, seal FROM audit_head WHERE stream = %s"
    for seq, hash, at, seal in rows(sql, [stream]):
        head = {"seq": seq, "hash": hash, "at": at, "seal": seal}
    sql = "SELECT line FROM audit_event WHERE stream = %s ORDER BY seq"
    return [line for (line,) in rows(sql, [stream])], head


def values_of(rows: Rows, lines: Iterable[Body]) -> tuple[list[Body], list[str]]:
    """The personal values behind the digests, and the digests without one that no
    event of these lines erased."""
    wanted, erased = set(), set()
    for body in lines:
        wanted |= set(digests_in(body))
        if body["verb"] == ERASE:
            erased |= set(body["data"]["digests"])
    found = []
    for part in chunks(sorted(wanted), MANY):
        marks = ", ".join(["%s"] * len(part))
        for digest, salt, value in rows(
            "SELECT digest, salt, value FROM audit_disclosure"
            f" WHERE digest IN ({marks}) ORDER BY digest",
            part,
        ):
            found.append({"digest": digest, "salt": salt, "value": value})
    known = {row["digest"] for row in found}
    return found, sorted(wanted - known - erased)


def digests_in(body: Body) -> Iterator[str]:
    """The digests that stand in an event for personal values."""
    if body["reason"]:
        yield body["reason"]["digest"]
    if isinstance(body.get("origin"), dict):
        yield body["origin"]["digest"]
    for _number, _table, _pk, sign, fields in body["changes"]:
        for value in fields.values():
            new = value[1] if sign == "~" else value
            if isinstance(new, dict) and set(new) == {"digest"}:
                yield new["digest"]


def erasures_of(rows: Rows, digests: Iterable[str]) -> tuple[list[str], Wanted]:
    """The lines, of whatever stream, that tell of the erasure of these; each is led
    on to the next head that a checkpoint saw, and those are named by checkpoint."""
    lacking = set(digests)
    spans: dict[str, set[int]] = defaultdict(set)
    wanted: Wanted = defaultdict(set)
    if not lacking:
        return [], {}
    sql = "SELECT stream, seq, line FROM audit_event WHERE verb = %s"
    told = list(rows(sql, [ERASE]))
    for stream, seq, line in told:
        if lacking.isdisjoint(json.loads(line)["data"]["digests"]):
            continue
        last = seq
        for number, head in rows(
            "SELECT checkpoint, seq FROM audit_checkpoint_head"
            " WHERE stream = %s AND seq >= %s ORDER BY checkpoint LIMIT 1",
            [stream, seq],
        ):
            wanted[number].add(stream)
            last = head
        spans[stream] |= set(range(seq, last + 1))
    found: list[str] = []
    sql = (
        "SELECT seq, line FROM audit_event"
        " WHERE stream = %s AND seq BETWEEN %s AND %s ORDER BY seq"
    )
    for stream, numbers in sorted(spans.items()):
        every = rows(sql, [stream, min(numbers), max(numbers)])
        found += [line for seq, line in every if seq in numbers]
    return found, dict(wanted)
