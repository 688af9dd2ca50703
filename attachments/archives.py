"""Looking into a zip file, and into what lies in it, before anybody unpacks it.

Everything is inflated once, in pieces and within limits, so that neither what the
directory claims nor what it leaves out has to be believed.
"""

import re
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import IO

from django.core.exceptions import ValidationError
from django.template.defaultfilters import filesizeformat

from attachments import office, refusals
from attachments.filetypes import (
    CHUNK,
    DOCX,
    HEAD,
    OFD,
    OLE,
    PPTX,
    WITH_MACROS,
    XLSX,
    ZIP,
    by_signature,
    count,
    is_closed_archive,
    is_program,
    size_of,
)

MOST_FILES = 5000  # nested ones included
MOST_BYTES = 256 * 1024 * 1024  # unpacked, nested ones included
TIGHT_FROM = 16 * 1024 * 1024  # bytes unpacked above which the ratio counts
TIGHTEST = 200  # times smaller than unpacked
DEEPEST = 3
LONGEST_NAME = 240  # characters of a path; Windows unpacks no longer ones
KEPT_IN_MEMORY = 1024 * 1024

LOCAL_HEADER = 30  # bytes, then name and extra field
ENCRYPTED = 0x1 | 0x40 | 0x2000
IN_UTF8 = 0x800
DRIVE = re.compile(r"[A-Za-z]:")
UNIX = 3
PARTS = {
    "word/document.xml": DOCX,
    "xl/workbook.xml": XLSX,
    "ppt/presentation.xml": PPTX,
}
CONTENT_TYPES = "[Content_Types].xml"
#: Files that run when one opens them, though they may be text.
_LAUNCHED = (
    "exe com scr pif cpl msi msp bat cmd ps1 psm1 vbs vbe js jse ws wsf wsh hta lnk "
    "url reg inf scf jar apk dll sys sh desktop command app workflow docm dotm xlsm "
    "xltm xlam pptm potm ppam ppsm html htm xhtml mht mhtml svg xll iqy chm"
)
LAUNCHED = frozenset(_LAUNCHED.split())
#: Of these, what a programme may take.
WITH_MACROS_NAMED = ("docm", "xlsm", "pptm")


@dataclass
class Spent:
    """What an archive and those in it have used up so far."""

    files: int = 0
    size: int = 0
    packed: int = 0


@dataclass(frozen=True)
class Member:
    """One file of an archive: where its packed bytes are, and what is claimed."""

    info: zipfile.ZipInfo
    name: str
    begins: int  # of the local header
    data: int
    ends: int


@dataclass
class Found:
    """What was seen while unpacking."""

    names: set[str] = field(default_factory=set)
    content_types: bytes = b""


def type_of_zip(
    content: IO[bytes],
    *,
    macros: bool = False,
    depth: int = 1,
    spent: Spent | None = None,
) -> str | None:
    """An Office or OFD document by the parts it must have, else a plain archive.

    None for a package of another kind. ValidationError when it is harmful,
    unreadable or protected, and for macros unless ``macros`` lets them in.
    """
    spent = spent or Spent()
    found = Found()
    for member in members_of(content, spent):
        found.names.add(member.name)
        head = _look_at(content, member, macros, depth, spent)
        if member.name == CONTENT_TYPES:
            found.content_types = head
    has_macros = _has_macros(found)
    if has_macros and not macros:
        raise refusals.macros()
    if "OFD.xml" in found.names:
        return OFD
    if CONTENT_TYPES in found.names:
        kinds = [kind for part, kind in PARTS.items() if part in found.names]
        kind = kinds[0] if len(kinds) == 1 else None
        return WITH_MACROS.get(kind or "", kind) if has_macros else kind
    return ZIP


def holds_zip(content: IO[bytes]) -> bool:
    """Whether a file of another type opens as a zip archive with something in it."""
    if count(content, b"PK\x01\x02") == 0:
        return False
    content.seek(0)
    try:
        with zipfile.ZipFile(content) as archive:
            return bool(archive.infolist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError):
        return False


def members_of(content: IO[bytes], spent: Spent) -> list[Member]:
    """The archive's files in the order they lie in it, each checked by its claims."""
    if count(content, b"PK\x01\x02") > MOST_FILES:  # before any is kept in memory
        raise refusals.too_many_files(MOST_FILES)
    content.seek(0)
    try:
        with zipfile.ZipFile(content) as archive:
            infos = sorted(archive.infolist(), key=lambda info: info.header_offset)
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError) as error:
        raise refusals.damaged() from error
    spent.files += len(infos)
    spent.size += sum(info.file_size for info in infos)
    spent.packed += sum(info.compress_size for info in infos)
    if spent.files > MOST_FILES:
        raise refusals.too_many_files(MOST_FILES)
    if spent.size > MOST_BYTES:
        raise refusals.too_large_unpacked(filesizeformat(MOST_BYTES))
    if spent.size > TIGHT_FROM and spent.size > TIGHTEST * max(spent.packed, 1):
        raise refusals.packed_too_tightly()
    if infos and infos[0].header_offset != 0:
        raise refusals.two_types()
    return list(_placed(content, infos))


