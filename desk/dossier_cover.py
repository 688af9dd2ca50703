"""A checkpoint for a dossier: what is not covered by one could have been rewritten.

Where a worker makes checkpoints, asking for a dossier asks for one too, and the
dossier waits for it, but not for ever. Elsewhere only a command makes them, and who
asks is told so.
"""

import datetime as dt
import logging

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from audit import keys
from audit.checkpoints import CheckpointProblem, is_hourly, make
from audit.models import Checkpoint

logger = logging.getLogger(__name__)
#: How long a dossier waits for a checkpoint that was asked for.
WAIT = dt.timedelta(minutes=3)


def ask_checkpoint() -> None:
    """Ask the worker with the key for a checkpoint, where there is one."""
    if is_hourly():
        transaction.on_commit(_send)


def _send() -> None:
    from audit.tasks import make_checkpoint

    try:
        make_checkpoint.apply_async(queue="checkpoints", expires=WAIT.total_seconds())
    except Exception:  # a hint: the hourly one comes anyhow
        logger.exception("no checkpoint could be asked for")


def waits_for_one(now: dt.datetime) -> dt.datetime | None:
    """Dossiers that were asked for after this moment wait still; None: none does."""
    if not is_hourly():
        return None
    last = Checkpoint.objects.order_by("-number").values_list("at", flat=True).first()
    latest = [now - WAIT]
    if last:
        latest.append(dt.datetime.fromisoformat(last))
    return max(latest)


def take_checkpoint() -> str:
    """Make one here, where the key can be read; else say what that means."""
    try:
        make(keys.load())
    except (keys.KeyProblem, CheckpointProblem, OSError) as error:
        return f"{error}. {what_covers()}"
    return ""


def what_covers() -> str:
    """What a dossier that is asked for now will prove, in words."""
    if is_hourly():
        told = _("A checkpoint was asked for, so that it covers the dossier.")
        minutes = int(WAIT.total_seconds() // 60)
        return (
            told
            + " "
            + _("If none is made within %(minutes)d minutes, the file is made without.")
            % {"minutes": minutes}
        )
    if not settings.CHECKPOINT_PUBLIC_KEYS:
        return _(
            "No checkpoints are set up here: nothing will prove to an outsider that "
            "the past was not rewritten."
        )
    last = Checkpoint.objects.order_by("-number").first()
    if last is None:
        return _(
            "There is no checkpoint yet: without one (manage.py checkpoint) nothing "
            "proves to an outsider that the past was not rewritten."
        )
    return _(
        "Checkpoints are made by command only (manage.py checkpoint): what happened "
        "since number %(number)d is in the file, but not proven."
    ) % {"number": last.number}
