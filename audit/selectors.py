"""Reading the record: who did what, when, before, after and why."""

import datetime as dt
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Right

from .actors import own_stream
from .models import Disclosure, Event
from .record import READ
from .statements import chunks
from .tables import tables

CHUNK = 500
#: Characters at the end of a line that hold its origin, and all that follows it.
END = 1000
ORIGIN = re.compile(r'"origin":\{"digest":"([0-9a-f]{64})"\}')


@dataclass(frozen=True)
class Change:
    """One field of one row. ``erased``: its value was personal and is gone."""

    table: str
    model_label: str
    pk: Any
    sign: str  # "+" born, "~" changed, "-" deleted
    field: str
    old: Any
    new: Any
    erased: bool = False


@dataclass(frozen=True)
class TimelineEntry:
    """One event of a stream, readable. ``reason`` is empty once it is erased.

    origin: the network address, or the code of a sweep, a task or a command; ""
        where it is unknown or erased.
    """

    at: dt.datetime
    verb: str
    actor: str
    target: str
    reason: str
    data: dict[str, Any]
    changes: list[Change] = field(default_factory=list)
    seq: int = 0
    reason_code: str = ""
    on_behalf: str | None = None
    request: str = ""
    stream: str = ""
    origin: str = ""
    origin_erased: bool = False


def timeline_of(stream: str) -> list[TimelineEntry]:
    """Everything that happened in a stream, in order; two queries or three."""
    bodies = _bodies(Event.objects.filter(stream=stream))
    disclosed = disclosed_values(_digests(bodies))
    told: dict[tuple[str, Any, str], Any] = {}
    return [_entry(body, disclosed, told) for body in bodies]


def entries_of(lines: Iterable[str]) -> list[TimelineEntry]:
    """Lines of the record, readable, in the order in which they are given.

    Give the earliest first: what a personal value was before is known only from
    the lines before. One query for 500 personal values.
    """
    bodies = [json.loads(line) for line in lines]
    disclosed = disclosed_values(_digests(bodies))
    told: dict[tuple[str, Any, str], Any] = {}
    return [_entry(body, disclosed, told) for body in bodies]


def origins_of(lines: Iterable[str]) -> list[str]:
    """Where each line's act came from; "" where that is unknown or erased.

    One query for 500 addresses.
    """
    sources = [json.loads(line).get("origin") for line in lines]
    digests = {source["digest"] for source in sources if isinstance(source, dict)}
    disclosed = disclosed_values(digests)
    return [_resolve(source, disclosed)[0] or "" for source in sources]


def acts_with_address(
    streams: QuerySet, verbs: Iterable[str]
) -> Iterator[tuple[str, str, dt.datetime, str]]:
    """Stream, actor, moment and digest of the address of acts in these streams.

    Acts that came from no request are left out. Reads the ends of lines alone: what
    comes after the origin is short, what comes before it may be a whole form.
    """
    events = Event.objects.filter(stream__in=streams, verb__in=list(verbs))
    told = events.order_by("pk").annotate(end=Right("line", END))
    for stream, actor, at, end in told.values_list("stream", "actor", "at", "end"):
        found = ORIGIN.findall(end)
        if found:
            yield stream, actor, at, found[-1]


def events_of(target: str) -> QuerySet[Event]:
    """The events with this target (a case's code), wherever they are told."""
    return Event.objects.filter(target=target).order_by("id")


def streams_of(code: str) -> list[str]:
    """The streams of the cases that events with this target belong to."""
    found = Event.objects.filter(target=code, stream__startswith="case:")
    return sorted(found.order_by().values_list("stream", flat=True).distinct())


def events_by(actor: str) -> QuerySet[Event]:
    """What an actor ("user:7", "system:timers") did, the latest first."""
    return Event.objects.filter(actor=actor).order_by("-id")


def reads_by(actor: str) -> QuerySet[Event]:
    """What somebody read that is sensitive, the latest first."""
    stream = own_stream(actor)
    return Event.objects.filter(stream=stream, verb=READ).order_by("-seq")


def state_of(
    stream: str, at: dt.datetime | None = None
) -> dict[tuple[str, Any], dict[str, Any]]:
    """The rows of a stream as they were at a moment, by table and key.

    Values are canonical (decimals and moments as text); personal ones are
    resolved, and None once they are erased.
    """
    events = Event.objects.filter(stream=stream)
    bodies = _bodies(events.filter(at__lte=at) if at else events)
    disclosed = disclosed_values(_digests(bodies))
    rows: dict[tuple[str, Any], dict[str, Any]] = {}
    for _, table, pk, sign, fields in in_order(bodies):
        if sign == "-":
            rows.pop((table, pk), None)
            continue
        row = rows.setdefault((table, pk), {})
        for name, value in fields.items():
            row[name] = _resolve(value if sign == "+" else value[1], disclosed)[0]
    return rows


