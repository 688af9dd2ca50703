"""Are the checkpoints whole, and which heads do they vouch for?

Each row is held against its signed text, the signature against the known keys, its
heads against the signed root over them, and all of it against the archived file.
Where the row no longer stands, the file vouches in its place. What is vouched for
ends up in the scratch file: ``anchor`` has every head of every checkpoint, ``fold``
the newest of each stream.
"""

import datetime as dt
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any

from . import canon, keys, merkle
from .append import SKEW
from .archive import archive
from .checkpoints import FIRST, HeadRow, by_bytes, leaf, opened, parsed
from .findings import MANY, Report, Rows

TABLE, HEADS = "audit_checkpoint", "audit_checkpoint_head"
COLUMNS = ("number", "at", "root", "prev", "streams", "events", "key")
#: With more streams than these, a root is computed anew when a tenth of them has
#: changed since the last time, and for the last checkpoint: the work then grows with
#: the record, not with its square. Between them the root over the changes holds.
FEW, TENTH = 4096, 10
ROW, FILE = "row", "file"


@dataclass
class Said:
    """A checkpoint as one source has it. ``good``: it may vouch for heads."""

    text: str = ""
    signature: str = ""
    body: dict[str, Any] | None = None
    signed: bool | None = None  # None: no public key is known
    fits: bool = False  # its heads are those whose root is signed

    @property
    def good(self) -> bool:
        return self.body is not None and self.signed is not False and self.fits


