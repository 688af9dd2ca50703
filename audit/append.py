"""The end of an event: the journal becomes lines, and the heads move on."""

import datetime as dt
import hmac
import logging
import secrets
import zlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone

from . import canon, projection
from .actors import own_stream
from .capture import set_op
from .context import PROJECTION, Act, Image, register_prefix
from .models import STREAM_LENGTH, Disclosure, Head, Journal
from .origin import Address, told
from .statements import chunks, insert
from .tables import Table, tables

witness = logging.getLogger("audit.witness")
REGISTERS = 16
EVENT_COLUMNS = "stream, seq, at, verb, actor, target, request, line, hash"
DISCLOSURE_COLUMNS = "digest, stream, salt, value"
HEAD_COLUMNS = "stream, seq, hash, at, seal"
MOVE_HEAD = (
    "ON CONFLICT (stream) DO UPDATE SET seq = excluded.seq, hash = excluded.hash,"
    " at = excluded.at, seal = excluded.seal"
)
SKEW = dt.timedelta(minutes=5)  # clocks of several machines differ by less


class StreamMoved(ValueError):
    """A row would move from one stream to another: its history would break."""


@dataclass
class Drained:
    """What the journal held, by event and stream."""

    changes: dict[tuple[str, str], list[list[Any]]] = field(default_factory=dict)
    disclosures: list[Disclosure] = field(default_factory=list)
    images: list[Image] = field(default_factory=list)


def register_of(stream: str) -> str:
    """The register stream that holds the birth of a stream."""
    return f"{register_prefix.get()}:{zlib.crc32(stream.encode()) % REGISTERS}"


def seal(stream: str, seq: int, hash: str, at: str) -> str:
    """HMAC of a head, with a key that is not in the database."""
    key = settings.AUDIT_KEY.encode()
    return hmac.digest(key, f"{stream}|{seq}|{hash}|{at}".encode(), "sha256").hex()


