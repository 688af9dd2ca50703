"""Writing messages in the transaction of an act, and sending them after it."""

import logging
import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from outbox import crashpoints, registry
from outbox.channels import CHANNELS, Channel, InApp
from outbox.mailing import choose_mail, gather, mailings_of, next_digest
from outbox.models import Mailing, Message, MessageQuerySet
from outbox.registry import Letter
from outbox.selectors import messages_for, unread_count_for, unread_for

if TYPE_CHECKING:
    from django.contrib.auth.models import _User  # the stubs' AUTH_USER_MODEL

__all__ = [
    "announce",
    "choose_mail",
    "mark_read",
    "messages_for",
    "queue",
    "sweep",
    "unread_count_for",
    "unread_for",
]

logger = logging.getLogger(__name__)

LEASE = timedelta(minutes=5)
MAX_ATTEMPTS = 8
FAILURES_A_TURN = 5  # in a row: the server is down, and others wait for this thread
FIRST_PAUSE = timedelta(minutes=1)  # then 3, 9, 27 … minutes, 18 hours in all


def announce(verb: str, **facts: Any) -> list[Message]:
    """Tell those whom it concerns that ``verb`` happened.

    Called by a service inside its transaction. The registered handlers name the
    letters; the same letter from two handlers is written once, and nobody who
    is deactivated is written to. An error of a handler is an error of the act:
    it is not swallowed.
    """
    letters: list[Letter] = []
    for handler in registry.handlers_of(verb):
        for letter in handler(verb, **facts):
            if letter not in letters:
                letters.append(letter)
    return queue(letters)


def queue(letters: Iterable[Letter]) -> list[Message]:
    """Write the letters as messages; mails leave once the transaction is over.

    One that waits for the digest is due at the digest's hour, and one that is not
    mailed is delivered by being written.
    """
    now = timezone.now()
    letters = [letter for letter in letters if letter.to.is_active]
    mailings = mailings_of(letters)
    return Message.objects.bulk_create(
        Message(
            recipient=letter.to,
            template=letter.template,
            params=letter.params,
            url=letter.url,
            case_code=letter.case_code,
            mailing=mailing,
            created_at=now,
            next_attempt_at=next_digest(now) if mailing == Mailing.DIGEST else now,
            sent_at=now if mailing == Mailing.NONE else None,
            channel=InApp.name if mailing == Mailing.NONE else "",
        )
        for letter, mailing in zip(letters, mailings, strict=True)
    )


def sweep(limit: int = 100) -> int:
    """Send what is due, at most ``limit`` messages; return how many went out.

    Any number of processes may sweep at once: each message is claimed by one
    UPDATE with a lease. A failure is counted, noted and tried again later; after
    ``MAX_ATTEMPTS`` the message is given up, which ``queue_state`` shows. A worker
    killed while sending leaves a lease that runs out. Several failures in a row
    end the turn, the rest stays due. Raises LookupError where no
    renderer is registered, and RuntimeError inside a transaction, whose rollback
    would forget that mails have gone.
    """
    _refuse_transaction()
    registry.renderer()
    _give_up_abandoned()
    sent = failed = 0
    for _turn in range(limit):
        message = _claim_next()
        if message is None:
            break
        crashpoints.reach("outbox.claimed")
        if message.mailing == Mailing.DIGEST:
            gather(message)  # the digest is due at once, and its turn comes
        elif _deliver(message):
            sent, failed = sent + 1, 0
        elif (failed := failed + 1) >= FAILURES_A_TURN:
            break
    return sent


def mark_read(user: "_User", messages: Iterable[int] | None = None) -> int:
    """Mark a person's own unread messages (by id, or all) as read; count them."""
    unread = Message.objects.unread().filter(recipient=user)
    if messages is not None:
        unread = unread.filter(pk__in=list(messages))
    return unread.update(read_at=timezone.now())


# -- the sweep's steps ---------------------------------------------------------


def _refuse_transaction() -> None:
    """Nothing leaves the house inside ``atomic`` (the one around a test aside)."""
    blocks = transaction.get_connection().atomic_blocks
    if any(not getattr(block, "_from_testcase", False) for block in blocks):
        raise RuntimeError("outbox.services.sweep() was called inside a transaction")


def _claimable(now: datetime) -> MessageQuerySet:
    """Due messages that no living worker holds."""
    return Message.objects.waiting().filter(
        Q(lease_until=None) | Q(lease_until__lt=now),
        next_attempt_at__lte=now,
        attempts__lt=MAX_ATTEMPTS,
    )


def _claim_next() -> Message | None:
    """Claim one due message, or say that there is none.

    The UPDATE repeats the condition: PostgreSQL looks at the row again after
    waiting for another claim, and then finds it taken.
    """
    while True:
        now = timezone.now()
        due = _claimable(now).order_by("next_attempt_at", "id")
        pk = due.values_list("pk", flat=True).first()
        if pk is None:
            return None
        token = uuid.uuid4()
        claimed = (
            _claimable(now)
            .filter(pk=pk)
            .update(
                lease_token=token,
                lease_until=now + LEASE,
                attempts=F("attempts") + 1,
            )
        )
        if claimed:
            held = Message.objects.select_related("recipient")
            message = held.filter(pk=pk, lease_token=token).first()
            if message:  # else another worker's digest has just taken it in
                return message


def _deliver(message: Message) -> bool:
    """Send one claimed message and note how it went."""
    channel = channel_for(message)
    try:
        channel.send(message)
    except Exception as error:
        _note_failure(message, error)
        return False
    crashpoints.reach("outbox.sent")
    _held(message).update(
        sent_at=timezone.now(),
        channel=channel.name,
        last_error="",
        lease_token=None,
        lease_until=None,
    )
    return True


def channel_for(message: Message) -> Channel:
    """The first channel that reaches the recipient; in-app reaches everybody."""
    return next(way for way in CHANNELS if way.reaches(message.recipient))


def _note_failure(message: Message, error: Exception) -> None:
    """Count a failure and set the next attempt, or give the message up."""
    now = timezone.now()
    last = message.attempts >= MAX_ATTEMPTS
    pause = FIRST_PAUSE * 3 ** (message.attempts - 1)
    _held(message).update(
        last_error=f"{type(error).__name__}: {error}"[:2000],
        next_attempt_at=now + pause,
        given_up_at=now if last else None,
        lease_token=None,
        lease_until=None,
    )
    logger.log(
        logging.ERROR if last else logging.WARNING,
        "message %s: attempt %s failed (%s)%s",
        message.pk,
        message.attempts,
        type(error).__name__,
        ", given up" if last else "",
    )


def _held(message: Message) -> MessageQuerySet:
    """The row, as long as this worker's lease on it is the valid one."""
    return Message.objects.filter(pk=message.pk, lease_token=message.lease_token)


def _give_up_abandoned() -> None:
    """Give up messages whose last allowed attempt ended with a killed worker."""
    now = timezone.now()
    Message.objects.waiting().filter(
        attempts__gte=MAX_ATTEMPTS, lease_until__lt=now
    ).update(
        given_up_at=now,
        last_error="the process that was sending it ended",
        lease_token=None,
        lease_until=None,
    )
