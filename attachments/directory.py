"""A zip file's list of its files, held against what lies in the file.

Programs that unpack do not read alike: some go by the list at the end, some by what
stands before each file, some by a second name. What is checked must be what anybody
unpacks, so both must say the same, and nothing may lie where the list leads nobody.
"""

import struct
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import IO

from attachments import refusals
from attachments.filetypes import CHUNK, count, size_of
from attachments.launched import endings

MOST_FILES = 5000  # nested ones included
MOST_LISTED = 8 * 1024 * 1024  # bytes of the list: 5000 files with long names

LISTED, LOCAL = b"PK\x01\x02", b"PK\x03\x04"
END, END_64, WHERE_64 = b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07"
END_SIZE, END_64_SIZE, WHERE_64_SIZE = 22, 56, 20
LOCAL_SIZE, LISTED_SIZE = 30, 46
LONGEST_COMMENT = 65_535
ELSEWHERE, ELSEWHERE_SHORT = 0xFFFFFFFF, 0xFFFF  # the value is in a longer field

ENCRYPTED = 0x1 | 0x40 | 0x2000
SIZES_FOLLOW = 0x8  # of the flags: sizes and checksum stand behind the file
IN_UTF8 = 0x800
UNICODE_PATH = 0x7075


@dataclass(frozen=True)
class Ending:
    """What the end of a zip file says of its list."""

    begins: int
    size: int
    files: int
    #: Where the list must end, and the file.
    list_ends: int
    ends: int
    #: Whether short and long fields say the same.
    agrees: bool


@dataclass(frozen=True)
class Member:
    """One file of an archive: where its packed bytes are, and what is claimed."""

    info: zipfile.ZipInfo
    name: str
    others: tuple[str, ...]  # further names by which it may be unpacked
    begins: int  # of the local header
    data: int
    ends: int


def ending_of(content: IO[bytes]) -> Ending | None:
    """Where the list is; None in a file that is no zip file."""
    size = size_of(content)
    start = max(0, size - END_SIZE - LONGEST_COMMENT)
    content.seek(start)
    tail = content.read(END_SIZE + LONGEST_COMMENT)
    found = tail.rfind(END)
    if found < 0 or len(tail) - found < END_SIZE:
        return None
    at = start + found
    files, listed, begins, comment = struct.unpack_from("<10xHIIH", tail, found)
    short = Ending(begins, listed, files, at, at + END_SIZE + comment, agrees=True)
    before = at - WHERE_64_SIZE - END_64_SIZE
    if before < 0:
        return short
    content.seek(before)
    record = content.read(END_64_SIZE)
    if not content.read(WHERE_64_SIZE).startswith(WHERE_64):
        return short
    if not record.startswith(END_64):  # longer than usual, or not there
        return Ending(begins, listed, files, at, short.ends, agrees=False)
    files_64, listed_64, begins_64 = struct.unpack_from("<32xQQQ", record)
    agrees = (
        files in (files_64, ELSEWHERE_SHORT)
        and listed in (listed_64, ELSEWHERE)
        and begins in (begins_64, ELSEWHERE)
    )
    larger = max(listed_64, listed if listed != ELSEWHERE else 0)
    return Ending(begins_64, larger, files_64, before, short.ends, agrees)


def holds_zip(content: IO[bytes]) -> bool:
    """Whether a file of another type opens as a zip archive with something in it."""
    listed = count(content, LISTED)
    if listed == 0 or (ending := ending_of(content)) is None:
        return False
    if listed > MOST_FILES or ending.size > MOST_LISTED:
        return True
    try:
        return bool(_infos(content))
    except zipfile.BadZipFile:
        return False


def members_of(content: IO[bytes]) -> list[Member]:
    """The archive's files in the order they lie in it. ValidationError."""
    ending = ending_of(content)
    if ending is None or not ending.agrees:
        raise refusals.damaged()
    if ending.files > MOST_FILES:
        raise refusals.too_many_files(MOST_FILES)
    if ending.size > MOST_LISTED:
        raise refusals.large_list()
    if ending.begins + ending.size != ending.list_ends:
        content.seek(max(0, ending.list_ends - ending.size))
        moved = content.read(4) == LISTED  # by what was put before it
        raise refusals.two_types() if moved else refusals.damaged()
    if count(content, LISTED, start=ending.begins) > MOST_FILES:
        raise refusals.too_many_files(MOST_FILES)  # before any is kept in memory
    try:
        infos = _infos(content)
    except zipfile.BadZipFile as error:
        raise refusals.damaged() from error
    if infos and infos[0].header_offset != 0:
        raise refusals.two_types()
    if len(infos) != ending.files or _length(infos) != ending.size:
        raise refusals.unlisted()
    return list(_placed(content, infos, ending))


