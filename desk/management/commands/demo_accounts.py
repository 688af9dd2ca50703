"""`manage.py demo_accounts`: the demo's accounts and what to try first."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from desk.demo.accounts import table


class Command(BaseCommand):
    help = "Print the demo's accounts and what to try first."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("The demo exists with DEBUG only.")
        self.stdout.write(table())
