"""`manage.py check_flows`: every case's open tasks fit its status."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from grants.models import Case
from workflows.open import violations_of


class Command(BaseCommand):
    help = "Compare the open tasks of every case with its status."

    def handle(self, *args: Any, **options: Any) -> None:
        bad = count = 0
        for case in Case.objects.order_by("pk").iterator(500):
            count += 1
            for violation in violations_of(case):
                bad += 1
                self.stderr.write(f"{case.code}: {violation}")
        self.stdout.write(f"{count} cases, {bad} violations")
        if bad:
            raise CommandError("Flows and statuses differ.")
