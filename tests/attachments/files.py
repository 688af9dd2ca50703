"""Small files of every kind, made here so that none need be stored in the tree."""

import io
import struct
import zipfile

from django.core.files.uploadedfile import SimpleUploadedFile

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 40
JPEG = b"\xff\xd8\xff\xe0" + b"\x00" * 40
GIF = b"GIF89a" + b"\x00" * 40
WEBP = b"RIFF\x24\x00\x00\x00WEBPVP8 " + b"\x00" * 24
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


def ole(stream: str) -> bytes:
    """A compound file (MS-CFB, version 3) whose root holds one stream of 4 KiB."""
    end, free, none = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFF
    header = struct.pack(
        "<8s16xHHHHH6xIIIIIIIIII",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        *(0x3E, 3, 0xFFFE, 9, 6),
        *(0, 1, 1, 0, 4096, end, 0, end, 0, 0),
    )
    header += struct.pack("<I", free) * ((512 - len(header)) // 4)
    chain = [0xFFFFFFFD, end, *range(3, 10), end]
    table = struct.pack("<128I", *chain, *[free] * (128 - len(chain)))
    folder = _entry("Root Entry", 5, child=1, start=end, size=0)
    folder += _entry(stream, 2, child=none, start=2, size=4096)
    return header + table + folder + bytes(256) + bytes(4096)


def _entry(name: str, kind: int, *, child: int, start: int, size: int) -> bytes:
    text = name.encode("utf-16-le") + b"\0\0"
    return struct.pack(
        "<64sHBBIII16xI16xIQ",
        text,
        *(len(text), kind, 1, 0xFFFFFFFF, 0xFFFFFFFF, child),
        *(0, start, size),
    )
