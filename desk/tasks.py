"""Celery's entries to the sweeps; without Celery a thread calls the services."""

from celery import shared_task

from desk import exports, rehearsals


@shared_task(ignore_result=True)
def sweep_exports() -> int:
    """Make the files that were asked for. Twice makes them once."""
    return exports.sweep()


@shared_task(ignore_result=True)
def sweep_rehearsals() -> int:
    """Rehearse what was asked for, each in a process of its own."""
    return rehearsals.sweep()
