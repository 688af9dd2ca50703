"""Pictures: whole, and not larger than what a program can show.

The headers are read by hand: libraries for pictures set memory aside for what a
header claims, or decode.
"""

import struct
from typing import IO

from attachments import refusals
from attachments.filetypes import GIF, JPEG, PNG, WEBP, count, size_of, tail_of

MOST_PIXELS = 300_000_000  # a poster of A0 at 300 dpi has 140 million
MOST_SEGMENTS = 10_000
#: Markers of JPEG: begin of a frame (which tells its size), begin of the data.
FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
SCAN, ALONE = 0xDA, {0x01, *range(0xD0, 0xD9)}


def check_picture(content: IO[bytes], content_type: str) -> None:
    """ValidationError for a picture that is cut off or has too many pixels."""
    try:
        width, height = READERS[content_type](content)
    except struct.error as error:
        raise refusals.damaged() from error
    if width * height == 0:
        raise refusals.damaged()
    if width * height > MOST_PIXELS:
        raise refusals.too_many_pixels(MOST_PIXELS // 1_000_000)


def _of_png(content: IO[bytes]) -> tuple[int, int]:
    content.seek(12)
    chunk, width, height = struct.unpack(">4sII", content.read(12))
    if chunk != b"IHDR" or b"IEND" not in tail_of(content):
        raise refusals.damaged()
    return width, height


def _of_gif(content: IO[bytes]) -> tuple[int, int]:
    content.seek(6)
    width, height = struct.unpack("<HH", content.read(4))
    if not tail_of(content).rstrip(b"\0\r\n ").endswith(b";"):
        raise refusals.damaged()
    return width, height


def _of_webp(content: IO[bytes]) -> tuple[int, int]:
    content.seek(4)
    length, _webp, chunk = struct.unpack("<I4s4s", content.read(12))
    content.seek(20)
    body = content.read(10)
    if length + 8 > size_of(content) or len(body) < 10:
        raise refusals.damaged()
    if chunk == b"VP8X":
        width = int.from_bytes(body[4:7], "little") + 1
        return width, int.from_bytes(body[7:10], "little") + 1
    if chunk == b"VP8L":
        bits = int.from_bytes(body[1:5], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if chunk == b"VP8 ":
        width, height = struct.unpack("<HH", body[6:10])
        return width & 0x3FFF, height & 0x3FFF
    raise refusals.damaged()


def _of_jpeg(content: IO[bytes]) -> tuple[int, int]:
    """From the frame's segment; the end must come after the data has begun.

    Behind the end cameras put films and more; before the data lie small pictures
    with ends of their own.
    """
    content.seek(2)
    size = None
    for _number in range(MOST_SEGMENTS):
        marker = _marker(content)
        if marker in ALONE:
            continue
        (length,) = struct.unpack(">H", content.read(2))
        if length < 2:
            break
        if marker in FRAMES:
            _bits, height, width = struct.unpack(">BHH", content.read(5))
            size, length = (width, height), length - 5
        if marker == SCAN:
            if size and count(content, b"\xff\xd9", start=content.tell()):
                return size
            break
        content.seek(length - 2, 1)
    raise refusals.damaged()


def _marker(content: IO[bytes]) -> int:
    """The next marker's second byte; any number of FF may stand before it."""
    (first,) = struct.unpack("B", content.read(1))
    if first != 0xFF:
        raise refusals.damaged()
    while first == 0xFF:
        (first,) = struct.unpack("B", content.read(1))
    return int(first)


READERS = {PNG: _of_png, JPEG: _of_jpeg, GIF: _of_gif, WEBP: _of_webp}
