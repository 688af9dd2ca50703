"""A worker's hold on a job, renewed by whatever it does with the file it makes.

Making, digesting and storing a large file may each take longer than a lease. The file
itself tells that somebody is at work: every piece read from it or written to it may
renew the lease. Who lost the lease all the same writes nothing into the job any more.
"""

from datetime import timedelta
from typing import IO, Any

from django.db.models import QuerySet
from django.utils import timezone

from desk.models import Export


class Held:
    """One attempt at a job. ``attempts`` names it: who claims the job counts it up."""

    def __init__(self, export: Export, lease: timedelta) -> None:
        self._export, self._lease = export, lease
        self._noted = timezone.now()

    @property
    def row(self) -> QuerySet[Export]:
        """The job while it is this attempt's; nothing once another took it."""
        return Export.objects.filter(
            pk=self._export.pk, attempts=self._export.attempts, finished_at=None
        )

    def note(self, **fields: Any) -> None:
        """Note how far it is, and that somebody is at work."""
        self._noted = timezone.now()
        self.row.update(lease_until=self._noted + self._lease, **fields)

    def renew(self) -> None:
        """The same without anything to say, a few times a lease."""
        if timezone.now() - self._noted >= self._lease / 5:
            self.note()


class Watched:
    """A file that renews the hold on its job while it is read or written."""

    def __init__(self, file: IO[bytes], held: Held) -> None:
        self._file, self._held = file, held

    def read(self, size: int = -1) -> bytes:
        self._held.renew()
        return self._file.read(size)

    def write(self, data: bytes) -> int:
        self._held.renew()
        return self._file.write(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)
