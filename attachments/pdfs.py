"""PDF files: whole, and to be opened without a password."""

import re
import shutil
import sys
import tempfile
from pathlib import Path
from typing import IO

from attachments import refusals
from attachments.filetypes import CHUNK, tail_of
from attachments.rendering import NotRendered, run_confined, secret_folders


def _spelt(name: str) -> bytes:
    """A pattern for a PDF name, whose letters may be written as #xx."""
    return b"".join(
        b"(?:%s|#(?i:%02x))" % (re.escape(letter.encode()), ord(letter))
        for letter in name
    )


#: In a trailer, which is never packed: an encryption dictionary or where it is.
ENCRYPT = re.compile(rb"/" + _spelt("Encrypt") + rb"\s*(?:<<|\d+\s+\d+\s+R)")
LONGEST = 256  # bytes of such an entry
SECONDS, MEMORY = 10, 768 * 1024 * 1024  # by the clock; bytes of address space


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
    """Whether the empty password does, tried in a process with little memory.

    What cannot be told, since the method is unknown or the file hostile, does not.
    """
    content.seek(0)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        source = folder / "source.pdf"
        with source.open("wb") as copy:
            shutil.copyfileobj(content, copy, CHUNK)
        script = Path(__file__).with_name("unlocking.py")
        try:
            run_confined(
                [sys.executable, "-I", str(script), str(source)],
                folder,
                seconds=SECONDS,
                memory=MEMORY,
                hide=secret_folders(),
            )
        except NotRendered:
            return False
    return True
