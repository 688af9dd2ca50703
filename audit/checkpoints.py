"""Checkpoints: one signed hash over the heads of all streams, kept elsewhere.

The body (canonical JSON) is what is signed::

    v, kind     1, "checkpoint"
    number, at  1, 2, 3 …, and the moment in UTC
    prev        SHA-256 of the body before it; "" in the first
    streams     how many there are, and how many events they hold
    events
    root        of the Merkle tree over [stream, number, hash] of every head
    changed     how many heads differ from the checkpoint before
    changes     the root over these alone: they are stored beside the body
    key         the fingerprint of the key that signs

Trees are those of RFC 6962, their leaves canonical JSON sorted by stream. A stream
that is gone stands among the changed heads with the number 0 and no hash, and is no
leaf of ``root``.
"""

import datetime as dt
import json
import logging
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from . import canon, keys, merkle
from .archive import archive
from .findings import Rows, snapshot
from .models import Checkpoint, CheckpointHead

logger = logging.getLogger(__name__)
VERSION, KIND, CHUNK = 1, "checkpoint", 500
FIRST = ""  # what the first checkpoint names as the one before it
GONE = (0, "")  # the head of a stream that is no longer there
BODY: dict[str, type] = {
    "v": int,
    "kind": str,
    "number": int,
    "at": str,
    "prev": str,
    "streams": int,
    "events": int,
    "root": str,
    "changed": int,
    "changes": str,
    "key": str,
}
HeadRow = tuple[str, int, str]


class CheckpointProblem(Exception):
    """No checkpoint can be made; the message is for the operator."""


@dataclass
class Made:
    """A new checkpoint, and what its making came upon.

    lost: streams whose heads went back or are gone since the checkpoint before.
    taken_back: numbers that the table lacked and the archive had.
    """

    checkpoint: Checkpoint
    lost: list[str] = field(default_factory=list)
    taken_back: list[int] = field(default_factory=list)


@dataclass
class State:
    """The heads as one snapshot shows them; the changed ones are in the spool."""

    at: str
    streams: int = 0
    events: int = 0
    root: str = ""
    changed: int = 0
    changes: str = ""
    lost: list[str] = field(default_factory=list)


def by_bytes(column: str = "stream") -> str:
    """ORDER BY the bytes of a text, on both databases."""
    return f'{column} COLLATE "C"' if connection.vendor == "postgresql" else column


def leaf(stream: str, seq: int, hash: str) -> bytes:
    """The hash of a head as a leaf."""
    return merkle.leaf(canon.dumps([stream, seq, hash]).encode())


def make(key: Ed25519PrivateKey, always: bool = False) -> Made | None:
    """Make a checkpoint, store it and put it into the archive.

    Returns None where no head changed since the last one, unless ``always``.
    What the archive lacks is put there first, and what the table lacks at its end
    (a database that was put back) is taken back from there.
    Raises CheckpointProblem, and OSError from the archive.
    """
    taken_back = _take_back(key)
    with closing(sqlite3.connect("")) as spool:  # a file of its own once it grows
        with snapshot() as rows:
            last = _last(rows)
            state = _read(rows, spool, last[1] if last else 0)
        if last and not state.changed and not always:
            put_out()
            return None
        checkpoint = _signed(key, state, last)
        _store(checkpoint, spool.execute("SELECT * FROM changed ORDER BY stream"))
    put_out()
    for stream in state.lost:
        logger.error("checkpoint %d: %s went back", checkpoint.number, stream)
    return Made(checkpoint, state.lost, taken_back)


def _last(rows: Rows) -> tuple[int, int, str] | None:
    """Number, streams and body of the newest checkpoint."""
    found = rows(
        "SELECT number, streams, body FROM audit_checkpoint"
        " ORDER BY number DESC LIMIT 1"
    )
    return next(iter(list(found)), None)


def _read(rows: Rows, spool: sqlite3.Connection, known_streams: int) -> State:
    """Go through the heads once; the changed ones end up in the spool."""
    state, tree, born = State(canon.moment(timezone.now())), merkle.Tree(), 0
    spool.execute("CREATE TABLE changed(stream PRIMARY KEY, seq, hash) WITHOUT ROWID")
    add = "INSERT INTO changed VALUES (?, ?, ?)"
    for stream, seq, hash, known in rows(
        "SELECT stream, seq, hash, (SELECT k.seq || ' ' || k.hash"
        "   FROM audit_checkpoint_head k WHERE k.stream = h.stream"
        "   ORDER BY k.checkpoint DESC LIMIT 1)"
        f" FROM audit_head h WHERE seq > 0 ORDER BY {by_bytes()}"
    ):
        tree.add(leaf(stream, seq, hash))
        state.events += seq
        before = int(known.partition(" ")[0]) if known else 0
        born += before == 0
        if known != f"{seq} {hash}":
            spool.execute(add, [stream, seq, hash])
            if seq <= before:
                state.lost.append(stream)
    state.streams, state.root = tree.size, tree.root()
    if tree.size != known_streams + born:
        gone = sorted(_gone(rows))
        spool.executemany(add, [(stream, *GONE) for stream in gone])
        state.lost += gone
    changes = merkle.Tree()
    for head in spool.execute("SELECT * FROM changed ORDER BY stream"):
        changes.add(leaf(*head))
    state.changed, state.changes = changes.size, changes.root()
    return state