Told = tuple[list[Any], dict[str, Any]]  # a change, and the event that tells of it


def in_order(bodies: Iterable[dict[str, Any]]) -> Iterable[list[Any]]:
    """The changes in the order in which they were made."""
    return (change for change, _body in told_in_order(bodies))


def told_in_order(bodies: Iterable[dict[str, Any]]) -> Iterable[Told]:
    """The changes in the order in which they were made, each with its event.

    Events of one transaction may interleave: an outer one goes on after an
    inner one. The number of a change counts within the transaction.
    """
    pending: list[Told] = []
    tx = None
    for body in bodies:
        if body["tx"] != tx:
            yield from sorted(pending, key=_number)
            pending, tx = [], body["tx"]
        pending += [(change, body) for change in body["changes"]]
    yield from sorted(pending, key=_number)


def _number(told: Told) -> int:
    return told[0][0]


def _bodies(events: QuerySet[Event]) -> list[dict[str, Any]]:
    lines = events.order_by("seq").values_list("line", flat=True)
    return [json.loads(line) for line in lines]


def is_digest(value: Any, table: str, column: str) -> bool:
    """Does a digest stand here for a personal value?"""
    known = tables().get(table)
    personal = known is None or column in known.personal
    return personal and isinstance(value, dict) and set(value) == {"digest"}


def _digests(bodies: Iterable[dict[str, Any]]) -> set[str]:
    found = set()
    for body in bodies:
        if body["reason"]:
            found.add(body["reason"]["digest"])
        if isinstance(body.get("origin"), dict):
            found.add(body["origin"]["digest"])
        for _, table, _, sign, fields in body["changes"]:
            for column, value in fields.items():
                new = value[1] if sign == "~" else value
                if is_digest(new, table, column):
                    found.add(new["digest"])
    return found


def disclosed_values(digests: set[str]) -> dict[str, Any]:
    """The personal values behind digests, as far as they were not erased."""
    found: dict[str, Any] = {}
    for part in chunks(sorted(digests), CHUNK):
        rows = Disclosure.objects.filter(digest__in=part)
        found |= {d: json.loads(v) for d, v in rows.values_list("digest", "value")}
    return found


def _resolve(value: Any, disclosed: dict[str, Any]) -> tuple[Any, bool]:
    """A value of a line in clear, and whether it was erased."""
    if not (isinstance(value, dict) and set(value) == {"digest"}):
        return value, False
    return disclosed.get(value["digest"]), value["digest"] not in disclosed


def _entry(
    body: dict[str, Any],
    disclosed: dict[str, Any],
    told: dict[tuple[str, Any, str], Any],
) -> TimelineEntry:
    reason = _resolve(body["reason"], disclosed)[0] if body["reason"] else ""
    origin, origin_erased = _resolve(body.get("origin"), disclosed)
    changes = []
    for _, table, pk, sign, fields in body["changes"]:
        for column, value in fields.items():
            changes.append(_change(table, pk, sign, column, value, disclosed, told))
    return TimelineEntry(
        at=dt.datetime.fromisoformat(body["at"]),
        verb=body["verb"],
        actor=body["actor"],
        target=body["target"],
        reason=reason or "",
        data=body["data"],
        changes=changes,
        seq=body["seq"],
        reason_code=body["reason_code"],
        on_behalf=body["for"],
        request=body["request"],
        stream=body["stream"],
        origin=origin or "",
        origin_erased=origin_erased,
    )


def _change(
    table: str,
    pk: Any,
    sign: str,
    column: str,
    value: Any,
    disclosed: dict[str, Any],
    told: dict[tuple[str, Any, str], Any],
) -> Change:
    old, new = {"+": (None, value), "-": (value, None)}.get(sign, value)
    erased, key = False, (table, pk, column)
    if is_digest(new, table, column):
        new, erased = _resolve(new, disclosed)
    known = tables().get(table)
    if known is None or column in known.personal:
        if sign != "+":  # the line never holds the old value of a personal column
            old = told.get(key)
        told[key] = new
    label = known.model._meta.label if known else table
    return Change(table, label, pk, sign, column, old, new, erased)
