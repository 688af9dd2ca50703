"""Files on their way: what a browser sends by itself, before the form that names it."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class UploadState(models.TextChoices):
    """How far a file is."""

    BEGUN = "BEGUN", _("On its way")
    CHECKING = "CHECKING", _("Being checked")
    READY = "READY", _("Arrived and checked")
    TAKEN = "TAKEN", _("Taken by its form")
    REFUSED = "REFUSED", _("Refused")
    ABANDONED = "ABANDONED", _("Given up")


class Upload(models.Model):
    """One file that somebody sends, from the first byte to the version it becomes.

    It belongs to who began it, to a folder and to a field of a form; the ``token``
    stands in that form in the place of the file. ``key`` and ``mark`` name it in the
    store while it arrives, ``storage_key`` from then on. Its rows are no record
    (settings.AUDIT_EXEMPT): what is taken is a version, and the event of that holds
    the moments at which the upload began and ended.
    """

    token = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    folder = models.ForeignKey(
        "attachments.Folder", on_delete=models.PROTECT, related_name="uploads"
    )
    field = models.CharField(_("field"), max_length=60)
    name = models.CharField(_("file name"), max_length=180)
    #: As announced; what arrives must be as large.
    size = models.PositiveBigIntegerField(_("size in bytes"))
    most = models.PositiveBigIntegerField(_("limit in bytes"))
    macros = models.BooleanField(_("macros are taken"), default=False)
    state = models.CharField(
        _("state"),
        max_length=20,
        choices=UploadState.choices,
        default=UploadState.BEGUN,
    )
    begun_at = models.DateTimeField(_("began at"), default=timezone.now)
    #: When the first bytes were known to be there (attachments.on_its_way).
    sent_at = models.DateTimeField(null=True, blank=True, editable=False)
    ended_at = models.DateTimeField(_("arrived at"), null=True, blank=True)
    key = models.CharField(max_length=120, unique=True, editable=False)
    mark = models.CharField(max_length=300, blank=True, editable=False)
    storage_key = models.CharField(max_length=120, blank=True, editable=False)
    storage_version = models.CharField(max_length=200, blank=True, editable=False)
    sha256 = models.CharField(_("SHA-256"), max_length=64, blank=True)
    content_type = models.CharField(_("content type"), max_length=100, blank=True)
    #: Until when a process is believed to be checking it.
    lease_until = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("upload")
        verbose_name_plural = _("uploads")
        indexes = [
            models.Index(fields=["state", "begun_at"], name="attachments_on_its_way"),
            models.Index(fields=["folder", "begun_at"], name="attachments_for_folder"),
        ]

    def __str__(self) -> str:
        return self.name
