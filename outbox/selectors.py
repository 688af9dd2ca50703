"""Reading messages: a person's own list, and the state of the queue."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import Count, Min, Q
from django.utils import translation

from outbox import registry
from outbox.models import Message, MessageQuerySet

if TYPE_CHECKING:
    from django.contrib.auth.models import _User  # the stubs' AUTH_USER_MODEL

DEFAULT_LANGUAGE = "zh-hans"


@dataclass(frozen=True)
class QueueState:
    """The queue in four figures, for the people who run the service."""

    waiting: int
    failing: int
    given_up: int
    oldest_waiting: datetime | None


def messages_for(user: "_User") -> MessageQuerySet:
    """A person's messages, newest first: in-app they need no delivery."""
    return Message.objects.filter(recipient=user).order_by("-id")


def unread_for(user: "_User") -> MessageQuerySet:
    """A person's unread messages, newest first."""
    return messages_for(user).unread()


def unread_count_for(user: "_User") -> int:
    """How many messages a person has not read (one indexed query)."""
    return Message.objects.unread().filter(recipient=user).count()


def queue_state() -> QueueState:
    """What waits, what has failed at least once, and what was given up."""
    waiting = Q(sent_at=None, given_up_at=None)
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
        subject, body = registry.renderer()(message, language)
        return str(subject), str(body)
