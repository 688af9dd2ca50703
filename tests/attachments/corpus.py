"""Files that are meant to deceive or to harm, built here, each with its refusal.

Every entry is refused with exactly the words beside it.
"""

import io
import stat
import struct
import warnings
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from pypdf import PdfReader, PdfWriter

from tests.attachments import files, pictures
from tests.attachments.compound import compound
from tests.attachments.files import archive, docx, ole

MIB = 1024 * 1024
CONTENT_TYPES = "[Content_Types].xml"
RIGHT_TO_LEFT = "\N{RIGHT-TO-LEFT OVERRIDE}"
UNSEEN = "\N{ZERO WIDTH SPACE}"

PROGRAM = "Programs and scripts are not accepted."
DAMAGED = "The file is damaged or incomplete."
PASSWORD = "The file is protected by a password. Send it without one."
MACROS = "The file holds macros. Save it without them and send it again."
TWO = "The file is of two types at once."
CLOSED = "Nobody can look into an archive of this type. Send a zip file."
TYPE = (
    "This type of file is not accepted. Accepted: csv, doc, docx, dps, et, gif, jpeg, "
    "jpg, ofd, pdf, png, ppt, pptx, txt, webp, wps, xls, xlsx, zip."
)
TIGHT = "The archive is packed so tightly that it can only do harm."
MANY = "The archive holds more than 5000 files."
LARGE = "Unpacked, the archive is larger than 256.0\N{NO-BREAK SPACE}MB."
OVER = "Files in the archive lie over one another."
DEEP = "Archives lie in one another more than 3 deep."
UNSEEN_INSIDE = "The name of a file in the archive holds invisible characters."
LONG_INSIDE = "The name of a file in the archive is longer than 240 characters."
PIXELS = "The picture has more than 300 million pixels."
PATH = "The name of the file must not hold a path."
INVISIBLE = "The name of the file holds invisible characters."
NO_NAME = "The file has no name."
EMPTY = "The file is empty."


def unfit(name: str) -> str:
    return f"The content of “{name}” does not fit its extension."


def out(name: str) -> str:
    return f"“{name}” in the archive leads to a place outside of it."


def inside(name: str, why: str) -> str:
    return f"“{name}” in the archive: {why}"


@dataclass(frozen=True)
class Bad:
    """One file: what it is, its name, its content, why it is refused."""

    what: str
    name: str
    content: Callable[[], bytes] | bytes
    refusal: str

    @property
    def data(self) -> bytes:
        return self.content if isinstance(self.content, bytes) else self.content()


# -- archives ------------------------------------------------------------------


