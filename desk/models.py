"""What the desk keeps itself: replies, choices of lists, exports, own messages,
rehearsals of rounds."""

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from audit.declare import Audited
from outbox.models import Mailing
from workflows.rehearsal.path import Pace


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


class ListChoice(models.Model):
    """Which columns of a list a person wants, in which order and unit."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    list = models.CharField(_("list"), max_length=30)
    columns = models.JSONField(_("columns"))
    unit = models.CharField(_("unit"), max_length=4)

    class Meta:
        verbose_name = _("choice of columns")
        verbose_name_plural = _("choices of columns")
        constraints = [
            models.UniqueConstraint(fields=["user", "list"], name="desk_choice_once")
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.list}"


class Export(models.Model):
    """A file that is made in the background for one person.

    The row is the job: a sweep claims it with a lease, writes how far it is,
    and leaves the file in the storage until ``expires_at``.
    """

    class Kind(models.TextChoices):
        LIST = "LIST", _("Spreadsheet")
        BUNDLE = "BUNDLE", _("Documents as one zip")
        DOSSIER = "DOSSIER", _("Dossier")
        CASE = "CASE", _("Documents of a case")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="exports"
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    list = models.CharField(_("list"), max_length=30)
    query = models.JSONField(_("filters"), default=dict)
    language = models.CharField(_("language"), max_length=10)
    created_at = models.DateTimeField(_("asked for"), default=timezone.now)
    done = models.PositiveIntegerField(_("done"), default=0)
    total = models.PositiveIntegerField(_("in all"), default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    failed_at = models.DateTimeField(_("failed"), null=True, blank=True)
    expires_at = models.DateTimeField(_("kept until"), null=True, blank=True)
    storage_key = models.CharField(max_length=100, blank=True)
    name = models.CharField(_("file name"), max_length=120, blank=True)
    size = models.PositiveBigIntegerField(_("bytes"), default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    #: What is in it, as the rights to take it ask (desk.taking).
    holds = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["lease_until"],
                condition=models.Q(finished_at=None, failed_at=None),
                name="export_open",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.list}"

    @property
    def is_open(self) -> bool:
        return self.finished_at is None and self.failed_at is None

    @property
    def percent(self) -> int:
        return min(100, 100 * self.done // self.total) if self.total else 0


class MessageText(models.Model):
    """A programme's own text of one kind of message in one language.

    Plain text with placeholders (desk/kinds.py); without a row the default one.
    """

    programme = models.ForeignKey(
        "grants.Programme", on_delete=models.PROTECT, related_name="message_texts"
    )
    kind = models.CharField(_("kind"), max_length=80)
    language = models.CharField(_("language"), max_length=10)
    subject = models.CharField(_("subject"), max_length=150)
    body = models.TextField(_("text"), max_length=4000)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    changed_at = models.DateTimeField(_("changed"), default=timezone.now)
    history = HistoricalRecords()

    audited = Audited(stream="grants_programme:{programme_id}")

    class Meta:
        verbose_name = _("text of a message")
        verbose_name_plural = _("texts of messages")
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "kind", "language"], name="desk_text_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.programme_id} {self.kind} {self.language}"


class MessageMailing(models.Model):
    """When a programme mails one kind of message to who has not chosen."""

    programme = models.ForeignKey(
        "grants.Programme", on_delete=models.PROTECT, related_name="message_mailings"
    )
    kind = models.CharField(_("kind"), max_length=80)
    mailing = models.CharField(_("mail"), max_length=6, choices=Mailing.choices)
    history = HistoricalRecords()

    audited = Audited(stream="grants_programme:{programme_id}")

    class Meta:
        verbose_name = _("mailing of a kind of message")
        verbose_name_plural = _("mailings of kinds of messages")
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "kind"], name="desk_mailing_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.programme_id} {self.kind}: {self.mailing}"


class Rehearsal(models.Model):
    """A rehearsal of a round that somebody asked for, and the path it found.

    The row is the job, as with exports; ``result`` is workflows.rehearsal.Path.
    """

    round = models.ForeignKey(
        "grants.Round", on_delete=models.PROTECT, related_name="rehearsals"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    pace = models.CharField(_("pace"), max_length=6, choices=Pace.choices)
    as_staffed = models.BooleanField(_("with the people of the programme"))
    language = models.CharField(_("language"), max_length=10)
    created_at = models.DateTimeField(_("asked for"), default=timezone.now)
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    failed_at = models.DateTimeField(_("failed"), null=True, blank=True)
    result = models.JSONField(_("result"), null=True, blank=True)

    class Meta:
        verbose_name = _("rehearsal of a round")
        verbose_name_plural = _("rehearsals of rounds")
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["lease_until"],
                condition=models.Q(finished_at=None, failed_at=None),
                name="rehearsal_open",
            )
        ]

    def __str__(self) -> str:
        return f"{self.round_id} {self.pace}"

    @property
    def is_open(self) -> bool:
        return self.finished_at is None and self.failed_at is None


class SavedSearch(models.Model):
    """A search over the record that an auditor keeps; `query` as in an address."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    name = models.CharField(_("name"), max_length=60)
    query = models.TextField(_("filters"), blank=True)

    audited = Audited(stream="organisations_user:{user_id}", personal=("query",))

    class Meta:
        verbose_name = _("saved search")
        verbose_name_plural = _("saved searches")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["user", "name"], name="desk_search_once")
        ]

    def __str__(self) -> str:
        return self.name
