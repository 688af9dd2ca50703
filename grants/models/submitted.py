"""The states in which an application was handed in, and their check codes."""

from django.conf import settings
from django.db import models
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from audit.declare import Audited


class SubmittedForm(models.Model):
    """What was handed in, once for each submission and correction.

    `digest` is the SHA-256 of the data, `code` its first characters in a form
    that people can read out and type: it stands on every page of the printed
    form, so that paper and system can be held against each other (OFFICER §0.10).
    """

    case = models.ForeignKey(
        "grants.Case", on_delete=models.PROTECT, related_name="submitted_forms"
    )
    number = models.PositiveIntegerField(_("version"))
    code = models.CharField(_("check code"), max_length=14, db_index=True)
    digest = models.CharField(max_length=64)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    submitted_at = models.DateTimeField(_("submitted"), default=now)

    audited = Audited(stream="case:{case_id}")

    class Meta:
        verbose_name = _("submitted form")
        verbose_name_plural = _("submitted forms")
        constraints = [
            models.UniqueConstraint(
                fields=["case", "number"], name="submitted_form_number"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} ({self.number})"
