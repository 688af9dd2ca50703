"""PDF files: whole, and to be opened without a password."""

import re
from typing import IO

from pypdf import PdfReader

from attachments import refusals
from attachments.filetypes import CHUNK, tail_of


def _spelt(name: str) -> bytes:
    """A pattern for a PDF name, whose letters may be written as #xx."""
    return b"".join(
        b"(?:%s|#(?i:%02x))" % (re.escape(letter.encode()), ord(letter))
        for letter in name
    )


#: In a trailer, which is never packed: an encryption dictionary or where it is.
ENCRYPT = re.compile(rb"/" + _spelt("Encrypt") + rb"\s*(?:<<|\d+\s+\d+\s+R)")
LONGEST = 256  # bytes of such an entry


def check_pdf(content: IO[bytes]) -> None:
    """ValidationError for a file without its end or with a password.

    One that everybody may open and not everybody may print has no password.
    """
    if b"%%EOF" not in tail_of(content):
        raise refusals.damaged()
    if _names_encryption(content) and not _opens(content):
        raise refusals.encrypted()


def _names_encryption(content: IO[bytes]) -> bool:
    content.seek(0)
    kept = b""
    while chunk := content.read(CHUNK):
        piece = kept + chunk
        if ENCRYPT.search(piece):
            return True
        kept = piece[-LONGEST:]
    return False


def _opens(content: IO[bytes]) -> bool:
    """Whether the empty password does."""
    content.seek(0)
    try:
        reader = PdfReader(content)
        return not reader.is_encrypted or bool(reader.decrypt(""))
    except Exception:  # the parser meets hostile bytes, or a method it has not
        return False
