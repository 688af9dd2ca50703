"""Files below a folder: the default, on one machine."""

import json
import os
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any

from attachments.storage.protocol import (
    CHUNK,
    KEY,
    Class,
    Digesting,
    Retained,
    Stored,
    check_key,
    class_of,
    on_disk,
    whole_seconds,
)

READ_ONLY = 0o440


class LocalStorage:
    """Objects as files below a root folder, on one machine.

    A file is written once and is read-only from then on. What must be kept is
    noted in a file beside, and this class refuses to remove it. That stops our
    own mistakes and nobody else: whoever may write to the folder can remove file
    and note. Hence ``holds_retention`` is False.
    """

    holds_retention = False

    def __init__(self, root: Path) -> None:
        self.root = root
        self.unfinished = root / ".unfinished"
        self.incoming = root / ".incoming"
        self.notes = root / ".kept"

    def probe(self) -> bool:
        return False

    @on_disk()
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
                os.fchmod(target.fileno(), READ_ONLY)
                os.fsync(target.fileno())
            if path.exists():
                raise FileExistsError(key)
            temporary.rename(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        _sync_folder(path.parent)
        return stored

    @on_disk()
    def adopt(self, file: Path, key: str) -> None:
        """Take a whole file from beside the root's own; FileExistsError as in put."""
        path = self._path(key)
        self._make_folder(path.parent)
        with file.open("rb") as written:
            os.fchmod(written.fileno(), READ_ONLY)
            os.fsync(written.fileno())
        if path.exists():
            raise FileExistsError(key)
        file.rename(path)
        _sync_folder(path.parent)

    @on_disk()
    def open(self, key: str, *, version: str = "") -> IO[bytes]:
        return self._path(key).open("rb")

    def exists(self, key: str) -> bool:
        return self._path(key).is_file()

    def delete(self, key: str) -> None:
        path, note = self._path(key), self._note(key)
        until = note.get("until")
        if note.get("held") or (until and _moment(until) > self.now()):
            raise Retained(key)
        path.unlink(missing_ok=True)
        self._note_path(key).unlink(missing_ok=True)

    def keys(self, *, min_age: timedelta) -> Iterator[str]:
        newest = (self.now() - min_age).timestamp()
        for path in self.root.glob("*/*/*"):
            key = path.relative_to(self.root).as_posix()
            if not KEY.fullmatch(key) or class_of(key) == Class.ARCHIVE:
                continue
            if _is_as_old(path, newest):
                yield key

    def originals(self, kind: str) -> dict[str, str]:
        files = (self.root / kind).glob("*/*")
        keys = (path.relative_to(self.root).as_posix() for path in files)
        return {key: "" for key in keys if KEY.fullmatch(key)}

    def discard_unfinished(self, *, min_age: timedelta) -> int:
        newest = (self.now() - min_age).timestamp()
        removed = 0
        for path in (*self.unfinished.glob("*"), *self.incoming.glob("*")):
            if _is_as_old(path, newest):
                path.unlink(missing_ok=True)
                removed += 1
        return removed

    @on_disk()
    def now(self) -> datetime:
        """The file system's clock: the age of a file just made."""
        self._make_folder(self.unfinished)
        with tempfile.NamedTemporaryFile(dir=self.unfinished) as probe:
            return datetime.fromtimestamp(Path(probe.name).stat().st_mtime, UTC)

    def retain(self, key: str, until: datetime, *, version: str = "") -> None:
        now = self.retention_of(key)
        until = whole_seconds(until)
        if now is not None and until < now:
            raise Retained(key)
        self._change_note(key, until=until.astimezone(UTC).isoformat())

    def retention_of(self, key: str, *, version: str = "") -> datetime | None:
        until = self._existing_note(key).get("until")
        return _moment(until) if until else None

    def hold(self, key: str, *, version: str = "") -> None:
        self._change_note(key, held=True)

    def release(self, key: str, *, version: str = "") -> None:
        self._change_note(key, held=False)

    def is_held(self, key: str, *, version: str = "") -> bool:
        return bool(self._existing_note(key).get("held"))

    # -- steps -----------------------------------------------------------------

    def _path(self, key: str) -> Path:
        return self.root / check_key(key)

    def _note_path(self, key: str) -> Path:
        return self.notes / f"{check_key(key)}.json"

    def _note(self, key: str) -> dict[str, Any]:
        """What is noted of an object: `until` (ISO 8601, UTC) and `held`."""
        try:
            note: dict[str, Any] = json.loads(self._note_path(key).read_text("utf-8"))
        except FileNotFoundError:
            return {}
        return note

    def _existing_note(self, key: str) -> dict[str, Any]:
        if not self.exists(key):
            raise FileNotFoundError(key)
        return self._note(key)

    @on_disk()
    def _change_note(self, key: str, **changes: Any) -> None:
        path, note = self._note_path(key), self._existing_note(key) | changes
        self._make_folder(self.unfinished)
        self._make_folder(path.parent)
        handle, name = tempfile.mkstemp(dir=self.unfinished)
        with os.fdopen(handle, "w", encoding="utf-8") as target:
            json.dump(note, target)
            target.flush()
            os.fsync(target.fileno())
        Path(name).replace(path)
        _sync_folder(path.parent)

    def _make_folder(self, folder: Path) -> None:
        """Make a folder and its parents so that they survive a power cut."""
        if folder.is_dir():
            return
        self._make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        _sync_folder(folder.parent)


def _copy(source: IO[bytes], target: IO[bytes]) -> Stored:
    """Copy in chunks, counting and digesting on the way."""
    reader = Digesting(source)
    while chunk := reader.read(CHUNK):
        target.write(chunk)
    return reader.stored()


def _is_as_old(path: Path, newest: float) -> bool:
    """Whether it was written by then; one that is gone, or has another name since it
    was listed, is none of those that a sweep removes."""
    try:
        return path.stat().st_mtime <= newest
    except FileNotFoundError:
        return False


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _sync_folder(folder: Path) -> None:
    """Write a folder's entries to the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
