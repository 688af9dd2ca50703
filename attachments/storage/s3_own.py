"""Files on their way to an S3 server that browsers cannot reach: through us, in pieces.

Each piece that our own endpoint takes is put into the store as one part of a multipart
upload, so that any of several web processes takes the next one, nothing lies on their
disks, and no more than a piece is in memory. Taking it is as in s3_arriving.
"""

from collections.abc import Hashable
from functools import lru_cache
from typing import IO, Any, cast

from attachments.storage.arriving import Received, WrongOffset
from attachments.storage.protocol import Class
from attachments.storage.s3 import S3Storage, _answers
from attachments.storage.s3_arriving import PART, S3Incoming


class S3OwnIncoming(S3Incoming):
    """The bucket "scratch" of an S3 server that only our processes reach."""

    part_size = PART

    def __init__(self, storage: S3Storage) -> None:
        self.storage = storage
        self.bucket = storage.bucket(Class.SCRATCH)

    def begin(self, key: str, size: int) -> str:
        self.storage.prepare()
        with _answers():
            return self.storage.client._create_multipart_upload(self.bucket, key, {})

    def way(self, key: str, mark: str, size: int) -> dict[str, Any]:
        return {"kind": "own", "part_size": PART}

    def received(self, key: str, mark: str) -> Received:
        """Of parts only what has no gap before it; what is joined counts whole."""
        if (size := self._size(Class.SCRATCH, key)) is not None:
            return Received(size)
        there = 0
        for number, part in enumerate(self._parts(key, mark), start=1):
            if part.part_number != number:
                break
            there += part.size or 0
        return Received(there)

    def write(
        self, key: str, offset: int, source: IO[bytes], length: int, *, mark: str = ""
    ) -> int:
        """Put a piece as a part. One that was cut off is not kept: S3 takes no part
        below 5 MiB but the last, so the rest could not follow it."""
        there = self.received(key, mark).size
        if offset != there or offset % PART:
            raise WrongOffset(there)
        piece = _read(source, min(length, PART))
        if len(piece) != length:
            return there
        number = offset // PART + 1
        try:
            with _answers(key):
                self.storage.client._upload_part(
                    self.bucket, key, cast("bytes", piece), None, mark, number
                )
        finally:  # the client's cycles hold it until the next collection
            piece.clear()
        return there + length

    def part_address(self, key: str, mark: str, number: int, length: int) -> str:
        raise FileNotFoundError(key)  # nothing is sent past us


def _read(source: IO[bytes], length: int) -> bytearray:
    """So many bytes, or fewer where the line was cut."""
    read = bytearray()
    while len(read) < length and (piece := source.read(length - len(read))):
        read += piece
    return read


@lru_cache(maxsize=4)
def s3_own_incoming(storage: Hashable) -> S3OwnIncoming:
    """One for each storage."""
    return S3OwnIncoming(cast("S3Storage", storage))
