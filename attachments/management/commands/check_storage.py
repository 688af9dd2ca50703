"""``manage.py check_storage``: is the storage there, and does it hold what it keeps?

Exit code 0 when documents can be stored. Where retention is not held the text says
so, and with ``--require-retention`` the exit code is 1.
"""

import io
import sys
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from attachments.storage import Storage, StorageUnavailable, get_storage, new_key


class Command(BaseCommand):
    help = "Makes the buckets, stores and removes a file, tries the object lock."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--require-retention",
            action="store_true",
            help="exit with 1 where the storage itself does not hold retention",
        )
        parser.add_argument(
            "--wait",
            type=int,
            default=0,
            metavar="SECONDS",
            help="how long a storage that does not answer yet is waited for",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        holds = self.answer(options["wait"])
        self.stdout.write(_("Documents can be stored."))
        if holds:
            self.stdout.write(
                _("The storage itself refuses to delete what must be kept.")
            )
            return
        self.stdout.write(
            _(
                "The storage does not hold retention: only Weigong itself refuses "
                "to delete what must be kept."
            )
        )
        if options["require_retention"]:
            sys.exit(1)

    def answer(self, seconds: int) -> bool:
        """Try the storage until it answers, for at most so long."""
        ends = time.monotonic() + seconds
        while True:
            try:
                return try_out(get_storage())
            except StorageUnavailable as error:
                if time.monotonic() >= ends:
                    raise CommandError(str(error)) from error
                time.sleep(1)


def try_out(storage: Storage) -> bool:
    """Store, read and remove a file; whether the storage holds retention."""
    key = new_key("export")
    storage.put(key, io.BytesIO(b"check"))
    with storage.open(key) as found:
        same = found.read() == b"check"
    storage.delete(key)
    if not same:
        raise CommandError(_("The storage gave back other bytes."))
    return storage.probe()
