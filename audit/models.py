"""The tables of the record. Nothing here points at other tables, on purpose."""

from django.db import models
from django.utils.translation import gettext_lazy as _

STREAM_LENGTH = 120
CODE_LENGTH = 80


class Event(models.Model):
    """One line of the record.

    ``line`` is the truth; the other columns serve searching and must agree
    with it. Database triggers refuse to update or delete a row.
    """

    stream = models.CharField(_("stream"), max_length=STREAM_LENGTH)
    seq = models.BigIntegerField(_("number in the stream"))
    at = models.DateTimeField(_("moment"), db_index=True)
    verb = models.CharField(_("act"), max_length=CODE_LENGTH, db_index=True)
    actor = models.CharField(_("actor"), max_length=CODE_LENGTH, db_index=True)
    target = models.CharField(_("target"), max_length=CODE_LENGTH, db_index=True)
    request = models.CharField(_("request"), max_length=40)
    line = models.TextField(_("line"))
    hash = models.CharField(_("hash of the line"), max_length=64)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ["stream", "seq"]
        constraints = [
            models.UniqueConstraint(
                fields=["stream", "seq"], name="audit_event_stream_seq"
            )
        ]

    def __str__(self) -> str:
        return f"{self.stream}#{self.seq} {self.verb}"


class Head(models.Model):
    """The last event of a stream, locked while one appends to it.

    ``seal`` is an HMAC with a key that the database does not hold.
    """

    stream = models.CharField(_("stream"), max_length=STREAM_LENGTH, primary_key=True)
    seq = models.BigIntegerField(_("number of the last event"))
    hash = models.CharField(_("hash of the last event"), max_length=64)
    at = models.CharField(_("moment of the last event"), max_length=27)
    seal = models.CharField(_("seal"), max_length=64)

    class Meta:
        verbose_name = _("head of a stream")
        verbose_name_plural = _("heads of streams")

    def __str__(self) -> str:
        return f"{self.stream}#{self.seq}"


class Journal(models.Model):
    """What the triggers noted; made into events before the commit. Empty at rest."""

    op = models.CharField(_("operation"), max_length=36)
    tbl = models.CharField(_("table"), max_length=63)
    old = models.TextField(_("row before"), null=True)
    new = models.TextField(_("row after"), null=True)

    class Meta:
        verbose_name = _("journal row")
        verbose_name_plural = _("journal rows")

    def __str__(self) -> str:
        return f"{self.op} {self.tbl}"


class Disclosure(models.Model):
    """The personal value behind a salted digest in a line.

    A row may be erased, by an event that says so; the chain still verifies.
    """

    digest = models.CharField(_("digest"), max_length=64, primary_key=True)
    stream = models.CharField(_("stream"), max_length=STREAM_LENGTH, db_index=True)
    salt = models.CharField(_("salt"), max_length=32)
    value = models.TextField(_("value"))

    class Meta:
        verbose_name = _("disclosure")
        verbose_name_plural = _("disclosures")

    def __str__(self) -> str:
        return self.digest[:16]


class Checkpoint(models.Model):
    """The heads of all streams at one moment, as one signed hash.

    ``body`` is what is signed (audit.checkpoints); the columns must agree with it.
    Database triggers refuse to update or delete a row.
    """

    number = models.BigIntegerField(_("number"), primary_key=True)
    at = models.CharField(_("moment"), max_length=27)
    root = models.CharField(_("root over all heads"), max_length=64)
    prev = models.CharField(_("hash of the checkpoint before"), max_length=64)
    streams = models.BigIntegerField(_("streams"))
    events = models.BigIntegerField(_("events"))
    body = models.TextField(_("signed text"))
    signature = models.CharField(_("signature"), max_length=128)
    key = models.CharField(_("fingerprint of the key"), max_length=64)

    class Meta:
        verbose_name = _("checkpoint")
        verbose_name_plural = _("checkpoints")
        ordering = ["number"]

    def __str__(self) -> str:
        return f"{self.number} {self.at}"


class CheckpointHead(models.Model):
    """The head of a stream that changed since the checkpoint before.

    Number 0 and no hash: the stream was there and is gone.
    """

    checkpoint = models.BigIntegerField(_("checkpoint"))
    stream = models.CharField(_("stream"), max_length=STREAM_LENGTH)
    seq = models.BigIntegerField(_("number of the last event"))
    hash = models.CharField(_("hash of the last event"), max_length=64)

    class Meta:
        db_table = "audit_checkpoint_head"
        verbose_name = _("head in a checkpoint")
        verbose_name_plural = _("heads in checkpoints")
        constraints = [
            models.UniqueConstraint(
                fields=["checkpoint", "stream"], name="audit_checkpoint_head_once"
            )
        ]
        indexes = [
            models.Index(
                fields=["stream", "checkpoint"], name="audit_checkpoint_head_of"
            )
        ]

    def __str__(self) -> str:
        return f"{self.checkpoint} {self.stream}#{self.seq}"


class CheckpointStamp(models.Model):
    """What a time stamping authority answered about a checkpoint (audit.stamps).

    Database triggers refuse to update or delete a row.
    """

    checkpoint = models.BigIntegerField(_("checkpoint"), unique=True)
    at = models.CharField(_("moment"), max_length=27)
    answer = models.TextField(_("answer of the authority, base64"))

    class Meta:
        db_table = "audit_checkpoint_stamp"
        verbose_name = _("time stamp of a checkpoint")
        verbose_name_plural = _("time stamps of checkpoints")

    def __str__(self) -> str:
        return f"{self.checkpoint} {self.at}"
