"""Old Office files (OLE compound files): which type, and what must not be in them."""

import re
from typing import IO

from attachments import refusals
from attachments.compound import STREAM, Compound, Damaged, Entry, Stream
from attachments.filetypes import DOC, PPT, XLS, is_program
from attachments.launched import is_launched

#: Main streams, in small letters.
STREAMS = {
    "worddocument": DOC,
    "workbook": XLS,
    "book": XLS,
    "powerpoint document": PPT,
}
CURRENT_USER = "current user"
TOP = {*STREAMS, CURRENT_USER}
#: Storages and streams of VBA projects, in small letters.
MACROS = {"macros", "vba", "_vba_project", "_vba_project_cur"}
#: What an Office Open XML document with a password is wrapped in.
ENCRYPTED = {"encryptedpackage", "encryptioninfo"}
PACKAGED = "\x01ole10native"  # a file put into a document as an object
MOST_PACKAGED = 5000
PACKAGE_HEAD = 4096  # bytes of one that are looked at: its names, and how it begins
LAUNCHED = re.compile(
    rb"\.(exe|com|scr|pif|cpl|msi|bat|cmd|ps1|vbs|vbe|js|jse|wsf|wsh|hta|lnk|jar)"
    rb"[. ]*\0",  # Windows takes dots and blanks away
    re.I,
)

DOC_IS_ENCRYPTED = 0x0100  # of the flags at byte 10 of WordDocument
PPT_IS_ENCRYPTED = 0xF3D1C4DF  # at byte 12 of Current User
BOF, EOF, FILEPASS, SHEET = 0x0809, 0x000A, 0x002F, 0x0085
MACRO_SHEET = 1
MOST_RECORDS = 100_000
SHEET_HEAD = 8  # bytes of a record that are looked at


def type_of_ole(content: IO[bytes], *, macros: bool = False) -> str | None:
    """The old Office type by its main stream; None for another compound file.

    ValidationError for one that is damaged or protected, and for macros unless
    ``macros`` lets them in.
    """
    try:
        return _look_into(Compound(content), macros)
    except Damaged as error:
        raise refusals.damaged() from error


def _look_into(document: Compound, macros: bool) -> str | None:
    has_macros = False
    packaged = 0
    top: dict[str, Entry] = {}
    for entry in document.entries():
        name = entry.name.lower()
        if name in ENCRYPTED:
            raise refusals.encrypted()
        has_macros = has_macros or name in MACROS
        if entry.kind == STREAM and name == PACKAGED:
            packaged += 1
            if packaged > MOST_PACKAGED:
                raise refusals.damaged()
            _refuse_packaged(document.open(entry).read(PACKAGE_HEAD), macros)
        if entry.kind == STREAM and entry.depth == 1 and name in TOP:
            top.setdefault(name, entry)
    if has_macros and not macros:
        raise refusals.macros()
    for stream, content_type in STREAMS.items():
        if stream in top:
            document.check(top[stream])
            _check_stream(document, top, content_type, macros, top[stream])
            return content_type
    return None


def _check_stream(
    document: Compound,
    top: dict[str, Entry],
    content_type: str,
    macros: bool,
    main: Entry,
) -> None:
    if content_type == DOC:
        flags = document.open(main).read(12)[10:12]
        if int.from_bytes(flags, "little") & DOC_IS_ENCRYPTED:
            raise refusals.encrypted()
    elif content_type == XLS:
        _check_workbook(document.open(main), macros)
    elif CURRENT_USER in top:
        token = document.open(top[CURRENT_USER]).read(16)[12:16]
        if int.from_bytes(token, "little") == PPT_IS_ENCRYPTED:
            raise refusals.encrypted()


def _check_workbook(book: Stream, macros: bool) -> None:
    """The records before the first sheet: a password, sheets of Excel 4 macros."""
    for number in range(MOST_RECORDS):
        head = book.read(4)
        kind = int.from_bytes(head[:2], "little")
        if len(head) < 4 or kind == EOF or (number == 0 and kind != BOF):
            return
        length = int.from_bytes(head[2:], "little")
        data = book.read(min(length, SHEET_HEAD))
        book.skip(length - len(data))
        if kind == FILEPASS:
            raise refusals.encrypted()
        if kind == SHEET and data[5:6] == bytes([MACRO_SHEET]) and not macros:
            raise refusals.macros()
    raise refusals.damaged()  # of workbooks nothing has so many before a sheet


def _refuse_packaged(packaged: bytes, macros: bool) -> None:
    """A program put into a document: by the names it is started by, and its bytes."""
    names, data = _unwrapped(packaged)
    launched = any(is_launched(name, macros=macros) for name in names)
    if launched or LAUNCHED.search(packaged[:2048]):
        raise refusals.program()
    if is_program(packaged) or is_program(data):
        raise refusals.program()


def _unwrapped(packaged: bytes) -> tuple[list[str], bytes]:
    """Label and path of a file that was put into a document, and how it begins.

    They are what Windows' packager writes: two texts, eight bytes, a third text, a
    length, the file; anything else has no names here and no data.
    """
    names: list[bytes] = []
    rest = packaged[6:]
    for skipped in (0, 0, 8):
        name, ended, rest = rest[skipped:].partition(b"\0")
        if not ended:
            return [], b""
        names.append(name)
    return [name.decode("gb18030", "replace") for name in names], rest[4:]
