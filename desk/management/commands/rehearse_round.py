"""`manage.py rehearse_round CODE`: walk an example case through a round.

Nothing of it stays: no row, file, task or message. The exit code says whether the
case got to the archive.
"""

from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.timezone import localtime

from desk.rehearsals import walk
from desk.wording import action_label, role_label
from grants.models import Round, Status
from workflows.rehearsal.path import Ending, Pace, Path
from workflows.rehearsal.walk import rehearse


class Command(BaseCommand):
    help = "Walk an example case through a round and show its path; nothing stays."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("code", nargs="?", help="the code of the round")
        parser.add_argument(
            "--last-day",
            action="store_true",
            help="everybody uses the time that the rules give",
        )
        parser.add_argument(
            "--as-staffed",
            action="store_true",
            help="with as many people in each role as the programme has now",
        )
        parser.add_argument("--job", type=int, help="of a page; used by the sweep")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["job"]:
            walk(options["job"])
            return
        found = Round.objects.select_related("programme", "rules")
        round_ = found.filter(code=options["code"]).first()
        if round_ is None:
            raise CommandError("There is no such round.")
        pace = Pace.LAST if options["last_day"] else Pace.PROMPT
        self.tell(rehearse(round_, pace=pace, as_staffed=options["as_staffed"]))

    def tell(self, path: Path) -> None:
        for step in path.steps:
            status = str(Status(step.status).label) if step.status else ""
            parts = [action_label(step.action), step.about, step.amount]
            act = " · ".join(part for part in parts if part)
            who = role_label(step.who) if step.who else ""
            self.stdout.write(f"{day(step.at)}  {act}  [{who}]  {status}")
        for note in path.notes:
            self.stdout.write(f"! {note}")
        self.stdout.write(f"== {path.paid} CNY, {path.seconds} s")
        if path.stop is not None:
            stop = path.stop
            told = "; ".join(": ".join(p for p in pair if p) for pair in stop.problems)
            act = f"{day(stop.at)} {action_label(stop.action)} {stop.about}".strip()
            raise CommandError(f"{act}: {Ending(stop.ending).label} {told}".strip())


def day(moment: str) -> str:
    return f"{localtime(datetime.fromisoformat(moment)):%Y-%m-%d}"
