"""Forms of tracking and evaluation; the target is a Stage."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from grants.forms.base import ActionForm, example_file
from grants.forms.fields import DocumentField
from grants.forms.running import (
    DayField,
    LongTextField,
    MoneyField,
    OutcomeField,
    money,
    this_day,
)
from grants.models import StageStatus
from grants.models.tracking import CheckOutcome, FailureOutcome, GradeOutcome
from grants.rules import rules_of
from grants.selectors import paid_by_case, paid_of

MOST_PEOPLE = 10_000_000


class RemarksForm(ActionForm):
    """An outcome with remarks; all endings but the good one need a reason."""

    good: str = ""
    remarks = LongTextField(
        label=_("Remarks"),
        required=False,
        help_text=_("The organisation reads them. Say why if you do not accept."),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        outcome = cleaned.get("outcome")
        if outcome and outcome != self.good and not cleaned.get("remarks"):
            self.add_error("remarks", gettext("Say why."))
        return cleaned


class ReportStageForm(ActionForm):
    text = LongTextField(
        label=_("Report"),
        help_text=_("What was done, what was reached, what was hard, what comes next."),
    )
    beneficiaries_served = forms.IntegerField(
        label=_("Persons served"),
        min_value=0,
        max_value=MOST_PEOPLE,
        help_text=_("Since the project began, each person counted once."),
    )
    money_used = MoneyField(
        label=_("Money used"),
        help_text=_("Yuan of the grant spent since the project began."),
    )
    report_file = DocumentField(
        "stage_report",
        label=_("Report as a file"),
        required=False,
        help_text=_("With activity records, account details and pictures."),
    )

    @classmethod
    def gather(cls, targets: list[Any], by: Any) -> None:
        paid = paid_by_case(stage.case_id for stage in targets)
        for stage in targets:
            stage.paid_so_far = paid.get(stage.case_id, Decimal("0.00"))

    def clean_money_used(self) -> Any:
        used, award = self.cleaned_data["money_used"], self.target.case.awarded
        if used > award:
            message = gettext(
                "More than was awarded (%(award)s) cannot have been used."
            )
            raise forms.ValidationError(message % {"award": award})
        return used

    def example(self) -> dict[str, Any]:
        paid = self.target.__dict__.get("paid_so_far")
        paid = paid_of(self.target.case) if paid is None else paid
        return {
            "text": gettext("The activities of this stage were held as planned."),
            "beneficiaries_served": 120,
            "money_used": money(paid),
            "report_file": example_file("report.pdf"),
        }


class CheckMaterialsForm(RemarksForm):
    good = CheckOutcome.ACCEPT
    outcome = OutcomeField(CheckOutcome)
    field_order = ["outcome", "remarks"]

    def example(self) -> dict[str, Any]:
        return {
            "outcome": CheckOutcome.ACCEPT.value,
            "remarks": gettext("The materials are complete."),
        }


class VisitSiteForm(ActionForm):
    visited_on = DayField(label=_("Visited on"))
    findings = LongTextField(
        label=_("Findings"),
        help_text=_("Whom you met, what you saw, what the organisation should do."),
    )
    photo = DocumentField(
        "visit_photo", label=_("Picture"), help_text=_("Taken during the visit.")
    )

    def example(self) -> dict[str, Any]:
        return {
            "visited_on": this_day().isoformat(),
            "findings": gettext("The activity took place as reported."),
            "photo": example_file("visit.pdf"),
        }


class GradeStageForm(RemarksForm):
    good = GradeOutcome.PASS
    outcome = OutcomeField(GradeOutcome)
    score = forms.DecimalField(
        label=_("Score"), min_value=0, max_value=100, max_digits=5, decimal_places=2
    )
    field_order = ["outcome", "score", "remarks"]

    def prepare(self) -> None:
        self.mark = rules_of(self.target.case).stage_pass
        text = _("Of 100; a pass needs at least %(mark)s.")
        self.fields["score"].help_text = text % {"mark": self.mark}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        score = cleaned.get("score")
        passed = cleaned.get("outcome") == GradeOutcome.PASS
        if passed and score is not None and score < self.mark:
            message = gettext("A pass needs a score of at least %(mark)s.")
            self.add_error("score", message % {"mark": self.mark})
        return cleaned

    def example(self) -> dict[str, Any]:
        return {
            "outcome": GradeOutcome.PASS.value,
            "score": money(max(self.mark, 88)),
            "remarks": gettext("The objectives of this stage were reached."),
        }


class SubmitRectificationForm(ActionForm):
    text = LongTextField(
        label=_("What was put right"),
        help_text=_("Answer each point that the evaluation named."),
    )
    file = DocumentField("rectification", label=_("Proof"), required=False)

    def example(self) -> dict[str, Any]:
        return {
            "text": gettext("Every point of the evaluation was put right."),
            "file": example_file("rectification.pdf"),
        }


class RecheckForm(RemarksForm):
    good = GradeOutcome.PASS
    outcome = forms.ChoiceField(
        label=_("Outcome"),
        choices=[(o.value, o.label) for o in (GradeOutcome.PASS, GradeOutcome.FAIL)],
        widget=forms.RadioSelect,
    )
    field_order = ["outcome", "remarks"]

    def example(self) -> dict[str, Any]:
        return {
            "outcome": GradeOutcome.PASS.value,
            "remarks": gettext("The points were put right."),
        }


class DecideOnFailureForm(ActionForm):
    outcome = OutcomeField(FailureOutcome)
    reason = LongTextField(
        label=_("Reason"), help_text=_("It is kept in the record of the case.")
    )
    accepted_expenditure = MoneyField(
        label=_("Accepted expenditure"),
        required=False,
        help_text=_(
            "To terminate a project that was paid: yuan of its expenditure that the "
            "programme bears. What was paid beyond it is claimed back."
        ),
    )

    def prepare(self) -> None:
        """Another time for the report is offered where the report is late."""
        if self.target.status != StageStatus.LATE:
            self.fields["outcome"].choices = [
                c for c in FailureOutcome.choices if c[0] != FailureOutcome.REPORT
            ]

    def example(self) -> dict[str, Any]:
        return {
            "outcome": FailureOutcome.GO_ON.value,
            "reason": gettext("The delay was beyond the organisation's control."),
        }
