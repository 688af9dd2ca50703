"""Celery's entry to the sweep; without Celery a thread calls the service."""

from celery import shared_task

from desk import exports


@shared_task(ignore_result=True)
def sweep_exports() -> int:
    """Make the files that were asked for. Twice makes them once."""
    return exports.sweep()