def _gone(rows: Rows) -> Iterator[str]:
    """Streams of the last checkpoint that have no head any more."""
    for (stream,) in rows(
        "SELECT k.stream FROM audit_checkpoint_head k WHERE k.seq > 0"
        " AND NOT EXISTS (SELECT 1 FROM audit_checkpoint_head n"
        "   WHERE n.stream = k.stream AND n.checkpoint > k.checkpoint)"
        " AND NOT EXISTS (SELECT 1 FROM audit_head h"
        "   WHERE h.stream = k.stream AND h.seq > 0)"
    ):
        yield stream


def _signed(
    key: Ed25519PrivateKey, state: State, last: tuple[int, int, str] | None
) -> Checkpoint:
    number = last[0] + 1 if last else 1
    body = {
        "v": VERSION,
        "kind": KIND,
        "number": number,
        "at": state.at,
        "prev": canon.sha256(last[2]) if last else FIRST,
        "streams": state.streams,
        "events": state.events,
        "root": state.root,
        "changed": state.changed,
        "changes": state.changes,
        "key": keys.fingerprint(keys.public_text(key)),
    }
    text = canon.dumps(body)
    return from_body(text, key.sign(text.encode()).hex())


def from_body(text: str, signature: str) -> Checkpoint:
    """The row of a body and its signature. Raises ValueError for a malformed one."""
    body = parsed(text)
    names = ("number", "at", "root", "prev", "streams", "events", "key")
    return Checkpoint(
        body=text, signature=signature, **{name: body[name] for name in names}
    )


def parsed(text: str) -> dict[str, Any]:
    """The body's values. Raises ValueError."""
    body = json.loads(text)
    kinds = {k: type(v) for k, v in body.items()} if isinstance(body, dict) else {}
    if kinds != BODY or canon.dumps(body) != text:
        raise ValueError("not the body of a checkpoint")
    dt.datetime.fromisoformat(body["at"])
    found: dict[str, Any] = body
    return found


def _store(checkpoint: Checkpoint, heads: Iterable[HeadRow]) -> None:
    number = checkpoint.number
    rows = (
        CheckpointHead(checkpoint=number, stream=stream, seq=seq, hash=hash)
        for stream, seq, hash in heads
    )
    try:
        with transaction.atomic():
            checkpoint.save(force_insert=True)
            while part := list(islice(rows, CHUNK)):
                CheckpointHead.objects.bulk_create(part)
    except IntegrityError:
        raise CheckpointProblem(
            _("Checkpoint %(number)d was made by somebody else meanwhile")
            % {"number": number}
        )


def is_hourly() -> bool:
    """Whether a worker makes them by itself (config.celery), or a command does."""
    beaten = settings.REDIS_URL and settings.CHECKPOINT_PUBLIC_KEYS
    return bool(beaten and settings.CHECKPOINT_SECONDS)


# -- the archive ------------------------------------------------------------------


def put_out() -> list[int]:
    """Write to the archive what it lacks; return the numbers."""
    store = archive()
    numbers = Checkpoint.objects.order_by("number").values_list("number", flat=True)
    lacking = sorted(set(numbers) - store.numbers())
    for number in lacking:
        with suppress(FileExistsError):  # somebody else did it; verify_audit compares
            store.write(number, _file(Checkpoint.objects.get(pk=number)))
    return lacking


def _file(checkpoint: Checkpoint) -> Iterator[str]:
    first = {"body": checkpoint.body, "signature": checkpoint.signature}
    yield canon.dumps(first)
    heads = CheckpointHead.objects.filter(checkpoint=checkpoint.number)
    fields = heads.order_by("id").values_list("stream", "seq", "hash")
    for head in fields.iterator():
        yield canon.dumps(list(head))


def opened(lines: Iterator[str]) -> tuple[str, str, Iterator[HeadRow]]:
    """Body, signature and changed heads of an archived file. Raises ValueError."""
    first = json.loads(next(lines, ""))
    if not isinstance(first, dict) or set(first) != {"body", "signature"}:
        raise ValueError("not the file of a checkpoint")
    return str(first["body"]), str(first["signature"]), map(_head, lines)


def _head(line: str) -> HeadRow:
    stream, seq, hash = json.loads(line)
    return str(stream), int(seq), str(hash)


def _take_back(key: Ed25519PrivateKey) -> list[int]:
    """Put archived checkpoints that follow the table's last one into the table.

    So after a database was put back, numbers go on where they were, and what was
    lost stays visible: its heads are in the chain of checkpoints.
    """
    store = archive()
    last = Checkpoint.objects.order_by("-number").values_list("number", flat=True)
    missing = sorted(n for n in store.numbers() if n > (last.first() or 0))
    for number in missing:
        try:
            body, signature, heads = opened(store.lines(number))
            row, found = from_body(body, signature), merkle.Tree()
            publics = keys.known() | {row.key: keys.public_text(key)}
            signed = keys.signs(publics.get(row.key, ""), body, signature)
            for head in heads:
                found.add(leaf(*head))
            whole = found.root() == parsed(body)["changes"] and row.number == number
        except ValueError:
            signed = whole = False
        if not (signed and whole):
            raise CheckpointProblem(
                _("The archive holds checkpoint %(number)d, which does not verify")
                % {"number": number}
            )
        _store(row, opened(store.lines(number))[2])
        logger.warning("checkpoint %d was taken back from the archive", number)
    return missing
