"""Leave cover (代办): who stands in for whom, from when to when."""

from django.conf import settings
from django.db import models
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from audit.declare import Audited

USER = settings.AUTH_USER_MODEL


class Cover(models.Model):
    """One person stands in for another in a programme; both days included.

    The stand-in gets the absent person's roles for these days; acts carry both
    names. A reviewer's seat is personal and is never covered.
    """

    programme = models.ForeignKey(
        "grants.Programme", on_delete=models.PROTECT, related_name="covers"
    )
    absent = models.ForeignKey(
        USER,
        on_delete=models.PROTECT,
        related_name="covers",
        verbose_name=_("absent person"),
    )
    stand_in = models.ForeignKey(
        USER,
        on_delete=models.PROTECT,
        related_name="stands_in",
        verbose_name=_("stand-in"),
    )
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"))
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    made_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=now)
    ended_at = models.DateTimeField(_("ended early"), null=True, blank=True)
    history = HistoricalRecords()

    audited = Audited(stream="grants_programme:{programme_id}", personal=("reason",))

    class Meta:
        verbose_name = _("leave cover")
        verbose_name_plural = _("leave covers")
        ordering = ["-starts_on", "-id"]
        indexes = [
            models.Index(fields=["stand_in", "ends_on"], name="cover_stand_in"),
        ]

    def __str__(self) -> str:
        return f"{self.absent} → {self.stand_in}"
