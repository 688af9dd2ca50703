"""Where checkpoints lie outside of the database: a file each, never overwritten.

A file is text, a line of canonical JSON each: first ``{"body": …, "signature": …}``,
then the changed heads as ``[stream, number, hash]``, sorted by stream: the leaves
of the tree whose root the body calls ``changes``.

``CHECKPOINT_ARCHIVE`` names the class. One for another store needs the methods of
``Archive`` and nothing else.
"""

import os
import re
import tempfile
from collections.abc import Iterable, Iterator
from errno import ENOTDIR
from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

NAME = "checkpoint-{:08d}.jsonl"
PATTERN = re.compile(r"checkpoint-(\d{8,})\.jsonl")
STAMP = "checkpoint-{:08d}.tsr"
STAMPS = re.compile(r"checkpoint-(\d{8,})\.tsr")


class Archive(Protocol):
    """What the record asks of a store of checkpoints."""

    def numbers(self) -> set[int]:
        """The numbers of the checkpoints that it holds."""

    def lines(self, number: int) -> Iterator[str]:
        """The lines of one of them, without their ends."""

    def write(self, number: int, lines: Iterable[str]) -> None:
        """Store one, wholly or not at all.

        Raises FileExistsError where this number is stored already, otherwise another
        OSError.
        """

    def stamps(self) -> set[int]:
        """The numbers of the checkpoints whose time stamps it holds."""

    def stamp(self, number: int) -> bytes:
        """The authority's answer about one of them."""

    def write_stamp(self, number: int, content: bytes) -> None:
        """Store an answer, as ``write`` stores a checkpoint."""


class FolderArchive:
    """A folder. Whoever may write in it may remove files: see docs/record.md."""

    def __init__(self) -> None:
        self.folder = Path(settings.CHECKPOINT_FOLDER)

    def numbers(self) -> set[int]:
        return self._named(PATTERN)

    def stamps(self) -> set[int]:
        return self._named(STAMPS)

    def _named(self, pattern: re.Pattern[str]) -> set[int]:
        if not self.folder.is_dir():
            return set()
        names = (pattern.fullmatch(path.name) for path in self.folder.iterdir())
        return {int(name[1]) for name in names if name}

    def stamp(self, number: int) -> bytes:
        return (self.folder / STAMP.format(number)).read_bytes()

    def lines(self, number: int) -> Iterator[str]:
        path = self.folder / NAME.format(number)
        with path.open(encoding="utf-8", newline="\n") as file:
            for line in file:
                yield line.removesuffix("\n")

    def write(self, number: int, lines: Iterable[str]) -> None:
        self._write(NAME.format(number), (f"{line}\n".encode() for line in lines))

    def write_stamp(self, number: int, content: bytes) -> None:
        self._write(STAMP.format(number), [content])

    def _write(self, name: str, pieces: Iterable[bytes]) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except FileExistsError:  # a file is in its place: not "stored already"
            raise NotADirectoryError(ENOTDIR, os.strerror(ENOTDIR), str(self.folder))
        descriptor, draft = tempfile.mkstemp(prefix=".draft-", dir=self.folder)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.writelines(pieces)
                file.flush()
                os.fsync(file.fileno())
            Path(draft).chmod(0o444)
            # a link, unlike a renaming, does not replace what is there
            (self.folder / name).hardlink_to(draft)
        finally:
            Path(draft).unlink()


def archive() -> Archive:
    """The archive that the settings name."""
    made: Archive = import_string(settings.CHECKPOINT_ARCHIVE)()
    return made
