"""What an auditor finds in a case, and what becomes of it (审计发现与问责)."""

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from simple_history.models import HistoricalRecords

from audit.declare import Audited

USER = settings.AUTH_USER_MODEL


class FindingCode(models.TextChoices):
    """What a finding is about."""

    ELIGIBILITY = "ELIGIBILITY", _("Eligibility or qualification")
    PROCEDURE = "PROCEDURE", _("Procedure not kept")
    SPENDING = "SPENDING", _("Money not spent as agreed")
    VOUCHER = "VOUCHER", _("Vouchers missing or wrong")
    RELATED = "RELATED", _("Dealings with related parties")
    DUPLICATE = "DUPLICATE", _("Funded twice")
    RESULT = "RESULT", _("Results not as reported")
    OTHER = "OTHER", pgettext_lazy("finding", "Other")


class FindingSeverity(models.TextChoices):
    MINOR = "MINOR", pgettext_lazy("severity", "Minor")
    MAJOR = "MAJOR", pgettext_lazy("severity", "Major")
    GRAVE = "GRAVE", pgettext_lazy("severity", "Grave")


class FindingAddressee(models.TextChoices):
    """Who is asked for an answer."""

    OFFICE = "OFFICE", _("The programme's office")
    ORGANISATION = "ORGANISATION", _("The organisation")


class FindingStatus(models.TextChoices):
    RAISED = "RAISED", pgettext_lazy("finding", "Awaiting an answer")
    ANSWERED = "ANSWERED", pgettext_lazy("finding", "Answered")
    RESOLVED = "RESOLVED", pgettext_lazy("finding", "Resolved")
    REFERRED = "REFERRED", pgettext_lazy("finding", "Referred to the inspector")
    CLOSED = "CLOSED", pgettext_lazy("finding", "Accountability case closed")


class AccountabilityResult(models.TextChoices):
    """How the discipline inspector closes an accountability case."""

    NO_BREACH = "NO_BREACH", _("No breach found")
    WARNED = "WARNED", _("Breach found, dealt with")
    PASSED_ON = "PASSED_ON", _("Passed on to the authority in charge")


class Finding(models.Model):
    """One finding; referred, it is an accountability case of the inspector's.

    ``amount`` is in CNY, what is in question; empty where no money is. Texts may
    name people, so they are personal and erasable.
    """

    OPEN = (FindingStatus.RAISED, FindingStatus.ANSWERED, FindingStatus.REFERRED)

    number = models.CharField(_("number"), max_length=60, unique=True)
    case = models.ForeignKey(
        "grants.Case", on_delete=models.PROTECT, related_name="findings"
    )
    code = models.CharField(_("kind"), max_length=12, choices=FindingCode.choices)
    severity = models.CharField(
        _("severity"), max_length=5, choices=FindingSeverity.choices
    )
    amount = models.DecimalField(
        _("amount in question (CNY)"),
        max_digits=14,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
    )
    statement = models.TextField(_("finding"))
    evidence = models.TextField(_("evidence of the finding"))
    folder = models.OneToOneField(
        "attachments.Folder", on_delete=models.PROTECT, null=True, related_name="+"
    )
    addressee = models.CharField(
        _("who answers"), max_length=12, choices=FindingAddressee.choices
    )
    status = models.CharField(
        max_length=8, choices=FindingStatus.choices, default=FindingStatus.RAISED
    )
    raised_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    raised_at = models.DateTimeField(default=now)
    answer = models.TextField(_("answer"), blank=True)
    answered_by = models.ForeignKey(
        USER, on_delete=models.PROTECT, null=True, related_name="+"
    )
    answered_at = models.DateTimeField(null=True, blank=True)
    resolution = models.TextField(_("resolution"), blank=True)
    resolved_by = models.ForeignKey(
        USER, on_delete=models.PROTECT, null=True, related_name="+"
    )
    resolved_at = models.DateTimeField(null=True, blank=True)
    referral = models.TextField(_("why it was referred"), blank=True)
    referred_by = models.ForeignKey(
        USER, on_delete=models.PROTECT, null=True, related_name="+"
    )
    referred_at = models.DateTimeField(null=True, blank=True)
    result = models.CharField(
        _("result"), max_length=9, choices=AccountabilityResult.choices, blank=True
    )
    result_reason = models.TextField(_("reason of the result"), blank=True)
    closed_by = models.ForeignKey(
        USER, on_delete=models.PROTECT, null=True, related_name="+"
    )
    closed_at = models.DateTimeField(null=True, blank=True)
    history = HistoricalRecords()

    audited = Audited(
        stream="case:{case_id}",
        personal=(
            "statement",
            "evidence",
            "answer",
            "resolution",
            "referral",
            "result_reason",
        ),
    )

    class Meta:
        verbose_name = _("audit finding")
        verbose_name_plural = _("audit findings")
        ordering = ["pk"]
        indexes = [models.Index(fields=["status", "id"], name="finding_status")]

    def __str__(self) -> str:
        return self.number
