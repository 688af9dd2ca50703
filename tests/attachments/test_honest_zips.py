"""Archives and documents as honest programs write them are taken, however they do."""

import io
import struct
import subprocess
import tracemalloc
import zipfile
import zlib
from pathlib import Path

import docx
import openpyxl
import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile, File

from attachments.checks import MOST, check_upload
from attachments.filetypes import DOC, DOCX, XLS, XLSX, ZIP
from attachments.rendering import converter
from tests.attachments.corpus import MIB, zipped
from tests.attachments.corpus_zip import open_document, unicode_path, with_path

pytestmark = pytest.mark.once

TEXT = "项目说明\n".encode() * 500


class Pipe(io.RawIOBase):
    """Where a program writes that cannot go back: sizes follow behind each file."""

    def __init__(self) -> None:
        self.written = b""

    def writable(self) -> bool:
        return True

    def write(self, data) -> int:
        self.written += bytes(data)
        return len(data)


def streamed(*, zip64: bool = False, packed: int = zipfile.ZIP_DEFLATED) -> bytes:
    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", packed) as made:
        for name in ("一/二.txt", "三.txt"):
            with made.open(name, "w", force_zip64=zip64) as member:
                member.write(TEXT)
    assert b"PK\x07\x08" in pipe.written
    return pipe.written


def with_long_fields() -> bytes:
    target = io.BytesIO()
    with (
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made,
        made.open("a.txt", "w", force_zip64=True) as member,
    ):
        member.write(TEXT)
    return target.getvalue()


def with_long_end() -> bytes:
    """The end in its longer form, too, as .NET and others write it."""
    content = zipped(("a.txt", TEXT))
    at = content.index(b"PK\5\6")
    files, size, begins = struct.unpack_from("<10xHII", content, at)
    long = struct.pack(
        "<4sQHHIIQQQQ", b"PK\6\6", 44, 45, 45, 0, 0, files, files, size, begins
    )
    where = struct.pack("<4sIQI", b"PK\6\7", 0, at, 1)
    end = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, *[65535] * 2, *[2**32 - 1] * 2, 0)
    return content[:at] + long + where + end


def of_a_mac() -> bytes:
    """As the Finder writes it: sizes behind each file, names in UTF-8 that do not say
    so, other fields before a file than in the list, and files beside the files."""
    made, listed = b"", b""
    names = ("材料/", "材料/说明.txt", "__MACOSX/材料/._说明.txt", "材料/.DS_Store")
    for name in names:
        raw, begins = name.encode(), len(made)
        folder = name.endswith("/")
        pack = zlib.compressobj(wbits=-15)
        data = b"" if folder else pack.compress(TEXT) + pack.flush()
        flags, method = (0, 0) if folder else (8, 8)
        extra = struct.pack("<HH", 0x5855, 12) + bytes(12)
        made += struct.pack(
            "<4sHHHIIIIHH",
            b"PK\3\4",
            20,
            flags,
            method,
            0,
            0,
            0,
            0,
            len(raw),
            len(extra),
        )
        sums = (0, 0, 0) if folder else (zlib.crc32(TEXT), len(data), len(TEXT))
        made += raw + extra + data
        if not folder:
            made += struct.pack("<4sIII", b"PK\7\x08", *sums)
        short = struct.pack("<HH", 0x5855, 8) + bytes(8)
        listed += struct.pack(
            "<4sHHHHIIIIHHHHHII",
            *(b"PK\1\2", 0x0315, 20, flags, method, 0, *sums, len(raw), len(short)),
            *(0, 0, 0, 0o100644 << 16, begins),
        )
        listed += raw + short
    end = struct.pack(
        "<4sHHHHIIH", b"PK\5\6", 0, 0, *[len(names)] * 2, len(listed), len(made), 0
    )
    return made + listed + end


def with_two_encodings(*, listed: bool) -> bytes:
    """A name in GB 18030, and beside it the same in UTF-8, as several programs do."""
    name = "乗客名单/誠信.txt"
    raw = name.encode("gb18030")
    stand_in = "x" * len(raw)
    content = with_path(stand_in, name, listed=listed)
    field = unicode_path(stand_in.encode(), name)
    content = content.replace(field, unicode_path(raw, name))
    return content.replace(stand_in.encode(), raw)


