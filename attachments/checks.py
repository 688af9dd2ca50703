"""Whether an upload is taken: its name, its size, and what its content is.

The content decides (filetypes.py); the extension must then fit, so that nobody is
shown one thing and opens another. Containers are looked into (archives.py,
office.py), since what lies in them is opened as well.
"""

from pathlib import PurePath

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files import File
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from attachments import (
    archives,
    directory,
    office,
    pdfs,
    pictures,
    refusals,
    scanner,
)
from attachments.filetypes import (
    ACTIVE,
    ALLOWED_EXTENSIONS,
    CSV,
    EXTENSIONS,
    HEAD,
    MACRO_EXTENSIONS,
    OLE,
    PDF,
    PICTURES,
    TEXT,
    ZIP,
    by_signature,
    is_closed_archive,
    is_program,
    is_text,
)
from attachments.refusals import NAME_LENGTH

MOST = "_weigong_most"  # on an upload with a limit of its own, in bytes
SEEN = "_weigong_seen"  # on an upload: with or without macros, and the type found


def check_upload(upload: File, *, macros: bool = False) -> str:
    """Return the content type of an upload, or raise ValidationError.

    ``upload`` has ``name``, ``size`` and a seekable content; it is left at its
    beginning. The codes of the errors begin with ``upload_``. A file that a form has
    looked into is not looked into again when it is stored. With ``macros`` office
    files may hold them. What came ahead of its form (uploads.py) has its own limit.
    """
    if refusal := getattr(upload, "refusal", None):
        raise refusal
    name = check_name(upload.name or "")
    check_size(upload.size, getattr(upload, MOST, None))
    seen_with, content_type = getattr(upload, SEEN, (macros, ""))
    if not content_type or seen_with != macros:
        upload.seek(0)
        try:
            content_type = sniff(upload, macros=macros)
        finally:
            upload.seek(0)
        setattr(upload, SEEN, (macros, content_type))
    extension = PurePath(name).suffix.lower().lstrip(".")
    if content_type == TEXT and extension in EXTENSIONS[CSV]:
        content_type = CSV
    if extension not in (EXTENSIONS | MACRO_EXTENSIONS)[content_type]:
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
    if refusals.is_deceptive(name):
        raise ValidationError(
            _("The name of the file holds invisible characters."), code="upload_name"
        )
    return name


def check_size(size: int, most: int | None = None) -> None:
    """Raise ValidationError for an empty file or one above the limit (bytes).

    ``most`` is the limit; without it that of a file which comes with its form.
    """
    most = settings.UPLOAD_MAX_BYTES if most is None else most
    if not size:
        raise ValidationError(_("The file is empty."), code="upload_empty")
    if size > most:
        raise ValidationError(
            _("The file is larger than %(limit)s."),
            code="upload_size",
            params={"limit": filesizeformat(most)},
        )
    scanned = scanner.most()
    if scanned is not None and size > scanned:
        raise ValidationError(
            _(
                "The file is larger than %(limit)s, the most that the virus scanner "
                "looks at. Send it in parts, or ask the office for a higher limit."
            ),
            code="upload_size",
            params={"limit": filesizeformat(scanned)},
        )


def sniff(content: File, *, macros: bool = False) -> str:
    """What the content is, from its bytes alone; ValidationError if not taken."""
    head = content.read(HEAD)
    if is_program(head):
        raise refusals.program()
    if is_closed_archive(head):
        raise refusals.closed_archive()
    content_type = by_signature(head)
    if content_type == ZIP:
        content_type = archives.type_of_zip(content, macros=macros)
    elif content_type == OLE:
        content_type = office.type_of_ole(content, macros=macros)
    elif content_type is not None:
        _check_flat(content, content_type, head)
    elif is_text(content):
        content_type = TEXT
    if content_type is None:
        raise ValidationError(
            _("This type of file is not accepted. Accepted: %(types)s."),
            code="upload_type",
            params={"types": ", ".join(ALLOWED_EXTENSIONS)},
        )
    return content_type


def _check_flat(content: File, content_type: str, head: bytes) -> None:
    """A PDF or a picture: whole, and nothing else besides."""
    if ACTIVE.search(head[:1024]) or directory.holds_zip(content):
        raise refusals.two_types()
    if content_type == PDF:
        pdfs.check_pdf(content)
    elif content_type in PICTURES:
        pictures.check_picture(content, content_type)
