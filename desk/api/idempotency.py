"""A repeat of a request gets the reply of the first (``Idempotency-Key``).

A row is claimed before the work and filled after it. Refusals are not kept: a
client may send a corrected body under the same key. Work that can share one
transaction with the row (``atomic=True``) is done exactly once even when the
process dies between the two; an action is otherwise protected by its task,
which is open only once.
"""

import hashlib
from collections.abc import Callable
from contextlib import nullcontext
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils.timezone import now
from django.utils.translation import gettext as _

from desk.models import IdempotentReply
from grants.errors import Invalid, WrongState

HEADER = "Idempotency-Key"
KEPT = timedelta(days=3)
ABANDONED = timedelta(minutes=2)  # no request takes that long

Reply = tuple[int, dict[str, Any]]


def once(
    request: HttpRequest, work: Callable[[], Reply], *, atomic: bool = False
) -> tuple[int, dict[str, Any], bool]:
    """Do the work, or give back what it gave: (status, body, replayed).

    Raises Invalid for a key that was used for something else, WrongState while
    the first request is still being worked on, and what the work raises.
    """
    key = request.headers.get(HEADER)
    if key is None:
        return *work(), False
    if not (0 < len(key) <= 200 and key.isprintable()):
        raise Invalid({HEADER: [_("Not valid.")]})
    row = _claim(request, key)
    if row.status is not None:
        return row.status, row.reply, True
    try:
        with transaction.atomic() if atomic else nullcontext():
            row.status, row.reply = work()
            row.save(update_fields=["status", "reply"])
    except BaseException:
        IdempotentReply.objects.filter(pk=row.pk).delete()
        raise
    return row.status, row.reply, False


def _claim(request: HttpRequest, key: str) -> IdempotentReply:
    """The finished row of this key, or one that is ours to fill."""
    person = request.user if request.user.is_authenticated else None
    IdempotentReply.objects.filter(user=person, created_at__lt=now() - KEPT).delete()
    path = f"{request.method} {request.get_full_path()}"[:300]
    digest = _digest(request)
    try:
        with transaction.atomic():
            return IdempotentReply.objects.create(
                user=person, key=key, method_path=path, body_digest=digest
            )
    except IntegrityError:
        row = IdempotentReply.objects.filter(user=person, key=key).first()
    if row is None:  # the first one was refused at this very moment
        raise WrongState(code="in_progress")
    if (row.method_path, row.body_digest) != (path, digest):
        raise Invalid({HEADER: [_("This key was used for another request.")]})
    if row.status is None and not _take_over(row):
        raise WrongState(
            _("The first request with this key is still being worked on."),
            code="in_progress",
        )
    return row


def _take_over(row: IdempotentReply) -> bool:
    """Claim a row whose process died; one of several wins."""
    since = now()
    if row.created_at > since - ABANDONED:
        return False
    return bool(
        IdempotentReply.objects.filter(
            pk=row.pk, status=None, created_at=row.created_at
        ).update(created_at=since)
    )


def _digest(request: HttpRequest) -> str:
    """SHA-256 of what was sent; of fields and files where it came in parts."""
    digest = hashlib.sha256()
    if request.content_type != "multipart/form-data":
        digest.update(request.body)
        return digest.hexdigest()
    for name, values in sorted(request.POST.lists()):
        digest.update(repr((name, values)).encode("utf-8", "backslashreplace"))
    for name, upload in sorted(request.FILES.items()):
        digest.update(repr((name, upload.name)).encode("utf-8", "backslashreplace"))
        for chunk in upload.chunks():
            digest.update(chunk)
        upload.seek(0)
    return digest.hexdigest()
