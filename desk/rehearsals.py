"""Rehearsals of rounds: asked for on a page, walked in a process of their own.

A row is the job, as with exports (docs/decisions/0006-sweeps.md). The walk moves
the clock of its whole process, so the sweep starts `manage.py rehearse_round` for
it and waits; a process that is killed leaves a lease that runs out, and nothing
else: its transaction is rolled back.
"""

import logging
import subprocess
import sys
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import F, Q
from django.utils import timezone, translation

from audit.record import record
from desk.models import Rehearsal
from grants.errors import NotYours
from grants.models import Round
from grants.permissions import has_permission
from organisations.models import User
from workflows.rehearsal.walk import rehearse

logger = logging.getLogger(__name__)

LEASE = timedelta(minutes=5)
MAX_ATTEMPTS = 2
#: Finished rehearsals of a round that are kept.
KEPT = 10


def ask(round_: Round, *, by: User, pace: str, as_staffed: bool) -> Rehearsal:
    """Ask for a rehearsal; one that is under way already is not doubled.

    NotYours for who may not set up rounds.
    """
    if not has_permission(by, "set_up_round", round_.programme_id):
        raise NotYours()
    wanted: dict[str, Any] = {"pace": pace, "as_staffed": as_staffed}
    open_now = waiting().filter(round=round_, user=by, **wanted).first()
    if open_now is not None:
        return open_now
    with record(
        "rehearse_round",
        by=by,
        target=round_.code,
        stream=f"grants_round:{round_.pk}",
        data={"pace": str(pace), "as_staffed": as_staffed},
    ):
        return Rehearsal.objects.create(
            round=round_,
            user=by,
            language=translation.get_language() or settings.LANGUAGE_CODE,
            **wanted,
        )


def waiting() -> Any:
    return Rehearsal.objects.filter(finished_at=None, failed_at=None)


def sweep(limit: int = 3) -> int:
    """Walk what was asked for, at most ``limit`` rehearsals."""
    made = 0
    for _turn in range(limit):
        rehearsal = claim()
        if rehearsal is None:
            break
        made += start(rehearsal)
    return made


def claim() -> Rehearsal | None:
    """Take the oldest open rehearsal that no living worker holds."""
    now = timezone.now()
    free = waiting().filter(Q(lease_until=None) | Q(lease_until__lt=now))
    for pk in free.order_by("pk").values_list("pk", flat=True)[:10]:
        claimed = free.filter(pk=pk).update(
            lease_until=now + LEASE, attempts=F("attempts") + 1
        )
        if claimed:
            return Rehearsal.objects.get(pk=pk)
    return None


def start(rehearsal: Rehearsal) -> bool:
    """Walk one in a process of its own; False when it failed, as the row says."""
    manage = settings.BASE_DIR / "manage.py"
    try:
        subprocess.run(  # noqa: S603 - our own program, a number as argument
            [sys.executable, manage, "rehearse_round", "--job", str(rehearsal.pk)],
            cwd=settings.BASE_DIR,
            capture_output=True,
            text=True,
            check=True,
            timeout=LEASE.total_seconds() - 30,
        )
    except (subprocess.SubprocessError, OSError) as error:
        told = getattr(error, "stderr", "") or ""
        logger.exception("rehearsal %s failed: %s", rehearsal.pk, told[-2000:])
        failed = timezone.now() if rehearsal.attempts >= MAX_ATTEMPTS else None
        Rehearsal.objects.filter(pk=rehearsal.pk).update(
            failed_at=failed, lease_until=timezone.now()
        )
        return False
    return True


def walk(pk: int) -> None:
    """Walk a rehearsal that was asked for, and keep its path; see `start`."""
    rehearsal = Rehearsal.objects.select_related("round__programme").get(pk=pk)
    with translation.override(rehearsal.language):
        path = rehearse(
            rehearsal.round, pace=rehearsal.pace, as_staffed=rehearsal.as_staffed
        )
    Rehearsal.objects.filter(pk=pk).update(
        result=path.as_data(), finished_at=timezone.now(), lease_until=None
    )
    done = Rehearsal.objects.filter(round=rehearsal.round, finished_at__isnull=False)
    old = list(done.order_by("-pk").values_list("pk", flat=True)[KEPT:])
    Rehearsal.objects.filter(pk__in=old).delete()
