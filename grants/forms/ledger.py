"""Forms of the ledger; the target is the Case."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from grants.forms.base import ActionForm, example_file
from grants.forms.fields import DocumentField, FilesField
from grants.forms.running import DayField, LongTextField, MoneyField, this_day
from grants.models import BudgetLine, Expense, ServiceRecord

MOST_PEOPLE = 1_000_000
MOST_PICTURES = 9
#: Bytes of one picture.
PICTURE = 15 * 1024 * 1024


class ActivityField(forms.TypedChoiceField):
    """One of the planned activities, or none; the form fills the choices."""

    def __init__(self) -> None:
        super().__init__(
            label=_("Planned activity"),
            required=False,
            coerce=int,
            empty_value=None,
            help_text=_("Leave it empty for what the plan does not name."),
        )

    def offer(self, case: Any) -> None:
        rows = case.activities.filter(kind=BudgetLine.Kind.PLAN)
        named = [(str(row.pk), row.name) for row in rows]
        self.choices = [("", gettext("None")), *named]


class EntryField(forms.IntegerField):
    """The number of an entry, kept by the page."""

    def __init__(self) -> None:
        super().__init__(
            label=_("Entry"), min_value=1, widget=forms.HiddenInput, required=True
        )


class EntryForm(ActionForm):
    """A form about entries of one kind; `model` says which."""

    model: Any = None

    def prepare(self) -> None:
        if "activity" in self.fields:
            self.fields["activity"].offer(self.target)

    def last(self) -> Any:
        """The latest entry that counts, for examples."""
        found = self.model.objects.filter(case=self.target, voided_at=None)
        return found.order_by("-pk").first()

    def start_from(self, given: Any) -> None:
        """Show an entry as it stands, where the address names one."""
        pk = given.get("entry", "")
        if "entry" not in self.fields or not (pk.isdecimal() and len(pk) < 10):
            return
        entry = self.model.objects.filter(case=self.target, pk=int(pk)).first()
        if entry is None:
            return
        self.initial["entry"] = entry.pk
        for name in self.fields:
            if name == "activity":
                self.initial[name] = entry.activity_id or ""
            elif hasattr(entry, name):
                self.initial[name] = getattr(entry, name)


class VoidForm(EntryForm):
    entry = EntryField()
    reason = forms.CharField(
        label=_("Reason"),
        max_length=200,
        help_text=_("The entry stays to be read, but counts no more."),
    )

    def example(self) -> dict[str, Any]:
        entry = self.last()
        return {
            "entry": entry.pk if entry else 1,
            "reason": gettext("It was entered twice."),
        }


class VoidServiceForm(VoidForm):
    model = ServiceRecord


class VoidExpenseForm(VoidForm):
    model = Expense


class ServiceForm(EntryForm):
    """One activity; short enough to be filled in on the spot, on a phone."""

    model = ServiceRecord
    held_on = DayField(label=_("Held on"))
    activity = ActivityField()
    title = forms.CharField(
        label=_("What took place"),
        max_length=120,
        required=False,
        help_text=_("The planned activity's name if you leave it empty."),
    )
    place = forms.CharField(label=_("Place"), max_length=120)
    persons = forms.IntegerField(
        label=_("Persons served"), min_value=0, max_value=MOST_PEOPLE
    )
    volunteers = forms.IntegerField(
        label=_("Volunteers"), min_value=0, max_value=MOST_PEOPLE, initial=0
    )
    hours = forms.DecimalField(
        label=_("Hours of service"),
        min_value=0,
        max_digits=7,
        decimal_places=1,
        help_text=_("Of all who worked together, for example 12.5."),
    )
    satisfaction = forms.DecimalField(
        label=_("Satisfaction"),
        min_value=1,
        max_value=5,
        max_digits=3,
        decimal_places=2,
        required=False,
        help_text=_("Mean of the questionnaires, 1 to 5."),
    )
    pictures = FilesField(
        "service_picture",
        folder="case",
        max_files=MOST_PICTURES,
        max_bytes=PICTURE,
        camera=True,
        label=_("Pictures"),
        required=False,
    )
    sign_in_sheet = DocumentField(
        "sign_in_sheet", camera=True, label=_("Sign-in sheet"), required=False
    )
    notes = LongTextField(label=_("Notes"), required=False)

    def example(self) -> dict[str, Any]:
        planned = self.target.activities.filter(kind=BudgetLine.Kind.PLAN).first()
        return {
            "held_on": this_day().isoformat(),
            "activity": str(planned.pk) if planned else "",
            "title": gettext("Group activity"),
            "place": gettext("Community centre"),
            "persons": 30,
            "volunteers": 4,
            "hours": "12.5",
            "satisfaction": "4.60",
            "pictures": [example_file("picture.pdf")],
            "sign_in_sheet": example_file("sign-in.pdf"),
            "notes": "",
        }


class RecordServiceForm(ServiceForm):
    pass


class CorrectServiceForm(ServiceForm):
    entry = EntryField()
    reason = forms.CharField(label=_("Reason of the correction"), max_length=200)

    def example(self) -> dict[str, Any]:
        entry = self.last()
        return super().example() | {
            "entry": entry.pk if entry else 1,
            "reason": gettext("The number of persons was miscounted."),
            "pictures": [],
        }


class ExpenseForm(EntryForm):
    """One expense with its proof."""

    model = Expense
    spent_on = DayField(label=_("Spent on"))
    head = forms.ChoiceField(label=_("Budget head"), choices=BudgetLine.Head.choices)
    funded_by = forms.ChoiceField(
        label=_("Funded by"),
        choices=BudgetLine.FundedBy.choices,
        initial=BudgetLine.FundedBy.GRANT.value,
    )
    payee = forms.CharField(label=_("Payee"), max_length=120)
    amount = MoneyField(label=_("Amount"))
    invoice_number = forms.CharField(
        label=_("Invoice number"),
        max_length=60,
        required=False,
        help_text=_("An invoice counts once in all projects."),
    )
    purpose = forms.CharField(label=_("Purpose"), max_length=120, required=False)
    activity = ActivityField()
    proof = DocumentField(
        "expense_proof", camera=True, label=_("Invoice or other proof")
    )

    def prepare(self) -> None:
        super().prepare()
        forbidden = BudgetLine.Head.FIXED_ASSET.value
        self.fields["head"].choices = [
            choice for choice in BudgetLine.Head.choices if choice[0] != forbidden
        ]

    def example(self) -> dict[str, Any]:
        number = self.model.objects.filter(case=self.target).count() + 1
        return {
            "spent_on": this_day().isoformat(),
            "head": BudgetLine.Head.ACTIVITY.value,
            "funded_by": BudgetLine.FundedBy.GRANT.value,
            "payee": gettext("A supplier (demonstration)"),
            "amount": "580.00",
            "invoice_number": f"{self.target.code}-F{number}",
            "purpose": gettext("Materials for the group activity"),
            "activity": "",
            "proof": example_file("invoice.pdf"),
        }


class RecordExpenseForm(ExpenseForm):
    pass


class CorrectExpenseForm(ExpenseForm):
    entry = EntryField()
    reason = forms.CharField(label=_("Reason of the correction"), max_length=200)

    def prepare(self) -> None:
        super().prepare()
        self.fields["proof"].required = False
        self.fields["proof"].help_text = _("Only if it is to be replaced.")

    def example(self) -> dict[str, Any]:
        entry = self.last()
        return super().example() | {
            "entry": entry.pk if entry else 1,
            "reason": gettext("The amount was misread."),
        }
