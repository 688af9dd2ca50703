"""The activity ledger and the expenses of a running project (服务台账, 支出凭证).

Entries are never deleted: a wrong one is corrected or voided, with the reason.
"""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from audit.declare import Audited
from grants.models.application import BudgetLine
from grants.models.proposal import Activity

DOCUMENT = "attachments.Document"


class Entry(models.Model):
    """What both kinds of entries share."""

    #: The planned activity it belongs to; none for what was not planned.
    activity = models.ForeignKey(
        Activity, on_delete=models.PROTECT, null=True, related_name="+"
    )
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    recorded_at = models.DateTimeField(default=now)
    corrected_because = models.CharField(
        _("reason of the correction"), max_length=200, blank=True
    )
    voided_at = models.DateTimeField(_("voided"), null=True, blank=True)
    voided_because = models.CharField(
        _("reason of the voiding"), max_length=200, blank=True
    )

    class Meta:
        abstract = True


class ServiceRecord(Entry):
    """One activity that took place (活动记录表, DOMAIN 6.2)."""

    case = models.ForeignKey(
        "grants.Case", on_delete=models.PROTECT, related_name="service_records"
    )
    held_on = models.DateField(_("held on"))
    title = models.CharField(_("activity"), max_length=120)
    place = models.CharField(_("place"), max_length=120)
    persons = models.PositiveIntegerField(_("persons served"))
    volunteers = models.PositiveIntegerField(_("volunteers"), default=0)
    hours = models.DecimalField(_("hours of service"), max_digits=7, decimal_places=1)
    satisfaction = models.DecimalField(
        _("satisfaction (1 to 5)"),
        max_digits=3,
        decimal_places=2,
        null=True,
        validators=[MinValueValidator(1), MaxValueValidator(5)],
    )
    notes = models.TextField(_("notes"), blank=True)
    sign_in_sheet = models.ForeignKey(
        DOCUMENT, on_delete=models.PROTECT, null=True, related_name="+"
    )

    audited = Audited(
        stream="case:{case_id}",
        personal=("notes", "corrected_because", "voided_because"),
    )

    class Meta:
        verbose_name = _("activity record")
        verbose_name_plural = _("activity records")
        ordering = ["held_on", "pk"]

    def __str__(self) -> str:
        return f"{self.held_on} {self.title}"


class Expense(Entry):
    """One expense of a project with its proof; amount in CNY.

    An invoice number counts once in all projects while its entry is not voided.
    """

    case = models.ForeignKey(
        "grants.Case", on_delete=models.PROTECT, related_name="expenses"
    )
    spent_on = models.DateField(_("spent on"))
    head = models.CharField(
        _("budget head"), max_length=12, choices=BudgetLine.Head.choices
    )
    funded_by = models.CharField(
        _("funded by"), max_length=8, choices=BudgetLine.FundedBy.choices
    )
    payee = models.CharField(_("payee"), max_length=120)
    amount = models.DecimalField(_("amount (CNY)"), max_digits=14, decimal_places=2)
    invoice_number = models.CharField(_("invoice number"), max_length=60, blank=True)
    purpose = models.CharField(_("purpose"), max_length=120, blank=True)
    proof = models.ForeignKey(DOCUMENT, on_delete=models.PROTECT, related_name="+")

    audited = Audited(
        stream="case:{case_id}",
        personal=("payee", "purpose", "corrected_because", "voided_because"),
    )

    class Meta:
        verbose_name = _("expense")
        verbose_name_plural = _("expenses")
        ordering = ["spent_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["invoice_number"],
                condition=models.Q(voided_at=None) & ~models.Q(invoice_number=""),
                name="expense_invoice_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.spent_on} {self.payee} {self.amount}"


class ServicePicture(models.Model):
    """A picture of an activity that took place."""

    record = models.ForeignKey(
        ServiceRecord, on_delete=models.PROTECT, related_name="pictures"
    )
    case = models.ForeignKey("grants.Case", on_delete=models.PROTECT, related_name="+")
    document = models.ForeignKey(DOCUMENT, on_delete=models.PROTECT, related_name="+")

    audited = Audited(stream="case:{case_id}")

    class Meta:
        verbose_name = _("picture of an activity")
        verbose_name_plural = _("pictures of activities")

    def __str__(self) -> str:
        return f"{self.record_id}: {self.document_id}"


class IndicatorResult(models.Model):
    """What a stage's report says was reached of an indicator since the start."""

    case = models.ForeignKey("grants.Case", on_delete=models.PROTECT, related_name="+")
    stage = models.ForeignKey(
        "grants.Stage", on_delete=models.PROTECT, related_name="indicator_results"
    )
    indicator = models.ForeignKey(
        "grants.Indicator", on_delete=models.PROTECT, related_name="results"
    )
    actual = models.DecimalField(
        _("reached"),
        max_digits=12,
        decimal_places=2,
        validators=[MinValueValidator(0)],
    )
    #: What the ledger said, for an indicator that is counted from it.
    counted = models.DecimalField(
        _("counted from the ledger"), max_digits=12, decimal_places=2, null=True
    )
    reason = models.CharField(
        _("why it differs from the ledger"), max_length=200, blank=True
    )

    audited = Audited(stream="case:{case_id}", personal=("reason",))

    class Meta:
        verbose_name = _("result of an indicator")
        verbose_name_plural = _("results of indicators")
        constraints = [
            models.UniqueConstraint(
                fields=["stage", "indicator"], name="indicator_result_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.indicator_id}: {self.actual}"
