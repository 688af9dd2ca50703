"""Forms from the award to the agreement."""

from typing import Any

from django import forms
from django.db.models import prefetch_related_objects
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from grants.calendar import today
from grants.forms.application_rows import (
    EXAMPLE_ACTIVITIES,
    EXAMPLE_INDICATORS,
    ActivityRowForm,
    BudgetRowForm,
    IndicatorRowForm,
    example_rows,
    json_rows,
)
from grants.forms.base import ActionForm, example_file
from grants.forms.fields import DocumentField, RowsField
from grants.rules import budget_rules_of
from grants.services.budget import budget_warnings
from grants.services.contracting import ACCEPT, RETURN, plan_errors
from grants.services.proposal import PLAN, TABLES, rows_of

PLANNED = ("indicators", "activities", "budget")


class RevisePlanForm(ActionForm):
    """Plan and budget to the awarded amount (方案优化)."""

    plan = forms.CharField(
        label=_("Revised plan"), max_length=4000, widget=forms.Textarea
    )
    indicators = RowsField(IndicatorRowForm, label=_("Indicators"))
    activities = RowsField(ActivityRowForm, label=_("Activities"))
    budget = RowsField(BudgetRowForm, label=_("Budget"))

    @classmethod
    def gather(cls, targets: list[Any], by: Any) -> None:
        relations = [t.relation for t in TABLES.values() if t.planned]
        prefetch_related_objects(targets, *relations)

    def prepare(self) -> None:
        self.fields["budget"].help_text = _(
            "The rows paid by the grant must add up to %(award)s yuan."
        ) % {"award": f"{self.target.awarded:,.2f}"}
        text = self.target.project.plan or self.target.application.plan
        rows = {name: self.rows_of(name) for name in PLANNED}
        self.initial = {"plan": text} | rows | (self.initial or {})

    def rows_of(self, name: str) -> list[dict[str, Any]]:
        """The rows of the plan, or before there is one, of the request."""
        return rows_of(self.target, name, PLAN) or rows_of(self.target, name)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if "budget" in cleaned and "plan" in cleaned:
            self.add_paths(plan_errors(self.target, cleaned["plan"], cleaned["budget"]))
        return cleaned

    @property
    def warnings(self) -> list[str]:
        """What a page says beside the form; it hinders nobody."""
        budget = self.cleaned_data.get("budget")
        if not budget:
            return []
        rules = budget_rules_of(self.target)
        return budget_warnings(rules, budget, grant=self.target.awarded)

    def example(self) -> dict[str, Any]:
        asked = {name: json_rows(self.rows_of(name)) for name in PLANNED}
        return {
            "plan": self.target.application.plan or "按核定金额调整活动场次。",
            "indicators": asked["indicators"] or [dict(r) for r in EXAMPLE_INDICATORS],
            "activities": asked["activities"] or [dict(r) for r in EXAMPLE_ACTIVITIES],
            "budget": example_rows(self.target.awarded),
        }


class AcceptPlanForm(ActionForm):
    outcome = forms.ChoiceField(
        label=_("Outcome"),
        choices=[
            (ACCEPT, _("Accept the revised plan")),
            (RETURN, _("Send back")),
        ],
        widget=forms.RadioSelect,
    )
    remarks = forms.CharField(
        label=_("Remarks"),
        max_length=1000,
        required=False,
        widget=forms.Textarea,
        help_text=_("Needed when the plan is sent back."),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        returned = cleaned.get("outcome") == RETURN
        if returned and not cleaned.get("remarks", "").strip():
            self.add_error("remarks", _("Say what is to be changed."))
        return cleaned

    def example(self) -> dict[str, Any]:
        return {"outcome": ACCEPT, "remarks": ""}


class SignForm(ActionForm):
    signed_on = forms.DateField(label=_("Date of the signature"))
    sealed_copy = DocumentField("agreement_applicant", label=_("Sealed copy"))

    def example(self) -> dict[str, Any]:
        return {
            "signed_on": today(now()).isoformat(),
            "sealed_copy": example_file("agreement.pdf"),
        }


class CountersignForm(ActionForm):
    number = forms.CharField(label=_("Agreement number"), max_length=60)
    countersigned_on = forms.DateField(label=_("Date of the signature"))
    sealed_copy = DocumentField("agreement", label=_("Sealed copy"))

    def example(self) -> dict[str, Any]:
        return {
            "number": f"XY-{self.target.project.award_no}",
            "countersigned_on": today(now()).isoformat(),
            "sealed_copy": example_file("agreement.pdf"),
        }
