"""A checkpoint on paper: the sheet, and the printer that it may go to.

What is on paper in the auditor's file is out of everybody's reach: whoever holds the
database, the keys and the archive cannot make another past fit it.
"""

import logging
import shlex
import subprocess
from collections.abc import Iterator

from django.conf import settings
from django.utils.translation import gettext as _

from .models import Checkpoint

logger = logging.getLogger(__name__)
GROUP, GROUPS = 4, 8  # digits as they are compared on paper: eight groups a line
TIMEOUT = 60  # seconds that the printing command may take


def sheet(checkpoint: Checkpoint) -> list[str]:
    """What goes on paper, line by line."""
    number = {"number": checkpoint.number, "at": checkpoint.at}
    totals = {"events": checkpoint.events, "streams": checkpoint.streams}
    lines = [
        _("Checkpoint %(number)d of %(at)s") % number,
        _("%(events)d events in %(streams)d streams") % totals,
    ]
    for name, digits in (
        (_("Root"), checkpoint.root),
        (_("Signature"), checkpoint.signature),
        (_("Key"), checkpoint.key),
    ):
        lines += [name, *(f"  {line}" for line in grouped(digits))]
    return lines


def grouped(digits: str) -> Iterator[str]:
    """Digits in lines of groups, as they are read out and compared."""
    width = GROUP * GROUPS
    for start in range(0, len(digits), width):
        line = digits[start : start + width]
        yield " ".join(line[i : i + GROUP] for i in range(0, len(line), GROUP))


def try_to_print(checkpoint: Checkpoint) -> str:
    """Hand the sheet to CHECKPOINT_PRINT, where that names a command.

    What went wrong in words, "" for nothing; the checkpoint is none the worse.
    """
    command = shlex.split(settings.CHECKPOINT_PRINT)
    if not command:
        return ""
    text = "\n".join([*sheet(checkpoint), ""])
    try:
        subprocess.run(  # noqa: S603 - the operator's own command, the text on stdin
            command, input=text.encode(), check=True, timeout=TIMEOUT
        )
    except (OSError, subprocess.SubprocessError) as error:
        logger.error("checkpoint %d was not printed: %s", checkpoint.number, error)
        return _("Checkpoint %(number)d was not printed: %(error)s") % {
            "number": checkpoint.number,
            "error": error,
        }
    return ""
