"""``manage.py checkpoint_key PATH``: a new key to sign checkpoints with."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from audit import keys


class Command(BaseCommand):
    help = "Make a key that signs checkpoints; print the public half."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", type=Path, help="the new file")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["path"]
        try:
            public = keys.make(path)
        except FileExistsError:
            raise CommandError(
                _("%(path)s exists; a key is never overwritten.") % {"path": path}
            )
        except OSError as error:
            raise CommandError(
                _("The key file cannot be written: %(error)s") % {"error": error}
            )
        told = _("Private key in %(path)s; its public half %(key)s is:")
        place = {"path": path, "key": keys.fingerprint(public)}
        self.stderr.write(told % place)
        self.stdout.write(public)
