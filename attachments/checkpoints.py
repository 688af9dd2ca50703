"""Checkpoints of the record in the archive class, where an S3 server locks them.

Each is an object of its own, kept for as long as the permanent papers where the
server was seen to hold retention. What counts is the version that was stored
first: whoever has the server's key can write another above it, or mark it as
deleted, but not remove it.
"""

import re
import tempfile
from collections.abc import Iterable, Iterator

from django.utils.timezone import now

from attachments.retention import Period, end_of
from attachments.storage import Storage, StorageUnavailable, get_storage

OURS = re.compile("checkpoint/0000/[0-9]{32}")
IN_MEMORY = 1024 * 1024  # bytes; more goes through a file


class LockedArchive:
    """An ``audit.archive.Archive`` in the storage of the documents."""

    def __init__(self) -> None:
        self._storage: Storage = get_storage()
        self._versions: dict[str, str] = {}

    def numbers(self) -> set[int]:
        self._look()
        return {int(key.rpartition("/")[2]) for key in self._versions}

    def lines(self, number: int) -> Iterator[str]:
        key = key_of(number)
        if key not in self._versions:
            self._look()
        if key not in self._versions:
            raise FileNotFoundError(key)
        try:
            with self._storage.open(key, version=self._versions[key]) as stored:
                for line in stored:
                    yield line.decode().removesuffix("\n")
        except StorageUnavailable as error:
            raise OSError(str(error)) from error

    def write(self, number: int, lines: Iterable[str]) -> None:
        key = key_of(number)
        with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as draft:
            draft.writelines(f"{line}\n".encode() for line in lines)
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
        self._versions = {key: v for key, v in found.items() if OURS.fullmatch(key)}


def key_of(number: int) -> str:
    """Where a checkpoint lies: its number, so that it can be there once."""
    return f"checkpoint/0000/{number:032d}"
