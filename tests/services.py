"""What the machine offers to tests, and what happens where it offers less.

`needs("postgres")`, `needs("s3")` and the like mark a test or a module
(`pytestmark = needs("chromium")`). Where the service is missing the test is
skipped and the reason says what to do; with `WEIGONG_NO_SKIPS=1`, as in CI, a skip
is a failure.

`scripts/test.sh` runs the suite once on SQLite and once on PostgreSQL. In the
first run, tests that need PostgreSQL are left to the second one
(`WEIGONG_POSTGRES_FOLLOWS=1`), which is no skip.
"""

import os
import shutil
import socket
from urllib.parse import urlparse

import pytest

HINTS = {
    "postgres": "DATABASE_URL does not name a PostgreSQL database; run make services",
    "redis": "no Redis answers at WEIGONG_TEST_REDIS; run make services",
    "s3": "no S3 server answers at WEIGONG_TEST_S3; run make services",
    "clamd": "no clamd answers at WEIGONG_TEST_CLAMD; run make services",
    "chromium": "no Chromium found; run make services or set CHROMIUM",
    "gettext": "no xgettext found; run make services",
    "libreoffice": "no soffice found; run make services",
}


def needs(service: str) -> pytest.MarkDecorator:
    """Mark a test as needing a service: one of HINTS."""
    if service not in HINTS:
        raise ValueError(f"unknown service {service!r}, one of {sorted(HINTS)}")
    return pytest.mark.needs(service)


def no_skips() -> bool:
    return os.environ.get("WEIGONG_NO_SKIPS", "") == "1"


def redis_url() -> str:
    """The Redis for tests; not REDIS_URL, which would change the settings."""
    return os.environ.get("WEIGONG_TEST_REDIS", "redis://127.0.0.1:6379/0")


def s3_endpoint() -> str:
    """The S3 server of scripts/ceph.sh; not MINIO_ENDPOINT, as with Redis."""
    return os.environ.get("WEIGONG_TEST_S3") or "http://127.0.0.1:7480"


def clamd_address() -> tuple[str, int]:
    """Host and port of the scanner of scripts/clamd.sh."""
    url = os.environ.get("WEIGONG_TEST_CLAMD") or "tcp://127.0.0.1:7470"
    parts = urlparse(url)
    return parts.hostname or "127.0.0.1", parts.port or 3310


def chromium_path() -> str:
    """The browser's program, or "" where there is none."""
    named = os.environ.get("CHROMIUM", "")
    kinds = ("chromium-headless-shell", "chromium", "chromium-browser")
    return named or next(filter(None, map(shutil.which, kinds)), "")


def _answers(url: str, usual_port: int) -> bool:
    parts = urlparse(url)
    try:
        with socket.create_connection((parts.hostname, parts.port or usual_port), 1):
            return True
    except OSError:
        return False


def missing(service: str) -> str:
    """Why a service cannot be used here, or "" where it can."""
    if service == "postgres":
        from django.conf import settings

        found = "postgresql" in settings.DATABASES["default"]["ENGINE"]
    elif service == "redis":
        found = _answers(redis_url(), 6379)
    elif service == "s3":
        found = _answers(s3_endpoint(), 7480)
    elif service == "clamd":
        host, port = clamd_address()
        found = _answers(f"tcp://{host}:{port}", port)
    elif service == "gettext":
        found = shutil.which("xgettext") is not None
    elif service == "libreoffice":
        found = shutil.which("soffice") is not None
    else:
        found = bool(chromium_path())
    return "" if found else HINTS[service]
