"""Celery's entry to the sweep; without Celery a thread calls the service."""

from celery import shared_task

from attachments import services


@shared_task(ignore_result=True)
def sweep_attachments() -> int:
    """Remove stored files that no document names."""
    return services.sweep()
