"""Data migrations inside the record.

Migrations run without triggers, since they rebuild tables. A data migration
that changes audited rows uses ``Recorded`` in place of ``RunPython``::

    operations = [Recorded(fill_codes, Recorded.noop)]

It must depend on the newest migration of ``audit`` and come after the schema
changes of its run.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import migrations

from . import capture
from .record import record
from .schema import BY


class Recorded(migrations.RunPython):
    """``RunPython`` with the triggers on, in one event of "system:migrate"."""

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        with _recorded(app_label, schema_editor):
            super().database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        with _recorded(app_label, schema_editor):
            super().database_backwards(app_label, schema_editor, from_state, to_state)


@contextmanager
def _recorded(app_label: str, schema_editor: Any) -> Iterator[None]:
    connection = schema_editor.connection
    capture.install(connection.alias)
    with record(f"migrate:{app_label}", by=BY):
        yield
    connection.check_constraints()  # PostgreSQL drops no trigger with checks to come
    capture.uninstall(connection.alias)
