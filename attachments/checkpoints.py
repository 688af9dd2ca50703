"""Checkpoints of the record in the archive class, where an S3 server locks them.

Each is an object of its own, kept for as long as the permanent papers where the
server was seen to hold retention. What counts is the version that was stored
first: whoever has the server's key can write another above it, or mark it as
deleted, but not remove it.
"""

import re
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.utils.timezone import now

from attachments.retention import Period, end_of
from attachments.storage import Storage, StorageUnavailable, get_storage

OURS = re.compile("checkpoint/0000/[0-9]{32}")
STAMPS = re.compile("checkpoint/0001/[0-9]{32}")
SIGNED, STAMPED = "0000", "0001"  # the text with its heads; the time stamp
IN_MEMORY = 1024 * 1024  # bytes; more goes through a file


class LockedArchive:
    """An ``audit.archive.Archive`` in the storage of the documents."""

    def __init__(self) -> None:
        self._storage: Storage = get_storage()
        self._versions: dict[str, str] = {}

    def numbers(self) -> set[int]:
        return self._named(OURS)

    def stamps(self) -> set[int]:
        return self._named(STAMPS)

    def _named(self, pattern: re.Pattern[str]) -> set[int]:
        self._look()
        keys = filter(pattern.fullmatch, self._versions)
        return {int(key.rpartition("/")[2]) for key in keys}

    def stamp(self, number: int) -> bytes:
        with self._opened(key_of(number, STAMPED)) as stored:
            return b"".join(stored)

    def lines(self, number: int) -> Iterator[str]:
        with self._opened(key_of(number)) as stored:
            for line in stored:
                yield line.decode().removesuffix("\n")

    @contextmanager
    def _opened(self, key: str) -> Iterator[Iterable[bytes]]:
        if key not in self._versions:
            self._look()
        if key not in self._versions:
            raise FileNotFoundError(key)
        try:
            with self._storage.open(key, version=self._versions[key]) as stored:
                yield stored
        except StorageUnavailable as error:
            raise OSError(str(error)) from error

    def write(self, number: int, lines: Iterable[str]) -> None:
        self._write(key_of(number), (f"{line}\n".encode() for line in lines))

    def write_stamp(self, number: int, content: bytes) -> None:
        self._write(key_of(number, STAMPED), [content])

    def _write(self, key: str, pieces: Iterable[bytes]) -> None:
        with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as draft:
            draft.writelines(pieces)
            draft.seek(0)
            try:
                stored = self._storage.put(key, draft)
                self._versions[key] = stored.version
                if self._storage.probe():
                    until = end_of(Period.PERMANENT, now())
                    self._storage.retain(key, until, version=stored.version)
            except StorageUnavailable as error:
                raise OSError(str(error)) from error

    def _look(self) -> None:
        try:
            found = self._storage.originals("checkpoint")
        except StorageUnavailable as error:
            raise OSError(str(error)) from error
        self._versions = {
            key: version
            for key, version in found.items()
            if OURS.fullmatch(key) or STAMPS.fullmatch(key)
        }


def key_of(number: int, place: str = SIGNED) -> str:
    """Where a checkpoint or its stamp lies: by number, so that it is there once."""
    return f"checkpoint/{place}/{number:032d}"
