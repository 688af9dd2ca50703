"""Whether an upload is taken: its name, its size, and what its content is.

The content decides, from a closed list: what is not recognised is refused. The
extension must then fit, so that nobody is shown one thing and opens another.
General-purpose detectors were tried and left: they guess among hundreds of types,
and some let the file's name sway them.
"""

import codecs
import re
import unicodedata
import zipfile
from pathlib import PurePath

import olefile
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files import File
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

NAME_LENGTH = 180  # characters
HEAD = 4096  # bytes looked at for signatures and markup
CHUNK = 256 * 1024

PDF = "application/pdf"
PNG = "image/png"
JPEG = "image/jpeg"
GIF = "image/gif"
WEBP = "image/webp"
ZIP = "application/zip"
OFD = "application/ofd"  # China's fixed-layout format, the one of e-invoices
DOC = "application/msword"
XLS = "application/vnd.ms-excel"
PPT = "application/vnd.ms-powerpoint"
_OPEN_XML = "application/vnd.openxmlformats-officedocument."
DOCX = _OPEN_XML + "wordprocessingml.document"
XLSX = _OPEN_XML + "spreadsheetml.sheet"
PPTX = _OPEN_XML + "presentationml.presentation"
TEXT = "text/plain"
CSV = "text/csv"

EXTENSIONS = {
    PDF: {"pdf"},
    PNG: {"png"},
    JPEG: {"jpg", "jpeg"},
    GIF: {"gif"},
    WEBP: {"webp"},
    ZIP: {"zip"},
    OFD: {"ofd"},
    DOC: {"doc", "wps"},
    XLS: {"xls", "et"},
    PPT: {"ppt", "dps"},
    DOCX: {"docx"},
    XLSX: {"xlsx"},
    PPTX: {"pptx"},
    TEXT: {"txt"},
    CSV: {"csv"},
}
ALLOWED_EXTENSIONS = sorted(set().union(*EXTENSIONS.values()))

EXECUTABLE = (
    b"MZ",  # Windows
    b"\x7fELF",  # Linux
    b"\xfe\xed\xfa\xce",  # Mach-O, and its other byte order and width
    b"\xfe\xed\xfa\xcf",
    b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe",  # Mach-O for several processors, Java classes
    b"#!",  # scripts
)
SIGNATURES = {
    b"%PDF-": PDF,
    b"\x89PNG\r\n\x1a\n": PNG,
    b"\xff\xd8\xff": JPEG,
    b"GIF87a": GIF,
    b"GIF89a": GIF,
}
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
OLE_STREAMS = {
    "WordDocument": DOC,
    "Workbook": XLS,
    "Book": XLS,
    "PowerPoint Document": PPT,
}
OPEN_XML_PARTS = {
    "word/document.xml": DOCX,
    "xl/workbook.xml": XLSX,
    "ppt/presentation.xml": PPTX,
}
MARKUP = re.compile(
    rb"<\s*(!doctype|\?xml|html|head|body|svg|script|iframe|object|embed)\b", re.I
)
NOT_TEXT = re.compile(r"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]")
BAD_IN_NAMES = {"Cc", "Cf", "Cs", "Zl", "Zp"}  # control, bidi, surrogate, breaks


def check_upload(upload: File) -> str:
    """Return the content type of an upload, or raise ValidationError.

    ``upload`` has ``name``, ``size`` and a seekable content; it is left at its
    beginning. The codes of the errors begin with ``upload_``.
    """
    name = check_name(upload.name or "")
    check_size(upload.size)
    upload.seek(0)
    try:
        content_type = sniff(upload)
    finally:
        upload.seek(0)
    extension = PurePath(name).suffix.lower().lstrip(".")
    if content_type == TEXT and extension in EXTENSIONS[CSV]:
        content_type = CSV
    if extension not in EXTENSIONS[content_type]:
        raise ValidationError(
            _("The content of “%(name)s” does not fit its extension."),
            code="upload_extension",
            params={"name": name},
        )
    return content_type


def check_name(name: str) -> str:
    """Return the name, or raise ValidationError for one that could deceive."""
    if not name.strip() or name.strip(". ") == "":
        raise ValidationError(_("The file has no name."), code="upload_name")
    if len(name) > NAME_LENGTH:
        raise ValidationError(
            _("The name of the file is longer than %(limit)s characters."),
            code="upload_name",
            params={"limit": NAME_LENGTH},
        )
    if "/" in name or "\\" in name:
        raise ValidationError(
            _("The name of the file must not hold a path."), code="upload_name"
        )
    if any(unicodedata.category(letter) in BAD_IN_NAMES for letter in name):
        raise ValidationError(
            _("The name of the file holds invisible characters."), code="upload_name"
        )
    return name


def check_size(size: int) -> None:
    """Raise ValidationError for an empty file or one above the limit (bytes)."""
    if not size:
        raise ValidationError(_("The file is empty."), code="upload_empty")
    if size > settings.UPLOAD_MAX_BYTES:
        raise ValidationError(
            _("The file is larger than %(limit)s."),
            code="upload_size",
            params={"limit": filesizeformat(settings.UPLOAD_MAX_BYTES)},
        )


def sniff(content: File) -> str:
    """What the content is, from its bytes alone; ValidationError if not taken."""
    head = content.read(HEAD)
    if head.startswith(EXECUTABLE):
        raise ValidationError(
            _("Programs and scripts are not accepted."), code="upload_executable"
        )
    content_type = _by_signature(head, content) or _text(head, content)
    if content_type is None:
        raise ValidationError(
            _("This type of file is not accepted. Accepted: %(types)s."),
            code="upload_type",
            params={"types": ", ".join(ALLOWED_EXTENSIONS)},
        )
    return content_type


def _by_signature(head: bytes, content: File) -> str | None:
    for signature, content_type in SIGNATURES.items():
        if head.startswith(signature):
            return content_type
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return WEBP
    if head.startswith(b"PK\x03\x04"):
        return _in_zip(content)
    if head.startswith(OLE):
        return _in_ole(content)
    return None


def _in_zip(content: File) -> str | None:
    """An Office or OFD document by the parts it must have, else a plain archive."""
    content.seek(0)
    try:
        with zipfile.ZipFile(content) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError):
        return None
    if "OFD.xml" in names:
        return OFD
    if "[Content_Types].xml" in names:
        found = [kind for part, kind in OPEN_XML_PARTS.items() if part in names]
        return found[0] if len(found) == 1 else None
    return ZIP


def _in_ole(content: File) -> str | None:
    """An old Office document by its main stream; installers have another one."""
    content.seek(0)
    try:
        with olefile.OleFileIO(content) as document:
            for stream, content_type in OLE_STREAMS.items():
                if document.exists(stream):
                    return content_type
    except Exception:  # the parser meets hostile bytes: any error is a refusal
        return None
    return None


def _text(head: bytes, content: File) -> str | None:
    """UTF-8 text without control characters and without markup, to its end."""
    if MARKUP.search(head):
        return None
    decoder = codecs.getincrementaldecoder("utf-8")()
    content.seek(0)
    try:
        while chunk := content.read(CHUNK):
            if NOT_TEXT.search(decoder.decode(chunk)):
                return None
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return None
    return TEXT
