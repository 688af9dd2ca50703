"""Forms of tracking and evaluation; the target is a Stage."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from grants.evaluation import dimensions_of, least_satisfaction, spread
from grants.forms.base import ActionForm, example_file
from grants.forms.fields import DocumentField, FilesField
from grants.forms.running import (
    DayField,
    LongTextField,
    MoneyField,
    OutcomeField,
    money,
    this_day,
)
from grants.models import StageKind, StageStatus, VisitMethod
from grants.models.tracking import CheckOutcome, FailureOutcome, GradeOutcome
from grants.rules import in_language, rules_of
from grants.services.evaluating import sheet_errors
from grants.services.rule_checks import percent

MOST_PEOPLE = 10_000_000
MOST_PICTURES = 9
#: Bytes of one picture.
PICTURE = 15 * 1024 * 1024


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
    """Filled in on the spot, on a phone: the camera first."""

    visited_on = DayField(label=_("Visited on"))
    method = forms.ChoiceField(
        label=_("Method"),
        choices=VisitMethod.choices,
        initial=VisitMethod.ON_SITE.value,
        required=False,
    )
    findings = LongTextField(
        label=_("Findings"),
        help_text=_("Whom you met, what you saw, what the organisation should do."),
    )
    photo = DocumentField(
        "visit_photo",
        camera=True,
        label=_("Picture"),
        required=False,
        help_text=_("Taken during the visit; needed for a visit on site."),
    )
    pictures = FilesField(
        "visit_photo",
        folder="case",
        max_files=MOST_PICTURES,
        max_bytes=PICTURE,
        camera=True,
        label=_("Further pictures"),
        required=False,
    )
    progress = forms.IntegerField(
        label=_("Progress (per cent)"), min_value=0, max_value=100, required=False
    )
    money_share = forms.IntegerField(
        label=_("Money used (per cent)"), min_value=0, max_value=100, required=False
    )
    problems = LongTextField(label=_("Problems"), required=False)
    advice = LongTextField(label=_("Advice"), required=False)

    def clean_method(self) -> str:
        return self.cleaned_data["method"] or VisitMethod.ON_SITE.value

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        on_site = cleaned.get("method") == VisitMethod.ON_SITE
        if on_site and not cleaned.get("photo") and "photo" not in self.errors:
            self.add_error("photo", gettext("A visit on site needs a picture."))
        return cleaned

    def example(self) -> dict[str, Any]:
        return {
            "visited_on": this_day().isoformat(),
            "method": VisitMethod.ON_SITE.value,
            "findings": gettext("The activity took place as reported."),
            "photo": example_file("visit.pdf"),
            "pictures": [example_file("visit-2.pdf")],
            "progress": 50,
            "money_share": 45,
            "problems": "",
            "advice": gettext("Keep the sign-in sheets complete."),
        }


class GradeStageForm(RemarksForm):
    """One plain score, or the evaluation sheet of a later stage."""

    good = GradeOutcome.PASS
    outcome = OutcomeField(GradeOutcome)
    score = forms.DecimalField(
        label=_("Score"), min_value=0, max_value=100, max_digits=5, decimal_places=2
    )

    def prepare(self) -> None:
        self.mark = rules_of(self.target.case).stage_pass
        self.dimensions = dimensions_of(self.target)
        text = gettext("Of 100; a pass needs at least %(mark)s.") % {"mark": self.mark}
        if not self.dimensions:
            self.fields["score"].help_text = text
            self.order_fields(["outcome", "score", "remarks"])
            return
        del self.fields["score"]
        self.fields["outcome"].help_text = text
        self.add_sheet()
        self.fields["remarks"] = self.fields.pop("remarks")

    def add_sheet(self) -> None:
        rules = rules_of(self.target.case).evaluation
        for dimension in self.dimensions:
            word = {"criterion": in_language(dimension), "weight": dimension["weight"]}
            self.fields[f"score_{dimension['code']}"] = forms.DecimalField(
                label=gettext("%(criterion)s (0 to %(weight)s)") % word,
                max_digits=5,
                decimal_places=2,
                min_value=0,
                max_value=dimension["weight"],
            )
            self.fields[f"comment_{dimension['code']}"] = forms.CharField(
                label=gettext("Comment on: %(criterion)s") % word,
                help_text=gettext("Needed below %(share)s per cent of the weight.")
                % {"share": percent(rules.comment_below)},
                max_length=1000,
                required=False,
                widget=forms.Textarea,
            )
        most = rules.adjustment_max
        if most:
            self.fields["adjustment"] = forms.DecimalField(
                label=gettext("Bonus or penalty"),
                min_value=-most,
                max_value=most,
                max_digits=5,
                decimal_places=2,
                required=False,
                help_text=gettext(
                    "Up to %(most)s points, a penalty with a minus; say why in the "
                    "remarks."
                )
                % {"most": most},
            )
        if self.target.kind == StageKind.FINAL:
            least = least_satisfaction(rules_of(self.target.case))
            self.fields["satisfaction"] = forms.DecimalField(
                label=gettext("Satisfaction of those served (1 to 5)"),
                min_value=1,
                max_value=5,
                max_digits=3,
                decimal_places=2,
                help_text=gettext("Mean of the questionnaires; a pass needs %(least)s.")
                % {"least": f"{least:.2f}"},
            )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        errors = sheet_errors(self.target, cleaned)
        self.add_paths({n: m for n, m in errors.items() if n not in self.errors})
        return cleaned

    def example(self) -> dict[str, Any]:
        body = {
            "outcome": GradeOutcome.PASS.value,
            "remarks": gettext("The objectives of this stage were reached."),
        }
        return body | self.scores_of(max(self.mark, Decimal(88)))

    def scores_of(self, total: Decimal) -> dict[str, Any]:
        """The fields of a sheet that comes to a total."""
        if not self.dimensions:
            return {"score": money(total)}
        body: dict[str, Any] = {}
        for code, score in spread(self.dimensions, total).items():
            body[f"score_{code}"] = money(score)
            body[f"comment_{code}"] = gettext("As reported and seen.")
        if self.target.kind == StageKind.FINAL:
            body["satisfaction"] = "4.60"
        return body


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
