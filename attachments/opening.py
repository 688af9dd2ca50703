"""The one question before a file, or anything made of it, is opened."""

from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied

from attachments import registry
from attachments.models import Version
from attachments.scanning import Withheld, withheld
from audit.record import record_refusal

if TYPE_CHECKING:
    from django.contrib.auth.models import _AnyUser


class Lost(FileNotFoundError):
    """The storage no longer has the file of a version."""


def require_open(version: Version, by: "_AnyUser") -> None:
    """PermissionDenied when the owner does not let ``by`` read, Withheld while the
    version is not known to be clean; both are on record."""
    folder = version.document.folder
    if not registry.can_read(by, folder):
        record_refusal("open_version", by=by, target=folder.stream, code="may_not_read")
        raise PermissionDenied
    if why := withheld(version, by):
        record_refusal("open_version", by=by, target=folder.stream, code=why)
        raise Withheld(why)
