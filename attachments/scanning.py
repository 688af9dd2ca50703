"""Scanning what was filed, and withholding what is not known to be clean.

Where a scanner is configured, nobody but the uploader opens a version before its
verdict, and nobody at all opens an infected one. A version without a verdict is
what waits; its row of ``Scan`` says who holds it and what went wrong so far. Any
number of processes may sweep; one that is killed leaves a lease that runs out.
"""

import logging
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.core.cache import cache
from django.db.models import Min, Q, QuerySet
from django.utils import timezone

from attachments import scanner
from attachments.models import Scan, ScanState, Version
from attachments.storage import StorageUnavailable, get_storage
from audit.record import record
from outbox import crashpoints
from outbox.services import announce

if TYPE_CHECKING:
    from django.contrib.auth.models import _AnyUser

logger = logging.getLogger(__name__)

LEASE = timedelta(minutes=15)
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=6)
FAILURES_A_TURN = 3  # in a row: it is the scanner rather than the files
SCANNER = "system:scanner"
DOWN = "attachments.scanner.down"
REMEMBERED = 600  # seconds that a silent scanner is told of on pages

WAITING = "waiting"
INFECTED = "infected"


class Withheld(Exception):
    """A file that may not be opened now: ``code`` is WAITING or INFECTED."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


@dataclass(frozen=True)
class ScanQueue:
    """What waits for the scanner: how many, since when, how many of them failed."""

    waiting: int
    oldest: datetime | None
    failing: int


def withheld(version: Version, by: "_AnyUser") -> str:
    """Why this person may not open a version now: WAITING, INFECTED or ""."""
    why = withheld_in(version.scan_state)
    mine = version.uploaded_by_id is not None and version.uploaded_by_id == by.pk
    return "" if why == WAITING and mine else why


def withheld_in(state: str) -> str:
    """Why a version in this state is kept from everybody but its uploader, or ""."""
    if state == ScanState.INFECTED:
        return INFECTED
    waits = state == ScanState.NOT_SCANNED and scanner.is_configured()
    return WAITING if waits else ""


def is_beyond(version: Version) -> bool:
    """Whether the scanner said of a waiting version that it is beyond its limits."""
    waits = getattr(version, "scan", None)
    return waits is not None and scanner.is_beyond(waits.last_error)


def is_down() -> bool:
    """Whether the scanner did not answer when it was last asked."""
    return bool(cache.get(DOWN, False))


def queue() -> ScanQueue:
    """What waits; nothing does where no scanner is configured."""
    if not scanner.is_configured():
        return ScanQueue(0, None, 0)
    found = _unscanned().aggregate(oldest=Min("uploaded_at"))
    failing = _unscanned().filter(scan__attempts__gt=0).exclude(scan__last_error="")
    return ScanQueue(_unscanned().count(), found["oldest"], failing.count())


def sweep(limit: int = 50) -> int:
    """Scan what waits, at most ``limit`` versions; return how many got a verdict.

    A scanner or a storage that cannot be reached ends the turn; nothing is counted
    against the version that was at hand. One that gives no verdict counts a failure
    of this version, which keeps waiting, and lets the others have their turn.
    """
    if not scanner.is_configured():
        return 0
    _tidy()
    done = failed = 0
    for _turn in range(limit):
        scan = _claim_next()
        if scan is None:
            break
        crashpoints.reach("scan.claimed")
        try:
            judged = _scan(scan)
        except (scanner.ScannerUnavailable, StorageUnavailable) as error:
            logger.error("nothing is scanned: %s", error)
            if isinstance(error, scanner.ScannerUnavailable):
                cache.set(DOWN, True, REMEMBERED)
            _held(scan).update(lease_token=None, lease_until=None)
            break
        cache.delete(DOWN)
        done, failed = (done + 1, 0) if judged else (done, failed + 1)
        if failed >= FAILURES_A_TURN:
            break
    return done


# -- steps ---------------------------------------------------------------------


def _unscanned() -> QuerySet[Version]:
    return Version.objects.filter(scan_state=ScanState.NOT_SCANNED)


def _claimable(now: datetime) -> Q:
    """Of a Scan: nobody living holds it, and its next attempt is due."""
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    return free & Q(next_attempt_at__lte=now)


def _claim_next() -> Scan | None:
    """Claim the scan of one version, oldest first, or say that there is none.

    The UPDATE repeats the condition, so that of two workers one gets it.
    """
    while True:
        now = timezone.now()
        due = Scan.objects.filter(_claimable(now)).values("version")
        version = (
            _unscanned()
            .filter(Q(scan=None) | Q(pk__in=due))
            .order_by("pk")
            .values_list("pk", flat=True)
            .first()
        )
        if version is None:
            return None
        Scan.objects.get_or_create(version_id=version)
        token = uuid.uuid4()
        claimed = Scan.objects.filter(_claimable(now), version=version).update(
            lease_token=token, lease_until=now + LEASE
        )
        if claimed:
            return Scan.objects.select_related("version").get(
                version=version, lease_token=token
            )


def _tidy() -> None:
    """Remove the rows of versions that have their verdict, once nobody holds them."""
    over = Scan.objects.exclude(version__scan_state=ScanState.NOT_SCANNED)
    over.filter(lease_until__lt=timezone.now()).delete()


def _held(scan: Scan) -> QuerySet[Scan]:
    """The row, as long as this worker's lease on it is the valid one."""
    return Scan.objects.filter(pk=scan.pk, lease_token=scan.lease_token)


def _scan(scan: Scan) -> bool:
    """Ask about one version and write the verdict, if there is one."""
    version = scan.version
    try:
        with get_storage().open(
            version.storage_key, version=version.storage_version
        ) as content:
            threat = scanner.scan(content)
    except FileNotFoundError:
        _note_failure(scan, "the storage has lost the file")
        return False
    except scanner.NotScannable as error:
        _note_failure(scan, str(error))
        return False
    crashpoints.reach("scan.answered")
    _settle(version, threat)
    return True


def _settle(version: Version, threat: str) -> None:
    """Write a verdict once, with its event and its messages.

    The lease stays: who saw the version waiting a moment ago cannot claim it.
    """
    with record("scan", by=SCANNER, target=version.stream) as event:
        fresh = Version.objects.select_for_update().get(pk=version.pk)
        if fresh.scan_state != ScanState.NOT_SCANNED:
            return
        fresh.scan_state = ScanState.INFECTED if threat else ScanState.CLEAN
        fresh.threat = threat
        fresh.scanned_at = timezone.now()
        fresh.save(update_fields=["scan_state", "threat", "scanned_at"])
        event.data = {"version": fresh.pk, "verdict": fresh.scan_state}
        if threat:
            logger.warning("version %s is infected: %s", fresh.pk, threat)
            announce("infected", version=fresh)
        crashpoints.reach("scan.settled")


def _note_failure(scan: Scan, why: str) -> None:
    """Count a failure of this file; it keeps waiting, and is tried ever less."""
    pause = min(FIRST_PAUSE * 3 ** min(scan.attempts, 8), LONGEST_PAUSE)
    _held(scan).update(
        attempts=scan.attempts + 1,
        last_error=why[:500],
        next_attempt_at=timezone.now() + pause,
        lease_token=None,
        lease_until=None,
    )
    logger.warning("version %s could not be scanned: %s", scan.version_id, why)
