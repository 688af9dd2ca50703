"""`manage.py fire_due_timers [--at MOMENT]`: do what is due.

With --at (DEBUG only) it evaluates and stamps as of MOMENT, so that a demo
can be moved along; later due dates then count from it.
"""

import contextlib
from datetime import datetime
from typing import Any

import time_machine
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_naive, make_aware

from workflows.services import sweep


class Command(BaseCommand):
    help = "Fire due timers and send due reminders."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--at", help="as of this moment (ISO 8601), DEBUG only")

    def handle(self, *args: Any, **options: Any) -> None:
        clock: Any = contextlib.nullcontext()
        if options["at"]:
            if not settings.DEBUG:
                raise CommandError("--at needs DEBUG.")
            clock = time_machine.travel(self.moment(options["at"]), tick=True)
        with clock:
            done = sweep()
        self.stdout.write(
            "{fired} fired, {failed} failed, {reminded} reminded".format(**done)
        )
        if done["failed"]:
            raise CommandError("Some timers failed; see the log.")

    def moment(self, text: str) -> datetime:
        try:
            at = parse_datetime(text)
        except ValueError:
            at = None
        if at is None:
            raise CommandError("--at takes a moment such as 2026-12-01T09:00+08:00.")
        return make_aware(at) if is_naive(at) else at
