"""What a process of processes.py does."""

import os
import sys
import traceback
from multiprocessing.connection import Connection


def execute(
    program: str, database: str, media: str, mails: str, crash_at: str, say: Connection
) -> None:
    """Run a program on a database; tell its traceback should it raise."""
    os.environ["WEIGONG_CRASH_AT"] = crash_at
    from django.conf import settings
    from django.db import connections

    try:
        assert settings.DEBUG, "the server of processes has not loaded the project"
        connections["default"].settings_dict["NAME"] = database
        settings.MEDIA_ROOT = media
        settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
        settings.EMAIL_FILE_PATH = mails
        exec(program, {"__name__": "__main__"})
        connections.close_all()
    except BaseException:
        say.send(traceback.format_exc())
        sys.exit(1)
