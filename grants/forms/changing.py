"""Forms of a change to a running project; the target is a Case."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from grants.forms.application_rows import BudgetRowForm
from grants.forms.base import ActionForm
from grants.forms.fields import DocumentField, RowsField
from grants.forms.running import LongTextField
from grants.models import ChangeKind
from grants.services.changing import APPROVE, DENY, FIELDS, change_errors
from grants.services.proposal import PLAN, rows_of


class RequestChangeForm(ActionForm):
    """One form for every kind; only the fields of the chosen kind are looked at."""

    kind = forms.ChoiceField(
        label=_("What is to change"),
        choices=ChangeKind.choices,
        widget=forms.RadioSelect,
        help_text=_("Then fill in below what belongs to it; the rest stays as it is."),
    )
    reason = LongTextField(label=_("Reason"), max_length=1000)
    leader_name = forms.CharField(
        label=_("New project leader"), max_length=60, required=False
    )
    leader_mobile = forms.CharField(
        label=_("New leader's mobile"), max_length=20, required=False
    )
    period_end = forms.DateField(
        label=_("New end of the project"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    plan = LongTextField(label=_("New plan"), required=False)
    place = forms.CharField(label=_("New place"), max_length=200, required=False)
    custodian = forms.CharField(
        label=_("New financial custodian"), max_length=80, required=False
    )
    budget = RowsField(
        BudgetRowForm,
        min_rows=0,
        label=_("New budget"),
        help_text=_("Every row of it, those that stay too."),
    )
    file = DocumentField("change_request", label=_("File"), required=False)

    def prepare(self) -> None:
        if self.target.pk is None or not hasattr(self.target, "project"):
            return  # the schema of the API document has no case
        application, project = self.target.application, self.target.project
        self.initial = {
            "plan": project.plan or application.plan,
            "budget": rows_of(self.target, "budget", PLAN),
        } | (self.initial or {})

    def suggested(self, source: tuple[str, str]) -> list[str]:
        """The activities of the plan, which this form does not change."""
        table, column = source
        return [str(row[column]) for row in rows_of(self.target, table, PLAN)]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        names = FIELDS.get(cleaned.get("kind", ""), ())
        if names and not set(names) & set(self.errors):
            wanted = {name: cleaned.get(name) for name in names}
            self.add_paths(change_errors(self.target, cleaned["kind"], wanted))
        return cleaned

    def example(self) -> dict[str, Any]:
        """Another leader: that is possible at any time."""
        now_leads = self.target.application.leader_name
        name = next(n for n in ("张晓梅", "李春华") if n != now_leads)
        return {
            "kind": ChangeKind.LEADER.value,
            "reason": gettext("The former leader has left the organisation."),
            "leader_name": name,
            "leader_mobile": "13800000000",
        }


class DecideChangeForm(ActionForm):
    outcome = forms.ChoiceField(
        label=_("Outcome"),
        choices=[(APPROVE, _("Approve the change")), (DENY, _("Deny the change"))],
        widget=forms.RadioSelect,
    )
    reason = LongTextField(
        label=_("Reason"),
        required=False,
        max_length=1000,
        help_text=_("Needed when the change is denied; the organisation reads it."),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("outcome") == DENY and not cleaned.get("reason"):
            self.add_error("reason", gettext("Give the reason."))
        return cleaned

    def example(self) -> dict[str, Any]:
        return {"outcome": APPROVE, "reason": ""}
