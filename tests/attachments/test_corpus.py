"""Files that are meant to deceive or to harm are refused, each in its words; those
that resemble them and are what people file are taken."""

import io
import re
import tracemalloc
import zipfile

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.utils import translation
from pypdf import PdfWriter

from attachments.checks import check_upload
from tests.attachments import corpus, files, pictures
from tests.attachments.compound import compound
from tests.attachments.corpus import Bad, open_xml, workbook, zipped
from tests.attachments.hostile import EVERYTHING

pytestmark = pytest.mark.once

#: What a refusal cites: a file's name.
NAMED = re.compile(r"“[^”]*”")
ENGLISH = re.compile(r"[a-z]+ [a-z]+ [a-z]+")
CHINESE = re.compile(r"[\u4e00-\u9fff]")
MIB = 1024 * 1024


def told(bad: Bad, language: str) -> str:
    """The words of the refusal in a language."""
    with translation.override(language), pytest.raises(ValidationError) as refused:
        check_upload(ContentFile(bad.data, name=bad.name))
    with translation.override(language):
        assert refused.value.code.startswith("upload_")
        return refused.value.messages[0]


@pytest.mark.parametrize(
    "bad", EVERYTHING, ids=lambda bad: f"{bad.name[:12]} {bad.what}"
)
def test_each_is_refused_in_its_words(bad):
    assert told(bad, "en") == bad.refusal
    chinese = NAMED.sub("", told(bad, "zh-hans"))
    assert CHINESE.search(chinese)
    assert not ENGLISH.search(chinese)


def test_there_are_enough_of_them_and_each_once():
    assert len(EVERYTHING) >= 60
    assert len({(bad.name, bad.data) for bad in EVERYTHING}) == len(EVERYTHING)


def owner_only_pdf() -> bytes:
    """Everybody may open it, nobody may print it."""
    writer = PdfWriter()
    writer.add_blank_page(100, 100)
    writer.encrypt("", "owner", algorithm="AES-128")
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


def unmarked(name: str, encoding: str) -> bytes:
    """A zip that does not say in which encoding its names are."""
    raw = name.encode(encoding)
    return zipped(("x" * len(raw), b"1")).replace(b"x" * len(raw), raw)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("材料.zip", unmarked("乗客名单/誠信.txt", "gb18030")),
        ("材料.zip", unmarked("乗客名单/誠信1.txt", "utf-8")),
        ("材料.zip", zipped(("一:二.txt", b"1"))),
        ("材料.zip", zipped(("一/二/三.txt", b"1"), ("一/..二.txt", b"2"))),
        ("材料.zip", zipped(("一/", b""), ("一/空.txt", b""))),
        ("材料.zip", corpus.nested(3)),
        ("材料.zip", zipped(("zeros.txt", bytes(10 * MIB)))),
        ("a.pdf", owner_only_pdf()),
        ("a.pdf", files.PDF + b"\n" * 5000),
        ("a.pdf", files.PDF.replace(b"%%EOF", b"(see /Encrypt and PK) %%EOF")),
        ("a.jpg", files.JPEG + b"a film behind the photograph" * 5000),
        ("a.png", pictures.png(16_320, 12_240)),
        ("a.webp", pictures.webp(16_320, 12_240)),
        ("a.webp", pictures.webp(4000, 3000, kind=b"VP8 ")),
        ("a.xls", workbook((0x85, b"\0\0\0\0\0\0\0\0"))),
        ("a.doc", compound({"WordDocument": b"", "1Table": b""}, ["ObjectPool"])),
        ("a.docx", open_xml("word/document.xml", ("word/media/a.png", files.PNG))),
        ("a.xlsx", open_xml("xl/workbook.xml", ("xl/printer.bin", b"\0MZ"))),
        ("合同.exe.pdf", files.PDF),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_people_file_is_taken(name, content):
    assert check_upload(ContentFile(content, name=name))


def test_looking_takes_neither_long_nor_much_memory():
    """An archive just within the limits: unpacked in pieces, kept nowhere."""
    lines = b"".join(b"%d,%d\n" % (n, n * n) for n in range(3 * 10**5))
    content = zipped(*((f"{n}.txt", lines) for n in range(12)))
    with zipfile.ZipFile(io.BytesIO(content)) as made:
        assert sum(info.file_size for info in made.infolist()) > 50 * MIB
    upload = ContentFile(content, name="a.zip")
    tracemalloc.start()
    try:
        check_upload(upload)
        _now, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 4 * MIB


def test_names_are_read_as_they_were_meant():
    """Or a backslash would be seen in 誠, whose second byte in GB 18030 is one."""
    for encoding in ("gb18030", "utf-8"):
        content = io.BytesIO(unmarked("../誠信.txt", encoding))
        with translation.override("en"), pytest.raises(ValidationError) as refused:
            check_upload(ContentFile(content.getvalue(), name="a.zip"))
        assert "“../誠信.txt” in the archive leads" in refused.value.messages[0]


def test_a_file_is_looked_into_once(monkeypatch):
    upload = ContentFile(files.docx(), name="a.docx")
    kind = check_upload(upload)
    monkeypatch.setattr("attachments.checks.sniff", None)
    assert check_upload(upload) == kind


@pytest.mark.parametrize(
    ("name", "bad"),
    [
        ("a.docm", corpus.WITH_MACROS[0]),
        ("a.docm", corpus.WITH_MACROS[1]),
        ("a.xlsm", corpus.WITH_MACROS[2]),
        ("a.pptm", corpus.WITH_MACROS[4]),
        ("a.doc", corpus.WITH_MACROS[6]),
        ("a.xls", corpus.WITH_MACROS[7]),
        ("a.xls", corpus.WITH_MACROS[8]),
    ],
    ids=lambda value: value if isinstance(value, str) else value.what,
)
def test_macros_are_taken_where_they_may_be(name, bad):
    def kind(name, **allowed):
        return check_upload(ContentFile(bad.data, name=name), **allowed)

    assert ("macroenabled" in kind(name, macros=True)) == name.endswith("m")
    with pytest.raises(ValidationError) as refused:
        kind(name)
    assert refused.value.code == "upload_macros"
    if name.endswith("m"):
        with pytest.raises(ValidationError) as refused:
            kind(f"{name[:-1]}x", macros=True)
        assert refused.value.code == "upload_extension"
    inside = zipped((name, bad.data))
    assert check_upload(ContentFile(inside, name="a.zip"), macros=True)


def test_programs_are_refused_where_macros_are_taken():
    for bad in (*corpus.PROGRAMS, *corpus.ENCRYPTED, corpus.WITH_MACROS[9]):
        with pytest.raises(ValidationError):
            check_upload(ContentFile(bad.data, name=bad.name), macros=True)


def test_a_file_seen_with_macros_is_looked_into_again_without():
    upload = ContentFile(corpus.WITH_MACROS[0].data, name="a.docm")
    check_upload(upload, macros=True)
    with pytest.raises(ValidationError):
        check_upload(upload)
