"""Which files a browser can show inside of a page, without a script."""

from attachments.filetypes import CSV, PDF, PICTURES, TEXT
from attachments.models import Version

SHOWN = (PDF, *PICTURES)  # in a frame or as a picture
TEXTS = (TEXT, CSV)
MOST_TEXT = 200_000  # bytes of a text


def has_preview(version: Version) -> bool:
    """Whether there is a page that shows this file."""
    return version.content_type in (*SHOWN, *TEXTS)
