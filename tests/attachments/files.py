"""Small files of every kind, made here so that none need be stored in the tree."""

import io
import zipfile

from django.core.files.uploadedfile import SimpleUploadedFile

from tests.attachments import pictures
from tests.attachments.compound import compound

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
PNG = pictures.png(1, 1)
JPEG = pictures.jpeg(1, 1)
GIF = pictures.gif(1, 1)
WEBP = pictures.webp(1, 1)
CSV = "序号,项目名称\n1,爱心助老\n".encode()


def upload(name: str, content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def archive(*parts: str) -> bytes:
    """A zip file with these members."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as zipped:
        for part in parts:
            zipped.writestr(zipfile.ZipInfo(part), "<x/>")  # of 1980, always
    return target.getvalue()


def eicar() -> bytes:
    """The test file that every scanner reports; in pieces, or ours would be one."""
    return (
        rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
    )


def eicar_in_a_zip() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as zipped:
        zipped.writestr(zipfile.ZipInfo("letter.txt"), eicar(), zipfile.ZIP_DEFLATED)
    return target.getvalue()


def docx() -> bytes:
    return archive("[Content_Types].xml", "word/document.xml")


def ole(*streams: str) -> bytes:
    """A compound file with these streams, of zeros."""
    return compound(dict.fromkeys(streams, b""))
