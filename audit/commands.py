"""The base of management commands that change rows."""

from typing import Any

from django.core.management.base import BaseCommand

from .record import record


class RecordedCommand(BaseCommand):
    """A command whose ``handle`` runs inside one event, booked on the system."""

    recorded_by = "system:command"

    def execute(self, *args: Any, **options: Any) -> str | None:
        name = type(self).__module__.rsplit(".", 1)[-1]
        with record(f"command:{name}", by=self.recorded_by):
            return super().execute(*args, **options)