class Anchors:
    """Reads the checkpoints of a snapshot and of the archive into the scratch file.

    since: the first checkpoint to look at; all heads up to it come from its fold.
    """

    def __init__(
        self,
        rows: Rows,
        file: sqlite3.Connection,
        report: Report,
        since: int | None = None,
    ) -> None:
        self.rows, self.file, self.report = rows, file, report
        self.since = since or 0
        self.keys, self.archive = keys.known(), archive()
        self.reached = 0  # the number before this one
        self.before: tuple[int, str, str] | None = None  # the last one that stands
        self.whole = True  # every checkpoint so far vouched for its heads
        self.streams = self.events = self.changed = 0

    def read(self) -> bool:
        """Read them all. False where the checkpoint to begin with is not there."""
        archived = {n for n in self.archive.numbers() if n >= self.since}
        stored = self._load()
        if self.since and self.since not in stored | archived:
            note = "nothing to begin with"
            self.report.add("checkpoint_missing", TABLE, self.since, note=note)
            return False
        heads = groupby(self.rows(*self._heads_sql()), key=itemgetter(0))
        upcoming = next(heads, None)
        with_heads = self.rows(
            f"SELECT DISTINCT checkpoint FROM {HEADS} WHERE checkpoint >= %s",
            [self.since],
        )
        every = sorted(stored | archived | {number for (number,) in with_heads})
        if self.since:
            self._begin()
        for number in every:
            own: Iterable[tuple[Any, ...]] = ()
            if upcoming and upcoming[0] == number:
                own = upcoming[1]
            if not (self.since and number == self.since):
                self._one(number, stored, archived, own, number == every[-1])
            if upcoming and upcoming[0] == number:
                upcoming = next(heads, None)
        self.report.reach.unarchived = len(stored - archived)
        return True

    def _load(self) -> set[int]:
        columns = ", ".join((*COLUMNS, "body", "signature"))
        self.file.executemany(
            f"INSERT INTO stored({columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            self.rows(
                f"SELECT {columns} FROM {TABLE} WHERE number >= %s ORDER BY number",
                [self.since],
            ),
        )
        return {n for (n,) in self.file.execute("SELECT number FROM stored")}

    def _heads_sql(self) -> tuple[str, list[int]]:
        order = f"checkpoint, {by_bytes()}"
        return (
            f"SELECT checkpoint, stream, seq, hash FROM {HEADS}"
            f" WHERE checkpoint >= %s ORDER BY {order}",
            [self.since],
        )

    # -- the checkpoint that is trusted ---------------------------------------------

    def _begin(self) -> None:
        """Take all heads as the trusted checkpoint knows them, and hold its root
        and signature against them."""
        number = self.since
        said = self._row(number)
        if said is not None:
            self._signature(number, said)
        else:
            note = "removed from the table: it is in the archive"
            self.report.add("checkpoint_missing", TABLE, number, note=note)
            said = self._filed(number, [number])
            self.file.execute("DELETE FROM offered")
        latest = (
            list(found)[-1]
            for _, found in groupby(
                self.rows(
                    f"SELECT stream, checkpoint, seq, hash FROM {HEADS}"
                    f" WHERE checkpoint <= %s ORDER BY {by_bytes()}, checkpoint",
                    [number],
                ),
                key=itemgetter(0),
            )
        )
        self._offer(ROW, ((s, seq, hash) for s, _, seq, hash in latest))
        self._vouch(number, ROW)
        self.file.execute("DELETE FROM offered")
        self.reached = number
        if said.body is not None:
            self._totals(number, said.body, last=True)
            self._remember(number, said)

    # -- one checkpoint ----------------------------------------------------------------

    def _one(
        self,
        number: int,
        stored: set[int],
        archived: set[int],
        heads: Iterable[tuple[Any, ...]],
        last: bool,
    ) -> None:
        own = (head[1:] for head in heads)
        row = self._row(number) if number in stored else None
        root = self._offer(ROW, own)
        if row is not None:
            self.report.counts["checkpoints"] += 1
            self._signature(number, row)
            row.fits = row.body is not None and row.body["changes"] == root
        filed = self._filed(number, archived)
        if row is None:
            known = ": it is in the archive" if filed.text else ""
            note = "removed from the table" + known
            self.report.add("checkpoint_missing", TABLE, number, note=note)
        elif filed.text:
            self._same(number, row, filed)
        if row is not None and row.body is not None and not row.fits:
            self._name_heads(number, filed.good)
        self._numbered(number)
        said = row if row is not None and row.good else filed
        if said.good:
            self._follows(number, said)
            self._vouch(number, ROW if said is row else FILE)
            self._totals(number, said.body or {}, last)
            self._remember(number, said)
        else:
            self.whole = False
        self.file.execute("DELETE FROM offered")

    def _row(self, number: int) -> Said | None:
        """The row of a checkpoint, its columns held against the signed text."""
        found = self.file.execute(
            f"SELECT body, signature, {', '.join(COLUMNS)} FROM stored"
            " WHERE number = ?",
            [number],
        ).fetchone()
        if found is None:
            return None
        said = Said(found[0], found[1])
        try:
            said.body = parsed(said.text)
        except ValueError:
            self._altered(number, "body", note="malformed")
            return said
        for name, value in zip(COLUMNS, found[2:], strict=True):
            if said.body[name] != value:
                self._altered(number, name, said.body[name], value)
                if name == "number":  # another checkpoint's text
                    said.signed = False
        return said

    def _altered(
        self, number: int, field: str, old: Any = "", new: Any = "", note: str = ""
    ) -> None:
        self.report.add("checkpoint_altered", TABLE, number, field, old, new, note)

    def _signature(self, number: int, said: Said) -> None:
        """Name a signature that does not fit, or whose key nobody knows."""
        if said.body is None:
            return
        public, key = self._public(said.body), said.body["key"]
        if self.keys and public is None:
            self.report.add("checkpoint_key_unknown", TABLE, number, "key", new=key)
            said.signed = False
        elif public and not keys.signs(public, said.text, said.signature):
            self._altered(number, "signature", note=f"not of key {key}")
            said.signed = False
        elif public and said.signed is None:
            said.signed = True

    def _public(self, body: dict[str, Any]) -> str | None:
        return self.keys.get(str(body["key"]))

    def _filed(self, number: int, archived: Iterable[int]) -> Said:
        """The archived file, its heads offered too; without a text where there is
        none, not good where it is damaged or does not verify."""
        said = Said()
        if number not in archived:
            return said
        try:
            said.text, said.signature, heads = opened(self.archive.lines(number))
            said.body = parsed(said.text)
            said.fits = self._offer(FILE, heads) == said.body["changes"]
            fits = said.fits and said.body["number"] == number
        except (ValueError, TypeError, KeyError):
            fits = False
        public = self._public(said.body) if said.body else None
        if self.keys:
            signed = bool(public) and keys.signs(
                public or "", said.text, said.signature
            )
            said.signed = fits and signed
        if not fits or said.signed is False:
            said.signed = False
            note = "the file itself does not verify"
            self.report.add("checkpoint_file", "archive", number, note=note)
        return said

    def _same(self, number: int, row: Said, filed: Said) -> None:
        old, new = filed.body or {}, row.body or {}
        pairs = {name: (old.get(name), new.get(name)) for name in old | new}
        pairs["signature"] = filed.signature, row.signature
        if filed.text != row.text and old == new:
            pairs["body"] = filed.text, row.text
        for name, (before, after) in pairs.items():
            if before != after:
                self.report.add(
                    "checkpoint_differs", TABLE, number, name, before, after
                )

    def _name_heads(self, number: int, known: bool) -> None:
        """Heads that are not the signed ones; by name where the file is good."""
        if not known:
            note = "not the heads that were signed"
            self.report.add("checkpoint_altered", HEADS, number, "heads", note=note)
            return
        both = (
            "SELECT s.stream,"
            " (SELECT seq || ' ' || hash FROM offered o WHERE o.stream = s.stream"
            f"  AND source = '{FILE}'),"
            " (SELECT seq || ' ' || hash FROM offered o WHERE o.stream = s.stream"
            f"  AND source = '{ROW}')"
            " FROM (SELECT DISTINCT stream FROM offered) s"
        )
        for stream, old, new in self.file.execute(both):
            if old != new:
                self.report.add(
                    "checkpoint_altered",
                    HEADS,
                    f"{number} {stream}",
                    "seq,hash",
                    old or "",
                    new or "",
                )

    def _numbered(self, number: int) -> None:
        """Numbers come without a gap."""
        for missing in range(self.reached + 1, min(number, self.reached + MANY)):
            note = "neither in the table nor in the archive"
            self.report.add("checkpoint_missing", TABLE, missing, note=note)
        self.whole &= number == self.reached + 1
        self.reached = number

    def _follows(self, number: int, said: Said) -> None:
        """Each names the text before it, and time goes on."""
        body = said.body or {}
        first, text, at = self.before or (0, "", body["at"])
        prev = canon.sha256(text) if text else FIRST
        if number == first + 1 and body["prev"] != prev:
            self.report.add(
                "checkpoint_broken", TABLE, number, "prev", prev, body["prev"]
            )
        moments = dt.datetime.fromisoformat(body["at"]), dt.datetime.fromisoformat(at)
        if moments[0] + SKEW < moments[1]:
            note = "before the checkpoint before it"
            self._altered(number, "at", at, body["at"], note)

    # -- heads ------------------------------------------------------------------------

    def _offer(self, source: str, heads: Iterable[HeadRow]) -> str:
        """Lay down the changed heads of a source; return the root over them."""
        tree = merkle.Tree()

        def rows() -> Iterator[tuple[Any, ...]]:
            for stream, seq, hash in heads:
                hashed = leaf(stream, seq, hash)
                tree.add(hashed)
                yield source, stream, seq, hash, hashed

        self.file.executemany(
            "INSERT OR REPLACE INTO offered VALUES (?, ?, ?, ?, ?)", rows()
        )
        return tree.root()

    def _vouch(self, number: int, source: str) -> None:
        """These heads are what the checkpoint saw: from here on they are anchors."""
        run, mine = self.file.execute, "SELECT stream FROM offered WHERE source = ?"
        old = run(
            "SELECT count(*), coalesce(sum(seq), 0) FROM fold"
            f" WHERE stream IN ({mine})",
            [source],
        ).fetchone()
        run(f"DELETE FROM fold WHERE stream IN ({mine})", [source])
        there = "FROM offered WHERE source = ? AND seq > 0"
        run(f"INSERT INTO fold SELECT stream, seq, hash, leaf {there}", [source])
        run(
            f"INSERT INTO anchor SELECT stream, ?, seq, hash {there}",
            [number, source],
        )
        new = run(
            f"SELECT count(*), coalesce(sum(seq), 0) {there}", [source]
        ).fetchone()
        self.streams += new[0] - old[0]
        self.events += new[1] - old[1]
        self.changed += max(new[0], old[0])

    def _totals(self, number: int, body: dict[str, Any], last: bool) -> None:
        """The root and the sums over all heads, as they must come out."""
        if not self.whole:
            return
        for name, value in (("streams", self.streams), ("events", self.events)):
            if body[name] != value:
                self.report.add(
                    "checkpoint_root", TABLE, number, name, body[name], value
                )
        if last or self.streams <= FEW or self.changed * TENTH >= self.streams:
            self.changed, tree = 0, merkle.Tree()
            for (hashed,) in self.file.execute("SELECT leaf FROM fold ORDER BY stream"):
                tree.add(hashed)
            self.report.counts["roots"] += 1
            if tree.root() != body["root"]:
                self.report.add(
                    "checkpoint_root", TABLE, number, "root", body["root"], tree.root()
                )

    def _remember(self, number: int, said: Said) -> None:
        """The last checkpoint that stands is how far the record is covered."""
        body, reach = said.body or {}, self.report.reach
        self.before = (number, said.text, str(body["at"]))
        reach.number, reach.at, reach.root = number, body["at"], body["root"]
        reach.signature = "checked" if said.signed else "unchecked"
