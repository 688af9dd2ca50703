"""Files that a browser sends straight to S3: a POST with a policy, or many parts.

A small file is one POST whose policy names its key and its size; the store refuses
everything else. A larger one is a multipart upload: each part has an address of its
own, for its key, upload, number and length, good for some minutes. Everything arrives
in the bucket "scratch", where nothing is a document, and is copied inside the store
when it is whole.
"""

import base64
import hashlib
import json
import logging
from collections.abc import Hashable
from datetime import timedelta
from functools import lru_cache
from typing import IO, Any, cast
from urllib.parse import urlsplit

from minio.commonconfig import ComposeSource, CopySource
from minio.datatypes import Part
from minio.error import S3Error
from minio.signer import get_credential_string, post_presign_v4
from minio.time import to_amz_date, to_iso8601utc

from attachments.storage.arriving import MIB, Incomplete, Received
from attachments.storage.presigning import ALGORITHM, put_address
from attachments.storage.protocol import Class, class_of
from attachments.storage.s3 import S3Storage, _answers, _real_now

logger = logging.getLogger(__name__)

SMALL = 8 * MIB  # up to this a file is one POST
PART = 8 * MIB  # S3 takes none below 5 MiB, but for the last
AT_ONCE = 128 * MIB  # bytes that the store is asked to copy by one request
ADDRESS = timedelta(minutes=15)
POLICY = timedelta(minutes=60)
NO_CORS = {"NotImplemented", "MethodNotAllowed", "AccessDenied"}


