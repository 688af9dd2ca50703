"""Forms of payment; the target is a Tranche, of the batch a Round."""

from typing import Any

from django import forms
from django.db.models import prefetch_related_objects
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from grants.accounts import account_of, payee_of
from grants.forms.base import ActionForm, example_file
from grants.forms.batches import keep, kept
from grants.forms.fields import DocumentField, RowsField
from grants.forms.running import (
    DayField,
    LongTextField,
    OutcomeField,
    number_field,
    this_day,
)
from grants.models import Tranche
from grants.models.contract import ReceiptKind, ReceiptOutcome
from grants.services.paying import budget_of, payable_by_round

MOST_ROWS = 500


class RequestPaymentForm(ActionForm):
    receipt_number = number_field(
        _("Receipt number"),
        _("A receipt or invoice number can be used once in all projects."),
    )
    receipt_kind = forms.ChoiceField(
        label=_("Kind of receipt"),
        choices=ReceiptKind.choices,
        initial=ReceiptKind.RECEIPT.value,
        required=False,
    )
    receipt_date = DayField(label=_("Date of the receipt"), required=False)
    receipt = DocumentField("receipt", label=_("Receipt or invoice"))
    bank = forms.CharField(
        label=_("Bank of the payee"),
        max_length=80,
        required=False,
        help_text=_(
            "The branch that keeps the account of the organisation that is paid."
        ),
    )
    account = forms.CharField(
        label=_("Account number"),
        max_length=40,
        required=False,
        help_text=_(
            "In full only for your organisation, for finance officers and for those "
            "who sign the agreement or approve the payment."
        ),
    )

    @classmethod
    def gather(cls, targets: list[Any], by: Any) -> None:
        prefetch_related_objects(targets, "case__organisation__custodian")

    def prepare(self) -> None:
        """Begin with the account that the payee has entered."""
        payee = payee_of(self.target.case)
        if payee.bank_account:
            entered = {"bank": payee.bank, "account": payee.bank_account}
            self.initial = entered | (self.initial or {})

    def example(self) -> dict[str, Any]:
        return {
            "receipt_number": f"{self.target.case.code}-R{self.target.seq}",
            "receipt_kind": ReceiptKind.RECEIPT.value,
            "receipt_date": this_day().isoformat(),
            "receipt": example_file("receipt.pdf"),
            "bank": self.initial.get("bank") or gettext("Bank of the payee"),
            "account": self.initial.get("account") or "0000000000000000",
        }


class RegisterReceiptForm(ActionForm):
    outcome = OutcomeField(ReceiptOutcome)
    remarks = LongTextField(
        label=_("Remarks"),
        required=False,
        help_text=_("If you return the receipt, the organisation reads why here."),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        returned = cleaned.get("outcome") == ReceiptOutcome.RETURN
        if returned and not cleaned.get("remarks"):
            self.add_error("remarks", gettext("Say why."))
        return cleaned

    def example(self) -> dict[str, Any]:
        return {"outcome": ReceiptOutcome.CHECKED.value, "remarks": ""}


class PaymentRowForm(forms.Form):
    """One payment of a batch; the page offers those that may be approved."""

    tranche = forms.IntegerField(
        label=_("Tranche"), min_value=1, help_text=_("The number of the tranche.")
    )
    budget_year = forms.IntegerField(
        label=_("Budget year"), min_value=2000, max_value=2100, required=False
    )
    budget_document = forms.CharField(
        label=_("Budget document number"), max_length=60, required=False
    )
    functional_class = forms.CharField(
        label=_("Functional class"), max_length=40, required=False
    )
    economic_class = forms.CharField(
        label=_("Economic class"), max_length=40, required=False
    )


def paid_to(tranche: Tranche) -> str:
    """Payee, bank and account, for who approves the payment."""
    payee = payee_of(tranche.case)
    return " ".join([payee.name, *filter(None, account_of(tranche))])


class ApprovePaymentForm(ActionForm):
    tranches = RowsField(
        PaymentRowForm,
        max_rows=MOST_ROWS,
        label=_("Payments"),
        help_text=_("Leave out what is not to be paid now; it stays to be approved."),
    )
    number = number_field(
        _("Number of the approval form"),
        _("Left empty, the round's next number is taken."),
        max_length=40,
        required=False,
    )

    @classmethod
    def gather(cls, targets: list[Any], by: Any) -> None:
        keep(targets, payable=payable_by_round(targets, by))

    def prepare(self) -> None:
        """The page's rows: every tranche that this person may approve."""
        self.payable = kept(
            self.target, "payable", lambda rounds: payable_by_round(rounds, self.by)
        )
        booked = budget_of(self.target)
        self.fields["tranches"].initial = [
            {"tranche": t.pk} | booked for t in self.payable
        ]
        self.fields["tranches"].row_labels = {
            str(t.pk): f"{t.case.project.award_no} {t.case.title} · "
            f"{t.case.organisation} · {t.seq} · {t.amount} · {paid_to(t)}"
            for t in self.payable
        }

    def example(self) -> dict[str, Any]:
        return {"tranches": [{"tranche": t.pk} for t in self.payable], "number": ""}


class RecordPaymentForm(ActionForm):
    voucher_number = number_field(
        _("Voucher number"), _("From the treasury's payment voucher.")
    )
    paid_on = DayField(label=_("Paid on"))

    def example(self) -> dict[str, Any]:
        return {
            "voucher_number": f"{self.target.case.code}-V{self.target.seq}",
            "paid_on": this_day().isoformat(),
        }
