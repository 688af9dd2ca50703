"""Folders, documents and their versions: who owns what, never the bytes.

An owner (a case, an organisation, a round) holds a foreign key to its ``Folder``
and gives it the audit stream its documents are recorded in; the owner's app says
through ``attachments.registry`` who may read and write there.
"""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from attachments.incoming import Upload, UploadState
from audit.declare import Audited

__all__ = [
    "Document",
    "Folder",
    "Scan",
    "ScanState",
    "Upload",
    "UploadState",
    "Version",
]


class ScanState(models.TextChoices):
    """What is known about malware in a stored file."""

    NOT_SCANNED = "NOT_SCANNED", _("Not scanned for viruses")
    CLEAN = "CLEAN", _("No virus found")
    INFECTED = "INFECTED", _("A virus was found")


class Folder(models.Model):
    """The documents of one owner.

    ``kind`` names the owner's entry in the registry ("case"); ``stream`` is the
    audit stream of the owner ("case:17"), given once and never changed.
    """

    kind = models.CharField(_("kind"), max_length=40)
    stream = models.CharField(_("audit stream"), max_length=120, db_index=True)
    #: Legal hold: nothing in it may be deleted (attachments.keeping).
    held = models.BooleanField(_("on legal hold"), default=False)
    #: From when the periods of its papers were counted last (attachments.keeping).
    kept_from = models.DateTimeField(
        _("periods of keeping begin"), null=True, blank=True, editable=False
    )

    audited = Audited(stream="{stream}")

    class Meta:
        verbose_name = _("folder")
        verbose_name_plural = _("folders")
        indexes = [
            models.Index(
                fields=["id"], name="attachments_on_hold", condition=models.Q(held=True)
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} ({self.stream})"


class Document(models.Model):
    """One paper of a folder, whatever number of versions it went through.

    ``kind`` is the owner's word for what it is ("budget", "sealed_copy").
    """

    folder = models.ForeignKey(
        Folder, on_delete=models.PROTECT, related_name="documents"
    )
    stream = models.CharField(_("audit stream"), max_length=120)
    kind = models.CharField(_("kind"), max_length=60)
    title = models.CharField(_("title"), max_length=200)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,  # somebody without an account
        blank=True,
        related_name="+",
        verbose_name=_("created by"),
    )
    created_at = models.DateTimeField(_("created at"), default=timezone.now)

    audited = Audited(stream="{stream}", personal=("title",))

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        indexes = [
            models.Index(fields=["folder", "kind", "id"], name="attachments_of_folder")
        ]

    def __str__(self) -> str:
        return self.title


class Version(models.Model):
    """One stored file of a document. Versions are added, never overwritten.

    ``size`` is in bytes; ``sha256`` is the digest of the stored content in
    hexadecimal; ``content_type`` is what the content is, not what was claimed.
    """

    document = models.ForeignKey(
        Document, on_delete=models.PROTECT, related_name="versions"
    )
    stream = models.CharField(_("audit stream"), max_length=120)
    number = models.PositiveIntegerField(_("version"))
    name = models.CharField(_("file name"), max_length=180)
    size = models.PositiveBigIntegerField(_("size in bytes"))
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    content_type = models.CharField(_("content type"), max_length=100)
    storage_key = models.CharField(max_length=120, unique=True, editable=False)
    #: The S3 version that holds exactly these bytes; "" on local files.
    storage_version = models.CharField(max_length=200, blank=True, editable=False)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,  # somebody without an account
        blank=True,
        related_name="+",
        verbose_name=_("uploaded by"),
    )
    uploaded_at = models.DateTimeField(_("uploaded at"), default=timezone.now)
    scan_state = models.CharField(
        _("virus scan"),
        max_length=20,
        choices=ScanState.choices,
        default=ScanState.NOT_SCANNED,
    )
    threat = models.CharField(_("virus found"), max_length=200, blank=True)
    scanned_at = models.DateTimeField(_("scanned at"), null=True, blank=True)
    #: Until when it must be kept (attachments.keeping), and what the storage took on.
    keep_until = models.DateTimeField(_("to be kept until"), null=True, blank=True)
    kept_until = models.DateTimeField(
        _("kept by the storage until"), null=True, blank=True, editable=False
    )
    #: Whether the storage has it on legal hold, as its folder is to be.
    held = models.BooleanField(_("on legal hold"), default=False, editable=False)

    audited = Audited(stream="{stream}", personal=("name",))

    class Meta:
        verbose_name = _("version")
        verbose_name_plural = _("versions")
        constraints = [
            models.UniqueConstraint(
                fields=["document", "number"], name="attachments_version_number"
            )
        ]
        indexes = [
            models.Index(
                fields=["id"],
                name="attachments_unscanned",
                condition=models.Q(scan_state=ScanState.NOT_SCANNED),
            ),
            models.Index(
                fields=["stream", "id"],
                name="attachments_owed",
                condition=models.Q(keep_until__isnull=False)
                & (
                    models.Q(kept_until__isnull=True)
                    | models.Q(kept_until__lt=models.F("keep_until"))
                ),
            ),
            models.Index(
                fields=["id"], name="attachments_held", condition=models.Q(held=True)
            ),
            models.Index(fields=["stream"], name="attachments_by_stream"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.number})"


