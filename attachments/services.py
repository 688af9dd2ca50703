"""Adding and opening files.

The bytes are stored first, outside any transaction; the rows follow in one
recorded act. A crash between the two leaves a stored file nobody sees, which
``remove_orphans`` finds a day later; the person repeats the upload and there is
one document. Rows without a stored file cannot come to be.
"""

import hashlib
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import PurePath
from typing import IO, TYPE_CHECKING

from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.core.files import File
from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Q
from django.db.models.fields.reverse_related import ForeignObjectRel

from attachments import registry
from attachments.checks import check_upload
from attachments.models import (
    Document,
    Folder,
    PagePicture,
    Rendition,
    Upload,
    UploadState,
    Version,
)
from attachments.opening import Lost, require_open
from attachments.renditions import is_rendered
from attachments.storage import Retained, Storage, get_storage, new_key
from attachments.uploads import Arrived, gone
from audit.record import record, record_read, record_refusal
from audit.statements import chunks
from audit.tables import history_tables
from outbox import crashpoints

if TYPE_CHECKING:
    from django.contrib.auth.models import _AnyUser, _User

logger = logging.getLogger(__name__)

ORPHAN_AGE = timedelta(days=1)  # no upload takes that long
SWEEP_EVERY = 3600  # seconds between two walks through the storage
BATCH = 500
DOWNLOAD, PREVIEW = "version", "preview"  # how a file is read, as the record has it


@dataclass(frozen=True)
class StoredUpload:
    """A checked file that is stored and awaits its rows."""

    name: str
    content_type: str
    storage_key: str
    size: int
    sha256: str
    storage_version: str = ""
    #: How it came, where it came ahead of its form.
    upload: Upload | None = None


@dataclass
class OrphanReport:
    """What a walk through the storage found: keys without a version."""

    checked: int = 0
    orphans: list[str] = field(default_factory=list)
    deleted: int = 0
    unfinished: int = 0


def open_folder(kind: str, *, stream: str) -> Folder:
    """Make the folder of an owner, inside the owner's own recorded act.

    ``stream`` is the owner's audit stream ("case:17"); what the owner has on legal
    hold, a new folder is too. LookupError when nobody registered the kind.
    """
    if registry.owner_of(kind) is None:
        raise LookupError(f"no owner registered folders of kind {kind!r}")
    held = Folder.objects.filter(stream=stream, held=True).exists()
    return Folder.objects.create(kind=kind, stream=stream, held=held)


def store_upload(folder: Folder, upload: File) -> StoredUpload:
    """Check and store a file, before any lock or transaction is taken.

    For acts that add documents under a lock: store first, then hand the result to
    ``add_document`` inside. Only the kind of the folder counts, so that it may still
    have to be made.
    ValidationError when the file is not taken, StorageUnavailable when the storage
    does not answer.
    """
    content_type = check_upload(upload, macros=registry.takes_macros(folder))
    if isinstance(upload, Arrived):
        return _arrived(folder, upload, content_type)
    key = new_key(folder.kind)
    stored = get_storage().put(key, upload)
    crashpoints.reach("attachments.stored")
    name = str(upload.name)
    return StoredUpload(
        name, content_type, key, stored.size, stored.sha256, stored.version
    )


def add_document(
    folder: Folder,
    *,
    kind: str,
    upload: File | StoredUpload,
    by: "_User",
    title: str = "",
    reuse: bool = False,
) -> Document:
    """Add a paper with its first version; without a title it gets the file's name.

    With ``reuse`` the same paper that an act left behind is taken instead: the
    process died or the act was refused after its paper was in the folder.

    PermissionDenied (recorded) when the folder's owner does not let ``by`` write,
    ValidationError when the file is not taken.
    """
    _require_write(folder, by, "add_document")
    if reuse and (left_behind := _left_behind(folder, kind, upload, by)):
        return left_behind
    stored = _stored(folder, upload)
    with _recorded("add_document", folder, by, stored):
        document = Document.objects.create(
            folder=folder,
            stream=folder.stream,
            kind=kind,
            title=title or PurePath(stored.name).stem,
            created_by=by,
        )
        _add_version_row(document, 1, stored, by)
    return document


