"""Celery's entry to the sweeps; without Celery a thread calls the services."""

from celery import shared_task

from attachments import keeping, renditions, scanning, services, uploads


@shared_task(ignore_result=True)
def sweep_attachments() -> int:
    """Remove stored files that no document names."""
    return services.sweep()


@shared_task(ignore_result=True)
def sweep_uploads() -> int:
    """Throw away what was sent and never taken."""
    return uploads.sweep()


@shared_task(ignore_result=True)
def sweep_scans() -> int:
    """Scan for viruses what was filed."""
    return scanning.sweep()


@shared_task(ignore_result=True)
def sweep_retention() -> int:
    """Have the storage keep what must be kept."""
    return keeping.sweep()


@shared_task(ignore_result=True)
def sweep_renditions() -> int:
    """Make previews of office files, and small pictures."""
    return renditions.sweep()
