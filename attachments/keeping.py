"""What must be kept: an owner says until when, the sweep has the storage do it.

Nothing talks to a storage inside a transaction: the owner writes rows, and the
sweep tells the storage afterwards and notes that it agreed.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import groupby

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from attachments.models import Document, Folder, Version
from attachments.retention import Period, end_of
from attachments.storage import Retained, Storage, get_storage
from audit.record import record

logger = logging.getLogger(__name__)

AT_ONCE = 200  # versions of one turn
#: What is in use is locked for so long at a time, and again when so much of it went
#: by: sweeps may stand still for the rest before a lock runs out.
FOR_NOW, RENEWED = timedelta(days=180), timedelta(days=60)


def keep(stream: str, periods: dict[str, Period], *, begins: datetime) -> int:
    """Say how long what an owner filed is kept; return how many versions it concerns.

    All folders of the owner's stream. ``periods`` is by kind of document, ``""`` for
    every other kind. A date that was said before is only ever moved on. Inside the
    owner's recorded act.
    """
    changed = 0
    found = Version.objects.filter(stream=stream).select_related("document")
    for version in found.order_by("pk"):
        period = periods.get(version.document.kind, periods[""])
        changed += _move_on(version, end_of(period, begins))
    for folder in Folder.objects.filter(stream=stream).order_by("pk"):
        folder.kept_from = begins
        folder.save(update_fields=["kept_from"])
    return changed


def keep_on(stream: str, *, at: datetime) -> int:
    """Say that what an owner filed is kept for the time being; see ``FOR_NOW``.

    Inside the owner's recorded act; return how many versions it concerns.
    """
    found = Version.objects.filter(due_again(at), stream=stream).order_by("pk")
    return sum(_move_on(version, at + FOR_NOW) for version in found)


def due_again(at: datetime) -> Q:
    """Of versions: nothing was said yet, or what was said runs out soon."""
    return Q(keep_until=None) | Q(keep_until__lt=at + FOR_NOW - RENEWED)


def _move_on(version: Version, ends: datetime) -> bool:
    if version.keep_until is not None and version.keep_until >= ends:
        return False
    version.keep_until = ends
    version.save(update_fields=["keep_until"])
    return True


def hold(stream: str, held: bool) -> None:
    """Put everything an owner filed on legal hold, or end it; later files too.

    All folders of the owner's stream, those made later included (``open_folder``).
    Inside the owner's recorded act.
    """
    for folder in Folder.objects.filter(stream=stream).order_by("pk"):
        if folder.held != held:
            folder.held = held
            folder.save(update_fields=["held"])


def sweep() -> int:
    """Have the storage keep what is owed to it; return how many versions it took.

    One event a stream. A version whose file is gone is logged at every turn.
    """
    ends = Version.objects.filter(keep_until__gt=timezone.now())
    ends = ends.filter(Q(kept_until=None) | Q(kept_until__lt=F("keep_until")))
    # asked at every turn, so from the few that are held, not over all versions
    papers = Document.objects.filter(folder__in=Folder.objects.filter(held=True))
    on_hold = Version.objects.filter(document__in=papers, held=False)
    released = Version.objects.filter(held=True, document__folder__held=False)
    done = _tell("keep_documents", ends, _kept)
    return done + sum(_tell("hold_versions", v, _held) for v in (on_hold, released))


def _tell(
    verb: str, owed: QuerySet[Version], tell: Callable[[Storage, Version], bool]
) -> int:
    """Tell the storage of versions, and write down for which it agreed."""
    found = list(owed.order_by("stream", "pk")[:AT_ONCE])
    done = 0
    for stream, versions in groupby(found, key=lambda version: version.stream):
        storage = get_storage()
        told = [version for version in versions if tell(storage, version)]
        if told:
            with record(verb, by="system:storage", target=stream):
                for version in told:
                    version.save(update_fields=["kept_until", "held"])
        done += len(told)
    return done


def _held(storage: Storage, version: Version) -> bool:
    """Have the storage hold a version, or release it; False where it is gone."""
    act = storage.release if version.held else storage.hold
    try:
        act(version.storage_key, version=version.storage_version)
    except FileNotFoundError:
        logger.error("version %s is to be held, and its file is gone", version.pk)
        return False
    version.held = not version.held
    return True


def _kept(storage: Storage, version: Version) -> bool:
    """Whether the storage keeps a version as long as it must, or longer."""
    if version.keep_until is None:
        return False
    key, at = version.storage_key, version.storage_version
    try:
        storage.retain(key, version.keep_until, version=at)
    except Retained:
        logger.info("version %s is kept longer already", version.pk)
    except FileNotFoundError:
        logger.error("version %s must be kept, and its file is gone", version.pk)
        return False
    version.kept_until = version.keep_until
    return True