def mark(connection: BaseDatabaseWrapper, act: Act) -> None:
    """A journal row for a nested event: it vanishes when that is rolled back."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit_journal(op, tbl) VALUES (%s, '')",
            [act.id],
        )


def append(connection: BaseDatabaseWrapper, acts: Sequence[Act]) -> None:
    """Write the events of a transaction; locks their heads until its end."""
    alive, drained = drain(connection, acts)
    lines = _lines(alive, drained.changes)
    if not lines:
        return
    _conceal_reasons(lines, drained.disclosures)
    heads = _heads(connection, lines)
    moments = _write(connection, lines, heads)
    _keep_values(connection, drained.disclosures, lines)
    if drained.images:
        set_op(connection, PROJECTION)
        projection.write(connection, drained.images, moments)


def drain(
    connection: BaseDatabaseWrapper, acts: Sequence[Act]
) -> tuple[list[Act], Drained]:
    """Empty the journal of these events; say which were not rolled back."""
    rows: list[tuple[Any, ...]] = []
    with connection.cursor() as cursor:
        for part in chunks([a.id for a in acts]):
            marks = ",".join(["%s"] * len(part))
            cursor.execute(
                f"DELETE FROM {Journal._meta.db_table} WHERE op IN ({marks})"
                " RETURNING id, op, tbl, old, new",
                part,
            )
            rows += cursor.fetchall()
    rows.sort()
    seen = {row[1] for row in rows} | {acts[0].id}
    alive = [a for a in acts if a.id in seen]
    by_id, drained = {a.id: a for a in alive}, Drained()
    for number, (_, op, table, old, new) in enumerate(rows):
        if table:
            _drain_row(drained, by_id[op], number, tables()[table], old, new)
    return alive, drained


def _drain_row(
    drained: Drained,
    act: Act,
    number: int,
    table: Table,
    old: str | None,
    new: str | None,
) -> None:
    before = None if old is None else table.row(old)
    after = None if new is None else table.row(new)
    row = after if after is not None else before or {}
    stream = table.stream(row)
    changes = drained.changes.setdefault((act.id, stream), [])
    if before is not None and after is not None:
        if table.stream(before) != stream:
            raise StreamMoved(
                f"{table.name} {row[table.pk]} may not move"
                f" from {table.stream(before)} to {stream}"
            )
        sign = "~"
        fields = {
            k: [before.get(k), after[k]] for k in after if before.get(k) != after[k]
        }
        if not fields:  # only a secret changed: the event says so, not the line
            return
    else:
        sign, fields = ("+", dict(after)) if after is not None else ("-", dict(row))
    drained.images.append(Image(act, number, table.name, sign, row))
    for column in table.personal & fields.keys():
        fields[column] = _conceal(drained, stream, sign, fields[column])
    changes.append([number, table.name, row[table.pk], sign, fields])


def _conceal(drained: Drained, stream: str, sign: str, value: Any) -> Any:
    """A personal value in a line: the new one as a digest, the old one not at all.

    Disclosing the old value again would write down what an erasure erases. A row that
    is born without the value needs no digest for that: most are.
    """
    if sign == "+" and value == "":
        return value
    if sign == "-":
        return None
    if sign == "~":
        return [None, _disclose(drained.disclosures, stream, value[1])]
    return _disclose(drained.disclosures, stream, value)


def _disclose(
    disclosures: list[Disclosure], stream: str, value: Any
) -> dict[str, str] | None:
    if value is None:
        return None
    salt, text = secrets.token_hex(16), canon.dumps(value)
    found = canon.digest(salt, text)
    disclosures.append(Disclosure(digest=found, stream=stream, salt=salt, value=text))
    return {"digest": found}


@dataclass
class Line:
    """One line to be: an event as it concerns one stream."""

    stream: str
    act: Act
    changes: list[list[Any]]
    verb: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    reason: dict[str, str] | None = None

    def body(self, head: Head, at: str) -> dict[str, Any]:
        """What is hashed; ``v`` is the version of this form (1 had no ``origin``)."""
        act, opening = self.act, bool(self.verb)
        return {
            "v": 2,
            "stream": self.stream,
            "seq": head.seq + 1,
            "prev": head.hash,
            "at": at,
            "verb": self.verb or act.verb,
            "actor": act.actor,
            "for": act.on_behalf,
            "target": "" if opening else act.target,
            "reason": self.reason,
            "reason_code": "" if opening else act.reason_code,
            "request": act.request,
            "origin": told(act.origin),
            "data": self.data if opening else canon.fact(act.data),
            "id": act.id,
            "tx": act.tx,
            "changes": self.changes,
        }


def _lines(acts: list[Act], changes: dict[tuple[str, str], Any]) -> list[Line]:
    """The lines of a transaction, in the order in which its acts began."""
    lines: list[Line] = []
    for act in acts:
        streams = [s for (id, s) in changes if id == act.id]
        if act.stream and act.stream not in streams:
            streams.insert(0, act.stream)
        lines += [Line(s, act, changes.get((act.id, s), [])) for s in streams]
    if not lines and acts and acts[0].actor.startswith("user:"):
        lines = [Line(own_stream(acts[0].actor), acts[0], [])]
    return lines


def _conceal_reasons(lines: list[Line], disclosures: list[Disclosure]) -> None:
    """One digest for the free-text reason of each act, in all its lines."""
    digests: dict[str, dict[str, str] | None] = {}
    for line in lines:
        act = line.act
        if act.reason:
            if act.id not in digests:
                digests[act.id] = _disclose(disclosures, line.stream, act.reason)
            line.reason = digests[act.id]


def _keep_values(
    connection: BaseDatabaseWrapper, disclosures: list[Disclosure], lines: list[Line]
) -> None:
    """Write what opens the digests; the address of a request only once.

    A transaction before this one may have written it: then it is left as it is.
    """
    addresses: dict[str, Disclosure] = {}
    for act in (line.act for line in lines):
        address = act.origin
        if isinstance(address, Address) and not address.kept:
            if address.digest not in addresses:
                transaction.on_commit(address.keep)
            addresses.setdefault(
                address.digest,
                Disclosure(
                    digest=address.digest,
                    stream=own_stream(act.actor),
                    salt=address.salt,
                    value=address.text,
                ),
            )
    rows = [
        (row.digest, row.stream, row.salt, row.value)
        for row in (*disclosures, *addresses.values())
    ]
    tail = "ON CONFLICT (digest) DO NOTHING" if addresses else ""
    with connection.cursor() as cursor:
        insert(cursor, "audit_disclosure", DISCLOSURE_COLUMNS, rows, tail)


def _heads(connection: BaseDatabaseWrapper, lines: list[Line]) -> dict[str, Head]:
    """Lock the heads in one order; a stream's birth is one more line."""
    heads = _lock(connection, {line.stream for line in lines})
    births = defaultdict(list)
    for stream, head in heads.items():
        if head.seq == 0:
            births[register_of(stream)].append(stream)
    # Registers are always locked after the others: one order, no deadlock.
    if births:
        heads |= _lock(connection, births.keys())
    for register, streams in sorted(births.items()):
        opened = {"streams": sorted(streams)}
        lines.append(Line(register, lines[0].act, [], "stream.open", opened))
    return heads


