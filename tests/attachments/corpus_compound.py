"""Old Office files that lie about themselves, each with its refusal.

Read by what they claim they take all the memory there is, or all the time.
"""

import struct

from tests.attachments.compound import END, claiming, compound, leading
from tests.attachments.corpus import (
    DAMAGED,
    MIB,
    PE,
    PROGRAM,
    Bad,
    inside,
    open_xml,
    with_a_program_in_it,
    workbook,
    zipped,
)
from tests.attachments.files import ole

#: Of files with one stream: the directory, and where the stream begins.
FOLDER, BODY = 1, 2


def claims(size: int, *, stream: str = "WordDocument") -> bytes:
    """Two kilobytes and a bit, a stream in them that leads to itself, and its claim."""
    content = compound({stream: b""})[: 512 * 4]
    return claiming(leading(content, BODY, BODY), stream, size)


def circle() -> bytes:
    """A stream that comes back to itself, of a length that the file could have."""
    return leading(compound({"WordDocument": bytes(100_000)}), 50, 10)


def workbook_of_many_records() -> bytes:
    return workbook(*([(0x0031, b"")] * 100_001))


def with_blanks_behind_it() -> bytes:
    return with_a_program_in_it().replace(b"invoice.exe\0", b"invo.exe. .\0")


def packaged(name: str, data: bytes) -> bytes:
    """A file in a document, as Windows' packager puts it there."""
    raw = name.encode("gb18030") + b"\0"
    texts = b"label\0C:\\" + raw + struct.pack("<II", 0x30000, len(raw)) + raw
    body = texts + struct.pack("<I", len(data)) + data
    return struct.pack("<IH", len(body) + 2, 2) + body


def with_package(name: str, data: bytes, main: str = "WordDocument") -> bytes:
    return compound({main: b"", "\x01Ole10Native": packaged(name, data)})


def in_a_docx() -> bytes:
    part = compound({"\x01Ole10Native": packaged("合同.hta", b"<x>")})
    return open_xml("word/document.xml", ("word/embeddings/oleObject1.bin", part))


LYING = (
    Bad("claims 32 MiB", "a.doc", claims(32 * MIB), DAMAGED),
    Bad("claims 4 GiB", "a.doc", claims(2**32 - 1), DAMAGED),
    Bad("xls claims 4 GiB", "a.xls", claims(2**32 - 1, stream="Workbook"), DAMAGED),
    Bad("any stream claims it", "a.doc", claims(2**32 - 1, stream="Data"), DAMAGED),
    Bad(
        "the same in a zip",
        "a.zip",
        zipped(("a.doc", claims(2**32 - 1))),
        inside("a.doc", DAMAGED),
    ),
    Bad("a stream in a circle", "a.doc", circle, DAMAGED),
    Bad("shorter than it says", "a.doc", leading(circle(), 50, END), DAMAGED),
    Bad(
        "a directory in a circle",
        "a.doc",
        leading(ole("WordDocument"), FOLDER, FOLDER),
        DAMAGED,
    ),
    Bad("tables elsewhere", "a.doc", leading(circle(), FOLDER, 10**6), DAMAGED),
    Bad("a packaged image", "a.doc", with_package("发票.iso", b"CD001"), PROGRAM),
    Bad("a packaged web page", "a.doc", with_package("a.html ", b"<p>"), PROGRAM),
    Bad("a program packaged as a PDF", "a.doc", with_package("a.pdf", PE), PROGRAM),
    Bad(
        "a package in a docx",
        "a.docx",
        in_a_docx,
        inside("word/embeddings/oleObject1.bin", PROGRAM),
    ),
    Bad("a packaged program with dots", "a.doc", with_blanks_behind_it, PROGRAM),
)
LONG_WINDED = (Bad("very many records", "a.xls", workbook_of_many_records, DAMAGED),)
