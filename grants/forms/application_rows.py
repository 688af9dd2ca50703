"""The rows of the application's tables, and rows for its example."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from grants.forms.fields import SuggestedField
from grants.models import BudgetLine, Indicator, OtherFunding, Partner


def money_field(**kwargs: Any) -> forms.DecimalField:
    """An amount in CNY above zero."""
    return forms.DecimalField(
        label=_("Amount (CNY)"),
        max_digits=14,
        decimal_places=2,
        min_value=Decimal("0.01"),
        **kwargs,
    )


class BudgetRowForm(forms.Form):
    """One row of a budget; amounts in CNY."""

    head = forms.ChoiceField(label=_("Budget head"), choices=BudgetLine.Head.choices)
    item = forms.CharField(label=_("Item"), max_length=80)
    amount = money_field()
    funded_by = forms.ChoiceField(
        label=_("Funded by"), choices=BudgetLine.FundedBy.choices
    )
    activity = SuggestedField(
        ("activities", "name"),
        label=_("Serves the activity"),
        max_length=120,
        required=False,
    )


class TeamRowForm(forms.Form):
    """One person of the team."""

    name = forms.CharField(label=_("Name"), max_length=60)
    role = forms.CharField(label=_("Task in the project"), max_length=80)
    education = forms.CharField(
        label=_("Education and subject"), max_length=80, required=False
    )
    qualification = forms.CharField(
        label=_("Social-work qualification"), max_length=80, required=False
    )
    phone = forms.CharField(label=_("Telephone"), max_length=30, required=False)


class IndicatorRowForm(forms.Form):
    """One measurable objective."""

    measure = forms.ChoiceField(label=_("Kind"), choices=Indicator.Measure.choices)
    name = forms.CharField(label=_("Indicator"), max_length=100)
    unit = forms.CharField(label=pgettext_lazy("measure", "Unit"), max_length=20)
    target = forms.DecimalField(
        label=_("Target"), max_digits=12, decimal_places=2, min_value=Decimal("0.01")
    )
    target.summed = False  # each has a unit of its own
    counts = forms.ChoiceField(
        label=_("Counted from the ledger"),
        choices=[("", _("No: the report says it")), *Indicator.Counted.choices],
        required=False,
        widget=forms.Select,
    )


class ActivityRowForm(forms.Form):
    """One planned activity."""

    name = forms.CharField(label=_("Activity"), max_length=120)
    time = forms.CharField(label=_("Time"), max_length=60)
    place = forms.CharField(label=_("Place"), max_length=80)
    whom = forms.CharField(label=_("For whom"), max_length=80)
    times = forms.IntegerField(label=_("Times"), min_value=1, max_value=100_000)
    attendances = forms.IntegerField(
        label=_("Person-times"), min_value=1, max_value=10_000_000
    )
    output = forms.CharField(label=_("Output"), max_length=120, required=False)


class SimilarRowForm(forms.Form):
    """A project of the same sort, done before."""

    name = forms.CharField(label=_("Project"), max_length=80)
    year = forms.IntegerField(label=_("Year"), min_value=1950, max_value=2100)
    funder = forms.CharField(label=_("Funder"), max_length=80, required=False)
    amount = money_field(required=False)


class PartnerRowForm(forms.Form):
    """A partner of the five-society linkage."""

    society = forms.ChoiceField(
        label=_("Role in the linkage"), choices=Partner.Society.choices
    )
    name = forms.CharField(label=_("Partner"), max_length=80)
    contribution = forms.CharField(
        label=_("Contribution"), max_length=120, required=False
    )


class FundingRowForm(forms.Form):
    """Money from elsewhere for the same project."""

    source = forms.CharField(label=_("Source"), max_length=80)
    nature = forms.ChoiceField(
        label=_("Public or private"), choices=OtherFunding.Nature.choices
    )
    amount = money_field()


# -- examples ----------------------------------------------------------------------


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


def example_team(people: int) -> list[dict[str, str]]:
    """A team of so many people."""
    named = [
        ("沈佳", "项目负责人", "本科 社会工作", "社会工作师", "13800000001"),
        ("陆敏", "活动执行", "大专 老年服务", "助理社会工作师", ""),
        ("方磊", "财务与档案", "本科 会计学", "", ""),
    ]
    named += [(f"队员{n}", "志愿服务", "", "", "") for n in range(4, people + 1)]
    columns = ("name", "role", "education", "qualification", "phone")
    return [dict(zip(columns, row, strict=True)) for row in named[: max(people, 1)]]


EXAMPLE_INDICATORS = [
    {"measure": "OUTPUT", "name": "小组活动", "unit": "场", "target": "40"},
    {
        "measure": "OUTCOME",
        "name": "每月参加两次以上活动的老人",
        "unit": "名",
        "target": "96",
    },
]
EXAMPLE_ACTIVITIES = [
    {
        "name": "入户走访建档",
        "time": "第一季度",
        "place": "社区",
        "whom": "非本地户籍老年人",
        "times": 12,
        "attendances": 120,
        "output": "需求档案120份",
    },
    {
        "name": "小组活动",
        "time": "每周一次",
        "place": "社区活动室",
        "whom": "非本地户籍老年人",
        "times": 40,
        "attendances": 800,
        "output": "活动记录40份",
    },
]
EXAMPLE_PARTNERS = [
    {"society": "COMMUNITY", "name": "社区居民委员会", "contribution": "提供活动场地"}
]


def json_rows(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Stored rows as a JSON body writes them: decimals as texts, no nothings."""
    return [
        {
            name: str(value) if isinstance(value, Decimal) else value
            for name, value in row.items()
            if value is not None
        }
        for row in rows
    ]
