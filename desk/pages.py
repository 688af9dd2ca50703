"""The pages of a document as its preview shows them, ten at a time."""

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest

from attachments.models import PagePicture, Rendition, Version
from attachments.opening import require_open
from attachments.pages import (
    AT_ONCE,
    is_tried,
    last_of,
    note_reading,
    pages_of,
    want_pages,
)
from attachments.rendering import OFFICE
from attachments.renditions import rendition_of, want
from desk.documents import preview_words


@dataclass(frozen=True)
class Page:
    """One page: its picture, or none where it could not be drawn."""

    number: int
    picture: PagePicture | None


def pages_context(request: HttpRequest, version: Version) -> dict[str, Any]:
    """What the preview of a PDF or an office file is filled with.

    Showing pages is a reading, once for all of them; waiting for them is none. 404
    for a part that the file does not have; PermissionDenied, Withheld.
    """
    require_open(version, request.user)
    part = _part(request)
    made = rendition_of(version) or want(version)
    if made is None:
        raise Http404
    made = want_pages(made, last_of(part))
    count = made.page_count
    if part > 1 and count and last_of(part) - AT_ONCE >= count:
        raise Http404
    found = pages_of(version, part)
    context: dict[str, Any] = {"is_paged": True, "part": part}
    if not is_tried(made, part):
        waits = made.state == Rendition.State.WAITING and not made.error
        context |= {"waits": waits, "instead": preview_words(made)}
        if waits or not found:
            return context
    context["noted"] = note_reading(version, request.user)
    numbers = range(last_of(part) - AT_ONCE + 1, min(last_of(part), count) + 1)
    context["pages"] = [Page(number, found.get(number)) for number in numbers]
    context["page_count"] = count
    context["is_converted"] = version.content_type in OFFICE
    context["parts"] = [
        (n, last_of(n) - AT_ONCE + 1, min(last_of(n), count))
        for n in range(1, -(-count // AT_ONCE) + 1)
    ]
    return context


def _part(request: HttpRequest) -> int:
    """The part that is asked for; 404 for what is no part."""
    asked = request.GET.get("part", "1")
    if not (asked.isascii() and asked.isdecimal() and 1 <= len(asked) <= 6):
        raise Http404
    if (part := int(asked)) < 1:
        raise Http404
    return part
