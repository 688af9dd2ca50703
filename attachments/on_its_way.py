"""Who was still sending a file when a deadline passed (docs/uploads.md).

That somebody began is not enough: bytes must have come. When the first ones did, we
know where they pass through us; of what goes straight to the store we learn it when
the browser asks for the next part, or when all is there. So a first piece has three
minutes.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from attachments.incoming import Upload, UploadState

FIRST_PIECE = timedelta(minutes=3)
LIFE = timedelta(hours=24)  # from the beginning of an upload to its form


def note_bytes(upload: Upload) -> None:
    """Note, once, that bytes of an upload are there."""
    if upload.sent_at is None:
        upload.sent_at = timezone.now()
        Upload.objects.filter(pk=upload.pk, sent_at=None).update(sent_at=upload.sent_at)


def sent_over(folder: int, moment: datetime, owners: Any) -> bool:
    """Whether one of ``owners`` was sending a file into a folder at a moment, and it
    has arrived and was found good since."""
    done = _sent_at(folder, moment, owners).filter(
        state__in=(UploadState.READY, UploadState.TAKEN)
    )
    return done.filter(sent_at__lt=moment + FIRST_PIECE).exists()


def awaited_until(
    folder: int, moment: datetime, owners: Any, *, last: datetime
) -> datetime:
    """How long a step waits for files that were on their way at a moment.

    ``last`` where bytes of one came, three minutes where they may still come, else the
    moment itself.
    """
    found = _sent_at(folder, moment, owners)
    first = moment + FIRST_PIECE
    if found.filter(sent_at__lt=first).exists():
        return last
    return min(first, last) if found.filter(sent_at=None).exists() else moment


def _sent_at(folder: int, moment: datetime, owners: Any) -> QuerySet[Upload]:
    """Begun before a moment and not whole by then; neither given up nor refused."""
    sent = Upload.objects.filter(
        Q(ended_at=None) | Q(ended_at__gte=moment),
        folder=folder,
        begun_at__lt=moment,
        begun_at__gt=moment - LIFE,
        owner__in=owners,
    )
    return sent.exclude(state__in=(UploadState.ABANDONED, UploadState.REFUSED))
