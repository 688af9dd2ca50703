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
from dataclasses import dataclass, field
from typing import IO

from django.core.exceptions import ValidationError
from django.template.defaultfilters import filesizeformat

from attachments import directory, office, refusals
from attachments.content_types import CONTENT_TYPES, types_named
from attachments.directory import MOST_FILES, Member
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
    is_closed_archive,
    is_program,
)
from attachments.launched import as_unpacked, is_launched

MOST_BYTES = 256 * 1024 * 1024  # unpacked, nested ones included
TIGHT_FROM = 16 * 1024 * 1024  # bytes unpacked above which the ratio counts
TIGHTEST = 200  # times smaller than unpacked
DEEPEST = 3
LONGEST_NAME = 240  # characters of a path; Windows unpacks no longer ones
KEPT_IN_MEMORY = 1024 * 1024

DRIVE = re.compile(r"[A-Za-z]:")
UNIX = 3
PARTS = {
    "word/document.xml": DOCX,
    "xl/workbook.xml": XLSX,
    "ppt/presentation.xml": PPTX,
}
#: What an OpenDocument file has, which is taken inside of an archive only.
OPEN_DOCUMENT, OPEN_DOCUMENT_MACROS = "meta-inf/manifest.xml", ("basic/", "scripts/")
#: In the type of a part that is, or may have, macros; in small letters.
MACRO_TYPES = ("macroenabled", "macrosheet", "vbaproject", "vbadata")


@dataclass
class Spent:
    """What an archive and those in it have used up so far."""

    files: int = 0
    size: int = 0
    packed: int = 0


@dataclass
class Found:
    """What was seen while unpacking."""

    names: set[str] = field(default_factory=set)
    content_types: set[str] | None = None


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
        _look_at(content, member, macros, depth, spent, found)
    has_macros = _has_macros(found)
    if has_macros and not macros:
        raise refusals.macros()
    if "OFD.xml" in found.names:
        return OFD
    if found.content_types is not None:
        kinds = [kind for part, kind in PARTS.items() if part in found.names]
        kind = kinds[0] if len(kinds) == 1 else None
        return WITH_MACROS.get(kind or "", kind) if has_macros else kind
    return ZIP


def members_of(content: IO[bytes], spent: Spent) -> list[Member]:
    """The archive's files in the order they lie in it, each checked by its claims."""
    members = directory.members_of(content)
    infos = [member.info for member in members]
    spent.files += len(infos)
    spent.size += sum(info.file_size for info in infos)
    spent.packed += sum(info.compress_size for info in infos)
    if spent.files > MOST_FILES:
        raise refusals.too_many_files(MOST_FILES)
    if spent.size > MOST_BYTES:
        raise refusals.too_large_unpacked(filesizeformat(MOST_BYTES))
    if spent.size > TIGHT_FROM and spent.size > TIGHTEST * max(spent.packed, 1):
        raise refusals.packed_too_tightly()
    seen: set[str] = set()
    for member in members:
        names = {member.name, *member.others}
        for name in names:
            _check_name(name, member.info)
        unpacked = {as_unpacked(name) for name in names}
        if unpacked & seen:
            raise refusals.twice_in_archive(member.name)
        seen |= unpacked
    return members


def _check_name(name: str, info: zipfile.ZipInfo) -> None:
    if refusals.is_deceptive(name):
        raise refusals.deceptive_in_archive()
    if len(name) > LONGEST_NAME:
        raise refusals.long_in_archive(LONGEST_NAME)
    path = name.replace("\\", "/")
    absolute = path.startswith("/") or DRIVE.match(path) is not None
    # ".. " is ".." to Windows, and "..." is a folder nobody sees
    up = any(set(part) <= {".", " "} for part in path.split("/") if part[1:])
    if absolute or up or not path.strip("/. "):
        raise refusals.leads_out(name)
    if info.create_system == UNIX and stat.S_ISLNK(info.external_attr >> 16):
        raise refusals.leads_out(name)


def _look_at(
    content: IO[bytes],
    member: Member,
    macros: bool,
    depth: int,
    spent: Spent,
    found: Found,
) -> None:
    """Unpack one file and refuse what is harmful in it; note what kinds it names."""
    if member.name.endswith("/"):
        return
    try:
        if any(is_launched(n, macros=macros) for n in (member.name, *member.others)):
            raise refusals.program()
        with tempfile.SpooledTemporaryFile(KEPT_IN_MEMORY) as unpacked:
            names_types = member.name.lower() == CONTENT_TYPES
            head = _unpack(content, member, unpacked, keep=names_types)
            if names_types:
                named = types_named(unpacked)
                found.content_types = (found.content_types or set()) | named
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


def _unpack(
    content: IO[bytes], member: Member, target: IO[bytes], *, keep: bool
) -> bytes:
    """Write a file's content, keep a container only; return how it begins.

    What is not as large as claimed, or does not end where it should, is refused.
    """
    head, size, checksum = b"", 0, 0
    for piece in _inflated(content, member):
        if not head:
            head = piece[:HEAD]
            keep = keep or by_signature(head) in (ZIP, OLE)
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
    """Macros in an Office document, whatever its extension says, or an OpenDocument."""
    lowered = {name.lower() for name in found.names}
    for name in lowered:
        if name.endswith("vbaproject.bin") or "xl/macrosheets/" in name:
            return True
        if OPEN_DOCUMENT in lowered and name.startswith(OPEN_DOCUMENT_MACROS):
            return True
    types = found.content_types or ()
    return any(word in named for named in types for word in MACRO_TYPES)
