"""What people are told of an address of a file that opens nothing."""

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from attachments.links import EXPIRED, FORGED, NOT_YOURS, LinkRefused, followed
from attachments.models import Version
from grants.errors import NotVisible, NotYours

if TYPE_CHECKING:
    from django.contrib.auth.models import _AnyUser

WORDS: dict[str, Any] = {
    EXPIRED: _(
        "This link to a file is over: such links are good for some minutes. Open the "
        "document from its page again."
    ),
    NOT_YOURS: _(
        "This link to a file was made for somebody else. Open the document from its "
        "page."
    ),
    FORGED: _("This link to a file is damaged. Open the document from its page."),
}


def version_of_link(token: str, by: "_AnyUser") -> tuple[Version, str]:
    """The version of an address, and how it is read: NotYours for one that is too
    late, changed or somebody else's, NotVisible for who may not read it any more."""
    try:
        return followed(token, by)
    except LinkRefused as refused:
        raise NotYours(WORDS[refused.code]) from None
    except Version.DoesNotExist:
        raise NotVisible() from None