class S3Incoming:
    """The bucket "scratch" of an S3 server, as browsers reach it."""

    part_size = PART

    def __init__(self, storage: S3Storage, endpoint: str, origin: str) -> None:
        """``endpoint`` is the server's address for browsers, ``origin`` our pages'."""
        address = urlsplit(endpoint)
        self.storage = storage
        self.endpoint = f"{address.scheme}://{address.netloc}"
        self.bucket = storage.bucket(Class.SCRATCH)
        self.origin = "{0.scheme}://{0.netloc}".format(urlsplit(origin))
        self._ready = False

    @property
    def _key(self) -> Any:
        return self.storage.client._provider.retrieve()  # type: ignore[union-attr]

    def begin(self, key: str, size: int) -> str:
        self.prepare()
        if size <= SMALL:
            return ""
        with _answers():
            return self.storage.client._create_multipart_upload(self.bucket, key, {})

    def way(self, key: str, mark: str, size: int) -> dict[str, Any]:
        if not mark:
            return {"kind": "post", "part_size": SMALL} | self.form(key, size)
        return {"kind": "parts", "part_size": PART}

    def form(self, key: str, size: int) -> dict[str, Any]:
        """Address and fields of a POST that takes a file of this size and key only."""
        date, region = _real_now(), self.storage.region
        credential = get_credential_string(self._key.access_key, date, region)
        fields = {
            "key": key,
            "x-amz-algorithm": ALGORITHM,
            "x-amz-credential": credential,
            "x-amz-date": to_amz_date(date),
        }
        conditions: list[Any] = [{"bucket": self.bucket}]
        conditions += [["eq", f"${name}", value] for name, value in fields.items()]
        conditions.append(["content-length-range", 1, size])
        policy = {"expiration": to_iso8601utc(date + POLICY), "conditions": conditions}
        encoded = base64.b64encode(json.dumps(policy).encode()).decode()
        signature = post_presign_v4(encoded, self._key.secret_key, date, region)
        fields |= {"policy": encoded, "x-amz-signature": signature}
        return {"action": f"{self.endpoint}/{self.bucket}", "fields": fields}

    def received(self, key: str, mark: str) -> Received:
        if not mark:
            size = self._size(class_of(key), key)
            return Received(size or 0)
        parts = self._parts(key, mark)
        return Received(
            sum(part.size or 0 for part in parts), [part.part_number for part in parts]
        )

    def write(
        self, key: str, offset: int, source: IO[bytes], length: int, *, mark: str = ""
    ) -> int:
        raise FileNotFoundError(key)  # nothing passes through this process

    def part_address(self, key: str, mark: str, number: int, length: int) -> str:
        if not mark:
            raise FileNotFoundError(key)
        return put_address(
            f"{self.endpoint}/{self.bucket}/{key}",
            {"uploadId": mark, "partNumber": str(number)},
            length=length,
            key=self._key.access_key,
            secret=self._key.secret_key,
            region=self.storage.region,
            date=_real_now(),
            expires=ADDRESS,
        )

    def take(self, key: str, mark: str, size: int, *, to: str) -> str:
        if self._size(class_of(to), to) != size:
            if mark and self._size(Class.SCRATCH, key) is None:
                self._join(key, mark, size)
            found = self._size(Class.SCRATCH, key)
            if found != size:
                raise Incomplete(found or 0)
            self._copy(key, size, to)
        if self._size(class_of(to), to) != size:  # exchanged while it was copied
            self.storage.delete(to)
            raise Incomplete(0)
        self.storage.delete(key)
        return self.storage._stat(to).version_id or ""

    def drop(self, key: str, mark: str) -> None:
        if mark:
            try:
                with _answers(key):
                    self.storage.client._abort_multipart_upload(self.bucket, key, mark)
            except FileNotFoundError:
                pass  # it was joined, or ended before
        self.storage.delete(key)

    def prepare(self) -> None:
        """Make the buckets, and let the pages of our origin send to this one."""
        if self._ready:
            return
        self.storage.prepare()
        rule = (
            f"<AllowedOrigin>{self.origin}</AllowedOrigin>"
            "<AllowedMethod>PUT</AllowedMethod><AllowedMethod>POST</AllowedMethod>"
            "<AllowedHeader>*</AllowedHeader><MaxAgeSeconds>3000</MaxAgeSeconds>"
        )
        body = (
            '<CORSConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
            f"<CORSRule>{rule}</CORSRule></CORSConfiguration>"
        ).encode()
        digest = hashlib.md5(body, usedforsecurity=False).digest()
        with _answers():
            try:
                self.storage.client._execute(
                    "PUT",
                    self.bucket,
                    body=body,
                    headers={
                        "Content-Type": "application/xml",
                        "Content-MD5": base64.b64encode(digest).decode(),
                    },
                    query_params={"cors": ""},
                )
            except S3Error as error:
                if error.code not in NO_CORS:
                    raise
                logger.warning(
                    "%s takes no CORS rules (%s): let it admit %s by its own settings",
                    *(self.bucket, error.code, self.origin),
                )
        self._ready = True

    # -- steps -----------------------------------------------------------------

    def _size(self, of: Class, key: str) -> int | None:
        """Bytes of an object; None where there is none."""
        try:
            with _answers(key):
                return self.storage.client.stat_object(
                    self.storage.bucket(of), key
                ).size
        except FileNotFoundError:
            return None

    def _copy(self, key: str, size: int, to: str) -> None:
        """Copy inside the store; a large object in pieces, none of which takes long."""
        bucket, client = self.storage.bucket(class_of(to)), self.storage.client
        with _answers(key):
            if size <= AT_ONCE:
                client.copy_object(bucket, to, CopySource(self.bucket, key))
                return
            pieces = [
                ComposeSource(
                    self.bucket, key, offset=at, length=min(AT_ONCE, size - at)
                )
                for at in range(0, size, AT_ONCE)
            ]
            client.compose_object(bucket, to, cast("list[Any]", pieces))

    def _parts(self, key: str, mark: str) -> list[Part]:
        """The parts that are there, in order."""
        found: list[Part] = []
        marker = None
        while True:
            with _answers(key):
                page = self.storage.client._list_parts(
                    self.bucket, key, mark, part_number_marker=marker
                )
            found += page.parts
            if not page.is_truncated:
                return sorted(found, key=lambda part: part.part_number)
            marker = cast("str", page.next_part_number_marker)

    def _join(self, key: str, mark: str, size: int) -> None:
        """Make one object of the parts, if they are all there and as large."""
        parts = self._parts(key, mark)
        there = sum(part.size or 0 for part in parts)
        if there != size or [p.part_number for p in parts] != list(
            range(1, len(parts) + 1)
        ):
            raise Incomplete(there)
        with _answers(key):
            self.storage.client._complete_multipart_upload(
                self.bucket, key, mark, parts
            )


@lru_cache(maxsize=4)
def s3_incoming(storage: Hashable, endpoint: str, origin: str) -> S3Incoming:
    """One for each storage: what it prepared need not be prepared again."""
    return S3Incoming(cast("S3Storage", storage), endpoint, origin)
