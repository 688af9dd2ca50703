"""Until when a paper holds: the days that are printed on it."""

from django.conf import settings
from django.db import models
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from audit.declare import Audited


class PaperDates(models.Model):
    """The days on a certificate or report of a case; either may be unknown.

    A new version of the paper has days of its own, which take their place.
    """

    case = models.ForeignKey(
        "grants.Case", on_delete=models.PROTECT, related_name="paper_dates"
    )
    document = models.OneToOneField(
        "attachments.Document", on_delete=models.PROTECT, related_name="dates"
    )
    issued_on = models.DateField(_("date on the paper"), null=True, blank=True)
    valid_until = models.DateField(_("valid until"), null=True, blank=True)
    noted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    noted_at = models.DateTimeField(default=now)

    audited = Audited(stream="case:{case_id}")

    class Meta:
        verbose_name = _("dates of a paper")
        verbose_name_plural = _("dates of papers")

    def __str__(self) -> str:
        return f"{self.document_id} {self.issued_on} {self.valid_until}"
