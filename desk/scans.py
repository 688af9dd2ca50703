"""What people are told of the virus scan: on pages, in refusals, in the API."""

from datetime import timedelta
from typing import Any

from django.utils.timezone import now
from django.utils.translation import gettext as _

from attachments import scanner, scanning
from attachments.models import ScanState, Version
from grants.permissions import roles_of
from organisations.models import User

PATIENCE = timedelta(minutes=30)  # a scan that takes longer is told of


def scan_words(version: Version) -> str:
    """What is known of a version, in a few words."""
    if version.scan_state == ScanState.INFECTED:
        return _("A virus was found: %s") % version.threat
    if version.scan_state != ScanState.NOT_SCANNED or not scanner.is_configured():
        return version.get_scan_state_display()
    if scanning.is_beyond(version):
        return _(
            "The virus scanner does not look at it: too large or too much inside. Only "
            "its uploader can open it, until a smaller file is uploaded or the "
            "scanner's limits are raised"
        )
    if scanning.is_down():
        return _("Waiting for the virus scan; the scanner does not answer just now")
    return _("Waiting for the virus scan")


def trouble(user: User) -> dict[str, Any] | None:
    """For the office and administrators: what waits too long for its scan, if any.

    ``waiting`` and ``failing`` are counts, ``oldest`` is when the first was uploaded,
    ``down`` whether the scanner was silent. Nothing is asked without a scanner.
    """
    if not scanner.is_configured():
        return None
    if not (user.is_administrator or roles_of(user)):
        return None
    queue, down = scanning.queue(), scanning.is_down()
    late = queue.oldest is not None and queue.oldest < now() - PATIENCE
    if not queue.waiting or not (late or down or queue.failing):
        return None
    return {
        "waiting": queue.waiting,
        "failing": queue.failing,
        "oldest": queue.oldest,
        "down": down,
    }


def withheld_words(code: str) -> str:
    """Why a file is not opened, for the page and the API."""
    if code == scanning.INFECTED:
        return _("A virus was found in this file, so nobody can open it.")
    return _(
        "This file is still to be scanned for viruses; until then only who uploaded "
        "it can open it. Please try again in a few minutes."
    )
