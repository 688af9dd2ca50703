"""Objects in S3, through the ``minio`` SDK: Ceph, RustFS, MinIO, AWS.

Three buckets, by class (``protocol.Class``): documents and archive have versions
and object lock, scratch has neither. They are made when they are missing.

Where the SDK falls short of a server: it cannot read a retention date with
nanoseconds (Ceph), so the object's headers are read instead; it signs with this
process's clock, which rehearsals move; listing and ending unfinished uploads are
private methods of it.
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import IO, Any, BinaryIO, cast
from urllib.parse import urlsplit

import time_machine
import urllib3
from minio import Minio
from minio.commonconfig import COMPLIANCE, ENABLED
from minio.datatypes import Object
from minio.error import MinioException, S3Error
from minio.retention import Retention
from minio.time import to_amz_date
from minio.versioningconfig import VersioningConfig
from urllib3.exceptions import HTTPError

from attachments.storage import probe
from attachments.storage.protocol import (
    CHUNK,
    KEY,
    Class,
    Digesting,
    Retained,
    StorageUnavailable,
    Stored,
    class_of,
    whole_seconds,
)

PART = 20 * 1024 * 1024  # bytes of a part; a file has at most 10,000 of them
CONNECT, ANSWER = 5, 60  # seconds
MISSING = {"NoSuchKey", "NoSuchVersion", "NoSuchObject", "NoSuchUpload"}
UNLOCKED = "NoSuchObjectLockConfiguration"


class S3Storage:
    """Objects in an S3 server. Safe between threads, not between processes."""

    def __init__(
        self,
        endpoint: str,
        key: str,
        secret: str,
        *,
        region: str = "us-east-1",
        buckets: str = "weigong",
        part_size: int = PART,
        mode: str = COMPLIANCE,
    ) -> None:
        """``endpoint`` is an address with its scheme; ``buckets`` begins the names.

        ``mode`` is the object lock's: with COMPLIANCE nobody shortens a retention,
        with GOVERNANCE those may who have the right to (tests that clean up).
        """
        address = urlsplit(endpoint)
        self.endpoint = f"{address.scheme}://{address.netloc}"
        self.buckets = buckets
        self.region = region
        self.mode = mode
        self._part_size = part_size
        self._http = urllib3.PoolManager(
            timeout=urllib3.Timeout(connect=CONNECT, read=ANSWER),
            maxsize=16,
            retries=urllib3.Retry(
                total=2, backoff_factor=0.2, status_forcelist=[500, 502, 503, 504]
            ),
        )
        self.client = _Client(
            address.netloc,
            access_key=key,
            secret_key=secret,
            secure=address.scheme == "https",
            region=region,
            http_client=self._http,
        )
        self._ready = False

    @property
    def holds_retention(self) -> bool:
        return probe.last_seen(self)

    def probe(self) -> bool:
        return probe.look(self)

    def bucket(self, of: Class) -> str:
        return f"{self.buckets}-{of}"

    def prepare(self) -> None:
        """Make the buckets that are missing; what exists is left as it is."""
        if self._ready:
            return
        with _answers():
            for each in Class:
                name, kept = self.bucket(each), each != Class.SCRATCH
                if self.client.bucket_exists(name):
                    continue
                try:
                    self.client.make_bucket(name, object_lock=kept)
                except S3Error as error:
                    if error.code != "BucketAlreadyOwnedByYou":  # another process
                        raise
                if kept:
                    self.client.set_bucket_versioning(name, VersioningConfig(ENABLED))
        self._ready = True

    # -- objects ---------------------------------------------------------------

    def put(self, key: str, fileobj: IO[bytes]) -> Stored:
        bucket = self._bucket_of(key)
        self.prepare()
        if self.exists(key):
            raise FileExistsError(key)
        reader = Digesting(fileobj)
        with _answers():
            # of unknown length: no more than a part is in memory
            written = self.client.put_object(
                bucket,
                key,
                cast("BinaryIO", reader),  # only read() is asked of it
                -1,
                part_size=self._part_size,
                num_parallel_uploads=1,
            )
            found = self.client.stat_object(
                bucket, key, version_id=written.version_id or None
            )
        stored = reader.stored(found.version_id or "")
        if found.size != stored.size:
            raise StorageUnavailable(
                f"{key}: {stored.size} bytes sent, {found.size} stored"
            )
        return stored

    def open(self, key: str, *, version: str = "") -> IO[bytes]:
        bucket = self._bucket_of(key)
        with _answers(key):
            response = self.client.get_object(bucket, key, version_id=version or None)
        return io.BufferedReader(_Download(response, key), CHUNK)

    def exists(self, key: str) -> bool:
        try:
            self._stat(key)
        except FileNotFoundError:
            return False
        return True

    def delete(self, key: str) -> None:
        bucket = self._bucket_of(key)
        with _answers():
            versions = self._versions(bucket, key)
            for found in versions:
                if not found.is_delete_marker and self._is_kept(key, found.version_id):
                    raise Retained(key)
            for found in versions:
                self._remove(bucket, key, found.version_id)

    def keys(self, *, min_age: timedelta) -> Iterator[str]:
        newest = self.now() - min_age
        self.prepare()
        for each in (Class.DOCUMENTS, Class.SCRATCH):
            with _answers():
                for found in self.client.list_objects(
                    self.bucket(each), recursive=True
                ):
                    key = found.object_name or ""
                    if not KEY.fullmatch(key) or found.last_modified is None:
                        continue
                    if found.last_modified <= newest:
                        yield key

    def originals(self, kind: str) -> dict[str, str]:
        bucket = self.bucket(class_of(f"{kind}/0000/{'0' * 32}"))
        self.prepare()
        found: dict[str, str] = {}
        with _answers():
            for each in self.client.list_objects(
                bucket, prefix=f"{kind}/", recursive=True, include_version=True
            ):  # of one key the newest version comes first
                if not each.is_delete_marker and KEY.fullmatch(each.object_name or ""):
                    found[each.object_name or ""] = each.version_id or ""
        return found

    def discard_unfinished(self, *, min_age: timedelta) -> int:
        newest = self.now() - min_age
        self.prepare()
        removed = 0
        for each in Class:
            bucket = self.bucket(each)
            with _answers():
                for upload in list(self._unfinished(bucket)):
                    if upload.initiated_time <= newest:
                        self.client._abort_multipart_upload(
                            bucket, upload.object_name, upload.upload_id
                        )
                        removed += 1
        return removed

    def now(self) -> datetime:
        """By the Date of an answer, in whole seconds."""
        with _answers():
            answer = self._http.request("HEAD", self.endpoint)
        date = answer.headers.get("Date")
        if date is None:
            raise StorageUnavailable(f"{self.endpoint} tells no time")
        return parsedate_to_datetime(date)

    # -- what must be kept -----------------------------------------------------

    def retain(self, key: str, until: datetime, *, version: str = "") -> None:
        now = self.retention_of(key, version=version)
        until = whole_seconds(until).astimezone(UTC)
        if now is not None and until < now:
            raise Retained(key)
        with _answers(key):
            self.client.set_object_retention(
                self._bucket_of(key),
                key,
                Retention(self.mode, until),
                version_id=version or None,
            )
        held = self.retention_of(key, version=version)
        if held != until:  # Ceph folds a date after 2106 into the past
            raise StorageUnavailable(f"{key}: kept until {held}, not until {until}")

    def retention_of(self, key: str, *, version: str = "") -> datetime | None:
        headers = self._stat(key, version).metadata or {}
        return _moment(headers.get("x-amz-object-lock-retain-until-date", ""))

    def hold(self, key: str, *, version: str = "") -> None:
        bucket = self._bucket_of(key)
        with _answers(key):
            self.client.enable_object_legal_hold(
                bucket, key, version_id=version or None
            )

    def release(self, key: str, *, version: str = "") -> None:
        bucket = self._bucket_of(key)
        with _answers(key):
            self.client.disable_object_legal_hold(
                bucket, key, version_id=version or None
            )

    def is_held(self, key: str, *, version: str = "") -> bool:
        headers = self._stat(key, version).metadata or {}
        return bool(headers.get("x-amz-object-lock-legal-hold") == "ON")

    # -- steps -----------------------------------------------------------------

    def _bucket_of(self, key: str) -> str:
        return self.bucket(class_of(key))

    def _stat(self, key: str, version: str = "") -> Object:
        bucket = self._bucket_of(key)
        with _answers(key):
            return self.client.stat_object(bucket, key, version_id=version or None)

    def _is_kept(self, key: str, version: str | None) -> bool:
        if class_of(key) == Class.SCRATCH:
            return False
        if self.is_held(key, version=version or ""):
            return True
        until = self.retention_of(key, version=version or "")
        return until is not None and until > self.now()

    def _versions(self, bucket: str, key: str) -> list[Object]:
        """All versions of an object and the marks of its deletions."""
        found = self.client.list_objects(bucket, prefix=key, include_version=True)
        return [each for each in found if each.object_name == key]

    def _remove(self, bucket: str, key: str, version: str | None) -> None:
        """Remove one version; the store has the last word on whether it may go."""
        try:
            self.client.remove_object(bucket, key, version_id=version)
        except S3Error as error:
            if error.code in MISSING:
                return
            raise

    def _unfinished(self, bucket: str) -> Iterator[Any]:
        """The multipart uploads that nobody completed, page by page."""
        marks: dict[str, Any] = {}
        while True:
            page = self.client._list_multipart_uploads(bucket, **marks)
            yield from page.uploads
            if not page.is_truncated:
                return
            marks = {
                "key_marker": page.next_key_marker,
                "upload_id_marker": page.next_upload_id_marker,
            }


class _Client(Minio):
    """The SDK's client, signing with the real time whatever a rehearsal set.

    A server refuses requests of another day. The demo and the rehearsals move the
    clock of the whole process (time-machine).
    """

    def _build_headers(self, *args: Any, **kwargs: Any) -> tuple[Any, datetime]:
        headers, _moved = super()._build_headers(*args, **kwargs)
        date = _real_now()
        headers["x-amz-date"] = to_amz_date(date)
        return headers, date


class _Download(io.RawIOBase):
    """An object while it is read: what fails under way is StorageUnavailable."""

    def __init__(self, response: Any, key: str) -> None:
        self._response = response
        self._key = key

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        with _answers(self._key):
            piece = self._response.read(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)

    def close(self) -> None:
        if not self.closed:
            self._response.close()
            self._response.release_conn()
        super().close()


@contextmanager
def _answers(key: str = "") -> Iterator[None]:
    """The client's errors as ours; with a key, its absence is FileNotFoundError."""
    try:
        yield
    except S3Error as error:
        if key and error.code in MISSING:
            raise FileNotFoundError(key) from error
        raise StorageUnavailable(
            f"S3 answered {error.code}: {error.message}"
        ) from error
    except (HTTPError, MinioException) as error:
        raise StorageUnavailable(f"S3 does not answer: {error}") from error


def _moment(text: str) -> datetime | None:
    """A date as servers write it, with any number of digits after the second."""
    if not text:
        return None
    whole = text.removesuffix("Z").partition(".")[0]
    return datetime.fromisoformat(whole).replace(tzinfo=UTC)


def _real_now() -> datetime:
    """The machine's clock, whatever this process was told."""
    try:
        return time_machine.escape_hatch.datetime.datetime.now(tz=UTC)
    except ValueError:  # nobody moved it
        return datetime.now(UTC)
