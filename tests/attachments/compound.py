"""Compound files (MS-CFB, version 3), as old Office programs write them."""

import struct
from collections.abc import Iterable, Mapping

SECTOR = 512
ENTRIES = 4  # of the directory, in a sector
SMALLEST = 4096  # a shorter stream would lie elsewhere
END, FREE, NONE, FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFD
STORAGE, STREAM, ROOT = 1, 2, 5


def compound(streams: Mapping[str, bytes], storages: Iterable[str] = ()) -> bytes:
    """A file whose root holds these streams and these empty storages."""
    bodies = [body.ljust(SMALLEST, b"\0") for body in streams.values()]
    bodies = [body + bytes(-len(body) % SECTOR) for body in bodies]
    names = [(name, STORAGE) for name in storages] + [(n, STREAM) for n in streams]
    folder_sectors = -(-(len(names) + 1) // ENTRIES)
    chain = [FAT, *_run(1, folder_sectors)]
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
    table = struct.pack("<128I", *chain, *[FREE] * (128 - len(chain)))
    folder = folder.ljust(folder_sectors * SECTOR, b"\0")
    return _header() + table + folder + b"".join(bodies)


def _run(first: int, sectors: int) -> list[int]:
    """The chain of sectors that follow one another."""
    return [*range(first + 1, first + sectors), END]


def _header() -> bytes:
    header = struct.pack(
        "<8s16xHHHHH6xIIIIIIIIII",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        *(0x3E, 3, 0xFFFE, 9, 6),
        *(0, 1, 1, 0, SMALLEST, END, 0, END, 0, 0),
    )
    return header + struct.pack("<I", FREE) * ((SECTOR - len(header)) // 4)


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
