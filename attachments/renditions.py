"""What is made of a version to be looked at: a PDF of an office file, a small picture,
its pages as pictures (attachments.pages).

A row is the job and the result. It waits until the scan lets everybody open the
version; then a sweep makes what there is to make and stores it in the scratch class,
beside the version and never as one. It can be made anew at any time.
"""

import logging
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import IO, TYPE_CHECKING

from django.core.files import File
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from attachments import pages, scanner
from attachments.filetypes import PDF
from attachments.models import Rendition, ScanState, Version
from attachments.rendering import (
    DRAWN,
    MOST_SOURCE,
    OFFICE,
    NotRendered,
    to_pdf,
    to_picture,
)
from attachments.scanning import withheld
from attachments.storage import StorageUnavailable, Stored, get_storage, new_key
from outbox import crashpoints

if TYPE_CHECKING:
    from django.contrib.auth.models import _AnyUser

logger = logging.getLogger(__name__)

LEASE = timedelta(minutes=5)
#: One more try than this comes to nothing anyway.
MOST_ATTEMPTS = 2
PAUSE = timedelta(minutes=1)
#: A program that somebody may yet install.
NO_CONVERTER, LATER = "no_converter", timedelta(hours=1)
CHUNK = 1024 * 1024


def is_rendered(content_type: str) -> bool:
    """Whether anything is made of files of this type."""
    return content_type in OFFICE or content_type in DRAWN


def want(version: Version) -> Rendition | None:
    """Have made what there is to make of a version; None where there is nothing."""
    if not is_rendered(version.content_type):
        return None
    return Rendition.objects.get_or_create(version=version)[0]


def want_all(limit: int = 500) -> int:
    """The same for versions that were filed before; how many were new."""
    wanted = Q(content_type__in=[*OFFICE, *DRAWN])
    found = Version.objects.filter(wanted, rendition=None).order_by("pk")[:limit]
    made = Rendition.objects.bulk_create(
        [Rendition(version=version) for version in found], ignore_conflicts=True
    )
    return len(made)


# -- reading -------------------------------------------------------------------------


def rendition_of(version: Version) -> Rendition | None:
    return getattr(version, "rendition", None)


def open_thumbnail(version: Version, by: "_AnyUser") -> IO[bytes]:
    """The small picture. It is part of the list that shows it and no reading of its
    own (docs/decisions/0020); FileNotFoundError where there is none for ``by``.

    For callers that have asked whether the person may know of the version.
    """
    made = rendition_of(version)
    if made is None or not made.thumbnail_key or withheld(version, by):
        raise FileNotFoundError(f"no small picture of version {version.pk}")
    return get_storage().open(made.thumbnail_key)


# -- making --------------------------------------------------------------------------


def sweep(limit: int = 2) -> int:
    """Make what waits, at most ``limit`` versions a turn; return how many were made.

    A storage that does not answer ends the turn and counts against nobody.
    """
    _waiting().filter(version__scan_state=ScanState.INFECTED).update(
        state=Rendition.State.FAILED, error="infected"
    )
    made = 0
    for _turn in range(limit):
        rendition = claim()
        if rendition is None:
            break
        crashpoints.reach("rendition.claimed")
        try:
            made += make(rendition)
        except StorageUnavailable as error:
            logger.error("nothing is rendered: %s", error)
            Rendition.objects.filter(pk=rendition.pk).update(
                lease_until=None, attempts=F("attempts") - 1
            )
            break
    return made


def claim() -> Rendition | None:
    """Take one that waits, is due and may be opened by everybody: what somebody wants
    to see first, then the oldest."""
    now = timezone.now()
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    open_ = Q(version__scan_state=ScanState.CLEAN)
    if not scanner.is_configured():
        open_ |= Q(version__scan_state=ScanState.NOT_SCANNED)
    due = _waiting().filter(free, open_, next_attempt_at__lte=now)
    asked = due.filter(asked_at__isnull=False).order_by("asked_at", "pk")
    for pk in [*_keys(asked), *_keys(due.order_by("pk"))]:
        taken = _waiting().filter(free, pk=pk, next_attempt_at__lte=now)
        if taken.update(lease_until=now + LEASE, attempts=F("attempts") + 1):
            return Rendition.objects.select_related("version").get(pk=pk)
    return None


