"""Celery's entry to the sweep; without Celery a thread calls the service."""

from celery import shared_task

from outbox import services


@shared_task(ignore_result=True)
def sweep_outbox() -> int:
    """Send what is due. Run any number of times, a message is sent once."""
    return services.sweep()
