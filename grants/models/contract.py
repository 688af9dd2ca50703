"""Agreement and money: tranches, batches, audit report, refund, closure."""

from django.conf import settings
from django.db import models
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from simple_history.models import HistoricalRecords

from audit.declare import Audited

DOCUMENT = "attachments.Document"


class Agreement(models.Model):
    """The funding agreement (资助协议书), signed by both sides with seals."""

    case = models.OneToOneField(
        "grants.Case", on_delete=models.PROTECT, related_name="agreement"
    )
    signed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    signed_on = models.DateField(_("signed on"))
    applicant_copy = models.ForeignKey(
        DOCUMENT, on_delete=models.PROTECT, related_name="+"
    )
    number = models.CharField(_("agreement number"), max_length=60, blank=True)
    countersigned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    countersigned_on = models.DateField(null=True, blank=True)
    sealed_copy = models.ForeignKey(
        DOCUMENT, on_delete=models.PROTECT, null=True, related_name="+"
    )
    history = HistoricalRecords()

    audited = Audited(stream="case:{case_id}")

    class Meta:
        verbose_name = _("agreement")
        verbose_name_plural = _("agreements")

    def __str__(self) -> str:
        return self.number or str(self.case_id)


class TrancheStatus(models.TextChoices):
    PLANNED = "PLANNED", pgettext_lazy("tranche", "Planned")
    OPEN = "OPEN", _("To be requested")
    REQUESTED = "REQUESTED", pgettext_lazy("tranche status", "Requested")
    REGISTERED = "REGISTERED", _("Receipt registered")
    APPROVED = "APPROVED", pgettext_lazy("tranche", "Approved")
    PAID = "PAID", pgettext_lazy("tranche", "Paid")
    SETTLED = "SETTLED", _("Settled without payment")


class ReceiptOutcome(models.TextChoices):
    """What the finance officer says of a receipt (票据)."""

    CHECKED = "CHECKED", _("The receipt is in order")
    RETURN = "RETURN", _("Return to the organisation")


class ReceiptKind(models.TextChoices):
    """What the organisation hands in for a payment (票据类型)."""

    RECEIPT = "RECEIPT", _("Receipt of a social organisation")
    INVOICE = "INVOICE", _("Tax invoice")
    FISCAL = "FISCAL", _("Fiscal bill")


class AuditOpinion(models.TextChoices):
    """The audit firm's opinion."""

    CLEAN = "CLEAN", _("Without reservation")
    QUALIFIED = "QUALIFIED", _("With reservations")


class ClosingOutcome(models.TextChoices):
    """What the officer says of a closure package."""

    ACCEPT = "ACCEPT", _("Close the project")
    RETURN = "RETURN", _("Return the package")


