"""Minutes of a review group's defences (答辩记录)."""

from django.conf import settings
from django.db import models
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from audit.declare import Audited


class DefenceMinutes(models.Model):
    """What is put down of a group's session: who was there, what was concluded."""

    round = models.ForeignKey(
        "grants.Round", on_delete=models.PROTECT, related_name="+"
    )
    panel = models.OneToOneField(
        "grants.Panel", on_delete=models.PROTECT, related_name="minutes"
    )
    present = models.TextField(_("present"))
    conclusion = models.TextField(_("conclusion"))
    scan = models.ForeignKey(
        "attachments.Document",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("signed scan"),
    )
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    recorded_at = models.DateTimeField(default=now)
    history = HistoricalRecords()

    audited = Audited(stream="grants_round:{round_id}", personal=("present",))

    class Meta:
        verbose_name = _("defence minutes")
        verbose_name_plural = _("defence minutes")

    def __str__(self) -> str:
        return str(self.panel)


class DefenceNote(models.Model):
    """What was asked in the defence of one case, and what was answered."""

    case = models.ForeignKey(
        "grants.Case", on_delete=models.PROTECT, related_name="defence_notes"
    )
    panel = models.ForeignKey(
        "grants.Panel", on_delete=models.PROTECT, related_name="defence_notes"
    )
    questions = models.TextField(_("questions"), blank=True)
    answers = models.TextField(_("answers"), blank=True)
    history = HistoricalRecords()

    audited = Audited(stream="case:{case_id}", personal=("questions", "answers"))

    class Meta:
        verbose_name = _("defence")
        verbose_name_plural = _("defences")
        constraints = [
            models.UniqueConstraint(fields=["case", "panel"], name="defence_note_once")
        ]

    def __str__(self) -> str:
        return f"{self.panel_id}: {self.case_id}"