def _write(
    connection: BaseDatabaseWrapper, lines: list[Line], heads: dict[str, Head]
) -> dict[tuple[str, str], str]:
    """Write the lines, move the heads; returns the moment of each (event, stream)."""
    now = timezone.now()
    moments: dict[tuple[str, str], str] = {}
    events: list[tuple[Any, ...]] = []
    for line in lines:
        head = heads[line.stream]
        at = _moment(now, head.at)
        text = canon.dumps(line.body(head, at))
        head.seq, head.hash, head.at = head.seq + 1, canon.sha256(text), at
        moments.setdefault((line.act.id, line.stream), at)
        events.append(_event(connection, line, head, text))
    tops = [
        (h.stream, h.seq, h.hash, h.at, seal(h.stream, h.seq, h.hash, h.at))
        for h in sorted(heads.values(), key=lambda h: h.stream)
    ]
    with connection.cursor() as cursor:
        insert(cursor, "audit_event", EVENT_COLUMNS, events)
        insert(cursor, "audit_head", HEAD_COLUMNS, tops, MOVE_HEAD)
    _witness(list(heads.values()))
    return moments


def _witness(heads: list[Head]) -> None:
    """One log line per append: shipped elsewhere, it outlives a rollback of the
    whole database, which nothing inside of it can show."""
    if witness.isEnabledFor(logging.INFO):
        text = "\n".join(f"{h.stream}|{h.seq}|{h.hash}" for h in heads)
        transaction.on_commit(lambda: witness.info(text))


def _event(
    connection: BaseDatabaseWrapper, line: Line, head: Head, text: str
) -> tuple[Any, ...]:
    """A row of the table of events, in the order of EVENT_COLUMNS."""
    at = dt.datetime.fromisoformat(head.at)
    return (
        line.stream,
        head.seq,
        connection.ops.adapt_datetimefield_value(at),
        line.verb or line.act.verb,
        line.act.actor,
        "" if line.verb else line.act.target,
        line.act.request,
        text,
        head.hash,
    )


def _moment(now: dt.datetime, last: str) -> str:
    """Now; but not before the last event because of a clock that is a bit late.

    A clock that is far behind is set so on purpose (a rehearsal of an old
    round): the order of events is their number, never their moment.
    """
    if last:
        before = dt.datetime.fromisoformat(last)
        if now < before <= now + SKEW:
            return last
    return canon.moment(now)


def _lock(connection: BaseDatabaseWrapper, streams: Iterable[str]) -> dict[str, Head]:
    """Lock heads in sorted order, creating what is missing."""
    heads: dict[str, Head] = {}
    with connection.cursor() as cursor:
        for part in chunks(sorted(streams)):
            long = next((s for s in part if len(s) > STREAM_LENGTH), None)
            if long:
                raise ValueError(f"the name of a stream is too long: {long[:40]}…")
            cursor.execute(
                "INSERT INTO audit_head(stream, seq, hash, at, seal) VALUES "
                + ",".join(["(%s, 0, '', '', '')"] * len(part))
                + " ON CONFLICT (stream) DO UPDATE SET seq = audit_head.seq"
                " RETURNING stream, seq, hash, at, seal",
                part,
            )
            heads |= {
                stream: Head(stream=stream, seq=seq, hash=hash, at=at, seal=mac)
                for stream, seq, hash, at, mac in cursor.fetchall()
            }
    return heads
