"""What was asked (Application) and what was granted (Project)."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from audit.declare import Audited


class Application(models.Model):
    """The application form (项目申报书), thin: DOMAIN §6.1, elements of A13."""

    case = models.OneToOneField(
        "grants.Case", on_delete=models.PROTECT, related_name="application"
    )
    category = models.CharField(_("service field"), max_length=20, blank=True)
    period_start = models.DateField(_("project start"), null=True, blank=True)
    period_end = models.DateField(_("project end"), null=True, blank=True)
    beneficiaries = models.TextField(_("target beneficiaries"), blank=True)
    resources = models.TextField(_("usable resources"), blank=True)
    objectives = models.TextField(_("objectives"), blank=True)
    plan = models.TextField(_("implementation plan"), blank=True)
    # screening
    fields_to_correct = models.JSONField(default=list, blank=True)
    screening_reason = models.TextField(blank=True)
    refusal_proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    screened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    corrections = models.PositiveIntegerField(default=0)
    correction_due = models.DateTimeField(null=True, blank=True)
    end_reason = models.TextField(blank=True)
    # review
    score = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    scored_at = models.DateTimeField(null=True)
    # notice
    notice_over_at = models.DateTimeField(null=True)
    history = HistoricalRecords()

    audited = Audited(stream="case:{case_id}")

    class Meta:
        verbose_name = _("application")
        verbose_name_plural = _("applications")

    def __str__(self) -> str:
        return str(self.case_id)


class BudgetLine(models.Model):
    """One line of a budget: of the request, or of the plan after the award."""

    class Kind(models.TextChoices):
        REQUEST = "REQUEST", _("Requested budget")
        PLAN = "PLAN", _("Approved budget")

    class Head(models.TextChoices):
        ACTIVITY = "ACTIVITY", _("Activity costs")
        STAFF = "STAFF", _("Staff subsidies")
        ADMIN = "ADMIN", _("Administration")
        TAX = "TAX", _("Tax")
        FIXED_ASSET = "FIXED_ASSET", _("Fixed assets")

    class FundedBy(models.TextChoices):
        GRANT = "GRANT", _("Grant")
        SELF = "SELF", _("Self-raised")

    case = models.ForeignKey(
        "grants.Case", on_delete=models.PROTECT, related_name="budget_lines"
    )
    kind = models.CharField(max_length=8, choices=Kind.choices)
    position = models.PositiveIntegerField()
    head = models.CharField(_("budget head"), max_length=12, choices=Head.choices)
    item = models.CharField(_("item"), max_length=80)
    amount = models.DecimalField(_("amount (CNY)"), max_digits=14, decimal_places=2)
    funded_by = models.CharField(_("funded by"), max_length=8, choices=FundedBy.choices)

    audited = Audited(stream="case:{case_id}")

    class Meta:
        verbose_name = _("budget line")
        verbose_name_plural = _("budget lines")
        ordering = ["kind", "position"]

    def __str__(self) -> str:
        return f"{self.item} {self.amount}"


class Project(models.Model):
    """What was granted: made when the award letter is issued."""

    case = models.OneToOneField(
        "grants.Case", on_delete=models.PROTECT, related_name="project"
    )
    award_no = models.CharField(_("Award number"), max_length=50, unique=True)
    award_letter_no = models.CharField(_("award letter number"), max_length=60)
    award_letter_date = models.DateField(_("date of the award letter"))
    plan = models.TextField(_("revised plan"), blank=True)
    plan_submitted_at = models.DateTimeField(null=True, blank=True)
    plan_remarks = models.TextField(_("remarks on the plan"), blank=True)
    revision_due = models.DateTimeField(null=True)
    signing_due = models.DateTimeField(null=True)
    band = models.CharField(_("closing band"), max_length=4, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    file_number = models.CharField(_("file number"), max_length=40, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)
    history = HistoricalRecords()

    audited = Audited(stream="case:{case_id}")

    class Meta:
        verbose_name = _("project")
        verbose_name_plural = _("projects")

    def __str__(self) -> str:
        return self.award_no


class Draft(models.Model):
    """Autosaved typing of one person in one form; not part of the record."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    key = models.CharField(max_length=100)
    data = models.JSONField()
    saved_at = models.DateTimeField()

    class Meta:
        verbose_name = _("draft")
        verbose_name_plural = _("drafts")
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="draft_once")
        ]

    def __str__(self) -> str:
        return self.key
