"""The case: the lock, the stream of the record, the list row."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from simple_history.models import HistoricalRecords

from audit.declare import Audited


class Status(models.TextChoices):
    """The one status of a case (FLOWS.md); words of ui_terms.csv."""

    DRAFT = "DRAFT", pgettext_lazy("status", "Draft")
    SCREENING = "SCREENING", _("In screening")
    CORRECTION = "CORRECTION", _("Returned for correction")
    ELIGIBLE = "ELIGIBLE", _("Eligible, awaiting review")
    UNDER_REVIEW = "UNDER_REVIEW", _("Under review")
    SCORED = "SCORED", _("Scored, awaiting decision")
    PROPOSED = "PROPOSED", _("Proposed for award")
    WAITLISTED = "WAITLISTED", _("On the wait list")
    DECIDED = "DECIDED", _("Approved by the bureau meeting")
    IN_NOTICE = "IN_NOTICE", _("In public notice")
    REVISION = "REVISION", _("Plan and budget being revised")
    AGREEMENT = "AGREEMENT", _("Awaiting agreement")
    RUNNING_INITIAL = "RUNNING_INITIAL", _("Running, initial stage")
    MID_EVAL = "MID_EVAL", pgettext_lazy("status", "Mid-term evaluation")
    RUNNING_FINAL = "RUNNING_FINAL", _("Running, final stage")
    FINAL_EVAL = "FINAL_EVAL", pgettext_lazy("status", "Final evaluation")
    AUDIT = "AUDIT", _("Financial audit")
    CLOSING = "CLOSING", _("Closing")
    CLOSED = "CLOSED", pgettext_lazy("status", "Closed")
    ARCHIVED = "ARCHIVED", pgettext_lazy("status", "Archived")
    EXPIRED = "EXPIRED", _("Expired")
    INELIGIBLE = "INELIGIBLE", _("Ineligible")
    REJECTED = "REJECTED", _("Not funded")
    WITHDRAWN = "WITHDRAWN", _("Withdrawn")
    CANCELLED = "CANCELLED", _("Award cancelled")
    LAPSED = "LAPSED", _("Award declined or lapsed")
    TERMINATED = "TERMINATED", _("Terminated")
    CLAWBACK = "CLAWBACK", _("Clawback")
    CLAWBACK_DONE = "CLAWBACK_DONE", _("Clawback settled")


class Case(models.Model):
    """One application and what becomes of it.

    `status` is the truth and only services write it (the gate names the
    legal moves). `version` counts changes, for If-Match.
    """

    code = models.CharField(_("Application number"), max_length=50, unique=True)
    round = models.ForeignKey(
        "grants.Round", on_delete=models.PROTECT, related_name="cases"
    )
    rules = models.ForeignKey(
        "grants.ProgrammeRules", on_delete=models.PROTECT, related_name="+"
    )
    organisation = models.ForeignKey(
        "organisations.Organisation", on_delete=models.PROTECT, related_name="cases"
    )
    folder = models.OneToOneField(
        "attachments.Folder", on_delete=models.PROTECT, null=True, related_name="+"
    )
    status = models.CharField(
        _("status"), max_length=16, choices=Status.choices, default=Status.DRAFT
    )
    #: Where an ended case stood before, so that it can be reopened.
    ended_from = models.CharField(max_length=16, choices=Status.choices, blank=True)
    version = models.PositiveIntegerField(default=1)
    title = models.CharField(_("Project name"), max_length=40, blank=True)
    district = models.ForeignKey(
        "grants.District", on_delete=models.PROTECT, null=True, blank=True
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(default=now)
    status_since = models.DateTimeField(default=now)
    submitted_at = models.DateTimeField(_("submitted"), null=True, blank=True)
    requested = models.DecimalField(
        _("Requested"), max_digits=14, decimal_places=2, null=True, blank=True
    )
    awarded = models.DecimalField(
        _("Awarded"), max_digits=14, decimal_places=2, null=True, blank=True
    )
    history = HistoricalRecords()

    audited = Audited(stream="case:{id}")

    class Meta:
        verbose_name = _("case")
        verbose_name_plural = _("cases")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["round", "status", "id"], name="case_round_status"),
            models.Index(fields=["organisation", "id"], name="case_organisation"),
            models.Index(fields=["status", "id"], name="case_status"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}".strip()

    @property
    def case(self) -> "Case":
        """So that every target of an action has a `.case`."""
        return self

    @property
    def programme_id(self) -> int:
        return self.rules.programme_id


class HoldKind(models.TextChoices):
    """What may hold money or an award without being a status."""

    OBJECTION = "objection", _("Objection")
    RECTIFICATION = "rectification", _("Rectification")
    SUSPENSION = "suspension", _("Suspension")
    FINDING = "finding", _("Audit finding")
    CHANGE = "change", _("Pending change")
    TERMINATION = "termination", _("Termination proposed")


class Hold(models.Model):
    """An open question on a case; money asks only whether one is open."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="holds")
    kind = models.CharField(max_length=16, choices=HoldKind.choices)
    reason = models.CharField(max_length=400, blank=True)
    opened_at = models.DateTimeField(default=now)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    lifted_at = models.DateTimeField(null=True, blank=True)
    history = HistoricalRecords()

    audited = Audited(stream="case:{case_id}", personal=("reason",))

    class Meta:
        verbose_name = _("hold")
        verbose_name_plural = _("holds")
        constraints = [
            models.UniqueConstraint(
                fields=["case", "kind"],
                condition=Q(lifted_at__isnull=True),
                name="hold_open_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.kind}"
