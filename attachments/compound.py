"""Reading a compound file (MS-CFB) that may lie: by sectors, and only what is asked.

Libraries read a stream whole, as long as the file says that it is and along chains
that may lead back into themselves: two kilobytes then take gigabytes. Here a claim is
held against the size of the file, a chain against the number of its sectors, and what
is kept in memory is a few tables, however large the file is.
"""

import struct
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import IO

from attachments.filetypes import size_of

SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
HEADER = 512  # bytes
IN_HEADER = 109  # sectors of the table of sectors that the header names
LAST = 0xFFFFFFFA  # numbers above it are no sectors: an end, a free one …
NONE = 0xFFFFFFFF  # no entry
CUTOFF = 4096  # a shorter stream lies in small sectors, in the root's stream
SMALL = 64
ENTRY = 128  # bytes of an entry of the directory
STORAGE, STREAM = 1, 2

MOST_ENTRIES = 65_536  # of a directory; documents with a thousand objects have 6,000
MOST_SMALL = 256 * 1024 * 1024  # bytes of all small streams together
MOST_TABLES = 32  # sectors of the table that are kept


class Damaged(Exception):
    """The file is not what its own tables say."""


@dataclass(frozen=True)
class Entry:
    """A storage or a stream; those at the top are 1 deep."""

    name: str
    kind: int
    depth: int
    start: int
    size: int


class Stream:
    """A stream, read forwards; what the file does not have is missing at its end."""

    def __init__(
        self, content: IO[bytes], places: Iterator[int], piece: int, size: int
    ) -> None:
        self._content, self._places, self._piece = content, places, piece
        self._place, self._used, self.left = 0, piece, size

    def read(self, count: int) -> bytes:
        """The next bytes, fewer at the end. Damaged."""
        return b"".join(self._take(at, size) for at, size in self._next(count))

    def skip(self, count: int) -> None:
        """Go on without reading. Damaged."""
        for _step in self._next(count):
            pass

    def _next(self, count: int) -> Iterator[tuple[int, int]]:
        count = min(count, self.left)
        while count:
            if self._used == self._piece:
                self._place, self._used = next(self._places, -1), 0
                if self._place < 0:
                    raise Damaged
            size = min(count, self._piece - self._used)
            at = self._place + self._used
            self._used += size
            self.left -= size
            count -= size
            yield at, size

    def _take(self, at: int, size: int) -> bytes:
        self._content.seek(at)
        return self._content.read(size)


