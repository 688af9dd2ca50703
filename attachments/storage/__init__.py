"""Where the bytes are: files in var/, or S3 with MINIO_ENDPOINT.

Keys are made by ``new_key`` and never chosen by a person. A stored object is
never overwritten. Ages are told by the storage's own clock: the clock of this
process may be moved (rehearsals), the one of another machine may be wrong.
What each storage guarantees is in docs/documents.md.
"""

import os
import uuid
from collections.abc import Hashable
from functools import lru_cache
from pathlib import Path
from typing import cast

from django.conf import settings
from django.utils import timezone

from attachments.storage.arriving import Incoming, LocalIncoming
from attachments.storage.local import LocalStorage
from attachments.storage.protocol import (
    KEY,
    Retained,
    Storage,
    StorageUnavailable,
    Stored,
    is_full,
)

__all__ = [
    "KEY",
    "Incoming",
    "LocalStorage",
    "Retained",
    "Storage",
    "StorageUnavailable",
    "Stored",
    "get_incoming",
    "get_storage",
    "is_full",
    "new_key",
]


def get_storage() -> Storage:
    """The storage the settings name."""
    if not settings.MINIO_ENDPOINT:
        return LocalStorage(Path(settings.MEDIA_ROOT))
    return _s3(
        os.getpid(),  # a forked worker must not share its parent's connections
        settings.MINIO_ENDPOINT,
        settings.MINIO_ACCESS_KEY,
        settings.MINIO_SECRET_KEY,
        settings.MINIO_REGION,
        settings.MINIO_BUCKETS,
    )


def get_incoming() -> Incoming:
    """Where files arrive that are sent ahead of their form.

    Straight in the S3 server where browsers reach it, else by our own endpoint.
    """
    if not settings.MINIO_ENDPOINT:
        return LocalIncoming(LocalStorage(Path(settings.MEDIA_ROOT)))
    storage = cast("Hashable", get_storage())
    if not settings.MINIO_PUBLIC_ENDPOINT:
        from attachments.storage.s3_own import s3_own_incoming

        return s3_own_incoming(storage)
    from attachments.storage.s3_arriving import s3_incoming

    return s3_incoming(storage, settings.MINIO_PUBLIC_ENDPOINT, settings.SITE_URL)


def new_key(kind: str) -> str:
    """A fresh key for a file of this kind of folder: kind/year/uuid."""
    return f"{kind}/{timezone.localdate():%Y}/{uuid.uuid4().hex}"


@lru_cache(maxsize=4)
def _s3(
    process: int, endpoint: str, key: str, secret: str, region: str, buckets: str
) -> Storage:
    from attachments.storage.s3 import S3Storage  # the client only where it is used

    return S3Storage(endpoint, key, secret, region=region, buckets=buckets)
