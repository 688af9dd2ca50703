"""``manage.py check_scanner``: does the virus scanner answer, and what waits for it?

Exit code 0 when it answers, lets a harmless file through and finds EICAR's test file.
"""

import io
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from attachments import scanner, scanning

#: In two pieces, so that scanners do not report this file.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


class Command(BaseCommand):
    help = "Asks the virus scanner about two test files, and tells what waits."

    def handle(self, *args: Any, **options: Any) -> None:
        if not scanner.is_configured():
            raise CommandError(_("No virus scanner is configured (CLAMD_URL)."))
        try:
            self.stdout.write(scanner.ping())
            lets_through = scanner.scan(io.BytesIO(b"harmless")) == ""
            finds = scanner.scan(io.BytesIO(EICAR)) != ""
        except (scanner.ScannerUnavailable, scanner.NotScannable) as error:
            raise CommandError(str(error)) from error
        if not (lets_through and finds):
            raise CommandError(
                _("The scanner answers, but it does not find the harmless test virus.")
            )
        queue = scanning.queue()
        self.stdout.write(
            _("Files that wait for the scan: %(waiting)s; failed so far: %(failing)s.")
            % {"waiting": queue.waiting, "failing": queue.failing}
        )
