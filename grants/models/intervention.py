"""Somebody interfered with a case, and a person of the staff says so (过问干预登记)."""

from typing import Any, NoReturn

from django.conf import settings
from django.db import models
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from audit.declare import Audited


class InterventionWay(models.TextChoices):
    IN_PERSON = "IN_PERSON", _("In person")
    PHONE = "PHONE", _("By telephone")
    WRITTEN = "WRITTEN", _("In writing or by message")
    THROUGH = "THROUGH", _("Through somebody else")
    OTHER = "OTHER", pgettext_lazy("way", "Otherwise")


class AppendOnly(models.QuerySet):
    """Rows are added and read; nothing changes or removes one."""

    def update(self, **values: Any) -> NoReturn:
        raise TypeError("an intervention on record does not change")

    def delete(self) -> NoReturn:
        raise TypeError("an intervention on record is not removed")


class Intervention(models.Model):
    """Who asked for what in which case, and what the person did; for the inspector
    alone. Its stream is its own: the record of the case says nothing of it.

    All of it is personal: the lines hold digests. Triggers refuse to change or to
    remove a row, by SQL too (audit.declare); what is erased goes out of the record,
    while the row stays for as long as the register must be kept.
    """

    case = models.ForeignKey(
        "grants.Case", on_delete=models.PROTECT, related_name="interventions"
    )
    who = models.CharField(_("who interfered"), max_length=200)
    happened_on = models.DateField(_("when it was"))
    way = models.CharField(_("how"), max_length=9, choices=InterventionWay.choices)
    asked = models.TextField(_("what was asked for"))
    done = models.TextField(_("what I did"))
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    recorded_at = models.DateTimeField(_("recorded"), default=now)

    objects = AppendOnly.as_manager()
    audited = Audited(personal=("who", "asked", "done"), append_only=True)

    class Meta:
        verbose_name = _("intervention in a case")
        verbose_name_plural = _("interventions in cases")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.case_id} {self.happened_on}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("an intervention on record does not change")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("an intervention on record is not removed")
