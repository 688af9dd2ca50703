"""Are the stored bytes those that were filed? ``manage.py verify_audit --documents``.

Each version is read whole, in pieces, and held against the size and SHA-256 of its
row, which the record vouches for. Objects that no version goes by are named once they
are older than any upload takes.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from attachments.models import Version
from attachments.services import remove_orphans
from attachments.storage import Storage, StorageUnavailable, get_storage
from attachments.storage.protocol import CHUNK, Class, Digesting, class_of
from audit.findings import Finding, Report
from audit.scratch import OtherRun

TABLE = "attachments_version"
AT_ONCE = 200  # versions of one query
NOTED = 256 * 2**20  # bytes that an interrupted run reads twice at most
Progress = Callable[[str, int, int], None]


@dataclass
class Bookmark:
    """How far a run has come, and what it has found; a file where it is kept."""

    scope: str
    path: Path | None = None
    last: int = 0
    counts: dict[str, int] = field(default_factory=lambda: {"documents": 0, "bytes": 0})
    findings: list[dict[str, Any]] = field(default_factory=list)

    def take_up(self) -> None:
        """Go on from the file, if there is one; OtherRun for another run's."""
        if self.path is None or not self.path.exists():
            return
        try:
            found = json.loads(self.path.read_text("utf-8"))
            scope, last = found["scope"], found["last"]
            counts, findings = found["counts"], found["findings"]
        except (ValueError, KeyError, TypeError):
            raise OtherRun from None
        if scope != self.scope:
            raise OtherRun
        self.last, self.counts, self.findings = last, counts, findings

    def note(self) -> None:
        if self.path is not None:
            text = asdict(self) | {"path": ""}
            draft = self.path.with_name(f"{self.path.name}.new")
            draft.write_text(json.dumps(text, default=str), "utf-8")
            draft.replace(self.path)

    def add(self, kind: str, key: Any, field: str = "", **told: Any) -> None:
        self.findings.append(asdict(Finding(kind, TABLE, key, field, **told)))


def verify_documents(
    report: Report,
    streams: Iterable[str] | None,
    kept: Path | None,
    progress: Progress,
) -> None:
    """Read what is stored; add what does not fit to the report.

    streams: of which owners; None for all, and then surplus objects too.
    kept: the file with which an interrupted run goes on; removed at the end.
    Raises OSError where the storage does not answer, OtherRun.
    """
    wanted = None if streams is None else sorted(streams)
    mark = Bookmark(json.dumps(["documents", wanted]), kept)
    mark.take_up()
    storage = get_storage()
    try:
        _versions(storage, mark, wanted, progress)
        if wanted is None:
            _surplus(mark)
    except StorageUnavailable as error:
        raise OSError(str(error)) from error
    report.counts.update(mark.counts)
    report.findings += [Finding(**found) for found in mark.findings]
    if kept is not None:
        kept.unlink(missing_ok=True)


def _versions(
    storage: Storage, mark: Bookmark, streams: list[str] | None, progress: Progress
) -> None:
    every = Version.objects.order_by("pk")
    if streams is not None:
        every = every.filter(stream__in=streams)
    total, read = every.count(), 0
    while rows := list(every.filter(pk__gt=mark.last)[:AT_ONCE]):
        for version in rows:
            read += _one(storage, version, mark)
            mark.last = version.pk
            mark.counts["documents"] += 1
            if read >= NOTED:
                read = 0
                mark.note()
        mark.note()
        progress("documents", mark.counts["documents"], total)


def _one(storage: Storage, version: Version, mark: Bookmark) -> int:
    """Read one version; returns its bytes."""
    note = f"{version.storage_key} {version.name}"
    try:
        with storage.open(
            version.storage_key, version=version.storage_version
        ) as content:
            stream = Digesting(content)
            while stream.read(CHUNK):
                pass
    except FileNotFoundError:
        mark.add("document_missing", version.pk, note=note)
        return 0
    stored = stream.stored()
    mark.counts["bytes"] += stored.size
    for name in ("size", "sha256"):
        old, new = getattr(version, name), getattr(stored, name)
        if old != new:
            mark.add("document_altered", version.pk, name, old=old, new=new, note=note)
    return stored.size


def _surplus(mark: Bookmark) -> None:
    """Objects beside the versions. What is made for a moment is not looked at."""
    for key in remove_orphans(delete=False).orphans:
        if class_of(key) == Class.DOCUMENTS:
            mark.add("document_surplus", key)
