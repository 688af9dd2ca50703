"""What proves to somebody outside that a stream ended where it ended.

For each checkpoint that saw a head of the stream change, and for the newest one:
the path from that head to the root that is signed (RFC 6962, audit.merkle).
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from .checkpoints import HeadRow, by_bytes, leaf
from .findings import Rows
from .merkle import Prover

CHANGES, ROOT = "changes", "root"


@dataclass(frozen=True)
class Proof:
    """One head in one tree of a checkpoint.

    tree: "changes", over the heads that changed since the one before, or "root",
        over all of them. path: the hashes beside the way up, as hexadecimal text.
    """

    checkpoint: int
    tree: str
    stream: str
    seq: int
    hash: str
    index: int
    path: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"path": list(self.path)}


def proofs_of(rows: Rows, streams: Iterable[str]) -> list[Proof]:
    """The proofs for these streams, by checkpoint; none where no one covers them.

    rows: a snapshot. Reads the changed heads of each checkpoint that covers one of
    the streams, and once the heads of all streams, in bounded memory.
    """
    wanted = set(streams)
    numbers: set[int] = set()
    for stream in wanted:
        numbers |= {
            number
            for (number,) in rows(
                "SELECT checkpoint FROM audit_checkpoint_head"
                " WHERE stream = %s AND seq > 0",
                [stream],
            )
        }
    found = proofs_at(rows, dict.fromkeys(numbers, wanted))
    for (newest,) in rows("SELECT max(number) FROM audit_checkpoint"):
        if numbers and newest is not None:
            heads = rows(
                "SELECT k.stream, k.seq, k.hash FROM audit_checkpoint_head k"
                " WHERE k.seq > 0 AND NOT EXISTS (SELECT 1 FROM audit_checkpoint_head n"
                "   WHERE n.stream = k.stream AND n.checkpoint > k.checkpoint)"
                f" ORDER BY {by_bytes('k.stream')}"
            )
            found += _proved(newest, ROOT, heads, wanted)
    return found


def proofs_at(rows: Rows, wanted: dict[int, set[str]]) -> list[Proof]:
    """The proofs that these checkpoints saw these streams change, by checkpoint."""
    found: list[Proof] = []
    for number in sorted(wanted):
        heads = rows(
            "SELECT stream, seq, hash FROM audit_checkpoint_head"
            f" WHERE checkpoint = %s ORDER BY {by_bytes()}",
            [number],
        )
        found += _proved(number, CHANGES, heads, wanted[number])
    return found


def _proved(
    number: int, tree: str, heads: Iterable[HeadRow], wanted: set[str]
) -> list[Proof]:
    """The proofs for the wanted heads of one tree."""
    prover, kept = Prover(), []
    for stream, seq, hash in heads:
        if stream in wanted:
            kept.append((prover.size, stream, seq, hash))
        prover.add(leaf(stream, seq, hash), wanted=stream in wanted)
    paths = prover.paths()
    return [
        Proof(
            number,
            tree,
            stream,
            seq,
            hash,
            index,
            tuple(step.hex() for step in paths[index]),
        )
        for index, stream, seq, hash in kept
    ]
