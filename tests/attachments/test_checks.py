"""The content decides what a file is; name, size and extension must agree."""

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from attachments.checks import check_name, check_upload
from tests.attachments import files
from tests.attachments.files import archive, ole, upload

pytestmark = pytest.mark.once

OPEN_XML = "application/vnd.openxmlformats-officedocument."


def by_number(value):
    """Contents are bytes, of which pytest would make a name of the test."""
    return "" if isinstance(value, bytes) else None


def refusal(name, content):
    with pytest.raises(ValidationError) as refused:
        check_upload(upload(name, content))
    return refused.value.code


@pytest.mark.parametrize(
    ("name", "content", "content_type"),
    [
        ("申报书.pdf", files.PDF, "application/pdf"),
        ("申报书.PDF", files.PDF, "application/pdf"),
        ("logo.png", files.PNG, "image/png"),
        ("现场.jpg", files.JPEG, "image/jpeg"),
        ("现场.jpeg", files.JPEG, "image/jpeg"),
        ("a.gif", files.GIF, "image/gif"),
        ("a.webp", files.WEBP, "image/webp"),
        ("预算.csv", files.CSV, "text/csv"),
        ("说明.txt", "项目说明\r\n\t一、背景".encode(), "text/plain"),
        ("bom.csv", b"\xef\xbb\xbf" + files.CSV, "text/csv"),
        ("材料.zip", archive("a.pdf"), "application/zip"),
        ("发票.ofd", archive("OFD.xml"), "application/ofd"),
        (
            "a.docx",
            files.docx(),
            OPEN_XML + "wordprocessingml.document",
        ),
        (
            "a.xlsx",
            archive("[Content_Types].xml", "xl/workbook.xml"),
            OPEN_XML + "spreadsheetml.sheet",
        ),
        (
            "a.pptx",
            archive("[Content_Types].xml", "ppt/presentation.xml"),
            OPEN_XML + "presentationml.presentation",
        ),
        ("a.doc", ole("WordDocument"), "application/msword"),
        ("a.wps", ole("WordDocument"), "application/msword"),
        ("a.xls", ole("Workbook"), "application/vnd.ms-excel"),
        ("a.et", ole("Book"), "application/vnd.ms-excel"),
        ("a.ppt", ole("PowerPoint Document"), "application/vnd.ms-powerpoint"),
    ],
    ids=by_number,
)
def test_upload_accepted_with_the_type_of_its_content(name, content, content_type):
    file = upload(name, content)
    assert check_upload(file) == content_type
    assert file.read() == content


@pytest.mark.parametrize(
    "content",
    [
        b"MZ\x90\x00" + bytes(60),
        b"\x7fELF\x02\x01\x01" + bytes(60),
        b"\xcf\xfa\xed\xfe" + bytes(60),
        b"\xca\xfe\xba\xbe" + bytes(60),
        b"#!/bin/sh\nrm -rf /\n",
    ],
    ids=by_number,
)
@pytest.mark.parametrize("name", ["a.exe", "a.pdf", "a.txt"])
def test_upload_refused_when_it_is_a_program(name, content):
    assert refusal(name, content) == "upload_executable"


@pytest.mark.parametrize(
    "content",
    [
        b"<!DOCTYPE html><html><body>x</body></html>",
        b"<html><script>alert(1)</script></html>",
        b'  \n<svg xmlns="http://www.w3.org/2000/svg"/>',
        b"\xef\xbb\xbf<?xml version='1.0'?><svg/>",
        b"harmless at first\n<SCRIPT>alert(1)</SCRIPT>",
        "not UTF-8: 项目".encode("gb18030"),
        b"text with a \x00 byte",
        b"text with a broken end \xe9\xa1",
        b"\x00\x01\x02\x03",
        ole("MsiInstaller"),
        archive("[Content_Types].xml", "extension.vsixmanifest"),
        archive("[Content_Types].xml", "word/document.xml", "xl/workbook.xml"),
    ],
    ids=by_number,
)
@pytest.mark.parametrize("name", ["a.txt", "a.csv", "a.html", "a.doc", "a.docx"])
def test_upload_refused_when_its_content_is_not_on_the_list(name, content):
    assert refusal(name, content) == "upload_type"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.png", files.PDF),
        ("a.pdf", files.PNG),
        ("a.docx", archive("a.txt")),
        ("a.zip", files.docx()),
        ("a.xls", ole("WordDocument")),
        ("a.docm", files.docx()),
        ("a.pdf.exe", files.PDF),
        ("pdf", files.PDF),
        (".pdf", files.PDF),
        ("a.js", b"alert(1)"),
        ("a.bat", b"echo off"),
    ],
    ids=by_number,
)
def test_upload_refused_when_extension_and_content_disagree(name, content):
    assert refusal(name, content) == "upload_extension"


@pytest.mark.parametrize(
    "content", [ole("WordDocument")[:600], files.docx()[:50]], ids=by_number
)
@pytest.mark.parametrize("name", ["a.txt", "a.csv", "a.html", "a.doc", "a.docx"])
def test_upload_refused_when_its_container_is_cut_off(name, content):
    assert refusal(name, content) == "upload_damaged"


def test_upload_refused_when_empty():
    assert refusal("a.pdf", b"") == "upload_empty"


def test_upload_refused_when_too_large(settings):
    settings.UPLOAD_MAX_BYTES = len(files.PDF)
    assert check_upload(upload("a.pdf", files.PDF)) == "application/pdf"
    assert refusal("a.pdf", files.PDF + b"\n") == "upload_size"


@pytest.mark.parametrize(
    "name",
    [
        "",
        "   ",
        "..",
        "../a.pdf",
        "..\\a.pdf",
        "C:\\a.pdf",
        "a\x00.pdf",
        "a\n.pdf",
        "a\u202efdp.exe",
        "a\u2066.pdf",
        "a\u200b.pdf",
        "a\u2028.pdf",
        "a\ud800.pdf",
        "x" * 177 + ".pdf",
    ],
)
def test_name_refused_when_it_could_deceive(name):
    with pytest.raises(ValidationError) as refused:
        check_name(name)
    assert refused.value.code == "upload_name"


@pytest.mark.parametrize(
    "name", ["附件1：申报书（盖章）.pdf", "a b.pdf", "é.pdf", "x" * 176 + ".pdf"]
)
def test_name_accepted_as_people_write_it(name):
    assert check_name(name) == name


@given(st.binary(max_size=600))
def test_check_of_any_bytes_answers_or_refuses(content):
    try:
        check_upload(upload("a.txt", content))
    except ValidationError:
        return
    content.decode("utf-8")


@given(st.sampled_from([files.docx(), ole("WordDocument")]), st.data())
def test_check_of_a_damaged_container_answers_or_refuses(content, data):
    where = data.draw(st.integers(0, len(content) - 1))
    damaged = bytearray(content)
    damaged[where] ^= data.draw(st.integers(1, 255))
    try:
        check_upload(upload("a.doc", bytes(damaged)))
    except ValidationError:
        return