def add_from_public(folder: Folder, *, kind: str, upload: StoredUpload) -> Document:
    """Add a paper from somebody without an account, inside the owner's own act.

    There is nobody whom the registry could ask about: the owner's service has
    decided already that it takes the paper.
    """
    document = Document.objects.create(
        folder=folder,
        stream=folder.stream,
        kind=kind,
        title=PurePath(upload.name).stem,
    )
    _add_version_row(document, 1, upload, None)
    return document


def add_version(
    document: Document, *, upload: File | StoredUpload, by: "_User"
) -> Version:
    """Add the next version of a paper; earlier ones stay. Errors: add_document, and
    PermissionDenied where the owner does not let ``by`` replace this paper."""
    folder = document.folder
    _require_write(folder, by, "add_version")
    if not registry.can_replace(by, document):
        record_refusal(
            "add_version", by=by, target=folder.stream, code="may_not_replace"
        )
        raise PermissionDenied
    stored = _stored(folder, upload)
    with _recorded("add_version", folder, by, stored):
        locked = Document.objects.select_for_update().get(pk=document.pk)
        if not registry.can_replace(by, locked):  # storing took time, here as well
            raise PermissionDenied
        last = document.versions.aggregate(last=Max("number"))["last"] or 0
        return _add_version_row(document, last + 1, stored, by)


def open_version(version: Version, by: "_AnyUser", *, how: str = DOWNLOAD) -> IO[bytes]:
    """Open a stored file for reading; the caller closes it.

    Each opening is an event in the reader's own stream; ``how`` is DOWNLOAD or
    PREVIEW. PermissionDenied (recorded) when the owner does not let ``by`` read,
    Withheld (recorded) while it is not known to be clean, Lost (a FileNotFoundError)
    when the storage has lost the file.
    """
    require_open(version, by)
    key, stored_as = version.storage_key, version.storage_version
    try:
        content = get_storage().open(key, version=stored_as)
    except FileNotFoundError as error:
        logger.error("the storage has lost %s, of version %s", key, version.pk)
        raise Lost(key) from error
    record_read(
        by=by, target=version.document.folder.stream, what=f"{how}:{version.pk}"
    )
    return content


def sweep() -> int:
    """Remove orphans, at most once an hour for all processes; return how many.

    On the way it is found out whether the storage holds what must be kept.
    """
    if not cache.add("attachments.sweep", 1, timeout=SWEEP_EVERY):
        return 0
    get_storage().probe()
    return remove_orphans().deleted


def remove_orphans(*, delete: bool = True) -> OrphanReport:
    """Find stored files without a version and older than a day; remove them.

    With ``delete=False`` they are only reported. Just before each removal the
    database is asked again. Leftovers of interrupted uploads go as well.
    """
    storage = get_storage()
    report = OrphanReport()
    for keys in chunks(storage.keys(min_age=ORPHAN_AGE), BATCH):
        report.checked += len(keys)
        known = _named(keys)
        report.orphans += [key for key in keys if key not in known]
    if delete:
        report.deleted = sum(_remove_orphan(storage, key) for key in report.orphans)
        report.unfinished = storage.discard_unfinished(min_age=ORPHAN_AGE)
    if report.orphans:
        logger.warning(
            "%s stored files without a document, %s removed: %s",
            len(report.orphans),
            report.deleted,
            ", ".join(report.orphans[:20]),
        )
    return report


# -- steps ---------------------------------------------------------------------


def _require_write(folder: Folder, by: "_User", verb: str) -> None:
    if not registry.can_write(by, folder):
        record_refusal(verb, by=by, target=folder.stream, code="may_not_write")
        raise PermissionDenied


def _left_behind(
    folder: Folder, kind: str, upload: File | StoredUpload, by: "_User"
) -> Document | None:
    """The person's own paper of this kind and content to which nothing refers."""
    if isinstance(upload, StoredUpload):
        sha256 = upload.sha256
    elif isinstance(upload, Arrived):
        sha256 = upload.upload.sha256
    else:
        digest = hashlib.sha256()
        for chunk in upload.chunks():
            digest.update(chunk)
        upload.seek(0)
        sha256 = digest.hexdigest()
    same = Version.objects.filter(sha256=sha256, number=1, uploaded_by=by)
    found = folder.documents.filter(kind=kind, versions__in=same).order_by("-pk")
    return found.exclude(_is_used()).first()