class PaymentBatch(models.Model):
    """An approval of several payments at once (拨付审批表)."""

    round = models.ForeignKey(
        "grants.Round", on_delete=models.PROTECT, related_name="payment_batches"
    )
    number = models.CharField(_("batch"), max_length=40, unique=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    approved_at = models.DateTimeField(default=now)
    history = HistoricalRecords()

    audited = Audited(stream="grants_round:{round_id}")

    class Meta:
        verbose_name = _("payment batch")
        verbose_name_plural = _("payment batches")

    def __str__(self) -> str:
        return self.number


class Tranche(models.Model):
    """One payment of an award (首期/二期/尾款); amounts in CNY.

    Registered, approved and recorded by three different officers.
    """

    case = models.ForeignKey(
        "grants.Case", on_delete=models.PROTECT, related_name="tranches"
    )
    seq = models.PositiveIntegerField(_("tranche"))
    amount = models.DecimalField(_("amount (CNY)"), max_digits=14, decimal_places=2)
    status = models.CharField(
        max_length=10, choices=TrancheStatus.choices, default=TrancheStatus.PLANNED
    )
    receipt_number = models.CharField(_("receipt number"), max_length=60, blank=True)
    receipt = models.ForeignKey(
        DOCUMENT, on_delete=models.PROTECT, null=True, related_name="+"
    )
    receipt_kind = models.CharField(
        _("kind of receipt"), max_length=8, choices=ReceiptKind.choices, blank=True
    )
    receipt_date = models.DateField(_("date of the receipt"), null=True, blank=True)
    bank = models.CharField(_("bank"), max_length=80, blank=True)
    account = models.CharField(_("account number"), max_length=40, blank=True)
    budget_year = models.PositiveIntegerField(_("budget year"), null=True, blank=True)
    budget_document = models.CharField(
        _("budget document number"), max_length=60, blank=True
    )
    functional_class = models.CharField(
        _("functional class"), max_length=40, blank=True
    )
    economic_class = models.CharField(_("economic class"), max_length=40, blank=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    registered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    registered_at = models.DateTimeField(null=True, blank=True)
    remarks = models.TextField(_("remarks"), blank=True)
    batch = models.ForeignKey(
        PaymentBatch, on_delete=models.PROTECT, null=True, related_name="tranches"
    )
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    voucher_number = models.CharField(_("voucher number"), max_length=60, blank=True)
    paid_on = models.DateField(_("paid on"), null=True, blank=True)
    history = HistoricalRecords()

    audited = Audited(stream="case:{case_id}", personal=("account", "remarks"))

    class Meta:
        verbose_name = _("tranche")
        verbose_name_plural = _("tranches")
        ordering = ["case", "seq"]
        constraints = [
            models.UniqueConstraint(fields=["case", "seq"], name="tranche_seq"),
            models.UniqueConstraint(
                fields=["receipt_number"],
                condition=~models.Q(receipt_number=""),
                name="tranche_receipt_once",
            ),
            models.UniqueConstraint(
                fields=["voucher_number"],
                condition=~models.Q(voucher_number=""),
                name="tranche_voucher_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id}/{self.seq}"


class AuditReport(models.Model):
    """The audit firm's report: accepted expenditure (审定支出) in CNY."""

    case = models.OneToOneField(
        "grants.Case", on_delete=models.PROTECT, related_name="audit_report"
    )
    report = models.ForeignKey(DOCUMENT, on_delete=models.PROTECT, related_name="+")
    accepted_expenditure = models.DecimalField(
        _("accepted expenditure (CNY)"), max_digits=14, decimal_places=2
    )
    opinion = models.CharField(
        _("opinion"), max_length=12, choices=AuditOpinion.choices
    )
    filed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    filed_at = models.DateTimeField(default=now)
    history = HistoricalRecords()

    audited = Audited(stream="case:{case_id}")

    class Meta:
        verbose_name = _("audit report")
        verbose_name_plural = _("audit reports")

    def __str__(self) -> str:
        return str(self.case_id)


class Refund(models.Model):
    """Money paid back (缴回), with its proof; CNY."""

    case = models.OneToOneField(
        "grants.Case", on_delete=models.PROTECT, related_name="refund"
    )
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    returned_on = models.DateField(_("returned on"))
    voucher_number = models.CharField(_("voucher number"), max_length=60)
    proof = models.ForeignKey(DOCUMENT, on_delete=models.PROTECT, related_name="+")
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    history = HistoricalRecords()

    audited = Audited(stream="case:{case_id}")

    class Meta:
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")

    def __str__(self) -> str:
        return f"{self.case_id}: {self.amount}"


class Closure(models.Model):
    """A closure package (结项材料) and what the officer said of it."""

    case = models.ForeignKey(
        "grants.Case", on_delete=models.PROTECT, related_name="closures"
    )
    summary = models.TextField(_("summary"))
    package = models.ForeignKey(DOCUMENT, on_delete=models.PROTECT, related_name="+")
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    submitted_at = models.DateTimeField(default=now)
    outcome = models.CharField(
        _("outcome"), max_length=8, choices=ClosingOutcome.choices, blank=True
    )
    remarks = models.TextField(_("remarks"), blank=True)
    history = HistoricalRecords()

    audited = Audited(stream="case:{case_id}", personal=("remarks",))

    class Meta:
        verbose_name = _("closure package")
        verbose_name_plural = _("closure packages")

    def __str__(self) -> str:
        return str(self.case_id)
