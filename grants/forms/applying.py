"""The application form (项目申报书), its correction, and withdrawing."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import prefetch_related_objects
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from grants.forms.base import ActionForm
from grants.forms.fields import RowsField
from grants.models import BudgetLine, District
from grants.rules import rules_of
from grants.services.applying import (
    ELEMENTS,
    TITLE_MAX,
    application_errors,
    districts_of,
    months_after,
    stored_values,
)
from grants.services.budget import budget_warnings


class BudgetRowForm(forms.Form):
    """One row of a budget; amounts in CNY."""

    head = forms.ChoiceField(label=_("Budget head"), choices=BudgetLine.Head.choices)
    item = forms.CharField(label=_("Item"), max_length=80)
    amount = forms.DecimalField(
        label=_("Amount (CNY)"),
        max_digits=14,
        decimal_places=2,
        min_value=Decimal("0.01"),
    )
    funded_by = forms.ChoiceField(
        label=_("Funded by"), choices=BudgetLine.FundedBy.choices
    )


def in_language(entry: dict[str, Any]) -> str:
    """A rule's word in the reader's language; rules carry zh and en."""
    english = (get_language() or "").startswith("en")
    return entry["en"] if english else entry["zh"]


def example_rows(amount: Decimal) -> list[dict[str, str]]:
    """Budget rows of the grant that add up to an amount and break no rule."""
    staff = (amount * Decimal("0.2")).quantize(Decimal("0.01"))
    activity = BudgetLine.Head.ACTIVITY
    rows = [
        {"head": activity, "item": "活动经费", "amount": str(amount - staff)},
        {"head": BudgetLine.Head.STAFF, "item": "人员补贴", "amount": str(staff)},
    ]
    return [
        {k: str(v) for k, v in row.items()} | {"funded_by": "GRANT"}
        for row in rows
        if Decimal(row["amount"]) > 0
    ]


class ApplicationForm(ActionForm):
    """The whole form; the correction shows the returned fields of it."""

    topics = [
        (_("The project"), ["title", "category", "district"]),
        (_("Time and money asked for"), ["amount", "period_start", "period_end"]),
        (_("What the project does"), list(ELEMENTS)),
        (_("Budget"), ["budget"]),
    ]

    title = forms.CharField(
        label=_("Project name"),
        max_length=TITLE_MAX,
        help_text=_("At most 40 characters; it should say what is done for whom."),
    )
    category = forms.ChoiceField(label=_("Service field"))
    district = forms.ChoiceField(label=_("District of the project"))
    amount = forms.DecimalField(
        label=_("Amount asked for (CNY)"), max_digits=14, decimal_places=2
    )
    period_start = forms.DateField(label=_("Project start"))
    period_end = forms.DateField(label=_("Project end"))
    beneficiaries = forms.CharField(
        label=_("Target beneficiaries"),
        max_length=2000,
        widget=forms.Textarea,
        error_messages={"required": _("Describe the target beneficiaries.")},
    )
    resources = forms.CharField(
        label=_("Usable resources"),
        max_length=2000,
        widget=forms.Textarea,
        error_messages={"required": _("Describe the usable resources.")},
    )
    objectives = forms.CharField(
        label=_("Objectives"),
        max_length=2000,
        widget=forms.Textarea,
        error_messages={"required": _("Describe the objectives.")},
    )
    plan = forms.CharField(
        label=_("Implementation plan"),
        max_length=4000,
        widget=forms.Textarea,
        error_messages={"required": _("Describe the implementation plan.")},
    )
    budget = RowsField(BudgetRowForm, label=_("Budget"))

    def prepare(self) -> None:
        round_, rules = self.target.round, rules_of(self.target)
        self.fields["category"].choices = [
            (c["code"], in_language(c)) for c in rules.categories
        ]
        self.districts = {d.code: d for d in districts_of(round_)}
        self.fields["district"].choices = [
            (code, str(d)) for code, d in self.districts.items()
        ]
        self.fields["amount"].help_text = _("At most %(cap)s yuan.") % {
            "cap": f"{round_.cap:,.2f}"
        }

    def clean_district(self) -> District:
        return self.districts[self.cleaned_data["district"]]

    def known(self) -> dict[str, Any]:
        """The values that the checks see."""
        return self.cleaned_data

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        errors = application_errors(self.target, self.known())
        self.add_paths(
            {p: m for p, m in errors.items() if p.split(".")[0] not in self.errors}
        )
        return cleaned

    @property
    def warnings(self) -> list[str]:
        """What a page says beside the form; it hinders nobody."""
        amount, budget = (
            self.cleaned_data.get("amount"),
            self.cleaned_data.get("budget"),
        )
        if amount is None or not budget:
            return []
        return budget_warnings(rules_of(self.target), budget, grant=amount)

    def example(self) -> dict[str, Any]:
        round_ = self.target.round
        start = round_.project_starts_on
        _least, most = rules_of(self.target).cycle_months
        end = min(round_.project_ends_on, months_after(start, most) - timedelta(days=1))
        amount = min(round_.cap, Decimal("100000.00"))
        return {
            "title": "“老漂族”社区融入陪伴项目",
            "category": rules_of(self.target).categories[0]["code"],
            "district": next(iter(self.districts), ""),
            "amount": str(amount),
            "period_start": start.isoformat(),
            "period_end": end.isoformat(),
            "beneficiaries": "辖区内非本地户籍老年人约120名。",
            "resources": "社区活动室两间，志愿者三十名。",
            "objectives": "参与者中八成以上每月参加两次以上活动。",
            "plan": "第一季度入户走访，其后每周开展一次小组活动。",
            "budget": example_rows(amount),
        }


class ResubmitForm(ApplicationForm):
    """Only the fields that were returned (补正)."""

    @classmethod
    def gather(cls, targets: list[Any], by: Any) -> None:
        prefetch_related_objects(targets, "budget_lines")

    def prepare(self) -> None:
        super().prepare()
        asked = set(self.target.application.fields_to_correct)
        for name in [n for n in self.fields if n not in asked]:
            del self.fields[name]
        stored = self.stored()
        self.initial = {n: stored[n] for n in self.fields} | (self.initial or {})

    def stored(self) -> dict[str, Any]:
        """What was handed in, as a body would say it."""
        values = stored_values(self.target)
        values["district"] = values["district"].code if values["district"] else ""
        return values

    def known(self) -> dict[str, Any]:
        values = stored_values(self.target)
        for name in self.fields:  # a field with an error is judged already
            values.pop(name, None)
        return values | self.cleaned_data

    def example(self) -> dict[str, Any]:
        stored = self.stored()
        values = {n: stored[n] for n in self.fields}
        for name in ("period_start", "period_end"):
            if name in values:
                values[name] = values[name].isoformat()
        if "amount" in values:
            values["amount"] = str(values["amount"])
        if "budget" in values:
            rows = values["budget"]
            values["budget"] = [r | {"amount": str(r["amount"])} for r in rows]
        return values


class WithdrawForm(ActionForm):
    reason = forms.CharField(label=_("Reason"), max_length=500, widget=forms.Textarea)

    def example(self) -> dict[str, Any]:
        return {"reason": "人员变动，本年度无法实施。"}
