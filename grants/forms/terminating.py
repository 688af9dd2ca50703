"""Forms of ending a project early and of claiming money back; the target is a Case."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from grants.forms.base import ActionForm, example_file
from grants.forms.fields import DocumentField
from grants.forms.running import (
    DayField,
    LongTextField,
    MoneyField,
    money,
    number_field,
    this_day,
)
from grants.models import TerminationGround
from grants.selectors import paid_of
from grants.services.repaying import (
    RECORD,
    RETURN,
    Claim,
    amount_errors,
    claims_of,
)
from grants.services.terminating import (
    CONFIRM,
    PROPOSABLE,
    REJECT,
    termination_errors,
)

REASON_HELP = _("It is kept in the record of the case.")


class TerminateForm(ActionForm):
    ground = forms.ChoiceField(
        label=_("Ground"),
        choices=[(g.value, g.label) for g in PROPOSABLE],
        widget=forms.RadioSelect,
        help_text=_("Breach and fraud exclude the organisation for some years."),
    )
    reason = LongTextField(label=_("Reason"), help_text=REASON_HELP)
    accepted_expenditure = MoneyField(
        label=_("Accepted expenditure"),
        help_text=_(
            "Yuan of what was spent so far that the programme bears. What was paid "
            "beyond it is claimed back; in a case of fraud everything is."
        ),
    )
    accepted_because = LongTextField(
        label=_("How the amount was found"), required=False, max_length=1000
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if "ground" in cleaned and "accepted_expenditure" in cleaned:
            self.add_paths(
                {
                    path: messages
                    for path, messages in termination_errors(
                        cleaned["ground"],
                        cleaned.get("reason", "-"),
                        cleaned["accepted_expenditure"],
                        cleaned.get("accepted_because", ""),
                    ).items()
                    if path not in self.errors
                }
            )
        return cleaned

    def example(self) -> dict[str, Any]:
        return {
            "ground": TerminationGround.AGREEMENT.value,
            "reason": gettext("Both sides agreed to end the project."),
            "accepted_expenditure": money(paid_of(self.target)),
            "accepted_because": gettext("By the vouchers handed in."),
        }


class ConfirmForm(ActionForm):
    """A second person confirms or refuses; the reason is needed to refuse."""

    outcome = forms.ChoiceField(
        label=_("Outcome"),
        choices=[(CONFIRM, _("Confirm")), (REJECT, _("Do not confirm"))],
        widget=forms.RadioSelect,
    )
    reason = LongTextField(
        label=_("Reason"),
        required=False,
        max_length=1000,
        help_text=_("Needed when you do not confirm."),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("outcome") == REJECT and not cleaned.get("reason"):
            self.add_error("reason", gettext("Give the reason."))
        return cleaned

    def example(self) -> dict[str, Any]:
        return {"outcome": CONFIRM, "reason": ""}


class ClaimForm(ActionForm):
    """A form that knows what is still to be paid back."""

    @classmethod
    def gather(cls, targets: list[Any], by: Any) -> None:
        found = claims_of(targets)
        for case in targets:
            case.claim = found.get(case.pk)

    @cached_property
    def claim(self) -> Claim | None:
        """What was gathered for many; else it is read for this case alone."""
        if "claim" in self.target.__dict__:
            return self.target.__dict__["claim"]
        return claims_of([self.target]).get(self.target.pk)


class SubmitRepaymentForm(ClaimForm):
    amount = MoneyField(
        label=_("Amount paid back"),
        help_text=_("Yuan; all that is claimed, or an instalment of it."),
    )
    paid_on = DayField(label=_("Paid back on"))
    proof = DocumentField("refund_proof", label=_("Proof of payment"))

    def prepare(self) -> None:
        if self.claim is not None:
            self.fields["amount"].initial = self.claim.outstanding

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if self.claim is not None and cleaned.get("amount") is not None:
            self.add_paths(amount_errors(cleaned["amount"], self.claim.outstanding))
        return cleaned

    def example(self) -> dict[str, Any]:
        return {
            "amount": money(self.claim.outstanding if self.claim else None),
            "paid_on": this_day().isoformat(),
            "proof": example_file("refund.pdf"),
        }


class RecordRepaymentForm(ClaimForm):
    outcome = forms.ChoiceField(
        label=_("Outcome"),
        choices=[(RECORD, _("The money has arrived")), (RETURN, _("Send back"))],
        widget=forms.RadioSelect,
    )
    amount = MoneyField(
        label=_("Amount received"),
        required=False,
        help_text=_("Yuan that arrived on the account."),
    )
    voucher_number = number_field(
        _("Voucher number"),
        _("From the treasury's receipt of the money."),
        required=False,
    )
    remarks = LongTextField(
        label=_("Remarks"),
        required=False,
        help_text=_("If you send the proof back, the organisation reads why here."),
    )

    @property
    def claimed(self) -> Decimal | None:
        submitted = self.claim.submitted if self.claim else None
        return submitted.claimed if submitted else None

    def prepare(self) -> None:
        self.fields["amount"].initial = self.claimed

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        outcome = cleaned.get("outcome")
        if outcome == RETURN and not cleaned.get("remarks"):
            self.add_error("remarks", gettext("Say why."))
        if outcome == RECORD:
            for name in ("amount", "voucher_number"):
                if name not in self.errors and not cleaned.get(name):
                    self.add_error(name, gettext("This is needed."))
        return cleaned

    def example(self) -> dict[str, Any]:
        submitted = self.claim.submitted if self.claim else None
        number = f"{self.target.code}-T{submitted.pk if submitted else 0}"
        return {
            "outcome": RECORD,
            "amount": money(self.claimed),
            "voucher_number": number,
            "remarks": "",
        }


class SuspendForm(ActionForm):
    reason = LongTextField(
        label=_("Reason"),
        max_length=400,
        help_text=_("The payments of the project stop until it is resumed."),
    )

    def example(self) -> dict[str, Any]:
        return {"reason": gettext("The accounts are being looked into.")}


class ResumeForm(ActionForm):
    reason = LongTextField(label=_("Reason"), help_text=REASON_HELP)

    def example(self) -> dict[str, Any]:
        return {"reason": gettext("The question was answered.")}


class ReopenForm(ActionForm):
    reason = LongTextField(
        label=_("Reason"),
        max_length=1000,
        help_text=_(
            "A second person confirms it; the case then goes back to where it ended."
        ),
    )

    def example(self) -> dict[str, Any]:
        return {"reason": gettext("The decision rested on a mistake.")}
