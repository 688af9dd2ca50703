"""Which files a browser can show inside of a page, without a script."""

from typing import Any

from django.utils.translation import gettext as _

from attachments.filetypes import CSV, PDF, PICTURES, TEXT
from attachments.models import Rendition, Version
from attachments.rendering import OFFICE
from attachments.renditions import rendition_of
from attachments.scanning import withheld

TEXTS = (TEXT, CSV)
MOST_TEXT = 200_000  # bytes of a text


def has_preview(version: Version) -> bool:
    """Whether there is a page that shows this file."""
    return version.content_type in (PDF, *PICTURES, *TEXTS, *OFFICE)


def has_thumbnail(version: Version, user: Any) -> bool:
    """Whether a small picture of it may be shown to this person."""
    made = rendition_of(version)
    return bool(made and made.thumbnail_key and not withheld(version, user))


def thumbnail_words(version: Version) -> str:
    """What a small picture shows, for who does not see it."""
    if version.content_type in PICTURES:
        return _("Picture: %(name)s") % {"name": version.name}
    return _("First page of %(name)s") % {"name": version.name}


def preview_words(made: Rendition) -> str:
    """Why the pages of a file are not there, or not yet."""
    reasons = {
        "no_converter": _(
            "This machine has no LibreOffice, so office files are not shown in a page."
        ),
        "too_slow": _("Drawing the pages of this file took too long."),
        "too_large": _("This file is too large to be shown in a page."),
        "unreadable": _("The pages of this file could not be drawn."),
        "lost": _("The storage has lost this file."),
        "infected": _("A virus was found in this file, so nobody can open it."),
    }
    if made.error:
        again = _("It will be tried once more.")
        final = made.error == "no_converter" or made.state == Rendition.State.FAILED
        reason = reasons.get(made.error, reasons["unreadable"])
        return reason if final else f"{reason} {again}"
    return _("The pages of this file are being drawn; they will stand here.")
