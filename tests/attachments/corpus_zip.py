"""Archives that one program unpacks otherwise than another, each with its refusal."""

import io
import struct
import zipfile
import zlib

from tests.attachments.corpus import (
    DAMAGED,
    MACROS,
    MIB,
    PE,
    PROGRAM,
    TWO,
    Bad,
    inside,
    open_xml,
    out,
    patched,
    zipped,
)

UNLISTED = "There is more in the archive than its list of files names. Make it anew."
LARGE_LIST = "The archive's list of its files is too large."
SCRIPT = b"WScript.Echo(1)"
END = b"PK\x05\x06"
#: Some of what the list of names that run has; each way of writing one.
RUNS = (
    *("a.js.", "a.js ", "a.exe. .", "a.JS", "a.js:b.txt", "a.txt:b.js", ".js"),
    *("a.js::$DATA", "b/a.hta...", "disk.iso", "disk.img", "disk.vhd", "disk.vhdx"),
    *("a.jnlp", "a.msc", "a.wsc", "a.sct", "a.slk", "a.one", "a.appx", "a.library-ms"),
)


def two(name: str) -> str:
    return f"“{name}” has another name elsewhere in the archive."


def unicode_path(raw: bytes, name: str) -> bytes:
    """The field in which some programs put the name in UTF-8."""
    data = struct.pack("<BI", 1, zlib.crc32(raw)) + name.encode()
    return struct.pack("<HH", 0x7075, len(data)) + data


