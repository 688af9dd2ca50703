"""The report of a stage; the target is the Stage."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from grants.forms.base import ActionForm, example_file
from grants.forms.fields import DocumentField, RowsField
from grants.forms.running import LongTextField, MoneyField, money
from grants.ledger import ledgers_of
from grants.models import Indicator
from grants.selectors import paid_by_case, paid_of
from grants.services.indicators import unexplained

MOST_PEOPLE = 10_000_000


class ResultRowForm(forms.Form):
    """What was reached of one indicator of the plan."""

    indicator = forms.IntegerField(label=_("Indicator"), min_value=1)
    actual = forms.DecimalField(
        label=_("Reached so far"), min_value=0, max_digits=12, decimal_places=2
    )
    actual.summed = False  # each has a unit of its own
    reason = forms.CharField(
        label=_("Why it differs from the ledger"), max_length=200, required=False
    )


class ReportStageForm(ActionForm):
    """The report, prefilled from the ledger; its figures are since the start."""

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
    indicators = RowsField(
        ResultRowForm,
        min_rows=0,
        fixed=True,
        label=_("Indicators: reached against target"),
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
        ledgers = ledgers_of({stage.case_id for stage in targets})
        for stage in targets:
            stage.paid_so_far = paid.get(stage.case_id, Decimal("0.00"))
            stage.ledger = ledgers[stage.case_id]

    def prepare(self) -> None:
        """What the ledger knows stands there already, and may be put right."""
        stage = self.target
        ledger = stage.__dict__.get("ledger")
        self.ledger = ledger or ledgers_of([stage.case_id])[stage.case_id]
        rows = self.fields["indicators"]
        rows.row_labels = {str(i.pk): self.label_of(i) for i in self.ledger.indicators}
        rows.initial = [
            {"indicator": i.pk, "actual": self.counted(i)}
            for i in self.ledger.indicators
        ]
        if not self.ledger.indicators:
            del self.fields["indicators"]
        if self.ledger.activities:
            self.fields["beneficiaries_served"].initial = self.ledger.persons
            text = gettext(
                "The ledger counts %(persons)s in %(activities)s activities."
            )
            self.fields["beneficiaries_served"].help_text = "{} {}".format(
                self.fields["beneficiaries_served"].help_text,
                text
                % {
                    "persons": self.ledger.persons,
                    "activities": self.ledger.activities,
                },
            )
        if self.ledger.spent_of_grant:
            self.fields["money_used"].initial = self.ledger.spent_of_grant

    def counted(self, indicator: Indicator) -> str:
        """What the ledger says was reached, "" for what it does not count."""
        found = self.ledger.counted(indicator)
        return "" if found is None else f"{found.normalize():f}"

    def label_of(self, indicator: Indicator) -> str:
        """The indicator with its target, and what the ledger counts of it."""
        values = {
            "name": indicator.name,
            "target": f"{indicator.target.normalize():f}",
            "unit": indicator.unit,
            "counted": self.counted(indicator),
        }
        if values["counted"]:
            text = gettext(
                "%(name)s (target: %(target)s %(unit)s; ledger: %(counted)s)"
            )
        else:
            text = gettext("%(name)s (target: %(target)s %(unit)s)")
        return text % values

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        known = {i.pk: i for i in self.ledger.indicators}
        self.add_paths(unexplained(self.ledger, known, cleaned.get("indicators") or []))
        return cleaned

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
        } | self.example_results()

    def example_results(self) -> dict[str, Any]:
        """What the ledger counts, else half of each target."""
        rows = [
            {
                "indicator": i.pk,
                "actual": self.counted(i) or f"{i.target / 2:.2f}",
                "reason": "",
            }
            for i in self.ledger.indicators
        ]
        return {"indicators": rows} if rows else {}
