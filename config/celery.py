"""Celery, where REDIS_URL is set: beat has the workers call each app's sweep.

    celery --app config.celery worker
    celery --app config.celery beat
    celery --app config.celery worker --queues checkpoints   # alone has the key

Tasks carry nothing but ids and are hints: the rows are the queue, so a message
that is lost or delivered twice changes nothing (docs/decisions/0006-sweeps.md).
"""

import os
from typing import Any

from celery import Celery, Task
from django.core.exceptions import ImproperlyConfigured

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from django.conf import settings

from audit.origin import comes_from
from config.sweeps import SWEEPS

if not settings.REDIS_URL:
    raise ImproperlyConfigured("Celery needs REDIS_URL; without it a thread sweeps.")


class NamedTask(Task):
    """A task whose events say that they come from it."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        with comes_from(f"task:{self.name}"):
            return super().__call__(*args, **kwargs)


app = Celery("weigong", task_cls=NamedTask)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.conf.beat_schedule_filename = str(settings.VAR_DIR / "beat-schedule")
app.conf.beat_schedule = {
    sweep.task: {
        "task": sweep.task,
        "schedule": settings.SWEEP_SECONDS,
        # a turn that no worker took before the next one is of no use any more
        "options": {"expires": settings.SWEEP_SECONDS},
    }
    for sweep in SWEEPS
}
# Checkpoints wait in a queue of their own, which only the worker with the key reads.
if settings.CHECKPOINT_PUBLIC_KEYS and settings.CHECKPOINT_SECONDS:
    app.conf.beat_schedule["audit.tasks.make_checkpoint"] = {
        "task": "audit.tasks.make_checkpoint",
        "schedule": settings.CHECKPOINT_SECONDS,
        "options": {"expires": settings.CHECKPOINT_SECONDS, "queue": "checkpoints"},
    }