class Compound:
    """The file; Damaged where it cannot be one."""

    def __init__(self, content: IO[bytes]) -> None:
        self._content = content
        self.size = size_of(content)
        header = self._at(0, HEADER)
        shift = int.from_bytes(header[30:32], "little")
        if not header.startswith(SIGNATURE) or shift not in (9, 12):
            raise Damaged
        self.sector = 1 << shift
        self._per_table = self.sector // 4
        self.sectors = -(-self.size // self.sector) - 1  # the last may be cut
        self._tables = self._where_tables_are(header)
        self._kept: dict[int, tuple[int, ...]] = {}
        folder, self._small_table = (
            int.from_bytes(header[at : at + 4], "little") for at in (48, 60)
        )
        self._folder = self._all(folder, MOST_ENTRIES * ENTRY)
        self._count = len(self._folder) * self.sector // ENTRY

    def entries(self) -> Iterator[Entry]:
        """Every storage and stream that the directory leads to. Damaged."""
        seen = bytearray(self._count)
        _name, _kind, _left, _right, child, _start, _size = self._entry(0)
        waiting = [(child, 1)]
        while waiting:
            number, depth = waiting.pop()
            if number >= self._count or seen[number]:
                continue
            seen[number] = 1
            name, kind, left, right, child, start, size = self._entry(number)
            waiting += [(right, depth), (left, depth), (child, depth + 1)]
            if kind == STREAM and size > self.size:
                raise Damaged
            if kind in (STORAGE, STREAM):
                yield Entry(name, kind, depth, start, size)

    def open(self, entry: Entry) -> Stream:
        """A stream from its beginning; Damaged."""
        return Stream(self._content, *self._places(entry), entry.size)

    def check(self, entry: Entry) -> None:
        """Damaged for a stream that is shorter than it says or comes back to itself."""
        places, piece = self._places(entry)
        seen = bytearray(self.size // piece // 8 + 2)
        for _step in range(-(-entry.size // piece)):
            byte, bit = divmod(next(places, self.size) // piece, 8)
            if byte >= len(seen) or seen[byte] & 1 << bit:
                raise Damaged
            seen[byte] |= 1 << bit

    # -- steps -----------------------------------------------------------------

    def _places(self, entry: Entry) -> tuple[Iterator[int], int]:
        """Where the sectors of a stream begin, and how large they are."""
        if entry.size < CUTOFF:
            return self._small(entry.start), SMALL
        return (self._place(n) for n in self._chain(entry.start)), self.sector

    def _at(self, place: int, count: int) -> bytes:
        self._content.seek(place)
        data = self._content.read(count)
        if len(data) < count:
            raise Damaged
        return data

    def _place(self, sector: int) -> int:
        """Where a sector begins; Damaged for one that the file does not have."""
        if sector >= self.sectors:
            raise Damaged
        return (sector + 1) * self.sector

    def _numbers(self, sector: int) -> tuple[int, ...]:
        data = self._at(self._place(sector), self.sector)
        return struct.unpack(f"<{self._per_table}I", data)

    def _where_tables_are(self, header: bytes) -> list[int]:
        """The sectors of the table, as many as the file's size asks for."""
        needed = -(-self.sectors // self._per_table)
        named = struct.unpack_from(f"<{IN_HEADER}I", header, 76)
        tables = [number for number in named if number <= LAST][:needed]
        following = int.from_bytes(header[68:72], "little")
        for _step in range(needed):
            if len(tables) >= needed or following > LAST:
                break
            numbers = self._numbers(following)
            tables += [number for number in numbers[:-1] if number <= LAST]
            following = numbers[-1]
        return tables[:needed]

    def _chain(self, sector: int) -> Iterator[int]:
        """The sectors that follow one another; more than there are, if they circle."""
        while sector <= LAST:
            yield sector
            table, place = divmod(sector, self._per_table)
            if table >= len(self._tables):
                raise Damaged
            if table not in self._kept:
                if len(self._kept) >= MOST_TABLES:
                    self._kept.clear()
                self._kept[table] = self._numbers(self._tables[table])
            sector = self._kept[table][place]

    def _all(self, start: int, most: int) -> "array[int]":
        """The sectors of a chain, of at most so many bytes."""
        most = min(most // self.sector, self.sectors)
        numbers = array("I")
        for number in self._chain(start):
            if len(numbers) >= most:
                raise Damaged
            numbers.append(number)
        return numbers

    def _entry(self, number: int) -> tuple[str, int, int, int, int, int, int]:
        folder, at = divmod(number * ENTRY, self.sector)
        if folder >= len(self._folder):
            raise Damaged
        data = self._at(self._place(self._folder[folder]) + at, ENTRY)
        raw, length, kind, left, right, child, start, low, high = struct.unpack(
            "<64sHBxIII36xIII", data
        )
        name = raw[: max(0, min(length, 64) - 2)].decode("utf-16-le", "replace")
        size = low + (high << 32) if self.sector > HEADER else low  # as many write it
        return name, kind, left, right, child, start, size

    @cached_property
    def _small_sectors(self) -> "array[int]":
        """The sectors in which the small ones lie."""
        *_rest, start, _size = self._entry(0)
        return self._all(start, MOST_SMALL)

    @cached_property
    def _small_tables(self) -> "array[int]":
        return self._all(self._small_table, MOST_SMALL // SMALL * 4)

    def _small(self, number: int) -> Iterator[int]:
        """Where the small sectors begin that follow one another."""
        while number <= LAST:
            at, within = divmod(number * SMALL, self.sector)
            table, place = divmod(number * 4, self.sector)
            if at >= len(self._small_sectors) or table >= len(self._small_tables):
                raise Damaged
            yield self._place(self._small_sectors[at]) + within
            following = self._at(self._place(self._small_tables[table]) + place, 4)
            number = int.from_bytes(following, "little")
