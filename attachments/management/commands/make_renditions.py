"""``manage.py make_renditions``: previews and small pictures of older files.

Files that are added now get theirs by themselves; this is for those that were there
before. It puts them into the queue, which the sweep works off; with ``--now`` it
works off what is due itself.
"""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from attachments import renditions


class Command(BaseCommand):
    help = "Has previews and small pictures made of files that have none."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--now", action="store_true", help="make what is due now")

    def handle(self, *args: Any, **options: Any) -> None:
        wanted = 0
        while found := renditions.want_all():
            wanted += found
        made = renditions.sweep(limit=wanted) if options["now"] else 0
        self.stdout.write(
            _("Put into the queue: %(wanted)s; made: %(made)s.")
            % {"wanted": wanted, "made": made}
        )