def zipped(*members: tuple[str, bytes], packed: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip of these files; names are written as they are."""
    target = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(target, "w") as made:
        warnings.simplefilter("ignore")  # names that come twice
        for name, data in members:
            made.writestr(zipfile.ZipInfo(name), data, packed)
    return target.getvalue()


def patched(
    content: bytes, *, at: int, form: str, value: int, local: int = -1
) -> bytes:
    """Change a field of every central entry, and at ``local`` of local headers."""
    made = bytearray(content)
    for signature, place in ((b"PK\x01\x02", at), (b"PK\x03\x04", local)):
        found = made.find(signature)
        while found >= 0 and place >= 0:
            struct.pack_into(form, made, found + place, value)
            found = made.find(signature, found + 4)
    return bytes(made)


def with_flags(flags: int, *, central: bool = True) -> bytes:
    content = archive("letter.txt")
    at = 8 if central else -1
    return patched(content, at=at, form="<H", value=flags, local=6)


def twice_the_same_bytes() -> bytes:
    """Two entries of the directory that share one local file."""
    content = zipped(("a", b"x" * 100), ("b", b"y" * 100))
    first, second = content.find(b"PK\x01\x02"), content.rfind(b"PK\x01\x02")
    made = bytearray(content)
    made[second + 42 : second + 46] = made[first + 42 : first + 46]
    return bytes(made)


def larger_than_claimed() -> bytes:
    return patched(zipped(("a.txt", bytes(MIB))), at=24, form="<I", value=10)


def claims_to_be_huge() -> bytes:
    return patched(archive("a.txt"), at=24, form="<I", value=300 * MIB)


def wrong_checksum() -> bytes:
    return patched(archive("a.txt"), at=16, form="<I", value=1)


def nested(depth: int, core: bytes = b"x") -> bytes:
    content = zipped(("core.txt", core))
    for number in range(depth - 1):
        content = zipped((f"{number}.zip", content))
    return content


def link() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as made:
        info = zipfile.ZipInfo("shadow.txt")
        info.create_system, info.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
        made.writestr(info, "/etc/shadow")
    return target.getvalue()


def many(number: int) -> bytes:
    return zipped(*((f"{n}", b"") for n in range(number)), packed=zipfile.ZIP_STORED)


# -- documents -----------------------------------------------------------------


def open_xml(part: str, *more: tuple[str, bytes], types: bytes = b"<Types/>") -> bytes:
    return zipped((CONTENT_TYPES, types), (part, b"<x/>"), *more)


def word(**streams: bytes) -> bytes:
    return compound({"WordDocument": b""} | streams)


def workbook(*records: tuple[int, bytes]) -> bytes:
    body = b"".join(
        struct.pack("<HH", kind, len(data)) + data
        for kind, data in ((0x0809, bytes(16)), *records, (0x000A, b""))
    )
    return compound({"Workbook": body})


def with_a_program_in_it() -> bytes:
    packaged = b"\0\0\0\0\2\0invoice.exe\0C:\\invoice.exe\0" + b"MZ" + bytes(90)
    return compound({"WordDocument": b"", "\x01Ole10Native": packaged})


@cache
def encrypted_pdf() -> bytes:
    writer = PdfWriter()
    writer.add_blank_page(100, 100)
    writer.encrypt("secret", algorithm="AES-256")
    target = io.BytesIO()
    writer.write(target)
    content = target.getvalue()
    assert PdfReader(io.BytesIO(content)).is_encrypted
    return content


def encrypted_pdf_spelt_otherwise() -> bytes:
    return encrypted_pdf().replace(b"/Encrypt", b"/#45ncr#79pt")


PE = b"MZ\x90\x00" + bytes(60)
ELF = b"\x7fELF\x02\x01\x01" + bytes(57)
HTML = b"<!DOCTYPE html><html><body><script>alert(1)</script></body></html>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
LNK = b"L\x00\x00\x00\x01\x14\x02\x00" + bytes(60)
SEVEN_ZIP = b"7z\xbc\xaf\x27\x1c\x00\x04" + bytes(60)
LONG = "x" * 241

PROGRAMS = (
    Bad("a Windows program as a PDF", "申报书.pdf", PE, PROGRAM),
    Bad("a Linux program as a picture", "photo.jpg", ELF, PROGRAM),
    Bad("a macOS program", "a.docx", b"\xcf\xfa\xed\xfe" + bytes(60), PROGRAM),
    Bad("an older macOS program", "a.png", b"\xfe\xed\xfa\xce" + bytes(60), PROGRAM),
    Bad("a Java class", "a.zip", b"\xca\xfe\xba\xbe" + bytes(60), PROGRAM),
    Bad("an Android program", "a.txt", b"dex\n035\0" + bytes(60), PROGRAM),
    Bad("WebAssembly", "a.pdf", b"\0asm\1\0\0\0", PROGRAM),
    Bad("a shell script as a text", "说明.txt", b"#!/bin/sh\nrm -rf ~\n", PROGRAM),
    Bad("a script behind a mark", "a.csv", b"\xef\xbb\xbf#!/bin/sh\n", PROGRAM),
    Bad("a Windows shortcut as a PDF", "合同.pdf", LNK, PROGRAM),
    Bad("an installer as a document", "a.doc", ole("MsiInstaller"), TYPE),
    Bad("a web page as a PDF", "a.pdf", HTML, TYPE),
    Bad("a web page as a picture", "a.jpg", HTML, TYPE),
    Bad("a drawing with a script", "logo.svg", SVG, TYPE),
    Bad("a drawing as a picture", "logo.png", SVG, TYPE),
    Bad("XML as a document", "a.docx", b"<?xml version='1.0'?><x/>", TYPE),
    Bad("a web page in UTF-16", "a.txt", HTML.decode().encode("utf-16"), TYPE),
    Bad("a batch file", "a.bat", b"@echo off\r\ndel *.*\r\n", unfit("a.bat")),
    Bad("JavaScript as a PDF", "a.pdf", b"alert(1)", unfit("a.pdf")),
    Bad("RTF as a document", "a.doc", b"{\\rtf1 x}", unfit("a.doc")),
    Bad("a mail as a document", "a.doc", b"MIME-Version: 1.0\n\nx", unfit("a.doc")),
)
POLYGLOTS = (
    Bad("PDF and zip", "a.pdf", files.PDF + archive("a.class"), TWO),
    Bad("picture and zip", "a.png", files.PNG + archive("a.class"), TWO),
    Bad("GIF and Java archive", "a.gif", files.GIF + archive("a.class"), TWO),
    Bad("photograph and zip", "a.jpg", files.JPEG + archive("a"), TWO),
    Bad("PDF and web page", "a.pdf", b"%PDF-1.4\n" + HTML + files.PDF, TWO),
    Bad("photograph and web page", "a.jpg", pictures.jpeg(1, 1, comment=HTML), TWO),
    Bad("two archives", "a.zip", archive("a.txt") + archive("b.txt"), TWO),
)
ENCRYPTED = (
    Bad("zip with a password", "a.zip", lambda: with_flags(1), PASSWORD),
    Bad(
        "zip that hides its password",
        "a.zip",
        lambda: with_flags(1, central=False),
        PASSWORD,
    ),
    Bad("strongly encrypted zip", "a.zip", lambda: with_flags(0x41), PASSWORD),
    Bad("zip with a masked directory", "a.zip", lambda: with_flags(0x2000), PASSWORD),
    Bad(
        "encrypted zip in a zip",
        "a.zip",
        lambda: zipped(("b.zip", with_flags(1))),
        inside("b.zip", PASSWORD),
    ),
    Bad("7z", "a.zip", SEVEN_ZIP, CLOSED),
    Bad("RAR 4", "a.zip", b"Rar!\x1a\x07\x00" + bytes(60), CLOSED),
    Bad("RAR 5", "a.rar", b"Rar!\x1a\x07\x01\x00" + bytes(60), CLOSED),
    Bad("gzip", "a.zip", b"\x1f\x8b\x08" + bytes(60), CLOSED),
    Bad("tar", "a.zip", b"a".ljust(257, b"\0") + b"ustar" + bytes(250), CLOSED),
    Bad("7z in a zip", "a.zip", zipped(("b.7z", SEVEN_ZIP)), inside("b.7z", CLOSED)),
    Bad("docx with a password", "a.docx", ole("EncryptedPackage"), PASSWORD),
    Bad("doc with a password", "a.doc", word(WordDocument=bytes(11) + b"\1"), PASSWORD),
    Bad("xls with a password", "a.xls", workbook((0x2F, bytes(6))), PASSWORD),
    Bad(
        "ppt with a password",
        "a.ppt",
        compound(
            {
                "Current User": bytes(12) + struct.pack("<I", 0xF3D1C4DF),
                "PowerPoint Document": b"",
            }
        ),
        PASSWORD,
    ),
    Bad("PDF with a password", "a.pdf", encrypted_pdf, PASSWORD),
    Bad("the same in disguise", "a.pdf", encrypted_pdf_spelt_otherwise, PASSWORD),
)
BOMBS = (
    Bad("ratio", "a.zip", lambda: zipped(("a.txt", bytes(20 * MIB))), TIGHT),
    Bad(
        "ratio in a document",
        "a.xlsx",
        lambda: open_xml("xl/workbook.xml", ("xl/big.xml", bytes(20 * MIB))),
        TIGHT,
    ),
    Bad(
        "larger than claimed",
        "a.zip",
        larger_than_claimed,
        inside("a.txt", TIGHT),
    ),
    Bad("claims to be huge", "a.zip", claims_to_be_huge, LARGE),
    Bad(
        "nested too deep", "a.zip", lambda: nested(4), inside("2.zip/1.zip/0.zip", DEEP)
    ),
    Bad("very many files", "a.zip", lambda: many(5001), MANY),
    Bad(
        "very many in several archives",
        "a.zip",
        lambda: zipped(*((f"{n}.zip", many(1700)) for n in range(3))),
        inside("2.zip", MANY),
    ),
    Bad("files over one another", "a.zip", twice_the_same_bytes, OVER),
    Bad(
        "another way of packing",
        "a.zip",
        zipped(("a.txt", b"x" * 99), packed=zipfile.ZIP_LZMA),
        CLOSED,
    ),
)
INSIDE = (
    Bad(
        "up and out", "a.zip", archive("../../etc/cron.d/x"), out("../../etc/cron.d/x")
    ),
    Bad("out in the middle", "a.zip", archive("a/../../b.txt"), out("a/../../b.txt")),
    Bad("absolute", "a.zip", archive("/etc/passwd"), out("/etc/passwd")),
    Bad("a drive", "a.zip", archive("C:/x.txt"), out("C:/x.txt")),
    Bad("the other slashes", "a.zip", archive("..\\..\\x.txt"), out("..\\..\\x.txt")),
    Bad("a share", "a.zip", archive("\\\\host\\x.txt"), out("\\\\host\\x.txt")),
    Bad("a link", "a.zip", link, out("shadow.txt")),
    Bad("a control character", "a.zip", archive("a\x07.txt"), UNSEEN_INSIDE),
    Bad("a new line", "a.zip", archive("a\n.txt"), UNSEEN_INSIDE),
    Bad("right to left", "a.zip", archive(f"a{RIGHT_TO_LEFT}fdp.js"), UNSEEN_INSIDE),
    Bad("a long name", "a.zip", archive(LONG), LONG_INSIDE),
    Bad(
        "the same name twice",
        "a.zip",
        zipped(("a.txt", b"1"), ("a.txt", b"2")),
        "“a.txt” is in the archive twice.",
    ),
    Bad("a program", "a.zip", zipped(("a.exe", PE)), inside("a.exe", PROGRAM)),
    Bad(
        "a program as a picture",
        "a.zip",
        zipped(("photo.jpg", ELF)),
        inside("photo.jpg", PROGRAM),
    ),
    Bad("a script", "a.zip", zipped(("a.js", b"1")), inside("a.js", PROGRAM)),
    Bad(
        "a shortcut as a PDF",
        "a.zip",
        zipped(("合同.pdf", LNK)),
        inside("合同.pdf", PROGRAM),
    ),
    Bad(
        "a document with macros",
        "a.zip",
        lambda: zipped(
            ("a.docx", open_xml("word/document.xml", ("word/vbaProject.bin", b"x")))
        ),
        inside("a.docx", MACROS),
    ),
    Bad(
        "a program in a document",
        "a.docx",
        lambda: open_xml("word/document.xml", ("word/media/image1.png", PE)),
        inside("word/media/image1.png", PROGRAM),
    ),
)
WITH_MACROS = (
    Bad(
        "docx with a project",
        "a.docx",
        lambda: open_xml("word/document.xml", ("word/vbaProject.bin", b"x")),
        MACROS,
    ),
    Bad(
        "docm that calls itself docx",
        "a.docx",
        lambda: open_xml(
            "word/document.xml",
            types=b'<Override ContentType="application/vnd.ms-word.document.'
            b'macroEnabled.main+xml"/>',
        ),
        MACROS,
    ),
    Bad(
        "xlsm",
        "a.xlsm",
        lambda: open_xml("xl/workbook.xml", ("xl/VBAProject.bin", b"x")),
        MACROS,
    ),
    Bad(
        "sheet of Excel 4 macros",
        "a.xlsx",
        lambda: open_xml("xl/workbook.xml", ("xl/macrosheets/sheet1.xml", b"<x/>")),
        MACROS,
    ),
    Bad(
        "pptx with a project",
        "a.pptx",
        lambda: open_xml("ppt/presentation.xml", ("ppt/vbaProject.bin", b"x")),
        MACROS,
    ),
    Bad("docm without macros", "a.docm", docx, unfit("a.docm")),
    Bad("doc", "a.doc", compound({"WordDocument": b""}, ["Macros"]), MACROS),
    Bad("xls", "a.xls", compound({"Workbook": b""}, ["_VBA_PROJECT_CUR"]), MACROS),
    Bad("xls of Excel 4", "a.xls", workbook((0x85, b"\0\0\0\0\0\1\0\0")), MACROS),
    Bad("doc with a packaged program", "a.doc", with_a_program_in_it, PROGRAM),
)
CUT_OFF = (
    Bad("empty", "a.pdf", b"", EMPTY),
    Bad("PDF without its end", "a.pdf", files.PDF[:40], DAMAGED),
    Bad("PNG without its end", "a.png", files.PNG[:-12], DAMAGED),
    Bad("PNG of a few bytes", "a.png", files.PNG[:14], DAMAGED),
    Bad("JPEG without its end", "a.jpg", files.JPEG[:-2], DAMAGED),
    Bad("GIF without its end", "a.gif", files.GIF[:-1], DAMAGED),
    Bad("WebP without its end", "a.webp", files.WEBP[:-6], DAMAGED),
    Bad("docx cut off", "a.docx", docx()[:-30], DAMAGED),
    Bad("doc cut off", "a.doc", ole("WordDocument")[:700], DAMAGED),
    Bad("zip with a changed file", "a.zip", wrong_checksum, inside("a.txt", DAMAGED)),
)
LARGE_PICTURES = (
    Bad("PNG", "a.png", pictures.png(60_000, 60_000), PIXELS),
    Bad("JPEG", "a.jpg", pictures.jpeg(65_500, 65_500), PIXELS),
    Bad("GIF", "a.gif", pictures.gif(65_535, 65_535), PIXELS),
    Bad("WebP", "a.webp", pictures.webp(100_000, 100_000, kind=b"VP8X"), PIXELS),
    Bad("PNG of no size", "a.png", pictures.png(0, 10), DAMAGED),
)
NAMES = (
    Bad("path", "../../a.pdf", files.PDF, PATH),
    Bad("path of Windows", "C:\\a.pdf", files.PDF, PATH),
    Bad("new line", "a\n.pdf", files.PDF, INVISIBLE),
    Bad("escape", "a\x1b[2J.pdf", files.PDF, INVISIBLE),
    Bad("right to left", f"a{RIGHT_TO_LEFT}fdp.exe", files.PDF, INVISIBLE),
    Bad("unseen", f"a{UNSEEN}.pdf", files.PDF, INVISIBLE),
    Bad("dots", "..", files.PDF, NO_NAME),
    Bad("blanks", "   ", files.PDF, NO_NAME),
    Bad(
        "long",
        "x" * 177 + ".pdf",
        files.PDF,
        "The name of the file is longer than 180 characters.",
    ),
    Bad("two extensions", "申报书.pdf.exe", files.PDF, unfit("申报书.pdf.exe")),
    Bad("a blank at the end", "a.pdf ", files.PDF, unfit("a.pdf ")),
    Bad("no extension", "pdf", files.PDF, unfit("pdf")),
    Bad("PNG as JPEG", "a.jpg", files.PNG, unfit("a.jpg")),
    Bad("PDF as docx", "a.docx", files.PDF, unfit("a.docx")),
    Bad("docx as zip", "a.zip", docx, unfit("a.zip")),
    Bad("zip as docx", "a.docx", archive("a.txt"), unfit("a.docx")),
)
CORPUS = (
    PROGRAMS
    + POLYGLOTS
    + ENCRYPTED
    + BOMBS
    + INSIDE
    + WITH_MACROS
    + CUT_OFF
    + LARGE_PICTURES
    + NAMES
)