def _placed(content: IO[bytes], infos: list[zipfile.ZipInfo]) -> Iterator[Member]:
    """Each file with its place; none may lie over another."""
    size, end, names = size_of(content), 0, set()
    for info in infos:
        name = _name(info)
        _check_name(name, info)
        if name in names:
            raise refusals.twice_in_archive(name)
        names.add(name)
        if info.flag_bits & ENCRYPTED:
            raise refusals.encrypted()
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise refusals.closed_archive()
        content.seek(info.header_offset)
        header = content.read(LOCAL_HEADER)
        if len(header) < LOCAL_HEADER or not header.startswith(b"PK\x03\x04"):
            raise refusals.damaged()
        if int.from_bytes(header[6:8], "little") & ENCRYPTED:
            raise refusals.encrypted()
        lengths = int.from_bytes(header[26:28], "little") + int.from_bytes(
            header[28:30], "little"
        )
        data = info.header_offset + LOCAL_HEADER + lengths
        member = Member(info, name, info.header_offset, data, data + info.compress_size)
        if member.begins < end:
            raise refusals.overlapping()
        if member.ends > size:
            raise refusals.damaged()
        end = member.ends
        yield member


def _name(info: zipfile.ZipInfo) -> str:
    """The name as it was meant; many programs do not say in which encoding it is."""
    name = info.orig_filename
    if info.flag_bits & IN_UTF8:
        return name
    for encoding in ("utf-8", "gb18030"):
        with suppress(UnicodeError):
            return name.encode("cp437").decode(encoding)
    return name


def _check_name(name: str, info: zipfile.ZipInfo) -> None:
    if refusals.is_deceptive(name):
        raise refusals.deceptive_in_archive()
    if len(name) > LONGEST_NAME:
        raise refusals.long_in_archive(LONGEST_NAME)
    path = name.replace("\\", "/")
    absolute = path.startswith("/") or DRIVE.match(path) is not None
    if absolute or ".." in path.split("/") or not path.strip("/. "):
        raise refusals.leads_out(name)
    if info.create_system == UNIX and stat.S_ISLNK(info.external_attr >> 16):
        raise refusals.leads_out(name)


def _look_at(
    content: IO[bytes], member: Member, macros: bool, depth: int, spent: Spent
) -> bytes:
    """Unpack one file, refuse what is harmful in it; return how it begins."""
    if member.name.endswith("/"):
        return b""
    try:
        extension = PurePosixPath(member.name).suffix.lower().lstrip(".")
        if extension in LAUNCHED and not (macros and extension in WITH_MACROS_NAMED):
            raise refusals.program()
        with tempfile.SpooledTemporaryFile(KEPT_IN_MEMORY) as unpacked:
            head = _unpack(content, member, unpacked)
            if is_program(head):
                raise refusals.program()
            if is_closed_archive(head):
                raise refusals.closed_archive()
            kind = by_signature(head)
            if kind == ZIP:
                if depth >= DEEPEST:
                    raise refusals.too_deep(DEEPEST)
                type_of_zip(unpacked, macros=macros, depth=depth + 1, spent=spent)
            elif kind == OLE:
                office.type_of_ole(unpacked, macros=macros)
    except ValidationError as why:
        raise refusals.in_archive(member.name, why) from why
    return head


def _unpack(content: IO[bytes], member: Member, target: IO[bytes]) -> bytes:
    """Write a file's content, keep a container only; return how it begins.

    What is not as large as claimed, or does not end where it should, is refused.
    """
    head, size, checksum, keep = b"", 0, 0, False
    for piece in _inflated(content, member):
        if not head:
            head = piece[:HEAD]
            keep = by_signature(head) in (ZIP, OLE)
        size += len(piece)
        if size > member.info.file_size:
            raise refusals.packed_too_tightly()
        checksum = zlib.crc32(piece, checksum)
        if keep:
            target.write(piece)
    if size != member.info.file_size or checksum != member.info.CRC:
        raise refusals.damaged()
    return head


def _inflated(content: IO[bytes], member: Member) -> Iterator[bytes]:
    content.seek(member.data)
    left = member.info.compress_size
    stored = member.info.compress_type == zipfile.ZIP_STORED
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    while left:
        packed = content.read(min(CHUNK, left))
        if not packed:
            raise refusals.damaged()
        left -= len(packed)
        if stored:
            yield packed
            continue
        while packed:
            try:
                piece = unpacker.decompress(packed, CHUNK)
            except zlib.error as error:
                raise refusals.damaged() from error
            if piece:
                yield piece
            packed = unpacker.unconsumed_tail
        if unpacker.unused_data:
            raise refusals.damaged()
    if not stored and not unpacker.eof:
        raise refusals.damaged()


def _has_macros(found: Found) -> bool:
    """Macros in an Office document, whatever its extension says."""
    for name in found.names:
        lowered = name.lower()
        if lowered.endswith("vbaproject.bin") or "xl/macrosheets/" in lowered:
            return True
    return b"macroenabled" in found.content_types.lower()