def with_path(raw: str, name: str, *, local: bool = True, listed: bool = True) -> bytes:
    """One file with a second name, before it, in the list, or in both."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as made:
        info = zipfile.ZipInfo(raw)
        extra = unicode_path(raw.encode(), name)
        info.extra = extra if local else b""
        made.writestr(info, b"1")
        info.extra = extra if listed else b""
    return target.getvalue()


def named_otherwise_before() -> bytes:
    return zipped(("a.txt", SCRIPT)).replace(b"a.txt", b"a.hta", 1)


def without(number: int, content: bytes | None = None) -> bytes:
    """An archive from whose list one file is taken; its bytes stay."""
    content = content or zipped(("a.txt", b"1"), ("b.exe", PE), ("c.txt", b"3"))
    with zipfile.ZipFile(io.BytesIO(content)) as made:
        info = made.infolist()[number]
        begins = made.start_dir
    length = 46 + len(info.orig_filename)
    at = content.index(info.orig_filename.encode(), begins) - 46
    rest = bytearray(content[:at] + content[at + length :])
    end = rest.index(END, begins)
    files, _same, size = struct.unpack_from("<HHI", rest, end + 8)
    struct.pack_into("<HHI", rest, end + 8, files - 1, files - 1, size - length)
    return bytes(rest)


def with_end(form: str, at: int, *values: int) -> bytes:
    """An archive of one file whose end says other things of its list."""
    content = bytearray(zipped(("a.txt", b"1")))
    struct.pack_into(form, content, content.index(END) + at, *values)
    return bytes(content)


def long_list() -> bytes:
    """Sixty-four MiB between the files and the end, called their list."""
    content = zipped(("a.txt", b"1"))
    at = content.index(b"PK\x01\x02")
    made = bytearray(content[:at] + bytes(9 * MIB) + content[at:])
    struct.pack_into("<II", made, made.rindex(END) + 12, len(made) - 22 - at, at)
    return bytes(made)


def with_another_list() -> bytes:
    """A longer end that tells of another list than the short one."""
    content = zipped(("a.txt", b"1"))
    at = content.index(END)
    long = struct.pack("<4sQHHIIQQQQ", b"PK\6\6", 44, 45, 45, 0, 0, 9, 9, 99, 9)
    return (
        content[:at] + long + struct.pack("<4sIQI", b"PK\6\7", 0, at, 1) + content[at:]
    )


def one_program_behind_another_size() -> bytes:
    """Before the file stands another length than in the list."""
    content = bytearray(zipped(("a.txt", b"1" * 99)))
    struct.pack_into("<I", content, 18, 5)
    return bytes(content)


def types(*, padding: int = 0, kind: str, encoding: str = "utf-8") -> bytes:
    """A list of kinds, with so many bytes before the one that counts."""
    text = (
        f'<?xml version="1.0" encoding="{encoding}"?><Types>'
        + '<Default Extension="xml" ContentType="application/xml"/>' * (padding // 56)
        + f'<Override PartName="/word/x.bin" ContentType="{kind}"/></Types>'
    )
    return text.encode(encoding)


def docx_of(listed: bytes) -> bytes:
    return open_xml("word/document.xml", ("word/x.bin", b"1"), types=listed)


def open_document(*more: str) -> bytes:
    """A text of LibreOffice, with further parts."""
    parts = ("mimetype", "META-INF/manifest.xml", "content.xml", *more)
    return zipped(*((part, b"<x/>") for part in parts))


PROJECT = "application/vnd.ms-office.vbaProject"
UNLIKE = (
    *(
        Bad(f"runs: {n}", "a.zip", zipped((n, SCRIPT)), inside(n, PROGRAM))
        for n in RUNS
    ),
    Bad("up, with a blank", "a.zip", zipped((".. /x.txt", b"1")), out(".. /x.txt")),
    Bad("three dots", "a.zip", zipped(("a/.../x.txt", b"1")), out("a/.../x.txt")),
    Bad(
        "the same name to Windows",
        "a.zip",
        zipped(("a.txt", b"1"), ("a.txt.", b"2")),
        "“a.txt.” is in the archive twice.",
    ),
    Bad("another name before it", "a.zip", named_otherwise_before, two("a.txt")),
    Bad("a second name", "a.zip", with_path("a.txt", "a.hta"), two("a.txt")),
    Bad(
        "a second name in the list",
        "a.zip",
        with_path("a.txt", "a.hta", local=False),
        two("a.txt"),
    ),
    Bad(
        "a second name before it",
        "a.zip",
        with_path("a.txt", "a.hta", listed=False),
        two("a.txt"),
    ),
    Bad("a second way", "a.zip", with_path("b.txt", "d/b.txt"), two("b.txt")),
    Bad("a second way out", "a.zip", with_path("a/b.txt", "../b.txt"), out("../b.txt")),
    Bad("unlisted at the beginning", "a.zip", without(0), TWO),
    Bad("unlisted in the middle", "a.zip", without(1), UNLISTED),
    Bad("unlisted at the end", "a.zip", without(2), UNLISTED),
    Bad(
        "unlisted in a document",
        "a.docx",
        lambda: without(2, docx_of(b"<Types/>")),
        UNLISTED,
    ),
    Bad("behind the end", "a.zip", zipped(("a.txt", b"1")) + PE, UNLISTED),
    Bad("fewer than there are", "a.zip", with_end("<HH", 8, 0, 0), UNLISTED),
    Bad("a long list", "a.zip", long_list, LARGE_LIST),
    Bad("a list elsewhere", "a.zip", with_end("<I", 16, 3), TWO),
    Bad("a list of another length", "a.zip", with_end("<I", 12, 50), DAMAGED),
    Bad("two lists", "a.zip", with_another_list, DAMAGED),
    Bad("another length", "a.zip", one_program_behind_another_size, DAMAGED),
    Bad(
        "another way of packing before it",
        "a.zip",
        patched(zipped(("a.txt", b"1")), at=12, form="<H", value=0, local=8),
        DAMAGED,
    ),
)
KINDS = (
    Bad(
        "behind pages of others",
        "a.docx",
        docx_of(types(padding=9000, kind=PROJECT)),
        MACROS,
    ),
    Bad(
        "a kind of a project's data",
        "a.docx",
        docx_of(types(kind="application/vnd.ms-word.vbaData+xml")),
        MACROS,
    ),
    Bad(
        "spelt by numbers",
        "a.docx",
        docx_of(types(kind=PROJECT.replace("vba", "&#118;b&#x61;"))),
        MACROS,
    ),
    Bad("in UTF-16", "a.docx", docx_of(types(kind=PROJECT, encoding="utf-16")), MACROS),
    Bad(
        "a list in capitals",
        "a.docx",
        lambda: zipped(
            ("[CONTENT_TYPES].XML", types(kind=PROJECT)), ("word/document.xml", b"<x/>")
        ),
        MACROS,
    ),
    Bad(
        "kinds by an entity",
        "a.docx",
        docx_of(b'<!DOCTYPE x [<!ENTITY v "vba">]><Types/>'),
        inside("[Content_Types].xml", DAMAGED),
    ),
    Bad(
        "kinds that are no XML",
        "a.docx",
        docx_of(b"<Types"),
        inside("[Content_Types].xml", DAMAGED),
    ),
    Bad(
        "an OpenDocument with macros",
        "a.zip",
        lambda: zipped(("a.odt", open_document("Basic/Standard/Module1.xml"))),
        inside("a.odt", MACROS),
    ),
)
