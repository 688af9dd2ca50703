"""Other processes on the database of the test, which may be killed."""

import os
import subprocess
import sys
from pathlib import Path

from django.conf import settings
from django.db import connection

PRELUDE = """
import django
django.setup()
from django.conf import settings
from django.db import connections
connections["default"].settings_dict["NAME"] = {database!r}
settings.MEDIA_ROOT = {media!r}
settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
settings.EMAIL_FILE_PATH = {mails!r}
"""


def run(program: str, *, mails: Path, crash_at: str = "") -> int:
    """Run a program in a process of its own; return how it ended (-9: killed)."""
    prelude = PRELUDE.format(
        database=str(connection.settings_dict["NAME"]),
        media=str(settings.MEDIA_ROOT),
        mails=str(mails),
    )
    ended = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", prelude + program],
        cwd=settings.BASE_DIR,
        env={
            **os.environ,
            "DEBUG": "1",
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "WEIGONG_CRASH_AT": crash_at,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode in (0, -9), ended.stderr
    return ended.returncode


def database_url() -> str:
    """The database of the test, as DATABASE_URL names it to another process."""
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return f"{settings.DATABASE_URL.rpartition('/')[0]}/{name}"
