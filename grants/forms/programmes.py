"""The form of a round's set-up (年度方案设置)."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from grants.models import Round, Tier
from grants.services.programmes import round_errors


class RoundForm(forms.Form):
    """Dates, pool and rules of one round; `round_` is the one being changed."""

    topics = [
        (_("The call"), ["code", "title_zh", "title_en", "year", "tier"]),
        (
            _("Money"),
            [
                "pool",
                "cap",
                "fund_source",
                "budget_document",
                "functional_class",
                "economic_class",
            ],
        ),
        (_("Calendar"), ["opens_at", "closes_at", "review_ends_at", "ends_at"]),
        (
            _("Projects and notice"),
            ["project_starts_on", "project_ends_on", "notice_working_days"],
        ),
    ]

    code = forms.SlugField(label=_("Code"), max_length=20)
    title_zh = forms.CharField(label=_("Chinese title"), max_length=80)
    title_en = forms.CharField(label=_("English title"), max_length=120)
    year = forms.IntegerField(label=_("Year"), min_value=2000, max_value=2100)
    tier = forms.ChoiceField(label=_("Tier"), choices=Tier.choices)
    pool = forms.DecimalField(
        label=_("Pool (CNY)"), max_digits=14, decimal_places=2, min_value=0
    )
    cap = forms.DecimalField(
        label=_("Cap per project (CNY)"), max_digits=14, decimal_places=2, min_value=0
    )
    fund_source = forms.CharField(label=_("Fund source"), max_length=40)
    budget_document = forms.CharField(label=_("Budget document number"), max_length=60)
    functional_class = forms.CharField(
        label=_("Functional class"),
        max_length=40,
        required=False,
        help_text=_("Code and name; payments are booked on it."),
    )
    economic_class = forms.CharField(
        label=_("Economic class"), max_length=40, required=False
    )
    opens_at = forms.DateTimeField(label=_("Call opens"))
    closes_at = forms.DateTimeField(label=_("Call closes"))
    review_ends_at = forms.DateTimeField(label=_("Review ends"))
    ends_at = forms.DateTimeField(label=_("Round ends"))
    project_starts_on = forms.DateField(label=_("Projects start"))
    project_ends_on = forms.DateField(label=_("Projects end"))
    notice_working_days = forms.IntegerField(
        label=_("Working days of public notice"),
        help_text=_("At least five, both ends counted."),
        initial=5,
    )

    def __init__(self, *args: Any, round_: Round | None = None, **kwargs: Any) -> None:
        self.round_ = round_
        if round_ is not None:
            values = {n: getattr(round_, n) for n in self.base_fields if n != NOTICE}
            values[NOTICE] = round_.rules.data["notice"]["working_days"]
            kwargs["initial"] = values | (kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)

    def clean_code(self) -> str:
        code = self.cleaned_data["code"]
        others = Round.objects.filter(code=code)
        if self.round_ is not None:
            others = others.exclude(pk=self.round_.pk)
        if others.exists():
            raise forms.ValidationError(_("There is already a round with this code."))
        return code

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        for name, messages in round_errors(cleaned).items():
            if name not in self.errors:
                self.add_error(name, messages)
        return cleaned


NOTICE = "notice_working_days"
