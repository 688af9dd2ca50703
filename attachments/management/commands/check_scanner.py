"""``manage.py check_scanner``: does the virus scanner answer, and what waits for it?

Exit code 0 when it answers, lets a harmless file through, finds EICAR's test file,
does not call clean what is beyond its limits, and takes files of CLAMD_MAX_BYTES.
"""

import io
import zipfile
from typing import IO, Any, cast

from django.core.management.base import BaseCommand, CommandError
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from attachments import scanner, scanning

#: In two pieces, so that scanners do not report this file.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


DEPTH = 120  # archives in one another; clamd looks into 17, and into 100 at most


class Zeros(io.RawIOBase):
    """So many bytes of nothing, without having them."""

    def __init__(self, size: int) -> None:
        self._left = size

    def read(self, size: int = -1) -> bytes:
        piece = bytes(min(size, self._left) if size >= 0 else self._left)
        self._left -= len(piece)
        return piece


def beyond_limits() -> bytes:
    """A harmless archive that no scanner looks into to the end."""
    content = b"harmless"
    for number in range(DEPTH):
        outer = io.BytesIO()
        with zipfile.ZipFile(outer, "w") as archive:
            archive.writestr(zipfile.ZipInfo(f"{number}.zip"), content)
        content = outer.getvalue()
    return content


def says_what_it_skips() -> bool:
    """Whether clamd says so when it did not look at everything (AlertExceedsMax)."""
    try:
        scanner.scan(io.BytesIO(beyond_limits()))
    except scanner.NotScannable as error:
        return scanner.is_beyond(str(error))
    return False


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
        self.check_limits()
        queue = scanning.queue()
        self.stdout.write(
            _("Files that wait for the scan: %(waiting)s; failed so far: %(failing)s.")
            % {"waiting": queue.waiting, "failing": queue.failing}
        )

    def check_limits(self) -> None:
        """What it skips, and the largest file it takes; CommandError."""
        if not says_what_it_skips():
            raise CommandError(
                _(
                    "The scanner calls clean what is beyond its limits: set "
                    "AlertExceedsMax yes in clamd.conf."
                )
            )
        most = scanner.most()
        if most is None:
            self.stdout.write(
                _(
                    "CLAMD_MAX_BYTES is not set: files beyond the scanner's limits are "
                    "taken, and then only their uploaders can open them."
                )
            )
            return
        try:
            scanner.scan(cast("IO[bytes]", Zeros(most)))
        except (scanner.ScannerUnavailable, scanner.NotScannable) as error:
            raise CommandError(
                _("The scanner does not look at files of CLAMD_MAX_BYTES: %s") % error
            ) from error
        self.stdout.write(
            _("Files of up to %s are scanned; larger ones are not taken.")
            % filesizeformat(most)
        )
