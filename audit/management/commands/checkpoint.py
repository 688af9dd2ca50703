"""``manage.py checkpoint [--key PATH] [--always]``: anchor the record now."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from audit import checkpoints, keys, printing, stamps
from audit.checkpoints import Made


class Command(BaseCommand):
    help = (
        "Make a signed checkpoint over the record and put it into the archive."
        " Exit code 1 where something went back since the one before."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--key", metavar="PATH", default="", help="instead of CHECKPOINT_KEY_FILE"
        )
        parser.add_argument(
            "--always", action="store_true", help="even when nothing has changed"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            key = keys.load(options["key"] and Path(options["key"]))
            made = checkpoints.make(key, options["always"])
        except (keys.KeyProblem, checkpoints.CheckpointProblem) as problem:
            raise CommandError(str(problem))
        except OSError as error:
            told = _("The archive of checkpoints cannot be written: %(error)s")
            raise CommandError(told % {"error": error})
        unstamped = stamps.try_to_stamp()
        if unstamped:
            self.stderr.write(self.style.WARNING(unstamped))
        if made is None:
            self.stdout.write(_("Nothing has changed since the last checkpoint."))
            return
        self._tell(made)
        unprinted = printing.try_to_print(made.checkpoint)
        if unprinted:
            self.stderr.write(self.style.WARNING(unprinted))
        if made.checkpoint.key not in keys.known():
            told = _("CHECKPOINT_PUBLIC_KEYS lacks this key: %(key)s")
            self.stderr.write(told % {"key": keys.public_text(key)})
        if made.lost:
            sys.exit(1)

    def _tell(self, made: Made) -> None:
        """What goes on paper, then what needs a look."""
        for line in printing.sheet(made.checkpoint):
            self.stdout.write(line)
        for number in made.taken_back:
            told = _("Checkpoint %(number)d was missing and came back from the archive")
            self.stderr.write(self.style.WARNING(told % {"number": number}))
        for stream in made.lost:
            told = _("Went back or is gone since the last checkpoint: %(stream)s")
            self.stderr.write(self.style.ERROR(told % {"stream": stream}))
