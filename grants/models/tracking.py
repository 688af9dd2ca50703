"""The three stages of tracking and the visits that belong to them."""

from django.conf import settings
from django.db import models
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from simple_history.models import HistoricalRecords

from audit.declare import Audited

USER = settings.AUTH_USER_MODEL


class StageKind(models.TextChoices):
    INITIAL = "INITIAL", _("Initial tracking")
    MID = "MID", pgettext_lazy("stage", "Mid-term evaluation")
    FINAL = "FINAL", pgettext_lazy("stage", "Final evaluation")


class StageStatus(models.TextChoices):
    """Where a stage stands; its flow reads it, its services write it."""

    REPORT = "REPORT", _("Report due")
    LATE = "LATE", _("Report late")
    CHECK = "CHECK", _("Materials being checked")
    VISIT = "VISIT", _("Visit due")
    GRADE = "GRADE", _("To be graded")
    RECTIFY = "RECTIFY", _("Rectification due")
    RECHECK = "RECHECK", _("To be re-checked")
    FAILED = "FAILED", pgettext_lazy("stage", "Failed")
    PASSED = "PASSED", pgettext_lazy("stage", "Passed")


class CheckOutcome(models.TextChoices):
    """What an officer says of papers that were handed in."""

    ACCEPT = "ACCEPT", pgettext_lazy("papers", "Accept")
    RETURN = "RETURN", pgettext_lazy("papers", "Return")


class GradeOutcome(models.TextChoices):
    """How a stage is graded; a re-check knows the first and the last."""

    PASS = "PASS", pgettext_lazy("grade", "Pass")
    RECTIFY = "RECTIFY", pgettext_lazy("grade", "Order rectification")
    FAIL = "FAIL", pgettext_lazy("grade", "Fail")


class FailureOutcome(models.TextChoices):
    """What the bureau does with a stage that failed or was not reported."""

    REPORT = "REPORT", _("Give another time for the report")
    GO_ON = "GO_ON", _("Let the project go on")
    TERMINATE = "TERMINATE", _("Terminate the project")


class VisitMethod(models.TextChoices):
    """How a supervisor looked at the project (跟踪方式)."""

    ON_SITE = "ON_SITE", _("On site")
    PHONE = "PHONE", _("By telephone")
    PAPERS = "PAPERS", _("From papers")


class Stage(models.Model):
    """One tracking stage of a project; money in CNY, score of 100."""

    case = models.ForeignKey(
        "grants.Case", on_delete=models.PROTECT, related_name="stages"
    )
    kind = models.CharField(max_length=8, choices=StageKind.choices)
    status = models.CharField(
        max_length=8, choices=StageStatus.choices, default=StageStatus.REPORT
    )
    opens_at = models.DateTimeField()
    report_due = models.DateTimeField(_("report due"))
    rectify_due = models.DateTimeField(null=True, blank=True)
    report = models.TextField(_("report"), blank=True)
    beneficiaries_served = models.PositiveIntegerField(
        _("persons served"), null=True, blank=True
    )
    money_used = models.DecimalField(
        _("money used (CNY)"), max_digits=14, decimal_places=2, null=True, blank=True
    )
    report_file = models.ForeignKey(
        "attachments.Document", on_delete=models.PROTECT, null=True, related_name="+"
    )
    reported_by = models.ForeignKey(
        USER, on_delete=models.PROTECT, null=True, related_name="+"
    )
    remarks = models.TextField(_("remarks"), blank=True)
    checked_by = models.ForeignKey(
        USER, on_delete=models.PROTECT, null=True, related_name="+"
    )
    checked_at = models.DateTimeField(null=True, blank=True)
    score = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    adjustment = models.DecimalField(
        _("bonus or penalty"), max_digits=5, decimal_places=2, null=True, blank=True
    )
    satisfaction = models.DecimalField(
        _("satisfaction (1 to 5)"),
        max_digits=3,
        decimal_places=2,
        null=True,
        blank=True,
    )
    graded_by = models.ForeignKey(
        USER, on_delete=models.PROTECT, null=True, related_name="+"
    )
    rectification = models.TextField(_("rectification"), blank=True)
    rectification_file = models.ForeignKey(
        "attachments.Document", on_delete=models.PROTECT, null=True, related_name="+"
    )
    excused = models.BooleanField(default=False)
    ended_at = models.DateTimeField(null=True, blank=True)
    history = HistoricalRecords()

    audited = Audited(stream="case:{case_id}", personal=("remarks",))

    class Meta:
        verbose_name = _("stage")
        verbose_name_plural = _("stages")
        constraints = [
            models.UniqueConstraint(fields=["case", "kind"], name="stage_kind")
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.kind}"


class Visit(models.Model):
    """A site visit (实地督导); at least three a cycle (DOMAIN A11)."""

    case = models.ForeignKey(
        "grants.Case", on_delete=models.PROTECT, related_name="visits"
    )
    stage = models.ForeignKey(Stage, on_delete=models.PROTECT, related_name="visits")
    visited_on = models.DateField(_("visited on"))
    method = models.CharField(
        _("method"),
        max_length=8,
        choices=VisitMethod.choices,
        default=VisitMethod.ON_SITE,
    )
    findings = models.TextField(_("findings"))
    progress = models.PositiveIntegerField(
        _("progress (per cent)"), null=True, blank=True
    )
    money_share = models.PositiveIntegerField(
        _("money used (per cent)"), null=True, blank=True
    )
    problems = models.TextField(_("problems"), blank=True)
    advice = models.TextField(_("advice"), blank=True)
    photo = models.ForeignKey(
        "attachments.Document", on_delete=models.PROTECT, null=True, related_name="+"
    )
    visited_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(default=now)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    history = HistoricalRecords()

    audited = Audited(
        stream="case:{case_id}", personal=("findings", "problems", "advice")
    )

    class Meta:
        verbose_name = _("visit")
        verbose_name_plural = _("visits")

    def __str__(self) -> str:
        return f"{self.stage_id} {self.visited_on}"


class VisitPicture(models.Model):
    """A further picture of a visit, beside its first."""

    case = models.ForeignKey("grants.Case", on_delete=models.PROTECT, related_name="+")
    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="pictures")
    document = models.ForeignKey(
        "attachments.Document", on_delete=models.PROTECT, related_name="+"
    )

    audited = Audited(stream="case:{case_id}")

    class Meta:
        verbose_name = _("picture of a visit")
        verbose_name_plural = _("pictures of visits")

    def __str__(self) -> str:
        return f"{self.visit_id}: {self.document_id}"


class StageScore(models.Model):
    """What an evaluation gave one dimension (DOMAIN 7.2, 7.3)."""

    case = models.ForeignKey("grants.Case", on_delete=models.PROTECT, related_name="+")
    stage = models.ForeignKey(Stage, on_delete=models.PROTECT, related_name="scores")
    dimension = models.CharField(_("dimension"), max_length=20)
    score = models.DecimalField(_("score"), max_digits=5, decimal_places=2)
    comment = models.TextField(_("comment"), blank=True)

    audited = Audited(stream="case:{case_id}")

    class Meta:
        verbose_name = _("score of a dimension")
        verbose_name_plural = _("scores of dimensions")
        constraints = [
            models.UniqueConstraint(
                fields=["stage", "dimension"], name="stage_score_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.dimension}: {self.score}"
