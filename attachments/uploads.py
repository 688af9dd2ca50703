"""Sending a file ahead of its form: begin, send, complete; then the form takes it.

    upload = begin(by, purpose, name, size)      # the page's purpose, signed for her
    receive(upload, offset, stream, length)      # or straight to the store (way)
    complete(upload)                             # whole, digested, looked into

What arrived is moved inside the store to a key that no browser knows, and only then
read, digested and checked like any other file, so that nobody can change it after.
The token of a checked upload stands in the form for the file (`arrived`); the form's
act makes the version, with its event and its rules. Everything is bound to who began
it, to a folder and to a field. docs/uploads.md tells the rules.
"""

import hashlib
import logging
import tempfile
import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import IO, TYPE_CHECKING, Any

from django.conf import settings
from django.core import signing
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files import File
from django.db.models import Count, Q, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from attachments import registry
from attachments.checks import MOST, SEEN, check_name, check_size, check_upload
from attachments.incoming import Upload, UploadState
from attachments.models import Folder
from attachments.on_its_way import LIFE, note_bytes
from attachments.storage import get_incoming, get_storage, new_key
from attachments.storage.arriving import Incomplete
from attachments.storage.protocol import CHUNK
from audit.record import record_refusal

if TYPE_CHECKING:
    from django.contrib.auth.models import _User

logger = logging.getLogger(__name__)

LEASE = timedelta(minutes=15)  # of a check; two gigabytes take about a minute
OPEN = (UploadState.BEGUN, UploadState.CHECKING, UploadState.READY)
MOST_OPEN = 50  # uploads that one person has on the way
FULL = 10  # times the limit of a file, for all of them together
KEPT = timedelta(days=7)  # rows of uploads that are over
SALT = "attachments.uploads.purpose"


@dataclass(frozen=True)
class Purpose:
    """What a page lets a person send: into which folder, for which field.

    ``most`` is the limit in bytes; ``macros`` whether the folder's rule on them
    counts (else none are taken).
    """

    folder: int
    field: str
    most: int
    macros: bool = True

    def signed_for(self, by: "_User") -> str:
        """The same for the same page and person, so that a browser can go on."""
        given = [by.pk, self.folder, self.field, self.most, self.macros]
        return signing.Signer(salt=SALT).sign_object(given)


def purpose_in(signed: str, by: "_User") -> Purpose:
    """What a page signed for this person; PermissionDenied for anything else."""
    try:
        owner, *given = signing.Signer(salt=SALT).unsign_object(signed)
    except (signing.BadSignature, ValueError):
        raise PermissionDenied from None
    if owner != by.pk:
        raise PermissionDenied
    return Purpose(*given)


def begin(by: "_User", purpose: Purpose, *, name: str, size: int) -> Upload:
    """Begin a file of this name and size in bytes.

    PermissionDenied (recorded) where the folder's owner does not let ``by`` write,
    ValidationError for a name or size that is not taken, or when too many are open.
    """
    folder = Folder.objects.get(pk=purpose.folder)
    if not registry.can_write(by, folder):
        record_refusal(
            "begin_upload", by=by, target=folder.stream, code="may_not_write"
        )
        raise PermissionDenied
    check_name(name)
    check_size(size, purpose.most)
    _check_open(by, size)
    incoming = get_incoming()
    upload = Upload(
        owner=by,
        folder=folder,
        field=purpose.field,
        name=name,
        size=size,
        most=purpose.most,
        macros=purpose.macros and registry.takes_macros(folder),
        key=new_key("incoming"),
    )
    upload.mark = incoming.begin(upload.key, size)
    upload.save()
    return upload


def upload_of(by: "_User", token: uuid.UUID) -> Upload:
    """An upload of this person's that is not too old; Upload.DoesNotExist otherwise."""
    found = Upload.objects.select_related("folder").get(token=token, owner=by)
    if found.begun_at + LIFE <= timezone.now():
        raise Upload.DoesNotExist
    return found


def way(upload: Upload) -> dict[str, Any]:
    """How the rest is sent (storage.arriving.Incoming.way), and what is there."""
    if upload.state != UploadState.BEGUN:
        return {}
    incoming = get_incoming()
    received = incoming.received(upload.key, upload.mark)
    if received.size:
        note_bytes(upload)
    return incoming.way(upload.key, upload.mark, upload.size) | {
        "received": received.size,
        "parts": received.parts,
    }


