"""When a message is mailed: at once, in the daily digest, or not at all.

A binding letter is mailed at once. Else the person's own choice counts, then
what the apps above say for the kind (a programme's setting). A digest is a
message of its own that gathers the others, so it is claimed, retried and given
up like every mail, and never made twice of the same messages.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from audit.record import record
from outbox import crashpoints, registry
from outbox.models import DIGEST, MailChoice, Mailing, Message
from outbox.registry import Letter

if TYPE_CHECKING:
    from django.contrib.auth.models import _User  # the stubs' AUTH_USER_MODEL


def mailings_of(letters: list[Letter]) -> list[str]:
    """When each letter is mailed; one query for what the recipients chose."""
    free = [letter for letter in letters if not letter.binding]
    said = dict(zip(map(id, free), registry.mailings_of(free), strict=True))
    if free:
        choices = MailChoice.objects.filter(
            user__in={letter.to.pk for letter in free},
            kind__in={letter.template for letter in free},
        )
        chosen = {
            (user, kind): mailing
            for user, kind, mailing in choices.values_list("user", "kind", "mailing")
        }
        for letter in free:
            key = letter.to.pk, letter.template
            said[id(letter)] = chosen.get(key, said[id(letter)])
    return [said.get(id(letter), Mailing.NOW) for letter in letters]


def next_digest(now: datetime) -> datetime:
    """The next moment after ``now`` at which the digests leave (server's clock)."""
    local = timezone.localtime(now, timezone.get_default_timezone())
    hour = local.replace(hour=settings.DIGEST_HOUR, minute=0, second=0, microsecond=0)
    return hour if hour > local else hour + timedelta(days=1)


def gather(message: Message) -> Message | None:
    """Make the digest of everything that is due for this message's recipient.

    One transaction: either the digest is there and its messages are in it, or
    nothing happened and they are still due. None if another worker was quicker.
    """
    now = timezone.now()
    with transaction.atomic():
        due = (
            Message.objects.waiting()
            .filter(
                recipient=message.recipient_id,
                mailing=Mailing.DIGEST,
                next_attempt_at__lte=now,
            )
            .select_for_update()
            .order_by("pk")
        )
        ids = list(due.values_list("pk", flat=True))
        if not ids:
            return None
        digest = Message.objects.create(
            recipient_id=message.recipient_id,
            template=DIGEST,
            params={"count": len(ids)},
            url=registry.page(),
            created_at=now,
            next_attempt_at=now,
            read_at=now,  # its messages are read one by one
        )
        Message.objects.filter(pk__in=ids).update(
            digest=digest,
            channel=DIGEST,
            sent_at=now,
            last_error="",
            lease_token=None,
            lease_until=None,
        )
        crashpoints.reach("outbox.gathered")
    return digest


def mail_choices_of(user: "_User") -> dict[str, str]:
    """What a person chose, by kind."""
    rows = MailChoice.objects.filter(user=user)
    return dict(rows.values_list("kind", "mailing"))


def choose_mail(user: "_User", choices: Mapping[str, str]) -> None:
    """Keep when a person wants which kind by mail; "" leaves it to the programme.

    On record in the person's stream; a repeat changes nothing. Kinds that
    ``choices`` does not name stay as they are.
    """
    before = mail_choices_of(user)
    changed = {k: v for k, v in choices.items() if v != before.get(k, "")}
    if not changed:
        return
    with record("choose_mail", by=user, target=f"user:{user.pk}") as event:
        event.data = {"mail": dict(changed)}
        for kind, mailing in changed.items():
            row = MailChoice.objects.filter(user=user, kind=kind)
            if not mailing:
                row.delete()
            elif not row.update(mailing=mailing):
                MailChoice.objects.create(user=user, kind=kind, mailing=mailing)
