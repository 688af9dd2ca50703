"""Everything that waits is a row; a sweep does what is due
(docs/decisions/0006-sweeps.md).

Everything that waits has one idempotent `sweep()`. Without Redis, one thread of the
web process calls them all, turn after turn; with Redis, Celery beat has its workers
call the same functions (config/celery.py). Both read this table.
"""

import logging
import threading
from typing import NamedTuple

from django.conf import settings
from django.db import close_old_connections
from django.utils.module_loading import import_string

from audit.origin import comes_from

logger = logging.getLogger(__name__)


class Sweep(NamedTuple):
    """One sweep: the service, and the Celery task of the same work."""

    service: str
    task: str


SWEEPS = (
    Sweep("workflows.services.sweep", "workflows.tasks.sweep_workflows"),
    Sweep("outbox.services.sweep", "outbox.tasks.sweep_outbox"),
    Sweep("attachments.services.sweep", "attachments.tasks.sweep_attachments"),
    Sweep("attachments.uploads.sweep", "attachments.tasks.sweep_uploads"),
    Sweep("attachments.scanning.sweep", "attachments.tasks.sweep_scans"),
    Sweep("attachments.renditions.sweep", "attachments.tasks.sweep_renditions"),
    Sweep("grants.services.keeping.sweep", "grants.tasks.sweep_ended_cases"),
    Sweep("attachments.keeping.sweep", "attachments.tasks.sweep_retention"),
    Sweep("desk.exports.sweep", "desk.tasks.sweep_exports"),
    Sweep("desk.rehearsals.sweep", "desk.tasks.sweep_rehearsals"),
)


def run_all() -> dict[str, object]:
    """Call every sweep once; return what each did, None where it failed.

    A sweep that fails is logged with its trace and does not keep the others from
    their turn; its rows are still due, so the next turn tries again.
    """
    done: dict[str, object] = {}
    for sweep in SWEEPS:
        try:
            with comes_from(f"sweep:{sweep.service}"):
                done[sweep.service] = import_string(sweep.service)()
        except Exception:
            logger.exception("%s failed; its rows stay due", sweep.service)
            done[sweep.service] = None
    return done


class SweepThread(threading.Thread):
    """Sweep every SWEEP_SECONDS until the process ends.

    It is a daemon and may be killed in the middle of anything: what it claimed
    is claimed again when the lease has run out.
    """

    def __init__(self) -> None:
        super().__init__(name="sweeps", daemon=True)
        self.stopped = threading.Event()

    def run(self) -> None:
        while not self.stopped.is_set():
            close_old_connections()
            try:
                run_all()
            finally:
                close_old_connections()
            self.stopped.wait(settings.SWEEP_SECONDS)


_started: SweepThread | None = None
_starting = threading.Lock()


def start_thread() -> SweepThread:
    """Start the thread of this process, or return the one that already runs."""
    global _started
    with _starting:
        if _started is None or not _started.is_alive():
            _started = SweepThread()
            _started.start()
        return _started
