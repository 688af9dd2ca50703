"""Side ways of a case: termination, repayment, change request, reopening."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from simple_history.models import HistoricalRecords

from audit.declare import Audited

DOCUMENT = "attachments.Document"
USER = settings.AUTH_USER_MODEL


class TerminationGround(models.TextChoices):
    """Why a project ends early; FAILURE is the bureau's word on a stage."""

    AGREEMENT = "AGREEMENT", _("By agreement")
    CAUSE = "CAUSE", _("For breach of the agreement")
    FRAUD = "FRAUD", _("For fraud or misuse of the money")
    FAILURE = "FAILURE", _("A stage failed or was not reported")


class TerminationStatus(models.TextChoices):
    PROPOSED = "PROPOSED", pgettext_lazy("termination", "Proposed")
    CONFIRMED = "CONFIRMED", pgettext_lazy("termination", "Confirmed")
    REFUSED = "REFUSED", pgettext_lazy("termination", "Not confirmed")
    OVERTAKEN = "OVERTAKEN", _("Overtaken by another decision")
    REVOKED = "REVOKED", _("Revoked: the case was reopened")


class Termination(models.Model):
    """An early end with its settlement (终止与清算); amounts in CNY.

    `to_return` is what the organisation had kept beyond the accepted
    expenditure when the decision fell; all of it in a case of fraud.
    """

    case = models.ForeignKey(
        "grants.Case", on_delete=models.PROTECT, related_name="terminations"
    )
    ground = models.CharField(
        _("ground"), max_length=10, choices=TerminationGround.choices
    )
    reason = models.TextField(_("reason"))
    status = models.CharField(
        max_length=10,
        choices=TerminationStatus.choices,
        default=TerminationStatus.PROPOSED,
    )
    accepted_expenditure = models.DecimalField(
        _("accepted expenditure (CNY)"), max_digits=14, decimal_places=2
    )
    accepted_because = models.TextField(_("how it was found"), blank=True)
    award = models.DecimalField(_("award (CNY)"), max_digits=14, decimal_places=2)
    paid = models.DecimalField(_("paid (CNY)"), max_digits=14, decimal_places=2)
    returned = models.DecimalField(
        _("returned before (CNY)"), max_digits=14, decimal_places=2
    )
    to_return = models.DecimalField(
        _("to be returned (CNY)"), max_digits=14, decimal_places=2
    )
    return_due = models.DateTimeField(_("return due"), null=True, blank=True)
    excluded_until = models.DateField(_("excluded until"), null=True, blank=True)
    proposed_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(default=now)
    decided_by = models.ForeignKey(
        USER, on_delete=models.PROTECT, null=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    remarks = models.TextField(_("remarks"), blank=True)
    history = HistoricalRecords()

    audited = Audited(
        stream="case:{case_id}", personal=("reason", "accepted_because", "remarks")
    )

    class Meta:
        verbose_name = _("termination")
        verbose_name_plural = _("terminations")
        constraints = [
            models.UniqueConstraint(
                fields=["case"],
                condition=Q(status="PROPOSED"),
                name="termination_proposed_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.ground}"


class LiftStatus(models.TextChoices):
    PROPOSED = "PROPOSED", pgettext_lazy("lifting", "Proposed")
    CONFIRMED = "CONFIRMED", pgettext_lazy("lifting", "Lifted")
    REFUSED = "REFUSED", pgettext_lazy("lifting", "Not lifted")


class ExclusionLift(models.Model):
    """A termination's exclusion is to end before its day: two people, a reason."""

    case = models.ForeignKey(
        "grants.Case", on_delete=models.PROTECT, related_name="exclusion_lifts"
    )
    termination = models.ForeignKey(
        Termination, on_delete=models.PROTECT, related_name="lifts"
    )
    reason = models.TextField(_("reason"))
    status = models.CharField(
        max_length=10, choices=LiftStatus.choices, default=LiftStatus.PROPOSED
    )
    proposed_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(default=now)
    decided_by = models.ForeignKey(
        USER, on_delete=models.PROTECT, null=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    remarks = models.TextField(_("remarks"), blank=True)
    history = HistoricalRecords()

    audited = Audited(stream="case:{case_id}", personal=("reason", "remarks"))

    class Meta:
        verbose_name = _("lifting of an exclusion")
        verbose_name_plural = _("liftings of exclusions")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["termination"],
                condition=Q(status="PROPOSED"),
                name="exclusion_lift_proposed_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.status}"


class RepaymentStatus(models.TextChoices):
    SUBMITTED = "SUBMITTED", _("Proof handed in")
    RECORDED = "RECORDED", _("Received")
    RETURNED = "RETURNED", _("Proof sent back")


class Repayment(models.Model):
    """One instalment of a clawback (退还款), with its proof; CNY.

    `claimed` is what the organisation says it paid, `amount` what finance
    found on the account. The case's `Refund` keeps the sum.
    """

    case = models.ForeignKey(
        "grants.Case", on_delete=models.PROTECT, related_name="repayments"
    )
    termination = models.ForeignKey(
        Termination, on_delete=models.PROTECT, related_name="repayments"
    )
    claimed = models.DecimalField(
        _("amount paid back (CNY)"), max_digits=14, decimal_places=2
    )
    paid_on = models.DateField(_("paid back on"))
    proof = models.ForeignKey(DOCUMENT, on_delete=models.PROTECT, related_name="+")
    submitted_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField(default=now)
    status = models.CharField(
        max_length=10,
        choices=RepaymentStatus.choices,
        default=RepaymentStatus.SUBMITTED,
    )
    amount = models.DecimalField(
        _("amount received (CNY)"),
        max_digits=14,
        decimal_places=2,
        null=True,
        blank=True,
    )
    voucher_number = models.CharField(_("voucher number"), max_length=60, blank=True)
    recorded_by = models.ForeignKey(
        USER, on_delete=models.PROTECT, null=True, related_name="+"
    )
    recorded_at = models.DateTimeField(null=True, blank=True)
    remarks = models.TextField(_("remarks"), blank=True)
    history = HistoricalRecords()

    audited = Audited(stream="case:{case_id}", personal=("remarks",))

    class Meta:
        verbose_name = _("repayment")
        verbose_name_plural = _("repayments")
        constraints = [
            models.UniqueConstraint(
                fields=["case"],
                condition=Q(status="SUBMITTED"),
                name="repayment_submitted_once",
            ),
            models.UniqueConstraint(
                fields=["voucher_number"],
                condition=~Q(voucher_number=""),
                name="repayment_voucher_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id}: {self.claimed}"


class ChangeKind(models.TextChoices):
    """What a project may ask to change (DOMAIN §6: 项目变更申请表)."""

    LEADER = "LEADER", _("Project leader")
    PERIOD = "PERIOD", _("Project period")
    CONTENT = "CONTENT", _("Plan")
    BUDGET = "BUDGET", _("Budget")
    PLACE = "PLACE", _("Place")
    CUSTODIAN = "CUSTODIAN", _("Financial custodian")


class ChangeStatus(models.TextChoices):
    REQUESTED = "REQUESTED", pgettext_lazy("change", "Requested")
    APPROVED = "APPROVED", pgettext_lazy("change", "Approved")
    DENIED = "DENIED", pgettext_lazy("change", "Not approved")
    OVERTAKEN = "OVERTAKEN", pgettext_lazy("change", "Overtaken")


class ChangeRequest(models.Model):
    """A change that a project asks for (项目变更申请): before, after, why.

    `wanted` holds the new values by field, as JSON; personal ones may be there.
    """

    case = models.ForeignKey(
        "grants.Case", on_delete=models.PROTECT, related_name="changes"
    )
    kind = models.CharField(_("kind"), max_length=10, choices=ChangeKind.choices)
    before = models.TextField(_("before"), blank=True)
    after = models.TextField(_("after"))
    wanted = models.TextField(default="{}")
    reason = models.TextField(_("reason"))
    file = models.ForeignKey(
        DOCUMENT, on_delete=models.PROTECT, null=True, related_name="+"
    )
    is_major = models.BooleanField(_("major"), default=False)
    status = models.CharField(
        max_length=10, choices=ChangeStatus.choices, default=ChangeStatus.REQUESTED
    )
    requested_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField(default=now)
    decided_by = models.ForeignKey(
        USER, on_delete=models.PROTECT, null=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    remarks = models.TextField(_("remarks"), blank=True)
    history = HistoricalRecords()

    audited = Audited(
        stream="case:{case_id}",
        personal=("wanted", "before", "after", "reason", "remarks"),
    )

    class Meta:
        verbose_name = _("change request")
        verbose_name_plural = _("change requests")
        constraints = [
            models.UniqueConstraint(
                fields=["case"],
                condition=Q(status="REQUESTED"),
                name="change_requested_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.kind}"


class ReopeningStatus(models.TextChoices):
    REQUESTED = "REQUESTED", pgettext_lazy("reopening", "Requested")
    CONFIRMED = "CONFIRMED", pgettext_lazy("reopening", "Confirmed")
    REFUSED = "REFUSED", pgettext_lazy("reopening", "Not confirmed")


class Reopening(models.Model):
    """An ended case goes back to where it ended: two people and a reason."""

    case = models.ForeignKey(
        "grants.Case", on_delete=models.PROTECT, related_name="reopenings"
    )
    ended_as = models.CharField(max_length=16)
    back_to = models.CharField(max_length=16)
    reason = models.TextField(_("reason"))
    status = models.CharField(
        max_length=10,
        choices=ReopeningStatus.choices,
        default=ReopeningStatus.REQUESTED,
    )
    asked_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(default=now)
    decided_by = models.ForeignKey(
        USER, on_delete=models.PROTECT, null=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    remarks = models.TextField(_("remarks"), blank=True)
    history = HistoricalRecords()

    audited = Audited(stream="case:{case_id}", personal=("reason", "remarks"))

    class Meta:
        verbose_name = _("reopening")
        verbose_name_plural = _("reopenings")
        constraints = [
            models.UniqueConstraint(
                fields=["case"],
                condition=Q(status="REQUESTED"),
                name="reopening_requested_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.ended_as}"
