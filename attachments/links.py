"""Addresses of files: good for some minutes, and for one person.

A page or the API asks the rights and answers with such an address; whoever opens it is
asked again. It names the person, the version and how it is read, signed with the moment
(django.core.signing), so that one which was passed on, kept or changed opens nothing.
The bytes come through us from every storage: an address that S3 signs would serve
whoever has it (docs/decisions/0021-links-are-ours.md).
"""

from typing import TYPE_CHECKING

from django.conf import settings
from django.core import signing

from attachments.models import Version
from attachments.opening import require_open
from attachments.selectors import version_for
from audit.record import record_refusal

if TYPE_CHECKING:
    from django.contrib.auth.models import _AnyUser

SALT = "attachments.links"
FORGED, EXPIRED, NOT_YOURS = "link_forged", "link_expired", "link_of_another"


class LinkRefused(Exception):
    """An address that opens nothing: ``code`` is FORGED, EXPIRED or NOT_YOURS."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


def link(version: Version, by: "_AnyUser", *, how: str) -> str:
    """The signed part of an address for this person; no event, for nothing is read yet.

    ``how`` is DOWNLOAD or PREVIEW of attachments.services. PermissionDenied and
    Withheld as opening it would raise them, on record.
    """
    require_open(version, by)
    return signing.dumps([by.pk, version.pk, how], salt=SALT)


def followed(token: str, by: "_AnyUser") -> tuple[Version, str]:
    """The version that an address is of, and how it is read.

    LinkRefused, or Version.DoesNotExist where the person may not read it any more;
    both are on record. Who opens the version next asks the rights, and is on record.
    """
    try:
        owner, pk, how = signing.loads(token, salt=SALT, max_age=_seconds())
    except signing.SignatureExpired:
        raise _refused(EXPIRED, by) from None
    except signing.BadSignature:
        raise _refused(FORGED, by) from None
    if owner != by.pk:
        raise _refused(NOT_YOURS, by)
    try:
        return version_for(by, pk), how
    except Version.DoesNotExist:
        lost = Version.objects.select_related("document__folder").filter(pk=pk).first()
        if lost is not None:
            record_refusal(
                "open_version",
                by=by,
                target=lost.document.folder.stream,
                code="may_not_read",
            )
        raise


def _seconds() -> int:
    return settings.FILE_LINK_MINUTES * 60


def _refused(code: str, by: "_AnyUser") -> LinkRefused:
    record_refusal("open_link", by=by, target="", code=code)
    return LinkRefused(code)
