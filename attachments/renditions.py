"""What is made of a version to be looked at: a PDF of an office file, a small picture.

A row is the job and the result. It waits until the scan lets everybody open the
version; then a sweep makes what there is to make and stores it in the scratch class,
beside the version and never as one. It can be made anew at any time.
"""

import logging
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from django.core.files import File
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from attachments import scanner
from attachments.models import Rendition, ScanState, Version
from attachments.opening import require_open
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
from audit.record import record_read
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
PREVIEW = "preview"  # as the record has it, the same as of other files


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


def open_preview(version: Version, by: "_AnyUser") -> tuple[IO[bytes], int]:
    """The PDF of an office file and its size; an event, like any preview.

    PermissionDenied, Withheld (both recorded), FileNotFoundError where there is none.
    """
    require_open(version, by)
    made = rendition_of(version)
    if made is None or not made.preview_key:
        raise FileNotFoundError(f"no preview of version {version.pk}")
    content = get_storage().open(made.preview_key)
    target = version.document.folder.stream
    record_read(by=by, target=target, what=f"{PREVIEW}:{version.pk}")
    return content, made.preview_size


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
    """Take the oldest that waits, is due and may be opened by everybody."""
    now = timezone.now()
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    open_ = Q(version__scan_state=ScanState.CLEAN)
    if not scanner.is_configured():
        open_ |= Q(version__scan_state=ScanState.NOT_SCANNED)
    due = _waiting().filter(free, open_, next_attempt_at__lte=now)
    for pk in due.order_by("pk").values_list("pk", flat=True)[:10]:
        taken = _waiting().filter(free, pk=pk, next_attempt_at__lte=now)
        if taken.update(lease_until=now + LEASE, attempts=F("attempts") + 1):
            return Rendition.objects.select_related("version").get(pk=pk)
    return None


def make(rendition: Rendition) -> bool:
    """Make preview and small picture of one version; False when nothing came of it.

    What failed is kept with its reason; a second try is made after a minute, and
    without LibreOffice one every hour. StorageUnavailable.
    """
    fields: dict[str, Any] = {"lease_until": None, "made_at": timezone.now()}
    try:
        fields |= _rendered(rendition.version)
    except NotRendered as error:
        return _note_failure(rendition, error.code)
    except FileNotFoundError:
        return _note_failure(rendition, "lost")
    fields |= {"state": Rendition.State.MADE, "error": ""}
    Rendition.objects.filter(pk=rendition.pk).update(**fields)
    return True


def _waiting() -> QuerySet[Rendition]:
    return Rendition.objects.filter(state=Rendition.State.WAITING)


def _rendered(version: Version) -> dict[str, Any]:
    """Make and store; the fields of the row."""
    if version.size > MOST_SOURCE:
        raise NotRendered("too_large")
    with tempfile.TemporaryDirectory(prefix="weigong-") as name:
        folder = Path(name)
        suffix = OFFICE.get(version.content_type, "bin")
        source = folder / f"file.{suffix}"
        _fetch(version, source)
        fields: dict[str, Any] = {}
        drawn_from, drawn_type = source, version.content_type
        if version.content_type in OFFICE:
            drawn_from, drawn_type = to_pdf(source, folder), "application/pdf"
            stored = _store(drawn_from)
            fields |= {
                "preview_key": stored[0],
                "preview_size": stored[1].size,
                "preview_sha256": stored[1].sha256,
            }
        try:
            small = to_picture(drawn_from, drawn_type, folder)
        except NotRendered:
            if not fields:
                raise
            logger.warning("version %s: a preview without a picture", version.pk)
        else:
            fields["thumbnail_key"] = _store(small)[0]
        return fields


def _fetch(version: Version, target: Path) -> None:
    storage = get_storage()
    with (
        storage.open(version.storage_key, version=version.storage_version) as content,
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
