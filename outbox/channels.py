"""The ways out of the house. A message takes the first channel that reaches.

Another channel (a text message, a webhook) is one more class with these three
members, put into ``CHANNELS`` before those it should precede.
"""

from typing import TYPE_CHECKING, Protocol

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from outbox.addresses import absolute
from outbox.models import Message
from outbox.selectors import render

if TYPE_CHECKING:
    from django.contrib.auth.models import _User  # the stubs' AUTH_USER_MODEL

MAIL_TIMEOUT = 30  # seconds; far below the lease, or a slow server sends twice


class Channel(Protocol):
    """One way to deliver a message."""

    name: str

    def reaches(self, user: "_User") -> bool:
        """Whether this person can be reached this way."""

    def send(self, message: Message) -> None:
        """Deliver, or raise any exception: the sweep counts and tries again."""


class Mail:
    """Mail in the recipient's language with an absolute link.

    The Message-ID is the same at every attempt: a worker killed between sending
    and noting it sends again, and a mail server or reader can tell the repeat.
    """

    name = "mail"

    def reaches(self, user: "_User") -> bool:
        return user.is_active and bool(user.email)

    def send(self, message: Message) -> None:
        subject, body = render(message)
        mail = EmailMessage(
            subject=" ".join(subject.split()),
            body=f"{body.rstrip()}\n\n{absolute(message.url)}\n",
            to=[message.recipient.email],
            headers={"Message-ID": message_id(message)},
            connection=get_connection(timeout=MAIL_TIMEOUT),
        )
        mail.send()


class InApp:
    """The message's own row, which the recipient's page lists."""

    name = "in_app"

    def reaches(self, user: "_User") -> bool:
        return True

    def send(self, message: Message) -> None:
        """Nothing is left to do: the row is there."""


CHANNELS: tuple[Channel, ...] = (Mail(), InApp())


def message_id(message: Message) -> str:
    """A Message-ID that names the row, in the domain of the sender."""
    sender = settings.DEFAULT_FROM_EMAIL.rstrip("> ")
    moment = message.created_at.strftime("%Y%m%d%H%M%S")
    return f"<message-{message.pk}-{moment}@{sender.rpartition('@')[2]}>"
