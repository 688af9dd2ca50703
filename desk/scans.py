"""What people are told of the virus scan: on pages, in refusals, in the API."""

from django.utils.translation import gettext as _

from attachments import scanner, scanning
from attachments.models import ScanState, Version


def scan_words(version: Version) -> str:
    """What is known of a version, in a few words."""
    if version.scan_state == ScanState.INFECTED:
        return _("A virus was found: %s") % version.threat
    if version.scan_state != ScanState.NOT_SCANNED or not scanner.is_configured():
        return version.get_scan_state_display()
    if scanning.is_down():
        return _("Waiting for the virus scan; the scanner does not answer just now")
    return _("Waiting for the virus scan")


def withheld_words(code: str) -> str:
    """Why a file is not opened, for the page and the API."""
    if code == scanning.INFECTED:
        return _("A virus was found in this file, so nobody can open it.")
    return _(
        "This file is still to be scanned for viruses; until then only who uploaded "
        "it can open it. Please try again in a few minutes."
    )
