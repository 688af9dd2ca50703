"""The types of files that are taken, and what a file is from its bytes alone.

The content decides, from a closed list: what is not recognised is refused.
General-purpose detectors were tried and left: they guess among hundreds of types,
and some let the file's name sway them.
"""

import codecs
import re
from typing import IO

PDF = "application/pdf"
PNG = "image/png"
JPEG = "image/jpeg"
GIF = "image/gif"
WEBP = "image/webp"
ZIP = "application/zip"
OFD = "application/ofd"  # China's fixed-layout format, the one of e-invoices
DOC = "application/msword"
XLS = "application/vnd.ms-excel"
PPT = "application/vnd.ms-powerpoint"
_OPEN_XML = "application/vnd.openxmlformats-officedocument."
DOCX = _OPEN_XML + "wordprocessingml.document"
XLSX = _OPEN_XML + "spreadsheetml.sheet"
PPTX = _OPEN_XML + "presentationml.presentation"
#: The same with macros, which have extensions of their own.
DOCM = "application/vnd.ms-word.document.macroenabled.12"
XLSM = "application/vnd.ms-excel.sheet.macroenabled.12"
PPTM = "application/vnd.ms-powerpoint.presentation.macroenabled.12"
TEXT = "text/plain"
CSV = "text/csv"
#: Compound files (MS-CFB): which of the old Office types it is, office.py tells.
OLE = "application/x-ole-storage"

EXTENSIONS = {
    PDF: {"pdf"},
    PNG: {"png"},
    JPEG: {"jpg", "jpeg"},
    GIF: {"gif"},
    WEBP: {"webp"},
    ZIP: {"zip"},
    OFD: {"ofd"},
    DOC: {"doc", "wps"},
    XLS: {"xls", "et"},
    PPT: {"ppt", "dps"},
    DOCX: {"docx"},
    XLSX: {"xlsx"},
    PPTX: {"pptx"},
    TEXT: {"txt"},
    CSV: {"csv"},
}
ALLOWED_EXTENSIONS = sorted(set().union(*EXTENSIONS.values()))
WITH_MACROS = {DOCX: DOCM, XLSX: XLSM, PPTX: PPTM}
MACRO_EXTENSIONS = {DOCM: {"docm"}, XLSM: {"xlsm"}, PPTM: {"pptm"}}
PICTURES = (PNG, JPEG, GIF, WEBP)

HEAD = 4096  # bytes looked at for signatures and markup
CHUNK = 256 * 1024

PROGRAMS = (
    b"MZ",  # Windows
    b"\x7fELF",  # Linux
    b"\xfe\xed\xfa\xce",  # Mach-O, and its other byte order and width
    b"\xfe\xed\xfa\xcf",
    b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe",  # Mach-O for several processors, Java classes
    b"dex\n",  # Android
    b"\x00asm",  # WebAssembly
    b"L\x00\x00\x00\x01\x14\x02\x00",  # Windows shortcuts (.lnk)
    b"#!",  # scripts
    b"\xef\xbb\xbf#!",
)
#: Archives into which we cannot look.
CLOSED_ARCHIVES = (
    b"7z\xbc\xaf\x27\x1c",
    b"Rar!\x1a\x07",
    b"\x1f\x8b",  # gzip
    b"BZh",
    b"\xfd7zXZ\x00",
    b"\x28\xb5\x2f\xfd",  # Zstandard
    b"MSCF",  # Windows cabinets
)
TAR = slice(257, 262)  # where a tar file says "ustar"
SIGNATURES = {
    b"%PDF-": PDF,
    b"\x89PNG\r\n\x1a\n": PNG,
    b"\xff\xd8\xff": JPEG,
    b"GIF87a": GIF,
    b"GIF89a": GIF,
    b"PK\x03\x04": ZIP,
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": OLE,
}
MARKUP = re.compile(
    rb"<\s*(!doctype|\?xml|html|head|body|svg|script|iframe|object|embed)\b", re.I
)
#: Markup that no picture and no PDF begins with; XMP in pictures is markup, too.
ACTIVE = re.compile(rb"<\s*(!doctype\s+html|html|body|svg|script|iframe)\b", re.I)
NOT_TEXT = re.compile(r"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]")


def is_program(head: bytes) -> bool:
    """Whether a file that begins so could be run."""
    return head.startswith(PROGRAMS)


def is_closed_archive(head: bytes) -> bool:
    """Whether a file that begins so is an archive of a kind we cannot look into."""
    return head.startswith(CLOSED_ARCHIVES) or head[TAR] == b"ustar"


def by_signature(head: bytes) -> str | None:
    """The type that the first bytes name, OLE and ZIP as such; None for none."""
    for signature, content_type in SIGNATURES.items():
        if head.startswith(signature):
            return content_type
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return WEBP
    return None


def is_text(content: IO[bytes]) -> bool:
    """UTF-8 without control characters to its end and without markup at its head."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    content.seek(0)
    if MARKUP.search(content.read(HEAD)):
        return False
    content.seek(0)
    try:
        while chunk := content.read(CHUNK):
            if NOT_TEXT.search(decoder.decode(chunk)):
                return False
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def size_of(content: IO[bytes]) -> int:
    """The length in bytes."""
    return content.seek(0, 2)


def tail_of(content: IO[bytes], length: int = 65536) -> bytes:
    """The last bytes."""
    content.seek(max(0, size_of(content) - length))
    return content.read(length)


def count(content: IO[bytes], needle: bytes, *, start: int = 0) -> int:
    """How often some bytes occur, read in pieces."""
    content.seek(start)
    found, kept = 0, b""
    while chunk := content.read(CHUNK):
        piece = kept + chunk
        found += piece.count(needle)
        kept = piece[max(0, len(piece) - len(needle) + 1) :]
    return found
