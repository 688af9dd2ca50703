"""Old Office files (OLE compound files): which type, and what must not be in them."""

import re
from typing import IO

import olefile
from django.core.exceptions import ValidationError

from attachments import refusals
from attachments.filetypes import DOC, PPT, XLS, is_program

STREAMS = {
    "WordDocument": DOC,
    "Workbook": XLS,
    "Book": XLS,
    "PowerPoint Document": PPT,
}
#: Storages and streams of VBA projects, in small letters.
MACROS = {"macros", "vba", "_vba_project", "_vba_project_cur"}
#: What an Office Open XML document with a password is wrapped in.
ENCRYPTED = {"encryptedpackage", "encryptioninfo"}
PACKAGED = "\x01ole10native"  # a file put into a document as an object
LAUNCHED = re.compile(
    rb"\.(exe|com|scr|pif|cpl|msi|bat|cmd|ps1|vbs|vbe|js|jse|wsf|wsh|hta|lnk|jar)\0",
    re.I,
)

DOC_IS_ENCRYPTED = 0x0100  # of the flags at byte 10 of WordDocument
PPT_IS_ENCRYPTED = 0xF3D1C4DF  # at byte 12 of Current User
BOF, EOF, FILEPASS, SHEET = 0x0809, 0x000A, 0x002F, 0x0085
MACRO_SHEET = 1
MOST_RECORDS = 20_000


def type_of_ole(content: IO[bytes], *, macros: bool = False) -> str | None:
    """The old Office type by its main stream; None for another compound file.

    ValidationError for one that is damaged or protected, and for macros unless
    ``macros`` lets them in.
    """
    content.seek(0)
    try:
        with olefile.OleFileIO(content) as document:
            return _look_into(document, macros)
    except ValidationError:
        raise
    except Exception as error:  # the parser meets hostile bytes
        raise refusals.damaged() from error


def _look_into(document: olefile.OleFileIO, macros: bool) -> str | None:
    paths = document.listdir(streams=True, storages=True)
    names = {part.lower() for path in paths for part in path}
    if names & ENCRYPTED:
        raise refusals.encrypted()
    if names & MACROS and not macros:
        raise refusals.macros()
    for path in paths:
        if path[-1].lower() == PACKAGED:
            _refuse_packaged(document.openstream(path).read(65536))
    for stream, content_type in STREAMS.items():
        if document.exists(stream):
            _check_stream(document, stream, content_type, macros)
            return content_type
    return None


def _check_stream(
    document: olefile.OleFileIO, stream: str, content_type: str, macros: bool
) -> None:
    if content_type == DOC:
        flags = document.openstream(stream).read(12)[10:12]
        if int.from_bytes(flags, "little") & DOC_IS_ENCRYPTED:
            raise refusals.encrypted()
    elif content_type == XLS:
        _check_workbook(document.openstream(stream), macros)
    elif document.exists("Current User"):
        token = document.openstream("Current User").read(16)[12:16]
        if int.from_bytes(token, "little") == PPT_IS_ENCRYPTED:
            raise refusals.encrypted()


def _check_workbook(book: IO[bytes], macros: bool) -> None:
    """The records before the first sheet: a password, sheets of Excel 4 macros."""
    for number in range(MOST_RECORDS):
        head = book.read(4)
        kind = int.from_bytes(head[:2], "little")
        if len(head) < 4 or kind == EOF or (number == 0 and kind != BOF):
            return
        data = book.read(int.from_bytes(head[2:], "little"))
        if kind == FILEPASS:
            raise refusals.encrypted()
        if kind == SHEET and data[5:6] == bytes([MACRO_SHEET]) and not macros:
            raise refusals.macros()


def _refuse_packaged(packaged: bytes) -> None:
    """A program put into a document: by the name it is to be started by."""
    if LAUNCHED.search(packaged[:2048]) or is_program(packaged):
        raise refusals.program()
