"""What was asked (Application) and what was granted (Project)."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from audit.declare import Audited
from organisations.models import AnnualCheck


class Application(models.Model):
    """The application form (项目申报书): DOMAIN §6.1, with the elements of A13.

    Its tables are in grants/models/proposal.py. `handed_in_before` keeps what
    a correction replaced, as JSON, so that the operator sees the difference.
    """

    Conclusion = AnnualCheck

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
    summary = models.TextField(_("summary"), blank=True)
    place = models.CharField(_("place"), max_length=200, blank=True)
    direct_beneficiaries = models.PositiveIntegerField(
        _("direct beneficiaries"), null=True, blank=True
    )
    indirect_beneficiaries = models.PositiveIntegerField(
        _("indirect beneficiaries"), null=True, blank=True
    )
    need_analysis = models.TextField(_("need"), blank=True)
    innovation = models.TextField(_("innovation"), blank=True)
    risk_plan = models.TextField(_("risks"), blank=True)
    sustainability = models.TextField(_("sustainability"), blank=True)
    # the organisation, as it stood on the day
    founded_on = models.DateField(_("founded on"), null=True, blank=True)
    postcode = models.CharField(_("postcode"), max_length=6, blank=True)
    address = models.CharField(_("postal address"), max_length=120, blank=True)
    annual_check_year = models.PositiveIntegerField(
        _("year of the annual check"), null=True, blank=True
    )
    annual_check_result = models.CharField(
        _("conclusion of the annual check"),
        max_length=10,
        choices=Conclusion.choices,
        blank=True,
    )
    grade_year = models.PositiveIntegerField(
        _("year of the grade"), null=True, blank=True
    )
    grade = models.PositiveIntegerField(_("grade (A)"), null=True, blank=True)
    org_profile = models.TextField(_("profile of the organisation"), blank=True)
    # people
    leader_name = models.CharField(_("project leader"), max_length=60, blank=True)
    leader_mobile = models.CharField(_("leader's mobile"), max_length=20, blank=True)
    leader_phone = models.CharField(_("leader's telephone"), max_length=30, blank=True)
    leader_email = models.EmailField(_("leader's e-mail"), blank=True)
    contact_name = models.CharField(_("contact"), max_length=60, blank=True)
    contact_mobile = models.CharField(_("contact's mobile"), max_length=20, blank=True)
    contact_phone = models.CharField(
        _("contact's telephone"), max_length=30, blank=True
    )
    contact_email = models.EmailField(_("contact's e-mail"), blank=True)
    commitment = models.BooleanField(_("commitment"), default=False)
    answers = models.JSONField(_("answers to the round"), default=dict, blank=True)
    # a term of its own, after the call, for a draft that was reopened
    term_ends = models.DateTimeField(null=True, blank=True)
    # screening
    handed_in_before = models.TextField(blank=True)
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

    audited = Audited(
        stream="case:{case_id}",
        personal=(
            "leader_mobile",
            "leader_phone",
            "leader_email",
            "contact_mobile",
            "contact_phone",
            "contact_email",
            "handed_in_before",
            "leader_name",
            "contact_name",
            "screening_reason",
            "end_reason",
        ),
    )

    class Meta:
        verbose_name = _("application")
        verbose_name_plural = _("applications")

    def __str__(self) -> str:
        return str(self.case_id)


class BudgetLine(models.Model):
    """One line of a budget: of the request, or of the plan after the award."""

    class Kind(models.TextChoices):
        REQUEST = "REQUEST", _("As requested")
        PLAN = "PLAN", _("As approved")

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
    #: The name of an activity of the same request or plan; empty for none.
    activity = models.CharField(_("serves the activity"), max_length=120, blank=True)

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

    audited = Audited(stream="case:{case_id}", personal=("plan_remarks",))

    class Meta:
        verbose_name = _("project")
        verbose_name_plural = _("projects")

    def __str__(self) -> str:
        return self.award_no
