"""An S3 storage for tests: buckets of its own on the server of `make services`."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta

from minio.commonconfig import GOVERNANCE
from minio.deleteobjects import DeleteObject
from minio.error import S3Error

from attachments.storage.s3 import S3Storage
from tests.services import s3_endpoint

KEY, SECRET = "weigong", "weigong-development"
PREFIX = "test-"
SMALLEST_PART = 5 * 1024 * 1024  # S3 takes none smaller, but for the last


def s3_storage(**options) -> S3Storage:
    """A storage whose buckets nobody else uses; retention can be lifted in it."""
    given = {
        "key": KEY,
        "secret": SECRET,
        "endpoint": s3_endpoint(),
        "buckets": f"{PREFIX}{uuid.uuid4().hex[:12]}",
        "part_size": SMALLEST_PART,
        "mode": GOVERNANCE,
    }
    return S3Storage(**(given | options))


@contextmanager
def own_storage(**options) -> Iterator[S3Storage]:
    """The same, with the buckets removed afterwards."""
    storage = s3_storage(**options)
    try:
        yield storage
    finally:
        remove_buckets(storage, storage.buckets)


def empty(storage: S3Storage, prefix: str) -> None:
    """Remove every version of everything, holds and retention included."""
    client = storage.client
    for name in [each.name for each in client.list_buckets()]:
        if not name.startswith(prefix):
            continue
        for upload in list(storage._unfinished(name)):
            client._abort_multipart_upload(name, upload.object_name, upload.upload_id)
        found = list(client.list_objects(name, recursive=True, include_version=True))
        gone = [DeleteObject(each.object_name, each.version_id) for each in found]
        for error in client.remove_objects(name, gone, bypass_governance_mode=True):
            with suppress(S3Error):  # no legal hold there
                client.disable_object_legal_hold(
                    name, error.name, version_id=error.version_id
                )
                client.remove_object(name, error.name, error.version_id)


def remove_buckets(storage: S3Storage, prefix: str) -> None:
    """Remove the buckets; one in which something must be kept a minute stays."""
    empty(storage, prefix)
    for bucket in storage.client.list_buckets():
        if bucket.name.startswith(prefix):
            with suppress(S3Error):
                storage.client.remove_bucket(bucket.name)


def remove_leftovers() -> None:
    """Remove what runs of an hour ago had to leave."""
    storage = s3_storage()
    for bucket in storage.client.list_buckets():
        old = bucket.creation_date < storage.now() - timedelta(hours=1)
        if bucket.name.startswith(PREFIX) and old:
            with suppress(S3Error):  # another process of the tests removes it, too
                remove_buckets(storage, bucket.name)
