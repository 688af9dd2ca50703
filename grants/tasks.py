"""Celery's entry to the sweep; without Celery a thread calls the service."""

from celery import shared_task

from grants.services import keeping


@shared_task(ignore_result=True)
def sweep_ended_cases() -> int:
    """Say how long the papers of ended cases are kept."""
    return keeping.sweep()
