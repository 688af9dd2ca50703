"""Which files a browser can show inside of a page, without a script."""

from typing import Any

from django.utils.translation import gettext as _

from attachments.filetypes import CSV, PDF, PICTURES, TEXT
from attachments.models import Rendition, Version
from attachments.rendering import OFFICE
from attachments.renditions import rendition_of
from attachments.scanning import withheld

SHOWN = (PDF, *PICTURES)  # in a frame or as a picture
TEXTS = (TEXT, CSV)
MOST_TEXT = 200_000  # bytes of a text


def has_preview(version: Version) -> bool:
    """Whether there is a page that shows this file."""
    return version.content_type in (*SHOWN, *TEXTS, *OFFICE)


def has_thumbnail(version: Version, user: Any) -> bool:
    """Whether a small picture of it may be shown to this person."""
    made = rendition_of(version)
    return bool(made and made.thumbnail_key and not withheld(version, user))


def thumbnail_words(version: Version) -> str:
    """What a small picture shows, for who does not see it."""
    if version.content_type in PICTURES:
        return _("Picture: %(name)s") % {"name": version.name}
    return _("First page of %(name)s") % {"name": version.name}


def waits_for_preview(made: Rendition | None) -> bool:
    """Whether a PDF of an office file is still to be made."""
    return made is not None and made.state == Rendition.State.WAITING and not made.error


def preview_words(made: Rendition | None) -> str:
    """Why there is no PDF of an office file, or not yet."""
    reasons = {
        "no_converter": _(
            "This machine has no LibreOffice, so office files are not shown in a page."
        ),
        "too_slow": _("Making a PDF of this file took too long."),
        "too_large": _("This file is too large to be shown in a page."),
        "unreadable": _("LibreOffice could not make a PDF of this file."),
        "lost": _("The storage has lost this file."),
        "infected": _("A virus was found in this file, so nobody can open it."),
    }
    if made is not None and made.error:
        again = _("It will be tried once more.")
        final = made.error == "no_converter" or made.state == Rendition.State.FAILED
        reason = reasons.get(made.error, reasons["unreadable"])
        return reason if final else f"{reason} {again}"
    return _("A PDF of this file is being made; it will stand here.")
