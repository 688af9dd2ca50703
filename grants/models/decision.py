"""The round's decisions: committee list, meeting, notice, objections."""

from django.conf import settings
from django.db import models
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from simple_history.models import HistoricalRecords

from audit.declare import Audited


class Decision(models.Model):
    """A batch decision of the round, with a line per case.

    COMMITTEE is proposed by one member and takes effect when a second one
    confirms it; MEETING is the bureau meeting's record (OFFICER §0.2).
    """

    class Kind(models.TextChoices):
        COMMITTEE = "COMMITTEE", _("Committee decision")
        MEETING = "MEETING", _("Bureau meeting")

    round = models.ForeignKey(
        "grants.Round", on_delete=models.PROTECT, related_name="decisions"
    )
    kind = models.CharField(max_length=10, choices=Kind.choices)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    proposed_at = models.DateTimeField(default=now)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    confirmed_at = models.DateTimeField(null=True, blank=True)
    sent_back_at = models.DateTimeField(null=True, blank=True)
    number = models.CharField(_("number of the minutes"), max_length=60, blank=True)
    held_on = models.DateField(_("date"), null=True, blank=True)
    scan = models.ForeignKey(
        "attachments.Document", on_delete=models.PROTECT, null=True, related_name="+"
    )
    history = HistoricalRecords()

    audited = Audited(stream="grants_round:{round_id}")

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")

    def __str__(self) -> str:
        return f"{self.round_id} {self.kind} {self.number}"

    @property
    def is_open(self) -> bool:
        return self.confirmed_at is None and self.sent_back_at is None


class DecisionOutcome(models.TextChoices):
    AWARD = "AWARD", _("Propose award")
    WAITLIST = "WAITLIST", _("Wait-list")
    REJECT = "REJECT", _("Do not fund")


class DecisionLine(models.Model):
    """What a decision says about one case; amounts in CNY."""

    decision = models.ForeignKey(
        Decision, on_delete=models.PROTECT, related_name="lines"
    )
    case = models.ForeignKey(
        "grants.Case", on_delete=models.PROTECT, related_name="decision_lines"
    )
    outcome = models.CharField(max_length=8, choices=DecisionOutcome.choices)
    amount = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    reason = models.TextField(blank=True)

    audited = Audited(stream="case:{case_id}", personal=("reason",))

    class Meta:
        verbose_name = _("line of a decision")
        verbose_name_plural = _("lines of a decision")

    def __str__(self) -> str:
        return f"{self.case_id}: {self.outcome}"


class Notice(models.Model):
    """A public notice (公示). `over_at` is set by the sweep, once."""

    round = models.ForeignKey(
        "grants.Round", on_delete=models.PROTECT, related_name="notices"
    )
    cases = models.ManyToManyField("grants.Case", related_name="notices")
    text = models.TextField(_("text"))
    starts_on = models.DateField(_("starts on"))
    ends_on = models.DateField(_("ends on"))
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    published_at = models.DateTimeField(default=now)
    over_at = models.DateTimeField(_("over"), null=True, blank=True)
    history = HistoricalRecords()

    audited = Audited(stream="grants_round:{round_id}")

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.round_id} {self.starts_on}–{self.ends_on}"


class ObjectionStatus(models.TextChoices):
    RECEIVED = "RECEIVED", _("Received")
    LEAD = "LEAD", _("Kept as a lead")
    REFUSED = "REFUSED", pgettext_lazy("objection", "Not accepted")
    ACCEPTED = "ACCEPTED", _("Under investigation")
    DISMISSED = "DISMISSED", _("Dismissed")
    UPHELD = "UPHELD", _("Upheld")


class Objection(models.Model):
    """An objection to a case in notice; anybody may send one, without account."""

    number = models.CharField(_("number"), max_length=60, unique=True)
    case = models.ForeignKey(
        "grants.Case", on_delete=models.PROTECT, related_name="objections"
    )
    notice = models.ForeignKey(
        Notice, on_delete=models.PROTECT, related_name="objections"
    )
    text = models.TextField(_("objection"))
    anonymous = models.BooleanField(_("anonymous"), default=False)
    name = models.CharField(_("name"), max_length=60, blank=True)
    contact = models.CharField(_("contact"), max_length=120, blank=True)
    status = models.CharField(
        max_length=10,
        choices=ObjectionStatus.choices,
        default=ObjectionStatus.RECEIVED,
    )
    received_at = models.DateTimeField(default=now)
    folder = models.OneToOneField(
        "attachments.Folder", on_delete=models.PROTECT, null=True, related_name="+"
    )
    answer = models.TextField(blank=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    answered_at = models.DateTimeField(null=True, blank=True)
    history = HistoricalRecords()

    audited = Audited(
        stream="case:{case_id}", personal=("name", "contact", "text", "answer")
    )

    class Meta:
        verbose_name = _("objection")
        verbose_name_plural = _("objections")

    def __str__(self) -> str:
        return self.number

    @property
    def is_unanswered(self) -> bool:
        return self.status in (ObjectionStatus.RECEIVED, ObjectionStatus.ACCEPTED)