class Scan(models.Model):
    """A version that waits for the scanner: who holds it, what failed so far.

    It is made when a worker takes the version up and is removed some time after the
    verdict, which is in the version (settings.AUDIT_EXEMPT).
    """

    version = models.OneToOneField(
        Version, on_delete=models.PROTECT, related_name="scan"
    )
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    last_error = models.CharField(_("last error"), max_length=500, blank=True)
    next_attempt_at = models.DateTimeField(_("next attempt at"), default=timezone.now)
    lease_token = models.UUIDField(null=True, blank=True, editable=False)
    lease_until = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("virus scan")
        verbose_name_plural = _("virus scans")

    def __str__(self) -> str:
        return str(self.version_id)


class Rendition(models.Model):
    """What was made of a version to be looked at, or is to be (attachments.renditions).

    ``error`` is a code: why nothing came of it, or of the last try. The files are in
    the scratch class; none of them is a version (settings.AUDIT_EXEMPT).
    """

    class State(models.TextChoices):
        WAITING = "WAITING", _("Waiting")
        MADE = "MADE", _("Made")
        FAILED = "FAILED", _("Failed")

    version = models.OneToOneField(
        Version, on_delete=models.PROTECT, related_name="rendition"
    )
    state = models.CharField(
        _("status"), max_length=10, choices=State.choices, default=State.WAITING
    )
    error = models.CharField(_("last error"), max_length=20, blank=True)
    preview_key = models.CharField(
        max_length=120, blank=True, editable=False, db_index=True
    )
    preview_size = models.PositiveBigIntegerField(_("size in bytes"), default=0)
    preview_sha256 = models.CharField(max_length=64, blank=True)
    thumbnail_key = models.CharField(
        max_length=120, blank=True, editable=False, db_index=True
    )
    #: How many pages there are, as far as is known, are wanted, and were tried.
    page_count = models.PositiveIntegerField(default=0, editable=False)
    pages_wanted = models.PositiveIntegerField(default=10, editable=False)
    pages_tried = models.PositiveIntegerField(default=0, editable=False)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_attempt_at = models.DateTimeField(_("next attempt at"), default=timezone.now)
    lease_until = models.DateTimeField(null=True, blank=True, editable=False)
    made_at = models.DateTimeField(null=True, blank=True, editable=False)
    #: Since when somebody waits for it before the preview.
    asked_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("rendition")
        verbose_name_plural = _("renditions")
        indexes = [
            models.Index(
                fields=["id"],
                name="attachments_to_render",
                condition=models.Q(state="WAITING"),
            ),
            models.Index(
                fields=["asked_at"],
                name="attachments_render_first",
                condition=models.Q(state="WAITING", asked_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version_id} {self.state}"


class PagePicture(models.Model):
    """One page of a version as a picture in the scratch class (attachments.pages)."""

    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="pages")
    number = models.PositiveIntegerField(_("number"))
    key = models.CharField(max_length=120, unique=True, editable=False)
    size = models.PositiveBigIntegerField(_("size in bytes"))
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()

    class Meta:
        verbose_name = _("picture of a page")
        verbose_name_plural = _("pictures of pages")
        constraints = [
            models.UniqueConstraint(
                fields=["version", "number"], name="attachments_page_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.version_id} {self.number}"
