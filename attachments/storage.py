"""Where the bytes are. The protocol is S3's, the files are in var/ by default.

Keys are made by ``new_key`` and never chosen by a person. A stored object is
never overwritten. Ages are told by the storage's own clock: the clock of this
process may be moved (rehearsals), the one of another machine may be wrong.
"""

import hashlib
import os
import re
import tempfile
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import IO, Protocol

from django.conf import settings
from django.utils import timezone

KEY = re.compile(r"[a-z][a-z0-9_]{0,39}/[0-9]{4}/[0-9a-f]{32}")
CHUNK = 1024 * 1024  # bytes read at a time


@dataclass(frozen=True)
class Stored:
    """What was written: size in bytes, SHA-256 in hexadecimal."""

    size: int
    sha256: str


class Storage(Protocol):
    """An object store, as much of it as is needed."""

    def put(self, key: str, fileobj: IO[bytes]) -> Stored:
        """Store everything from the file's position on, durably and whole.

        Until it returns, nothing is seen under the key. FileExistsError when the
        key is taken.
        """

    def open(self, key: str) -> IO[bytes]:
        """The object for reading; FileNotFoundError when there is none."""

    def exists(self, key: str) -> bool: ...

    def delete(self, key: str) -> None:
        """Remove the object; nothing happens when there is none."""

    def keys(self, *, min_age: timedelta) -> Iterator[str]:
        """The keys of all objects at least this old."""

    def discard_unfinished(self, *, min_age: timedelta) -> int:
        """Remove what interrupted uploads left behind; return how many."""


def get_storage() -> Storage:
    """The storage the settings name."""
    return LocalStorage(Path(settings.MEDIA_ROOT))


def new_key(kind: str) -> str:
    """A fresh key for a file of this kind of folder: kind/year/uuid."""
    return f"{kind}/{timezone.localdate():%Y}/{uuid.uuid4().hex}"


class LocalStorage:
    """Objects as files below a root folder, on one machine."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.unfinished = root / ".unfinished"

    def put(self, key: str, fileobj: IO[bytes]) -> Stored:
        path = self._path(key)
        self._make_folder(self.unfinished)
        self._make_folder(path.parent)
        handle, name = tempfile.mkstemp(dir=self.unfinished)
        temporary = Path(name)
        try:
            with os.fdopen(handle, "wb") as target:
                stored = _copy(fileobj, target)
                target.flush()
                os.fsync(target.fileno())
            if path.exists():
                raise FileExistsError(key)
            temporary.rename(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        _sync_folder(path.parent)
        return stored

    def open(self, key: str) -> IO[bytes]:
        return self._path(key).open("rb")

    def exists(self, key: str) -> bool:
        return self._path(key).is_file()

    def delete(self, key: str) -> None:
        self._path(key).unlink(missing_ok=True)

    def keys(self, *, min_age: timedelta) -> Iterator[str]:
        newest = self._now() - min_age.total_seconds()
        for path in self.root.glob("*/*/*"):
            key = path.relative_to(self.root).as_posix()
            if KEY.fullmatch(key) and path.stat().st_mtime <= newest:
                yield key

    def discard_unfinished(self, *, min_age: timedelta) -> int:
        newest = self._now() - min_age.total_seconds()
        removed = 0
        for path in self.unfinished.glob("*"):
            if path.stat().st_mtime <= newest:
                path.unlink(missing_ok=True)
                removed += 1
        return removed

    def _path(self, key: str) -> Path:
        if not KEY.fullmatch(key):
            raise ValueError(f"not a storage key: {key!r}")
        return self.root / key

    def _make_folder(self, folder: Path) -> None:
        """Make a folder and its parents so that they survive a power cut."""
        if folder.is_dir():
            return
        self._make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        _sync_folder(folder.parent)

    def _now(self) -> float:
        """The file system's clock, in seconds: the age of a file just made."""
        self._make_folder(self.unfinished)
        with tempfile.NamedTemporaryFile(dir=self.unfinished) as probe:
            return Path(probe.name).stat().st_mtime


def _copy(source: IO[bytes], target: IO[bytes]) -> Stored:
    """Copy in chunks, counting and digesting on the way."""
    digest, size = hashlib.sha256(), 0
    while chunk := source.read(CHUNK):
        digest.update(chunk)
        size += len(chunk)
        target.write(chunk)
    return Stored(size, digest.hexdigest())


def _sync_folder(folder: Path) -> None:
    """Write a folder's entries to the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
