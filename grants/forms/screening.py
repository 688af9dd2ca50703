"""Forms of the eligibility screening."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from grants.forms.applying import ApplicationForm
from grants.forms.base import ActionForm
from grants.services.proposal import CORRECTABLE
from grants.services.screening import (
    CONFIRM,
    CORRECTION,
    ELIGIBLE,
    REFUSE,
    REJECT,
    can_return,
    screening_errors,
)

OUTCOMES = {
    ELIGIBLE: _("Pass screening"),
    CORRECTION: _("Return for correction"),
    REFUSE: _("Propose refusal"),
}


class ScreenForm(ActionForm):
    outcome = forms.ChoiceField(
        label=_("Outcome"), choices=OUTCOMES.items(), widget=forms.RadioSelect
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=1000,
        required=False,
        widget=forms.Textarea,
        help_text=_("Needed unless the application passes; the applicant reads it."),
    )

    def prepare(self) -> None:
        labels = ApplicationForm.base_fields
        self.fields["fields"] = forms.MultipleChoiceField(
            label=_("Fields to correct"),
            choices=[(n, labels[n].label) for n in CORRECTABLE],
            required=False,
            widget=forms.CheckboxSelectMultiple,
        )
        self.order_fields(["outcome", "fields", "reason"])
        if not can_return(self.target):
            self.fields["outcome"].choices = [
                (k, v) for k, v in OUTCOMES.items() if k != CORRECTION
            ]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if "outcome" in cleaned:
            errors = screening_errors(
                self.target,
                cleaned["outcome"],
                cleaned.get("fields", []),
                cleaned.get("reason", ""),
            )
            self.add_paths(errors)
        return cleaned

    def example(self) -> dict[str, Any]:
        return {"outcome": ELIGIBLE, "fields": [], "reason": ""}


class ConfirmRefusalForm(ActionForm):
    """The example gives the case back: that way it goes forward."""

    outcome = forms.ChoiceField(
        label=_("Outcome"),
        choices=[(CONFIRM, _("Refuse")), (REJECT, _("Send back"))],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(label=_("Reason"), max_length=1000, widget=forms.Textarea)

    def example(self) -> dict[str, Any]:
        return {"outcome": REJECT, "reason": "材料齐全，请重新预审。"}
