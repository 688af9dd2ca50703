"""Other processes on the database of the test, which may be killed.

They are forked from one server per run, which has the project loaded already:
a process costs a tenth of a second instead of three.
"""

import multiprocessing
from multiprocessing.connection import Connection
from pathlib import Path

from django.conf import settings
from django.db import connection

from tests.outbox import forked

context = multiprocessing.get_context("forkserver")
context.set_forkserver_preload(["tests.outbox.preloaded"])


def run(program: str, *, mails: Path, crash_at: str = "") -> int:
    """Run a program in a process of its own; return how it ended (-9: killed)."""
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(
        target=forked.execute,
        args=(
            program,
            str(connection.settings_dict["NAME"]),
            str(settings.MEDIA_ROOT),
            str(mails),
            crash_at,
            theirs,
        ),
    )
    process.start()
    theirs.close()
    told = said_by(ours)
    process.join()
    assert process.exitcode in (0, -9), told
    assert process.exitcode is not None
    return process.exitcode


def said_by(process: Connection) -> str:
    """What the process said before it ended: the traceback of what it raised."""
    try:
        return str(process.recv())
    except EOFError:
        return ""


def database_url() -> str:
    """The database of the test, as DATABASE_URL names it to another process."""
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return f"{settings.DATABASE_URL.rpartition('/')[0]}/{name}"