def _is_used() -> Q:
    """Whether a row refers to a paper; rows of the history follow those."""
    used = Q()
    for relation in Document._meta.get_fields(include_hidden=True):
        if not isinstance(relation, ForeignObjectRel):
            continue
        model, name = relation.related_model, relation.field.name
        if model is Version or model._meta.db_table in history_tables():
            continue
        used |= Q(Exists(model._base_manager.filter(**{name: OuterRef("pk")})))
    return used


@contextmanager
def _recorded(
    verb: str, folder: Folder, by: "_User", stored: StoredUpload
) -> Iterator[None]:
    """The rows of a stored file and their event, in one transaction.

    The event tells when an upload of its own began and ended.
    """
    data = {}
    if (sent := stored.upload) and sent.ended_at:
        began, ended = sent.begun_at.isoformat(), sent.ended_at.isoformat()
        data = {"upload_began": began, "upload_ended": ended}
    with transaction.atomic():
        with record(verb, by=by, target=folder.stream, data=data):
            _require_still_open(folder, by)
            yield
            crashpoints.reach("attachments.named")
        crashpoints.reach("attachments.recorded")
    crashpoints.reach("attachments.committed")


def _require_still_open(folder: Folder, by: "_User") -> None:
    """Ask the owner again, afresh: storing took time, and the case may have moved."""
    if not registry.can_write(by, Folder.objects.get(pk=folder.pk)):
        raise PermissionDenied


def _stored(folder: Folder, upload: File | StoredUpload) -> StoredUpload:
    """Store what is not stored yet."""
    if isinstance(upload, StoredUpload):
        return upload
    crashpoints.reach("attachments.before")
    return store_upload(folder, upload)


def _arrived(folder: Folder, upload: Arrived, content_type: str) -> StoredUpload:
    """What lies in the store already; ValidationError when it is not for this folder,
    or is a version by now."""
    sent = upload.upload
    if upload.is_taken or not upload.fits(folder):
        raise gone()
    return StoredUpload(
        sent.name,
        content_type,
        sent.storage_key,
        sent.size,
        sent.sha256,
        sent.storage_version,
        sent,
    )


def _take(upload: Upload, folder: int) -> None:
    """An upload becomes a version once, in its own folder; PermissionDenied else."""
    ready = Upload.objects.filter(pk=upload.pk, folder=folder, state=UploadState.READY)
    if not ready.update(state=UploadState.TAKEN):
        raise PermissionDenied


def _add_version_row(
    document: Document, number: int, stored: StoredUpload, by: "_User | None"
) -> Version:
    if stored.upload is not None:
        _take(stored.upload, document.folder_id)
    version = Version.objects.create(
        document=document,
        stream=document.stream,
        number=number,
        name=stored.name,
        size=stored.size,
        sha256=stored.sha256,
        content_type=stored.content_type,
        storage_key=stored.storage_key,
        storage_version=stored.storage_version,
        uploaded_by=by,
    )
    if is_rendered(version.content_type):
        Rendition.objects.create(version=version)
    return version


def _named(keys: list[str]) -> set[str]:
    """Those of the keys that a version, or what was made of one, goes by."""
    versions = Version.objects.filter(storage_key__in=keys)
    named = set(versions.values_list("storage_key", flat=True))
    for field_ in ("preview_key", "thumbnail_key"):
        made = Rendition.objects.filter(**{f"{field_}__in": keys})
        named |= set(made.values_list(field_, flat=True))
    pages = PagePicture.objects.filter(key__in=keys)
    return named | set(pages.values_list("key", flat=True))


def _remove_orphan(storage: Storage, key: str) -> bool:
    if _named([key]):
        return False
    try:
        storage.delete(key)
    except Retained:
        logger.warning("%s belongs to no document but must be kept", key)
        return False
    return True
