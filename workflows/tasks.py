"""Celery's hint that something is due; the rows are the queue."""

from celery import shared_task

from workflows import services


@shared_task
def sweep_workflows() -> dict[str, int]:
    return services.sweep()
