"""What keeps a rehearsal apart: a transaction that is always rolled back.

Rows, events, messages and tasks are undone together; files go to a folder that
is thrown away; hooks that wait for the commit never run, so nothing is sent.
Nobody waits for it: on PostgreSQL all rows it locks are its own, the heads of the
registers included; of SQLite's file, which has one lock for all, it takes a copy.
"""

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from django.db import transaction
from django.test.utils import override_settings

from audit.context import register_prefix


@contextmanager
def sandbox() -> Iterator[None]:
    """Undo at the end whatever happens inside. For a process of its own."""
    prefix = register_prefix.set(f"rehearsal-{uuid4().hex}")
    try:
        with (
            tempfile.TemporaryDirectory(prefix="rehearsal-") as folder,
            override_settings(
                MEDIA_ROOT=Path(folder), MINIO_ENDPOINT="", CLAMD_URL="", DEBUG=False
            ),
            copy_of_sqlite(Path(folder)),
            transaction.atomic(),
        ):
            try:
                yield
            finally:
                transaction.set_rollback(True)
    finally:
        register_prefix.reset(prefix)


@contextmanager
def copy_of_sqlite(folder: Path) -> Iterator[None]:
    """Work on a copy of SQLite's file, unless a transaction is open already."""
    connection = transaction.get_connection()
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        yield
        return
    copy = folder / "copy.sqlite3"
    connection.ensure_connection()
    target = sqlite3.connect(copy)
    connection.connection.backup(target)
    target.close()
    connection.close()
    name = connection.settings_dict["NAME"]
    connection.settings_dict["NAME"] = str(copy)
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = name
