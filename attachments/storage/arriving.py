"""Files that arrive in pieces, ahead of the form that names them.

Nothing of them is a stored object until ``take`` makes it one, whole and under a key
of its own that no browser was ever told.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Protocol

from attachments.storage.local import LocalStorage
from attachments.storage.protocol import CHUNK, check_key, on_disk

MIB = 1024 * 1024


class WrongOffset(Exception):
    """A piece does not begin where the last one ended: ``received`` bytes are there."""

    def __init__(self, received: int) -> None:
        self.received = received
        super().__init__(received)


class Incomplete(Exception):
    """What arrived is not as large as announced: ``received`` bytes are there."""

    def __init__(self, received: int) -> None:
        self.received = received
        super().__init__(received)


@dataclass(frozen=True)
class Received:
    """What has arrived: bytes in all, and the numbers of whole parts (from 1)."""

    size: int
    parts: list[int] = field(default_factory=list)


class Incoming(Protocol):
    """Where files arrive. ``mark`` is what ``begin`` returned for the key.

    FileNotFoundError where nothing of the kind is on its way; StorageUnavailable as
    with every storage.
    """

    #: Bytes of a piece; the last may be smaller.
    part_size: int

    def begin(self, key: str, size: int) -> str:
        """Make ready for a file; returns the store's own mark of it, "" for none."""

    def way(self, key: str, mark: str, size: int) -> dict[str, Any]:
        """How the browser sends it: ``kind`` own, post or parts, and the rest."""

    def received(self, key: str, mark: str) -> Received: ...

    def write(
        self, key: str, offset: int, source: IO[bytes], length: int, *, mark: str = ""
    ) -> int:
        """Append a piece that passes through this process; returns what is there.

        WrongOffset unless it begins at the end of what is there.
        """

    def part_address(self, key: str, mark: str, number: int, length: int) -> str:
        """Where the browser puts one part of so many bytes, for a few minutes."""

    def take(self, key: str, mark: str, size: int, *, to: str) -> str:
        """Make it the stored object ``to``; returns the version. May be repeated.

        Incomplete, and nothing is changed, unless exactly ``size`` bytes arrived.
        """

    def drop(self, key: str, mark: str) -> None:
        """Forget it; nothing happens where there is nothing."""


class LocalIncoming:
    """Pieces appended to a file beside the storage's own, on one machine.

    Writers take turns by a lock on the file, and none writes into one that was taken
    or dropped meanwhile.
    """

    part_size = 4 * MIB

    def __init__(self, storage: LocalStorage) -> None:
        self.storage = storage
        self.root = storage.incoming

    @on_disk()
    def begin(self, key: str, size: int) -> str:
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600, exist_ok=False)
        return ""

    def way(self, key: str, mark: str, size: int) -> dict[str, Any]:
        return {"kind": "own", "part_size": self.part_size}

    def received(self, key: str, mark: str) -> Received:
        return Received(self._path(key).stat().st_size)

    @on_disk()
    def write(
        self, key: str, offset: int, source: IO[bytes], length: int, *, mark: str = ""
    ) -> int:
        with self._alone(key) as target:
            end = target.seek(0, os.SEEK_END)
            if offset != end:
                raise WrongOffset(end)
            left = length
            while left and (piece := source.read(min(CHUNK, left))):
                target.write(piece)
                left -= len(piece)
            return target.tell()

    def part_address(self, key: str, mark: str, number: int, length: int) -> str:
        raise FileNotFoundError(key)

    @on_disk()
    def take(self, key: str, mark: str, size: int, *, to: str) -> str:
        if self.storage.exists(to):
            return ""
        with self._alone(key) as target:
            end = target.seek(0, os.SEEK_END)
            if end != size:
                raise Incomplete(end)
            self.storage.adopt(self._path(key), to)
        return ""

    def drop(self, key: str, mark: str) -> None:
        self._path(key).unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        return self.root / check_key(key).rpartition("/")[2]

    @contextmanager
    def _alone(self, key: str) -> Iterator[IO[bytes]]:
        """The file, to be written by nobody else; it must still be this one."""
        path = self._path(key)
        with path.open("r+b") as target:
            fcntl.flock(target, fcntl.LOCK_EX)
            here = os.fstat(target.fileno())
            if not path.exists() or path.stat().st_ino != here.st_ino:
                raise FileNotFoundError(key)
            yield target