def _infos(content: IO[bytes]) -> list[zipfile.ZipInfo]:
    """The list, in the order of the files. BadZipFile."""
    content.seek(0)
    try:
        with zipfile.ZipFile(content) as archive:
            return sorted(archive.infolist(), key=lambda info: info.header_offset)
    except (ValueError, NotImplementedError, EOFError, struct.error) as error:
        raise zipfile.BadZipFile from error


def _length(infos: list[zipfile.ZipInfo]) -> int:
    return sum(
        LISTED_SIZE + len(_raw(info)) + len(info.extra) + len(info.comment)
        for info in infos
    )


def _placed(
    content: IO[bytes], infos: list[zipfile.ZipInfo], ending: Ending
) -> Iterator[Member]:
    """Each file with its place; none over another, nothing between them."""
    end, before = 0, None
    for info in infos:
        member = _member(content, info, least=end)
        if member.ends > ending.begins:
            raise refusals.damaged()
        _check_gap(content, end, member.begins, before)
        end, before = member.ends, info
        yield member
    _check_gap(content, end, ending.begins, before)
    _check_gap(content, ending.ends, size_of(content), None)


def _member(content: IO[bytes], info: zipfile.ZipInfo, *, least: int) -> Member:
    """A file of the list, held against what stands before it."""
    begins = info.header_offset
    if begins < least:
        raise refusals.overlapping()
    if info.flag_bits & ENCRYPTED:
        raise refusals.encrypted()
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise refusals.closed_archive()
    content.seek(begins)
    header = content.read(LOCAL_SIZE)
    if len(header) < LOCAL_SIZE or not header.startswith(LOCAL):
        raise refusals.damaged()
    flags, method, packed, named, more = struct.unpack("<6xHH8xI4xHH", header)
    if flags & ENCRYPTED:
        raise refusals.encrypted()
    raw, extra = content.read(named), content.read(more)
    name = _name(info)
    if raw != _raw(info):
        raise refusals.two_names(name)
    told = flags & SIZES_FOLLOW or packed in (info.compress_size, ELSEWHERE)
    if method != info.compress_type or not told:
        raise refusals.damaged()
    others = (*_further_names(info.extra), *_further_names(extra))
    for other in others:
        if _shape(other) != _shape(name):
            raise refusals.two_names(name)
    data = begins + LOCAL_SIZE + named + more
    return Member(info, name, others, begins, data, data + info.compress_size)


def _check_gap(
    content: IO[bytes], begins: int, ends: int, before: zipfile.ZipInfo | None
) -> None:
    """Between files there is nothing, or what follows the one ``before``, or zeros."""
    if begins >= ends:
        return
    content.seek(begins)
    left = ends - begins
    if before is not None and left <= 24 and content.read(left) in _following(before):
        return
    content.seek(begins)
    while left:
        piece = content.read(min(CHUNK, left))
        if not piece or piece.strip(b"\0"):
            raise refusals.unlisted()
        left -= len(piece)


def _following(info: zipfile.ZipInfo) -> set[bytes]:
    """What may stand behind a file whose sizes were not known before."""
    sizes = info.compress_size, info.file_size
    short = b""
    with suppress(struct.error):
        short = struct.pack("<III", info.CRC, *sizes)
    long = struct.pack("<IQQ", info.CRC, *sizes)
    return {short, long, b"PK\x07\x08" + short, b"PK\x07\x08" + long}


def _raw(info: zipfile.ZipInfo) -> bytes:
    """The name as it stands in the list."""
    return info.orig_filename.encode("utf-8" if info.flag_bits & IN_UTF8 else "cp437")


def _name(info: zipfile.ZipInfo) -> str:
    """The name as it was meant; many programs do not say in which encoding it is."""
    if info.flag_bits & IN_UTF8:
        return info.orig_filename
    raw = _raw(info)
    for encoding in ("utf-8", "gb18030"):
        with suppress(UnicodeError):
            return raw.decode(encoding)
    return info.orig_filename


def _further_names(extra: bytes) -> Iterator[str]:
    """Names in UTF-8 that some programs put beside one in another encoding."""
    while len(extra) >= 4:
        kind, size = struct.unpack_from("<HH", extra)
        data, extra = extra[4 : 4 + size], extra[4 + size :]
        if kind == UNICODE_PATH and data[:1] == b"\1":
            try:
                yield data[5:].decode("utf-8")
            except UnicodeError as error:
                raise refusals.damaged() from error


def _shape(name: str) -> tuple[int, set[str]]:
    """What two readings of one name have in common: folders, and what it is.

    The rest need not be the same: who writes a second name has none of its letters
    in the first one's encoding.
    """
    return name.count("/"), {ending for ending in endings(name) if ending.isascii()}
