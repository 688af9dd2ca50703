"""The pages of a PDF, or of the PDF that was made of an office file, as pictures.

Browsers show no PDF in a frame under our policy, and their viewers run scripts. So the
confined process that makes small pictures draws the pages too (attachments.drawing):
the first ten when the file is filed, others when somebody comes to them.
"""

import logging
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from django.core import signing
from django.core.files import File
from django.db.models import F
from django.utils import timezone
from PIL import Image

from attachments.filetypes import PDF
from attachments.models import PagePicture, Rendition, Version
from attachments.opening import require_open
from attachments.rendering import OFFICE, NotRendered, to_pages
from attachments.storage import get_storage, new_key
from audit.record import record_read

if TYPE_CHECKING:
    from django.contrib.auth.models import _AnyUser

logger = logging.getLogger(__name__)

AT_ONCE = 10  # pages of one look, and of one turn
PREVIEW = "preview"  # as the record has it, the same as of other files
#: Seconds that the pictures of a page on which a reading was noted may load: of a
#: long page a browser fetches them as one comes to them.
NOTED, NOTED_FOR = "attachments.pages.noted", 12 * 3600


def is_paged(content_type: str) -> bool:
    """Whether files of this type are shown page by page."""
    return content_type == PDF or content_type in OFFICE


def last_of(part: int) -> int:
    """The number of the last page in a part; parts and pages begin with 1."""
    return part * AT_ONCE


def want_pages(made: Rendition, last: int) -> Rendition:
    """Have the pages up to ``last`` drawn, where they were not tried yet, before what
    nobody waits for.

    The row as it stands then. What failed stays as it is: the same would come again.
    """
    whole = made.page_count and made.pages_tried >= made.page_count
    if made.pages_tried >= last or whole:
        return made
    rows = Rendition.objects.filter(pk=made.pk)
    rows.filter(pages_wanted__lt=last).update(pages_wanted=last)
    rows.filter(asked_at=None).update(asked_at=timezone.now())
    rows.filter(state=Rendition.State.MADE).update(
        state=Rendition.State.WAITING,
        error="",
        attempts=0,
        next_attempt_at=timezone.now(),
    )
    return rows.get()


def is_tried(made: Rendition, part: int) -> bool:
    """Whether everything of a part was drawn, as far as it can be."""
    return 0 < min(last_of(part), made.page_count) <= made.pages_tried


def pages_of(version: Version, part: int) -> dict[int, PagePicture]:
    """The pictures of a part, by the number of the page."""
    first = last_of(part) - AT_ONCE + 1
    found = PagePicture.objects.filter(
        version=version, number__range=(first, last_of(part))
    )
    return {page.number: page for page in found.order_by("number")}


def note_reading(version: Version, by: "_AnyUser") -> str:
    """Note that somebody looks at pages of a version; what proves it to ``open_page``.

    PermissionDenied, Withheld (both recorded).
    """
    require_open(version, by)
    target = version.document.folder.stream
    record_read(by=by, target=target, what=f"{PREVIEW}:{version.pk}")
    return signing.dumps([by.pk, version.pk], salt=NOTED)


def open_page(
    version: Version, number: int, by: "_AnyUser", *, noted: str = ""
) -> tuple[IO[bytes], int]:
    """The picture of one page, and its size in bytes.

    A reading, unless ``noted`` shows that it is part of one. PermissionDenied,
    Withheld (both recorded), FileNotFoundError where there is no such picture.
    """
    require_open(version, by)
    page = PagePicture.objects.filter(version=version, number=number).first()
    if page is None:
        raise FileNotFoundError(f"no picture of page {number} of version {version.pk}")
    content = get_storage().open(page.key)
    if not _is_noted(noted, [by.pk, version.pk]):
        note_reading(version, by)
    return content, page.size


def _is_noted(noted: str, whose: list[Any]) -> bool:
    try:
        return bool(signing.loads(noted, salt=NOTED, max_age=NOTED_FOR) == whose)
    except signing.BadSignature:
        return False


# -- making --------------------------------------------------------------------------


def draw(made: Rendition, pdf: Path, folder: Path) -> None:
    """Draw the wanted pages that were not tried yet, ten at most, and store them.

    NotRendered when something stopped it; what was drawn before that is there.
    """
    first = made.pages_tried + 1
    last = min(made.pages_wanted, made.pages_tried + AT_ONCE)
    if last < first:
        return
    drawn = folder / "pages"
    stopped: NotRendered | None = None
    try:
        to_pages(pdf, drawn, first, last)
    except NotRendered as error:
        stopped = error
    count = drawn / "count"
    if count.is_file():
        made.page_count = int(count.read_text())
    if not made.page_count:
        raise stopped or NotRendered("unreadable")
    tried = made.pages_tried if stopped else min(last, made.page_count)
    for number in range(first, last + 1):
        picture = drawn / f"{number}.jpg"
        if picture.is_file():
            _store(made.version, number, picture)
            tried = max(tried, number)
    made.pages_tried = tried
    made.save(update_fields=["page_count", "pages_tried"])
    if stopped:
        raise stopped


def _store(version: Version, number: int, picture: Path) -> None:
    if PagePicture.objects.filter(version=version, number=number).exists():
        return
    with Image.open(picture) as opened:  # ours, made a moment ago; the head only
        width, height = opened.size
    key = new_key("rendition")
    with picture.open("rb") as file:
        stored = get_storage().put(key, File(file))
    PagePicture.objects.create(
        version=version,
        number=number,
        key=key,
        size=stored.size,
        width=width,
        height=height,
    )


def has_more(made: Rendition) -> bool:
    """Whether wanted pages were not tried yet."""
    fresh = Rendition.objects.filter(pk=made.pk, pages_tried__lt=F("page_count"))
    return fresh.filter(pages_tried__lt=F("pages_wanted")).exists()
