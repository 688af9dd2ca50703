"""What the desk keeps itself: replies that a repeated request gets again."""

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class IdempotentReply(models.Model):
    """The reply to a request that carried an ``Idempotency-Key``.

    ``status`` is empty while the first request is still being worked on.
    ``body_digest`` is the SHA-256 of what was sent: the same key with another
    body is a mistake of the client, never a repeat.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("person"),
    )
    key = models.CharField(_("key"), max_length=200)
    method_path = models.CharField(_("method and path"), max_length=300)
    body_digest = models.CharField(_("digest of the body"), max_length=64)
    status = models.PositiveSmallIntegerField(_("status"), null=True, blank=True)
    reply = models.JSONField(
        _("reply"), null=True, blank=True, encoder=DjangoJSONEncoder
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now)

    class Meta:
        verbose_name = _("reply kept for a repeat")
        verbose_name_plural = _("replies kept for repeats")
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="desk_reply_once"),
            models.UniqueConstraint(
                fields=["key"],
                condition=models.Q(user__isnull=True),
                name="desk_reply_once_without_account",
            ),
        ]
        indexes = [models.Index(fields=["created_at"], name="desk_reply_created")]

    def __str__(self) -> str:
        return f"{self.method_path} {self.key}"
