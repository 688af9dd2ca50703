"""Time stamps by a third party (RFC 3161): a checkpoint was there at that moment.

What is stamped is SHA-256 of a checkpoint's signed text, which holds its root and,
through ``prev``, all checkpoints before it: a stamp of one vouches for the earlier
ones. The answer of the authority is kept as it came, beside the checkpoint in the
table and in the archive; ``openssl ts -verify`` reads it. No stamp is ever asked for
inside of a transaction, and a checkpoint without one is as valid as before.
"""

import base64
import datetime as dt
import logging
from collections.abc import Iterator
from contextlib import closing, suppress
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

import urllib3
from cryptography import x509
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext as _
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from . import canon
from .append import SKEW
from .archive import archive
from .findings import Report, Rows
from .models import Checkpoint, CheckpointStamp

logger = logging.getLogger(__name__)
TABLE = "audit_checkpoint_stamp"
ASKING = "application/timestamp-query"
MOST = 100_000  # bytes of an answer
UNUSABLE = (ValueError, TypeError, OverflowError, VerificationError)


class StampProblem(Exception):
    """No stamp, or one that does not hold; the message is for the operator."""


def stamp_newest() -> CheckpointStamp | None:
    """Have the newest checkpoint stamped, unless it is or nobody is to be asked.

    Puts out first what the archive lacks. Raises StampProblem, and OSError from the
    archive; the checkpoint is none the worse.
    """
    put_out()
    checkpoint = Checkpoint.objects.order_by("-number").first()
    if not settings.TIMESTAMP_URL or checkpoint is None:
        return None
    if CheckpointStamp.objects.filter(checkpoint=checkpoint.number).exists():
        return None
    content, nonce = _ask(checkpoint.body)
    at = checked(content, checkpoint.body, nonce)
    text = base64.b64encode(content).decode()
    made, _new = CheckpointStamp.objects.get_or_create(
        checkpoint=checkpoint.number, defaults={"at": at, "answer": text}
    )
    put_out()
    return made


def try_to_stamp() -> str:
    """The same for a worker: what is wrong, "" for nothing; never raises for it."""
    try:
        stamp_newest()
    except (StampProblem, OSError) as problem:
        logger.warning("no time stamp: %s", problem)
        return str(problem)
    return ""


def _ask(text: str) -> tuple[bytes, int | None]:
    """The authority's answer about this text, and the number that it must repeat."""
    url = settings.TIMESTAMP_URL
    if urlsplit(url).scheme not in ("http", "https"):
        raise StampProblem(_("TIMESTAMP_URL begins with http:// or https://."))
    builder = TimestampRequestBuilder().data(text.encode())
    builder = builder.hash_algorithm(HashAlgorithm.SHA256).nonce(nonce=True)
    query = builder.cert_request(cert_request=True).build()
    try:
        with closing(
            urllib3.request(
                "POST",
                url,
                body=query.as_bytes(),
                headers={"Content-Type": ASKING},
                timeout=settings.TIMESTAMP_TIMEOUT,
                redirect=False,
                retries=False,
                preload_content=False,
            )
        ) as answer:
            if answer.status != HTTPStatus.OK:
                raise OSError(answer.status)
            content = answer.read(MOST + 1)
    except (OSError, urllib3.exceptions.HTTPError) as error:
        told = _("The time stamping authority does not answer: %(error)s")
        raise StampProblem(told % {"error": error}) from error
    if len(content) > MOST:
        raise StampProblem(_("The time stamping authority's answer is too long."))
    return content, query.nonce


def checked(content: bytes, text: str, nonce: int | None = None) -> str:
    """The moment that a stamp names, once it is sure that it is of this text.

    Its signature is checked where TIMESTAMP_CERTIFICATES names whom to trust.
    Raises StampProblem.
    """
    try:
        answer = decode_timestamp_response(content)
        if answer.status != 0:
            raise ValueError(f"status {answer.status} {answer.status_string}")
        found = answer.tst_info
        if found.message_imprint.message != sha256(text.encode()).digest():
            raise ValueError("it is of another text")
        if nonce is not None and found.nonce != nonce:
            raise ValueError("it answers another question")
        if roots():
            verifier = VerifierBuilder(roots=roots(), nonce=nonce).build()
            verifier.verify_message(answer, text.encode())
        return canon.moment(found.gen_time)
    except UNUSABLE as error:
        told = _("The time stamp does not hold: %(error)s")
        raise StampProblem(told % {"error": error}) from error


def roots() -> list[x509.Certificate]:
    """The certificates whose holders are trusted to stamp; none: nothing is checked."""
    path = settings.TIMESTAMP_CERTIFICATES
    if not path:
        return []
    try:
        return x509.load_pem_x509_certificates(Path(path).read_bytes())
    except (OSError, ValueError) as error:
        raise ImproperlyConfigured(f"TIMESTAMP_CERTIFICATES: {error}") from error


def put_out() -> list[int]:
    """Write to the archive the stamps that it lacks; return their numbers."""
    store = archive()
    numbers = CheckpointStamp.objects.values_list("checkpoint", flat=True)
    lacking = sorted(set(numbers) - store.stamps())
    for number in lacking:
        row = CheckpointStamp.objects.get(checkpoint=number)
        with suppress(FileExistsError):  # verify_audit compares
            store.write_stamp(number, base64.b64decode(row.answer))
    return lacking


# -- verifying ------------------------------------------------------------------------


def verify_stamps(rows: Rows, report: Report, since: int | None) -> None:
    """Each stamp is of its checkpoint, as the archive has it, and not too early.

    Where TIMESTAMP_CERTIFICATES is not set, signatures are not checked, and the
    report says so.
    """
    store, reach = archive(), report.reach
    archived = {number for number in store.stamps() if number >= (since or 0)}
    for number, at, text, body in rows(
        f"SELECT s.checkpoint, s.at, s.answer, c.body FROM {TABLE} s"
        " LEFT JOIN audit_checkpoint c ON c.number = s.checkpoint"
        " WHERE s.checkpoint >= %s ORDER BY s.checkpoint",
        [since or 0],
    ):
        report.counts["stamps"] += 1
        kept = store.stamp(number) if number in archived else None
        archived.discard(number)
        wrong = list(_wrong(at, text, body, kept))
        for kind, note in wrong:
            report.add(kind, TABLE, number, note=note)
        if not wrong:
            reach.stamped, reach.stamped_at = number, at
            reach.stamps = "checked" if roots() else "unchecked"
    for number in sorted(archived):
        note = "removed from the table: it is in the archive"
        report.add("stamp_missing", TABLE, number, note=note)


def _wrong(
    at: str, text: str, body: str | None, kept: bytes | None
) -> Iterator[tuple[str, str]]:
    """What is wrong with a stamp: kinds of findings, and why."""
    try:
        content = base64.b64decode(text, validate=True)
    except ValueError as error:
        yield "stamp_altered", str(error)
        return
    if kept is not None and kept != content:
        yield "stamp_differs", ""
    if body is None:
        return  # the checkpoint is named as missing
    try:
        found = checked(content, body)
    except StampProblem as problem:
        yield "stamp_altered", str(problem)
        return
    if found != at:
        yield "stamp_altered", f"{found} / {at}"
    made = dt.datetime.fromisoformat(canon.loads(body)["at"])
    if dt.datetime.fromisoformat(found) + SKEW < made:
        yield "stamp_altered", "earlier than the checkpoint"