def receive(upload: Upload, offset: int, source: IO[bytes], length: int) -> int:
    """Append a piece of ``length`` bytes; returns how many bytes are there now.

    WrongOffset where it does not begin at the end of what is there, ValidationError
    for more than was announced or than a piece may hold, FileNotFoundError when the
    upload is not open any more.
    """
    incoming = get_incoming()
    if upload.state != UploadState.BEGUN:
        raise FileNotFoundError(upload.key)
    if length > incoming.part_size or offset + length > upload.size:
        raise ValidationError(_("This is more than was announced."), code="upload_size")
    there = incoming.write(upload.key, offset, source, length, mark=upload.mark)
    if there:
        note_bytes(upload)
    return there


def part_address(upload: Upload, number: int) -> str:
    """Where the browser puts part ``number``; FileNotFoundError when there is none."""
    incoming = get_incoming()
    parts = -(-upload.size // incoming.part_size)
    if upload.state != UploadState.BEGUN or not 1 <= number <= parts:
        raise FileNotFoundError(upload.key)
    if number > 1 and upload.sent_at is None:
        way(upload)  # the one before is there, if it was sent
    length = min(incoming.part_size, upload.size - (number - 1) * incoming.part_size)
    return incoming.part_address(upload.key, upload.mark, number, length)


def complete(upload: Upload) -> Upload:
    """Everything was sent: take it into the store, digest it, look into it.

    The moment of the first call is when it ended. May be repeated: what is ready stays
    so, what another process is checking is left to it. ValidationError when the file
    is not taken, or Incomplete, after which the rest can be sent.
    """
    if not _claim(upload):
        return upload
    incoming = get_incoming()
    try:
        version = incoming.take(
            upload.key, upload.mark, upload.size, to=upload.storage_key
        )
        upload.storage_version = version
        note_bytes(upload)
        upload.sha256, upload.content_type = _look_into(upload)
    except Incomplete:
        _set(upload, UploadState.BEGUN, ended_at=None, lease_until=None)
        raise
    except ValidationError:
        get_storage().delete(upload.storage_key)
        _set(upload, UploadState.REFUSED, lease_until=None)
        raise
    except BaseException:  # nothing is known of the file: the next call tries again
        _set(upload, UploadState.CHECKING, lease_until=timezone.now())
        raise
    _set(
        upload,
        UploadState.READY,
        storage_version=upload.storage_version,
        sha256=upload.sha256,
        content_type=upload.content_type,
        lease_until=None,
    )
    return upload


def cancel(upload: Upload) -> None:
    """Give up an upload that no form has taken; its bytes go at once."""
    over = (UploadState.TAKEN, UploadState.ABANDONED)
    changed = Upload.objects.filter(pk=upload.pk).exclude(state__in=over)
    if changed.update(state=UploadState.ABANDONED, lease_until=None):
        upload.refresh_from_db()
        _throw_away(upload)


def sweep(limit: int = 200) -> int:
    """Throw away what was begun a day ago and not taken; return how many.

    Where several processes sweep, the one whose UPDATE wins removes the bytes.
    """
    now = timezone.now()
    old = Upload.objects.filter(state__in=OPEN, begun_at__lte=now - LIFE)
    old = old.filter(Q(lease_until=None) | Q(lease_until__lt=now)).order_by("pk")
    done = 0
    for upload in list(old[:limit]):
        mine = Upload.objects.filter(pk=upload.pk, state=upload.state)
        if mine.update(state=UploadState.ABANDONED, lease_until=None):
            _throw_away(upload)
            done += 1
    Upload.objects.filter(begun_at__lte=now - KEPT).exclude(state__in=OPEN).delete()
    return done


# -- what a form sees --------------------------------------------------------------


class Arrived(File):
    """A file that arrived ahead of its form, in the place of one that came with it.

    It was looked into already; who reads it all the same gets it from the store.
    """

    def __init__(self, upload: Upload) -> None:
        super().__init__(None, upload.name)
        self.upload = upload
        self.size = upload.size
        setattr(self, MOST, upload.most)
        setattr(self, SEEN, (upload.macros, upload.content_type))
        self._content: Any = None

    @property
    def is_taken(self) -> bool:
        """Whether it became a version already."""
        return self.upload.state == UploadState.TAKEN

    def fits(self, folder: Folder) -> bool:
        """Whether it was sent for this folder; one to be made has a kind only."""
        sent = self.upload.folder
        return sent.pk == folder.pk if folder.pk else sent.kind == folder.kind

    @property
    def file(self) -> Any:
        if self._content is None:
            self._content = _fetched(self.upload)[0]
        return self._content

    @file.setter
    def file(self, _nothing: Any) -> None:
        self._content = None


class Refused(File):
    """What stands in a form for a token that is good for nothing."""

    def __init__(self, name: str = "?") -> None:
        super().__init__(None, name)
        self.size = 1
        self.refusal = gone()


def gone() -> ValidationError:
    """Why a token is not taken."""
    return ValidationError(
        _(
            "This file is out of reach: it was sent by somebody else, for something "
            "else, or more than a day ago, or it was used already. Choose it again."
        ),
        code="upload_gone",
    )


def arrived(by: "_User", field: str, token: str) -> File:
    """The file of a form's token, or what says why there is none."""
    try:
        upload = Upload.objects.select_related("folder").get(token=uuid.UUID(token))
    except (ValueError, Upload.DoesNotExist):
        return Refused()
    if upload.owner_id != by.pk:
        record_refusal(
            "take_upload", by=by, target=upload.folder.stream, code="not_yours"
        )
        return Refused()
    good = upload.state in (UploadState.READY, UploadState.TAKEN)
    old = upload.begun_at + LIFE <= timezone.now()
    if not good or old or upload.field != field:
        return Refused(upload.name)
    return Arrived(upload)


# -- steps ---------------------------------------------------------------------------


def _check_open(by: "_User", size: int) -> None:
    since = timezone.now() - LIFE
    open_ = Upload.objects.filter(owner=by, state__in=OPEN, begun_at__gt=since)
    there = open_.aggregate(files=Count("pk"), size=Sum("size"))
    too_large = (there["size"] or 0) + size > FULL * settings.UPLOAD_DIRECT_MAX_BYTES
    if there["files"] >= MOST_OPEN or too_large:
        raise ValidationError(
            _("You have too many files on the way. Send their forms or remove some."),
            code="upload_many",
        )


def _claim(upload: Upload) -> bool:
    """Take the check upon oneself; False where there is nothing to do."""
    now = timezone.now()
    left = Q(state=UploadState.CHECKING, lease_until__lte=now)
    free = Upload.objects.filter(Q(state=UploadState.BEGUN) | left, pk=upload.pk)
    key = upload.storage_key or new_key(upload.folder.kind)
    claimed = free.update(
        state=UploadState.CHECKING,
        storage_key=key,
        ended_at=upload.ended_at or now,
        lease_until=now + LEASE,
    )
    upload.refresh_from_db()
    return bool(claimed)


def _set(upload: Upload, state: UploadState, **values: Any) -> None:
    """Write the outcome, unless the upload was given up meanwhile."""
    held = Upload.objects.filter(pk=upload.pk, state=UploadState.CHECKING)
    held.update(state=state, **values)
    upload.refresh_from_db()


def _look_into(upload: Upload) -> tuple[str, str]:
    """SHA-256 and type of what is stored; ValidationError when it is not taken."""
    content, sha256 = _fetched(upload)
    with content:
        file = File(content, upload.name)
        file.size = upload.size
        setattr(file, MOST, upload.most)
        return sha256, check_upload(file, macros=upload.macros)


def _fetched(upload: Upload) -> tuple[IO[bytes], str]:
    """The stored bytes as a file that can be searched, and their SHA-256.

    What comes over the network is kept on the disk meanwhile, not in memory.
    """
    stored = get_storage().open(upload.storage_key, version=upload.storage_version)
    copy = stored if stored.seekable() else tempfile.TemporaryFile()  # noqa: SIM115
    digest = hashlib.sha256()
    while piece := stored.read(CHUNK):
        digest.update(piece)
        if copy is not stored:
            copy.write(piece)
    if copy is not stored:
        stored.close()
    copy.seek(0)
    return copy, digest.hexdigest()


def _throw_away(upload: Upload) -> None:
    """Remove the bytes; what the store does not answer to now, its sweeps remove."""
    try:
        get_incoming().drop(upload.key, upload.mark)
        if upload.storage_key:
            get_storage().delete(upload.storage_key)
    except Exception:
        logger.exception("what upload %s left could not be removed", upload.pk)
