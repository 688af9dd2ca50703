"""Messages to people: the row is the in-app message and the queue of mails.

A row is written in the transaction of the act it tells about, so that no message
is sent for an act that was rolled back and none is lost for one that was not.
``sent_at`` is empty until a sweep has delivered it (docs: DESIGN.md, section 8).
"""

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit.declare import Audited

#: The template of the one mail that gathers a day's messages.
DIGEST = "digest"


class Mailing(models.TextChoices):
    """When a message also goes out by mail; in the application it always stands."""

    NOW = "now", _("By mail at once")
    DIGEST = "digest", _("In the daily digest")
    NONE = "none", _("No mail")


class MessageQuerySet(models.QuerySet["Message"]):
    """The states of a message, which no column repeats."""

    def unread(self) -> "MessageQuerySet":
        return self.filter(read_at=None)

    def waiting(self) -> "MessageQuerySet":
        """Neither delivered nor given up."""
        return self.filter(sent_at=None, given_up_at=None)

    def given_up(self) -> "MessageQuerySet":
        return self.exclude(given_up_at=None)


class Message(models.Model):
    """One message to one person, worded only when it is read or sent.

    ``template`` and ``params`` name the words, so that a person who changes
    language reads old messages in the new one. Delivery state is not audited
    (settings.AUDIT_EXEMPT): what was done is in the event of the act itself.
    """

    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="messages",
        verbose_name=_("recipient"),
    )
    template = models.CharField(_("template"), max_length=80)
    params = models.JSONField(
        _("parameters"), default=dict, blank=True, encoder=DjangoJSONEncoder
    )
    url = models.CharField(_("link"), max_length=300, blank=True)
    case_code = models.CharField(_("case"), max_length=50, blank=True)
    created_at = models.DateTimeField(_("written at"), default=timezone.now)
    read_at = models.DateTimeField(_("read at"), null=True, blank=True)

    mailing = models.CharField(
        _("mail"), max_length=6, choices=Mailing.choices, default=Mailing.NOW
    )
    digest = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="gathered",
        verbose_name=_("digest"),
    )
    channel = models.CharField(_("channel"), max_length=20, blank=True)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    next_attempt_at = models.DateTimeField(_("next attempt at"), default=timezone.now)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    last_error = models.TextField(_("last error"), blank=True)
    given_up_at = models.DateTimeField(_("given up at"), null=True, blank=True)
    lease_token = models.UUIDField(null=True, blank=True, editable=False)
    lease_until = models.DateTimeField(null=True, blank=True, editable=False)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        indexes = [
            models.Index(
                fields=["next_attempt_at", "id"],
                name="outbox_due",
                condition=Q(sent_at=None, given_up_at=None),
            ),
            models.Index(fields=["recipient", "-id"], name="outbox_of_person"),
            models.Index(
                fields=["recipient"],
                name="outbox_unread",
                condition=Q(read_at=None),
            ),
            models.Index(
                fields=["given_up_at"],
                name="outbox_given_up",
                condition=Q(given_up_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.template} → {self.recipient_id}"


class MailChoice(models.Model):
    """When one person wants one kind of message by mail.

    Without a row the programme says, and binding letters ask nobody.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="mail_choices",
        verbose_name=_("person"),
    )
    kind = models.CharField(_("kind"), max_length=80)
    mailing = models.CharField(_("mail"), max_length=6, choices=Mailing.choices)

    audited = Audited(stream="organisations_user:{user_id}")

    class Meta:
        verbose_name = _("choice of mails")
        verbose_name_plural = _("choices of mails")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "kind"], name="outbox_mail_choice_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.kind}: {self.mailing}"
