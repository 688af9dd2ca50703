"""Does the S3 server really hold what it says it holds?

Servers exist that accept a retention and delete the object all the same. So an
object is locked for a minute and its deletion is tried; only a server that refuses
may be said to keep anything (docs/decisions/0016).
"""

import io
import logging
import uuid
from datetime import timedelta
from typing import TYPE_CHECKING

from django.core.cache import cache
from minio.commonconfig import COMPLIANCE, ENABLED
from minio.error import MinioException, S3Error
from minio.retention import Retention
from urllib3.exceptions import HTTPError

from attachments.storage.protocol import Class, StorageUnavailable

if TYPE_CHECKING:
    from attachments.storage.s3 import S3Storage

logger = logging.getLogger(__name__)

FOLDER = ".probe/"
LOCKED_FOR = timedelta(minutes=1)
REMEMBERED = 2 * 3600  # seconds; it is looked at afresh every hour


def last_seen(storage: "S3Storage") -> bool:
    """What ``look`` found last; False when that is long ago or never was."""
    return bool(cache.get(_name(storage), False))


def look(storage: "S3Storage") -> bool:
    """Whether every bucket that is to keep objects does; they are made if missing.

    StorageUnavailable when the server does not answer.
    """
    storage.prepare()
    wrong = []
    for each in (Class.DOCUMENTS, Class.ARCHIVE):
        bucket = storage.bucket(each)
        if why := _look_at(storage, bucket):
            wrong.append(why)
            logger.warning("the bucket %s holds no retention: it %s", bucket, why)
    cache.set(_name(storage), not wrong, REMEMBERED)
    return not wrong


def _name(storage: "S3Storage") -> str:
    return f"attachments.holds:{storage.endpoint}:{storage.buckets}"


def _look_at(storage: "S3Storage", bucket: str) -> str:
    """What is wrong with a bucket, or ""."""
    try:
        if storage.client.get_bucket_versioning(bucket).status != ENABLED:
            return "keeps no versions"
        _tidy(storage, bucket)
        return _refuses(storage, bucket)
    except (HTTPError, MinioException) as error:
        raise StorageUnavailable(f"S3 could not be probed: {error}") from error


def _refuses(storage: "S3Storage", bucket: str) -> str:
    """Lock an object and try to get rid of it; what was wrong, or ""."""
    client, name = storage.client, f"{FOLDER}{uuid.uuid4().hex}"
    until = (storage.now() + LOCKED_FOR).replace(microsecond=0)
    try:
        version = client.put_object(
            *(bucket, name, io.BytesIO(b"probe"), 5),
            retention=Retention(COMPLIANCE, until),
        ).version_id
    except S3Error as error:
        return f"takes no retention: {error.code}"
    if not version:
        return "names no version"
    try:
        client.set_object_retention(
            *(bucket, name),
            Retention(COMPLIANCE, until - LOCKED_FOR / 2),
            version_id=version,
        )
        return "let a retention be shortened"
    except S3Error:
        pass
    try:
        client.remove_object(bucket, name, version_id=version)
    except S3Error:
        kept = client.stat_object(bucket, name, version_id=version).metadata or {}
        told = kept.get("x-amz-object-lock-mode") == COMPLIANCE
        return "" if told else "does not tell what it keeps"
    return "deleted an object that was to be kept"


def _tidy(storage: "S3Storage", bucket: str) -> None:
    """Remove what earlier probes left, as far as its minute is over."""
    client = storage.client
    for found in client.list_objects(
        bucket, prefix=FOLDER, recursive=True, include_version=True
    ):
        try:
            client.remove_object(
                bucket, found.object_name or "", version_id=found.version_id
            )
        except S3Error as error:
            logger.debug("%s is kept still: %s", found.object_name, error.code)
