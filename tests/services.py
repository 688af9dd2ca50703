"""What the machine offers to tests, and what happens where it offers less.

`needs("postgres")`, `needs("redis")` and `needs("chromium")` mark a test or a
module (`pytestmark = needs("chromium")`). Where the service is missing the test
is skipped and the reason says what to do; with `WEIGONG_NO_SKIPS=1`, as in CI,
a skip is a failure.

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


def chromium_path() -> str:
    """The browser's program, or "" where there is none."""
    named = os.environ.get("CHROMIUM", "")
    return named or shutil.which("chromium") or shutil.which("chromium-browser") or ""


def _answers(url: str) -> bool:
    parts = urlparse(url)
    try:
        with socket.create_connection((parts.hostname, parts.port or 6379), 1):
            return True
    except OSError:
        return False


def missing(service: str) -> str:
    """Why a service cannot be used here, or "" where it can."""
    if service == "postgres":
        from django.conf import settings

        found = "postgresql" in settings.DATABASES["default"]["ENGINE"]
    elif service == "redis":
        found = _answers(redis_url())
    elif service == "gettext":
        found = shutil.which("xgettext") is not None
    elif service == "libreoffice":
        found = shutil.which("soffice") is not None
    else:
        found = bool(chromium_path())
    return "" if found else HINTS[service]
