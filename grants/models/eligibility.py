"""The eligibility checklist of a case (资格预审表, DOMAIN §11)."""

from django.conf import settings
from django.db import models
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from audit.declare import Audited


class Verdict(models.TextChoices):
    """What screening found of one rule."""

    PASS = "PASS", pgettext_lazy("verdict", "Met")
    FAIL = "FAIL", pgettext_lazy("verdict", "Not met")
    CORRECT = "CORRECT", pgettext_lazy("verdict", "To be corrected")
    UNKNOWN = "UNKNOWN", pgettext_lazy("verdict", "Not checked")


class EligibilityCheck(models.Model):
    """The latest verdict on one rule; what it replaced is in the record.

    `source` says where one looked, `evidence` what one saw there; `automatic`
    is the system's own verdict that the operator left as it was.
    """

    case = models.ForeignKey(
        "grants.Case", on_delete=models.PROTECT, related_name="eligibility_checks"
    )
    rule = models.CharField(_("rule"), max_length=60)
    verdict = models.CharField(_("verdict"), max_length=8, choices=Verdict.choices)
    source = models.CharField(_("looked up in"), max_length=120, blank=True)
    checked_on = models.DateField(_("checked on"))
    evidence = models.CharField(_("evidence"), max_length=300, blank=True)
    document = models.ForeignKey(
        "attachments.Document",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("screenshot"),
    )
    automatic = models.BooleanField(_("automatic"), default=False)
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    checked_at = models.DateTimeField(default=now)

    audited = Audited(stream="case:{case_id}")

    class Meta:
        verbose_name = _("eligibility check")
        verbose_name_plural = _("eligibility checks")
        ordering = ["case", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "rule"], name="eligibility_rule_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.rule} {self.verdict}"
