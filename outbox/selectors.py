"""Reading messages: a person's own list, and the state of the queue."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import Count, Min, Q
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from outbox import registry
from outbox.addresses import absolute
from outbox.models import DIGEST, Mailing, Message, MessageQuerySet

if TYPE_CHECKING:
    from django.contrib.auth.models import _User  # the stubs' AUTH_USER_MODEL

DEFAULT_LANGUAGE = "zh-hans"
#: Messages that one digest spells out; the others are on the page.
LINES = 100


@dataclass(frozen=True)
class QueueState:
    """The queue in four figures, for the people who run the service."""

    waiting: int
    failing: int
    given_up: int
    oldest_waiting: datetime | None


def messages_for(user: "_User") -> MessageQuerySet:
    """A person's messages, newest first: in-app they need no delivery."""
    own = Message.objects.filter(recipient=user).exclude(template=DIGEST)
    return own.order_by("-id")


def unread_for(user: "_User") -> MessageQuerySet:
    """A person's unread messages, newest first."""
    return messages_for(user).unread()


def unread_count_for(user: "_User") -> int:
    """How many messages a person has not read (one indexed query)."""
    return Message.objects.unread().filter(recipient=user).count()


def queue_state() -> QueueState:
    """What waits, what has failed at least once, and what was given up.

    A message that its digest will take is not late and does not wait here.
    """
    waiting = Q(sent_at=None, given_up_at=None) & ~Q(mailing=Mailing.DIGEST)
    return QueueState(
        **Message.objects.exclude(
            sent_at__isnull=False, given_up_at__isnull=True
        ).aggregate(
            waiting=Count("pk", filter=waiting),
            failing=Count("pk", filter=waiting & ~Q(last_error="")),
            given_up=Count("pk", filter=Q(given_up_at__isnull=False)),
            oldest_waiting=Min("created_at", filter=waiting),
        )
    )


def language_of(user: "_User") -> str:
    """The language a person chose, else the one of the bureau."""
    return getattr(user, "language", "") or DEFAULT_LANGUAGE


def render(message: Message, language: str | None = None) -> tuple[str, str]:
    """Subject and body of a message in ``language``, or in its recipient's."""
    language = language or language_of(message.recipient)
    with translation.override(language):
        if message.template == DIGEST:
            return digest_words(message, language)
        subject, body = registry.renderer()(message, language)
        return str(subject), str(body)


def render_all(messages: list[Message], language: str) -> list[tuple[str, str]]:
    """Subject and body of many messages; what they need is read once."""
    registry.gather(messages)
    return [render(message, language) for message in messages]


def digest_words(digest: Message, language: str) -> tuple[str, str]:
    """The mail of a digest: its messages one after the other, with their links."""
    gathered = digest.gathered.select_related("recipient").order_by("pk")
    messages = list(gathered[:LINES])
    count = int(digest.params.get("count", len(messages)))
    parts = [
        f"{number}. {' '.join(subject.split())}\n{body}\n{absolute(message.url)}"
        for number, (message, (subject, body)) in enumerate(
            zip(messages, render_all(messages, language), strict=True), 1
        )
    ]
    if count > len(messages):
        parts.append(_("And %(count)d more.") % {"count": count - len(messages)})
    parts.append(_("All your messages:"))
    subject = ngettext(
        "Daily digest: %(count)d message", "Daily digest: %(count)d messages", count
    )
    return subject % {"count": count}, "\n\n".join(parts)
