"""`manage.py seed_demo`: fill an empty database with the demo (DEBUG only)."""

import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from desk.demo.accounts import table
from desk.demo.seed import is_seeded, seed
from organisations.models import User


class Command(BaseCommand):
    help = "Fill the database with the demo: people, organisations, rounds, cases."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--quiet", action="store_true", help="do not print the accounts"
        )

        parser.add_argument(
            "--small",
            action="store_true",
            help="of the round of 2021 only what went out of the ordinary",
        )

    def handle(self, *args: Any, quiet: bool, small: bool, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("The demo's passwords are public: with DEBUG only.")
        if not is_seeded():
            if User.objects.exists():
                raise CommandError("This database has people who are not the demo's.")
            began = time.monotonic()
            cases, steps = seed(tell=self.tell, small=small)
            call_command("check_flows", stdout=self.stdout)
            call_command("verify_audit", stdout=self.stdout)
            spent = time.monotonic() - began
            self.tell(f"== {cases} cases in {steps} steps, {spent:.0f} s")
        if not quiet:
            self.stdout.write(table())

    def tell(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
