"""Pictures made here, with any size claimed in their headers."""

import io
import struct
import zlib

from PIL import Image


def png(width: int, height: int) -> bytes:
    """Whole, though its data are one line of one point."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(b"\0\0")), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data))
        + kind
        + data
        + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


def _segment(marker: int, data: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data


def jpeg(width: int, height: int, *, comment: bytes = b"") -> bytes:
    """The segments of a grey picture; a small picture with an end lies in APP1."""
    parts = [
        b"\xff\xd8",
        _segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0"),
        _segment(0xFE, comment) if comment else b"",
        _segment(0xE1, b"Exif\0\0 \xff\xd8 small \xff\xd9"),
        _segment(0xDB, b"\0" + bytes([1] * 64)),
        _segment(0xC0, struct.pack(">BHHB3B", 8, height, width, 1, 1, 0x11, 0)),
        _segment(0xDA, b"\1\1\0\0\x3f\0"),
        b"\x12\xff\x00\x34",
        b"\xff\xd9",
    ]
    return b"".join(parts)


def gif(width: int, height: int) -> bytes:
    screen = struct.pack("<HHBBB", width, height, 0x80, 0, 0) + bytes(6)
    image = b"," + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\2\2D\1\0"
    return b"GIF89a" + screen + image + b";"


def webp(width: int, height: int, *, kind: bytes = b"VP8L") -> bytes:
    """``kind``: VP8L (without loss), VP8X (with an alpha channel and more)."""
    if kind == b"VP8L":
        bits = (width - 1) | (height - 1) << 14
        body = b"\x2f" + struct.pack("<I", bits) + bytes(7)
    elif kind == b"VP8X":
        sizes = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
        body = bytes(4) + sizes
    else:
        body = (
            b"\x30\x01\x00\x9d\x01\x2a" + struct.pack("<HH", width, height) + bytes(2)
        )
    chunk = kind + struct.pack("<I", len(body)) + body
    return b"RIFF" + struct.pack("<I", len(chunk) + 4) + b"WEBP" + chunk


def picture_file(size=(400, 200), kind="PNG", **options) -> bytes:
    """A red picture as a program writes it, to be decoded."""
    out = io.BytesIO()
    Image.new("RGB", size, "red").save(out, kind, **options)
    return out.getvalue()
