"""Compound files (MS-CFB, version 3), as old Office programs write them."""

import struct
from collections.abc import Iterable, Mapping

SECTOR = 512
ENTRIES = 4  # of the directory, in a sector
PER_TABLE = 128  # sectors that one sector of the table tells of
IN_HEADER = 109  # of those, the ones that the header names
SMALLEST = 4096  # a shorter stream would lie elsewhere
END, FREE, NONE = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFF
FAT, NAMING = 0xFFFFFFFD, 0xFFFFFFFC
STORAGE, STREAM, ROOT = 1, 2, 5


def compound(streams: Mapping[str, bytes], storages: Iterable[str] = ()) -> bytes:
    """A file whose root holds these streams and these empty storages."""
    bodies = [body.ljust(SMALLEST, b"\0") for body in streams.values()]
    bodies = [body + bytes(-len(body) % SECTOR) for body in bodies]
    names = [(name, STORAGE) for name in storages] + [(n, STREAM) for n in streams]
    folder_sectors = -(-(len(names) + 1) // ENTRIES)
    sectors = folder_sectors + sum(len(body) // SECTOR for body in bodies)
    tables = -(-sectors // (PER_TABLE - 2))  # with room for those that name them
    naming = max(0, -(-(tables - IN_HEADER) // (PER_TABLE - 1)))
    chain = [FAT] * tables + [NAMING] * naming
    chain += _run(len(chain), folder_sectors)
    starts = []
    for body in bodies:
        starts.append(len(chain))
        chain += _run(len(chain), len(body) // SECTOR)
    folder = _entry("Root Entry", ROOT, child=1, right=NONE, start=END, size=0)
    for number, (name, kind) in enumerate(names, start=1):
        right = number + 1 if number < len(names) else NONE
        start, size = END, 0
        if kind == STREAM:
            place = number - 1 - (len(names) - len(bodies))
            start, size = starts[place], len(bodies[place])
        folder += _entry(name, kind, child=NONE, right=right, start=start, size=size)
    chain += [FREE] * (tables * PER_TABLE - len(chain))
    table = struct.pack(f"<{len(chain)}I", *chain)
    folder = folder.ljust(folder_sectors * SECTOR, b"\0")
    names_of_tables = _naming(tables, naming)
    begins = _header(tables, naming)
    return begins + table + names_of_tables + folder + b"".join(bodies)


def _naming(tables: int, sectors: int) -> bytes:
    """The sectors that name the tables for which the header has no room."""
    made = b""
    for number in range(sectors):
        first = IN_HEADER + number * (PER_TABLE - 1)
        named = list(range(first, min(first + PER_TABLE - 1, tables)))
        named += [FREE] * (PER_TABLE - 1 - len(named))
        following = tables + number + 1 if number + 1 < sectors else END
        made += struct.pack(f"<{PER_TABLE}I", *named, following)
    return made


def claiming(content: bytes, name: str, size: int) -> bytes:
    """The same file, which says that a stream is so large."""
    made = bytearray(content)
    entry = content.index(name.encode("utf-16-le") + b"\0\0")
    struct.pack_into("<I", made, entry + 120, size)
    return bytes(made)


def leading(content: bytes, sector: int, following: int) -> bytes:
    """The same file, in whose table one sector leads to another."""
    made = bytearray(content)
    struct.pack_into("<I", made, SECTOR + 4 * sector, following)
    return bytes(made)


def with_tables_without_end(content: bytes, number: int) -> bytes:
    """The same file, with so many tables, named in a sector that leads to itself."""
    made = bytearray(content.ljust(SECTOR * PER_TABLE * (IN_HEADER + 1), b"\0"))
    last = len(made) // SECTOR - 1
    made += struct.pack(f"<{PER_TABLE}I", *[0] * (PER_TABLE - 1), last)
    struct.pack_into("<I", made, 44, number)
    struct.pack_into("<II", made, 68, last, -(-(number - IN_HEADER) // (PER_TABLE - 1)))
    struct.pack_into(f"<{IN_HEADER}I", made, 76, *[0] * IN_HEADER)
    return bytes(made)


def _run(first: int, sectors: int) -> list[int]:
    """The chain of sectors that follow one another."""
    return [*range(first + 1, first + sectors), END]


def _header(tables: int, naming: int) -> bytes:
    header = struct.pack(
        "<8s16xHHHHH6xIIIIIIIII",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        *(0x3E, 3, 0xFFFE, 9, 6),
        *(0, tables, tables + naming, 0, SMALLEST, END, 0),
        *(tables if naming else END, naming),
    )
    named = [*range(min(tables, IN_HEADER)), *[FREE] * (IN_HEADER - tables)]
    return header + struct.pack(f"<{IN_HEADER}I", *named)


def _entry(
    name: str, kind: int, *, child: int, right: int, start: int, size: int
) -> bytes:
    text = name.encode("utf-16-le") + b"\0\0"
    return struct.pack(
        "<64sHBBIII16xI16xIQ",
        text,
        *(len(text), kind, 1, NONE, right, child),
        *(0, start, size),
    )