def _keys(rows: QuerySet[Rendition]) -> list[int]:
    """The keys of the first few; another worker may take some meanwhile."""
    return list(rows.values_list("pk", flat=True)[:10])


def make(rendition: Rendition) -> bool:
    """Make what is to be made of one version; False when nothing came of it.

    What failed is kept with its reason; a second try is made after a minute, and
    without LibreOffice one every hour. What was made before is not made again.
    StorageUnavailable.
    """
    try:
        _render(rendition)
    except NotRendered as error:
        return _note_failure(rendition, error.code)
    except FileNotFoundError:
        return _note_failure(rendition, "lost")
    more = pages.has_more(rendition)
    state = Rendition.State.WAITING if more else Rendition.State.MADE
    Rendition.objects.filter(pk=rendition.pk).update(
        state=state,
        error="",
        attempts=0 if more else rendition.attempts,
        lease_until=None,
        made_at=timezone.now(),
        asked_at=rendition.asked_at if more else None,
    )
    return True


def _waiting() -> QuerySet[Rendition]:
    return Rendition.objects.filter(state=Rendition.State.WAITING)


def _render(made: Rendition) -> None:
    """Make and store, one thing after the other; each is noted when it is there."""
    version = made.version
    if version.size > MOST_SOURCE:
        raise NotRendered("too_large")
    with tempfile.TemporaryDirectory(prefix="weigong-") as name:
        folder = Path(name)
        drawn_from, drawn_type = folder / "file.pdf", PDF
        if made.preview_key:
            _fetch(made.preview_key, "", drawn_from)
        else:
            suffix = OFFICE.get(version.content_type, "bin")
            drawn_from, drawn_type = folder / f"file.{suffix}", version.content_type
            _fetch(version.storage_key, version.storage_version, drawn_from)
        if version.content_type in OFFICE and not made.preview_key:
            drawn_from, drawn_type = to_pdf(drawn_from, folder), PDF
            made.preview_key, stored = _store(drawn_from)
            made.preview_size, made.preview_sha256 = stored.size, stored.sha256
            made.save(update_fields=["preview_key", "preview_size", "preview_sha256"])
        if not made.thumbnail_key:
            _draw_small(made, drawn_from, drawn_type, folder)
        if drawn_type == PDF:
            pages.draw(made, drawn_from, folder)


def _draw_small(made: Rendition, source: Path, kind: str, folder: Path) -> None:
    """The small picture; a file that has pages may go without. NotRendered."""
    try:
        small = to_picture(source, kind, folder)
    except NotRendered:
        if kind != PDF:
            raise
        logger.warning("version %s: pages without a small picture", made.version_id)
        return
    made.thumbnail_key = _store(small)[0]
    made.save(update_fields=["thumbnail_key"])


def _fetch(key: str, version: str, target: Path) -> None:
    with (
        get_storage().open(key, version=version) as content,
        target.open("wb") as file,
    ):
        while piece := content.read(CHUNK):
            file.write(piece)


def _store(made: Path) -> tuple[str, Stored]:
    key = new_key("rendition")
    with made.open("rb") as file:
        return key, get_storage().put(key, File(file))


def _note_failure(rendition: Rendition, code: str) -> bool:
    logger.warning("version %s is not rendered: %s", rendition.version_id, code)
    later = code == NO_CONVERTER
    over = not later and rendition.attempts >= MOST_ATTEMPTS
    state = Rendition.State.FAILED if over else Rendition.State.WAITING
    Rendition.objects.filter(pk=rendition.pk).update(
        state=state,
        error=code,
        attempts=0 if later else rendition.attempts,
        next_attempt_at=timezone.now() + (LATER if later else PAUSE),
        lease_until=None,
    )
    return False
