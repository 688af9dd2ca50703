"""What every storage does, and what may go wrong with it."""

import errno
import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import IO, Protocol

KEY = re.compile(r"[a-z][a-z0-9_]{0,39}/[0-9]{4}/[0-9a-f]{32}")
CHUNK = 1024 * 1024  # bytes read at a time


class Class(StrEnum):
    """Why an object is kept; in S3 each class has a bucket of its own.

    ARCHIVE is for what proves the rest (checkpoints, dossiers): nobody sweeps it.
    SCRATCH is for files made for one person and thrown away.
    """

    DOCUMENTS = "documents"
    ARCHIVE = "archive"
    SCRATCH = "scratch"


#: The class of a kind of key; every other kind is DOCUMENTS.
CLASSES = {
    "archive": Class.ARCHIVE,
    "checkpoint": Class.ARCHIVE,
    "export": Class.SCRATCH,
    "rendition": Class.SCRATCH,
    "incoming": Class.SCRATCH,
}


class StorageUnavailable(Exception):
    """The store does not answer, or refuses us as a whole (key, secret, bucket).

    Nothing was stored, changed or removed. The message is for the log; people
    read a sentence of their own (desk.views.answers, desk.api.errors).
    """


#: What a disk says that is full.
FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
#: What one says that is out of our reach: read-only, broken, or not ours.
OUT_OF_REACH = FULL | {errno.EROFS, errno.EIO, errno.EACCES, errno.EPERM}


def is_full(error: BaseException | None) -> bool:
    """Whether a disk was full: that of the documents, or of files on their way."""
    return isinstance(error, OSError) and error.errno in FULL


@contextmanager
def on_disk() -> Iterator[None]:
    """What the disk refuses as a whole, as StorageUnavailable."""
    try:
        yield
    except OSError as error:
        if error.errno not in OUT_OF_REACH:
            raise
        raise StorageUnavailable(f"the folder of documents: {error}") from error


class Retained(Exception):
    """The object is on legal hold or must be kept longer; it was not changed."""


@dataclass(frozen=True)
class Stored:
    """What was written: size in bytes, SHA-256 in hexadecimal.

    ``version`` is the store's own name of exactly these bytes under the key, ""
    where a key has no versions.
    """

    size: int
    sha256: str
    version: str = ""


class Storage(Protocol):
    """An object store, as much of it as is needed.

    ``version`` names one version of the object where the store has such; without
    it the newest is meant. Every method raises StorageUnavailable.
    """

    @property
    def holds_retention(self) -> bool:
        """Whether the store itself was seen to refuse what must not be deleted.

        As ``probe`` last found it; asks nobody. Where it is False, no page may
        claim retention.
        """

    def probe(self) -> bool:
        """Find out afresh whether retention is held; the sweep does, every hour."""

    def put(self, key: str, fileobj: IO[bytes]) -> Stored:
        """Store everything from the file's position on, durably and whole.

        Until it returns, nothing is seen under the key. FileExistsError when the
        key is taken.
        """

    def open(self, key: str, *, version: str = "") -> IO[bytes]:
        """The object for reading, in pieces; FileNotFoundError when there is none."""

    def exists(self, key: str) -> bool: ...

    def delete(self, key: str) -> None:
        """Remove the object with all its versions; nothing happens without one.

        Retained when it must be kept; then all of it is still there.
        """

    def keys(self, *, min_age: timedelta) -> Iterator[str]:
        """The keys of all objects at least this old, but for the archive's."""

    def originals(self, kind: str) -> dict[str, str]:
        """The keys of a kind, each with the version that was stored first.

        Later versions and marks of deletion, which only somebody beside us can have
        written, change nothing here.
        """

    def discard_unfinished(self, *, min_age: timedelta) -> int:
        """Remove what interrupted uploads left behind; return how many."""

    def now(self) -> datetime:
        """The store's own clock, which tells ages and ends retention."""

    def retain(self, key: str, until: datetime, *, version: str = "") -> None:
        """Keep the object until then; Retained when it is to be kept longer.

        FileNotFoundError when there is none. Whole seconds, rounded up.
        """

    def retention_of(self, key: str, *, version: str = "") -> datetime | None:
        """Until when it must be kept; None where nothing was said."""

    def hold(self, key: str, *, version: str = "") -> None:
        """Keep the object until somebody releases it (legal hold)."""

    def release(self, key: str, *, version: str = "") -> None:
        """End the legal hold; a retention stays."""

    def is_held(self, key: str, *, version: str = "") -> bool:
        """Whether the object is on legal hold."""


class Digesting:
    """A stream that is counted and digested while somebody reads it."""

    def __init__(self, source: IO[bytes]) -> None:
        self._source = source
        self._digest = hashlib.sha256()
        self._size = 0

    def read(self, size: int = -1) -> bytes:
        piece = self._source.read(size)
        self._digest.update(piece)
        self._size += len(piece)
        return piece

    def stored(self, version: str = "") -> Stored:
        """What was read so far."""
        return Stored(self._size, self._digest.hexdigest(), version)


def check_key(key: str) -> str:
    """The key itself; ValueError when it is not one of ours."""
    if not KEY.fullmatch(key):
        raise ValueError(f"not a storage key: {key!r}")
    return key


def class_of(key: str) -> Class:
    """The class of an object; ValueError when the key is not one of ours."""
    return CLASSES.get(check_key(key).partition("/")[0], Class.DOCUMENTS)


def whole_seconds(moment: datetime) -> datetime:
    """A moment without fractions, never earlier: stores keep seconds."""
    return moment.replace(microsecond=0) + timedelta(seconds=bool(moment.microsecond))