def with_room(size: int = 3000) -> bytes:
    """With room to grow, as Office leaves before the first part."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as made:
        info = zipfile.ZipInfo("[Content_Types].xml")
        info.extra = struct.pack("<HHHH", 0xA220, size, 0xA028, size - 4) + bytes(
            size - 4
        )
        made.writestr(info, b"<Types/>")
        info.extra = b""
        made.writestr("word/document.xml", b"<x/>")
    return target.getvalue()


def with_a_comment() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as made:
        made.comment = "压缩于2026年".encode()
        made.writestr("a.txt", TEXT)
    return target.getvalue()


def appended_to() -> bytes:
    target = io.BytesIO(zipped(("a.txt", TEXT)))
    with zipfile.ZipFile(target, "a") as made:
        made.writestr("b.txt", TEXT)
    return target.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        streamed(),
        streamed(zip64=True),
        streamed(packed=zipfile.ZIP_STORED),
        with_long_fields(),
        with_long_end(),
        of_a_mac(),
        with_two_encodings(listed=True),
        with_two_encodings(listed=False),
        with_path("#U8bf4#U660e.txt", "说明.txt"),
        with_path("____.txt", "说明一二.txt"),
        with_path("????", "说明一二"),
        with_a_comment(),
        appended_to(),
        zipped(("a.txt", TEXT)) + bytes(2000),
        zipped(("2026年10:30.会议.txt", TEXT), ("项目材料 /说明.", TEXT)),
        zipped(("a.odt", open_document("Configurations2/menubar/", "styles.xml"))),
        zipped(("Basic/a.txt", TEXT), ("Scripts/b.txt", TEXT)),
        zipped(("./a.txt", TEXT), ("b", TEXT), ("v1.2/c", TEXT)),
    ],
    ids=lambda _content: "",
)
def test_archive_is_taken(content):
    assert check_upload(ContentFile(content, name="材料.zip")) == ZIP


def test_documents_of_libraries_are_taken():
    for write, name, kind in (
        (docx.Document().save, "a.docx", DOCX),
        (openpyxl.Workbook().save, "a.xlsx", XLSX),
    ):
        target = io.BytesIO()
        write(target)
        assert check_upload(ContentFile(target.getvalue(), name=name)) == kind
    assert check_upload(ContentFile(with_room(), name="a.docx")) == DOCX


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """Files that LibreOffice makes of a table and a text."""
    program = converter()
    if program is None:
        pytest.skip("there is no LibreOffice here")
    folder = tmp_path_factory.mktemp("made")
    (folder / "a.csv").write_text("序号,项目\n1,爱心助老\n")
    (folder / "b.txt").write_text("项目说明\n" * 2000)
    for target, source in (
        ("xls", "a.csv"),
        ("xlsx", "a.csv"),
        ("doc", "b.txt"),
        ("docx", "b.txt"),
        ("odt", "b.txt"),
    ):
        subprocess.run(
            [
                *(program, f"-env:UserInstallation={(folder / 'profile').as_uri()}"),
                *("--headless", "--convert-to", target, "--outdir", str(folder)),
                str(folder / source),
            ],
            check=True,
            capture_output=True,
            timeout=90,
        )
    return folder


def test_what_libreoffice_makes_is_taken(made):
    for name, kind in (
        ("a.xls", XLS),
        ("a.xlsx", XLSX),
        ("b.doc", DOC),
        ("b.docx", DOCX),
    ):
        content = (made / name).read_bytes()
        assert check_upload(ContentFile(content, name=name)) == kind
    every = [(path.name, path.read_bytes()) for path in made.glob("?.???*")]
    assert len(every) == 7
    assert check_upload(ContentFile(zipped(*every), name="全部.zip")) == ZIP


def test_a_long_list_is_not_read(tmp_path):
    """The list of a file of half a gigabyte may claim to be all of it."""
    path = tmp_path / "a.zip"
    content = zipped(("a.txt", TEXT))
    at = content.index(b"PK\1\2")
    with path.open("wb") as file:
        file.write(content[:at])
        file.truncate(512 * MIB)
        file.seek(512 * MIB)
        file.write(content[at:-22])
        length = file.tell() - at
        end = bytearray(content[-22:])
        struct.pack_into("<II", end, 12, length, at)
        file.write(end)
    for name, why in (("a.zip", "upload_bomb"), ("a.pdf", "upload_two_types")):
        with path.open("r+b") as file:
            if name == "a.pdf":
                file.write(b"%PDF-1.7\n")
                file.seek(0)
            tracemalloc.start()
            with pytest.raises(ValidationError) as refused:
                check_upload(upload_of(file, name, path))
            _now, most = tracemalloc.get_traced_memory()
            tracemalloc.stop()
        assert refused.value.code == why
        assert most < 3 * MIB


def upload_of(file, name: str, path: Path) -> File:
    upload = File(file, name)
    setattr(upload, MOST, 2**40)
    upload.size = path.stat().st_size
    return upload
