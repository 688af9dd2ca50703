"""Forms of the eligibility screening."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from grants.forms.applying import ApplicationForm
from grants.forms.base import ActionForm
from grants.forms.fields import DocumentField, RowsField
from grants.models import EligibilityCheck, Verdict
from grants.rules import rules_of
from grants.services import questions as asked
from grants.services.eligibility import (
    checklist,
    facts_of,
    label_of,
    verdict_errors,
)
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


def check_row_form(case: Any) -> type[forms.Form]:
    """One row of the checklist: a rule of the case and what was found of it."""
    rules = [(r["code"], label_of(r)) for r in rules_of(case).eligibility]
    fields = {
        "rule": forms.ChoiceField(label=_("Rule"), choices=rules),
        "verdict": forms.ChoiceField(label=_("Verdict"), choices=Verdict.choices),
        "source": forms.CharField(
            label=_("Looked up in"), max_length=120, required=False
        ),
        "checked_on": forms.DateField(label=_("Checked on"), required=False),
        "evidence": forms.CharField(
            label=_("What was found"), max_length=300, required=False
        ),
    }
    return type("CheckRowForm", (forms.Form,), fields)


class ScreenForm(ActionForm):
    """The checklist stands filled with what the system can say by itself."""

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

    screenshot = DocumentField(
        "screening",
        label=_("Screenshots"),
        required=False,
        help_text=_("One file with what was looked up; kept with the verdicts."),
    )

    @classmethod
    def gather(cls, targets: list[Any], by: Any) -> None:
        facts = facts_of(targets)
        stored: dict[int, list[EligibilityCheck]] = {}
        for check in EligibilityCheck.objects.filter(case__in=targets):
            stored.setdefault(check.case_id, []).append(check)
        for case in targets:
            case.checklist = checklist(case, facts[case.pk], stored.get(case.pk, ()))

    def prepare(self) -> None:
        if "checklist" not in self.target.__dict__:
            self.gather([self.target], self.by)
        rows = self.target.__dict__["checklist"]
        self.fields["checks"] = RowsField(
            check_row_form(self.target),
            label=_("Eligibility checklist"),
            min_rows=0,
            max_rows=100,
            fixed=True,
        )
        self.fields["checks"].row_labels = {
            rule["code"]: label_of(rule) for rule in rules_of(self.target).eligibility
        }
        self.initial = {"checks": rows} | (self.initial or {})
        labels = ApplicationForm.base_fields
        own = self.target.round.questions
        extra = [(asked.name_of(q), asked.label_of(q)) for q in own]
        self.fields["fields"] = forms.MultipleChoiceField(
            label=_("Fields to correct"),
            choices=[*((n, labels[n].label) for n in CORRECTABLE), *extra],
            required=False,
            widget=forms.CheckboxSelectMultiple,
        )
        self.order_fields(["checks", "screenshot", "outcome", "fields", "reason"])
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
            if "checks" in cleaned:
                errors |= verdict_errors(
                    self.target, cleaned["outcome"], cleaned["checks"]
                )
            self.add_paths(errors)
        return cleaned

    def example(self) -> dict[str, Any]:
        """Every rule met; where the system says otherwise it says so itself."""
        rows = [
            row | {"verdict": str(Verdict.PASS), "evidence": "已核查，符合要求。"}
            for row in self.initial["checks"]
        ]
        checks = [{k: str(v) for k, v in row.items()} for row in rows]
        return {"checks": checks, "outcome": ELIGIBLE, "fields": [], "reason": ""}


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
