"""Forms of closing; the target is the Case."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from grants.evaluation import band_of
from grants.forms.base import ActionForm, example_file
from grants.forms.fields import DocumentField
from grants.forms.running import (
    DayField,
    LongTextField,
    MoneyField,
    OutcomeField,
    money,
    number_field,
    this_day,
)
from grants.models.contract import AuditOpinion, ClosingOutcome
from grants.rules import in_language, rules_of
from grants.services.closing import (
    ClosingFacts,
    closing_facts,
    closing_obstacle,
    final_score,
    refund_due,
)


class ClosingForm(ActionForm):
    """A form that shows what stands between the project and its closing."""

    @classmethod
    def gather(cls, targets: list[Any], by: Any) -> None:
        found = closing_facts(case.pk for case in targets)
        for case in targets:
            case.closing_facts = found[case.pk]

    @property
    def facts(self) -> ClosingFacts | None:
        """What was gathered for many; else it is read for this case alone."""
        return self.target.__dict__.get("closing_facts")


class FileAuditReportForm(ActionForm):
    report = DocumentField("audit_report", label=_("Audit report"))
    accepted_expenditure = MoneyField(
        label=_("Accepted expenditure"),
        help_text=_(
            "Yuan of the project's expenditure that the audit accepts. The last "
            "tranche, or what is to be paid back, follows from it."
        ),
    )
    opinion = OutcomeField(AuditOpinion, label=_("Opinion"))

    def example(self) -> dict[str, Any]:
        return {
            "report": example_file("audit-report.pdf"),
            "accepted_expenditure": money(self.target.awarded),
            "opinion": AuditOpinion.CLEAN.value,
        }


class RecordRefundForm(ClosingForm):
    amount = MoneyField(label=_("Amount paid back"))
    returned_on = DayField(label=_("Paid back on"))
    voucher_number = number_field(
        _("Voucher number"), _("From the treasury's receipt of the money.")
    )
    proof = DocumentField("refund_proof", label=_("Proof of payment"))

    def prepare(self) -> None:
        self.due = refund_due(self.target, self.facts)
        self.fields["amount"].initial = self.due

    def example(self) -> dict[str, Any]:
        return {
            "amount": money(self.due),
            "returned_on": this_day().isoformat(),
            "voucher_number": f"{self.target.code}-B",
            "proof": example_file("refund.pdf"),
        }


class SubmitClosureForm(ActionForm):
    summary = LongTextField(
        label=_("Summary"),
        help_text=_("What the project reached, for whom, and what remains."),
    )
    package = DocumentField(
        "closure_package",
        label=_("Closure package"),
        help_text=_(
            "Final report, account of the money, vouchers, pictures and the "
            "confirmation of those who were served, in one file."
        ),
    )

    def example(self) -> dict[str, Any]:
        return {
            "summary": gettext("The project reached its objectives."),
            "package": example_file("closure.pdf"),
        }


class CloseProjectForm(ClosingForm):
    outcome = OutcomeField(ClosingOutcome)
    band = forms.ChoiceField(
        label=_("Closing band"),
        required=False,
        help_text=_("The final score proposes it; another needs a reason."),
    )
    remarks = LongTextField(
        label=_("Remarks"),
        required=False,
        help_text=_("If you return the package, the organisation reads why here."),
    )

    def prepare(self) -> None:
        bands = rules_of(self.target).bands
        self.fields["band"].choices = [
            (band["code"], f"{band['code']} {in_language(band)}") for band in bands
        ]
        score = self.facts.final_score if self.facts else final_score(self.target)
        self.fields["band"].initial = band_of(score, rules_of(self.target))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        returned = cleaned.get("outcome") == ClosingOutcome.RETURN
        if returned and not cleaned.get("remarks"):
            self.add_error("remarks", gettext("Say why."))
        return cleaned

    def example(self) -> dict[str, Any]:
        """Close; while something stands against it, return the package."""
        obstacle = closing_obstacle(self.target, self.facts)
        if obstacle is not None:
            outcome, remarks = ClosingOutcome.RETURN, str(obstacle.message)
        else:
            outcome, remarks = (
                ClosingOutcome.ACCEPT,
                gettext("The package is complete."),
            )
        return {"outcome": outcome.value, "remarks": remarks}


class ArchiveForm(ActionForm):
    file_number = number_field(
        _("File number"), _("Under which the papers are kept."), max_length=40
    )

    def example(self) -> dict[str, Any]:
        return {"file_number": f"{self.target.project.award_no}-A"}
