"""Typing that is not handed in yet: shared by who may take the step, no record."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Draft(models.Model):
    """Autosaved typing in one form; not part of the record (DESIGN §5).

    It belongs to the step, not to a person: colleagues go on with each other's
    typing. `data` holds each field as it was typed, right or wrong; `stamps`
    says of each field in which revision it was saved, by whom and when;
    `contested` holds what somebody typed into a field that another had changed
    meanwhile: {field: {user: value}}, until one of the two is chosen.
    """

    key = models.CharField(max_length=100, unique=True)
    revision = models.PositiveIntegerField(default=0)
    data = models.JSONField(default=dict)
    stamps = models.JSONField(default=dict)
    contested = models.JSONField(default=dict)
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    saved_at = models.DateTimeField()

    class Meta:
        verbose_name = _("draft")
        verbose_name_plural = _("drafts")

    def __str__(self) -> str:
        return self.key


class DraftEditor(models.Model):
    """Who has a form open, on which page, seen when."""

    key = models.CharField(max_length=100)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    topic = models.CharField(max_length=100, blank=True)
    seen_at = models.DateTimeField()

    class Meta:
        verbose_name = _("person who edits")
        verbose_name_plural = _("people who edit")
        constraints = [
            models.UniqueConstraint(fields=["key", "user"], name="editor_once")
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.key}"
