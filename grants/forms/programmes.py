"""The form of a round's set-up (年度方案设置)."""

from typing import Any

from django import forms
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from grants.calendar import today
from grants.forms.application_rows import money_field
from grants.forms.base import ActionForm
from grants.forms.fields import RowsField
from grants.forms.questions import QuestionRow, questions_from, rows_from
from grants.forms.ruling.naming import name_parts, rule_name
from grants.models import Programme, Round, Tier
from grants.rules import in_language, parse
from grants.services.applying import districts_on
from grants.services.programmes import latest_rules
from grants.services.round_setup import copied_values, pool_rows, round_errors, sum_of


class PoolRow(forms.Form):
    """Money from one source and one budget document."""

    source = forms.CharField(label=_("Fund source"), max_length=40)
    amount = money_field()
    budget_year = forms.IntegerField(
        label=_("Budget year"), min_value=2000, max_value=2100
    )
    document_no = forms.CharField(label=_("Budget document number"), max_length=60)
    functional_class = forms.CharField(
        label=_("Functional class"), max_length=40, required=False
    )
    economic_class = forms.CharField(
        label=_("Economic class"), max_length=40, required=False
    )


class RoundForm(ActionForm):
    """Dates, pools and rules of one round; `round_` is the one being changed.

    `like`: the round from which a new one is copied, its dates a year later.
    """

    topics = [
        (_("The call"), ["code", "title_zh", "title_en", "year", "tier"]),
        (pgettext_lazy("of a round", "Money"), ["pools", "cap", "cap_filed"]),
        (_("Calendar"), ["opens_at", "closes_at", "review_ends_at", "ends_at"]),
        (
            _("Projects and notice"),
            ["project_starts_on", "project_ends_on", "notice_working_days"],
        ),
        (_("Where and what"), ["districts", "themes"]),
        (_("Questions of this round"), ["questions"]),
    ]

    code = forms.SlugField(label=_("Code"), max_length=20)
    title_zh = forms.CharField(label=_("Chinese title"), max_length=80)
    title_en = forms.CharField(label=_("English title"), max_length=120)
    year = forms.IntegerField(label=_("Year"), min_value=2000, max_value=2100)
    tier = forms.ChoiceField(label=_("Tier"), choices=Tier.choices)
    pools = RowsField(
        PoolRow,
        label=_("Pools"),
        max_rows=20,
        help_text=_("Payments are booked on the functional class (功能科目)."),
    )
    cap = forms.DecimalField(
        label=_("Cap per project (CNY)"), max_digits=14, decimal_places=2, min_value=0
    )
    cap_filed = forms.DecimalField(
        label=_("Cap for filed organisations (CNY)"),
        max_digits=14,
        decimal_places=2,
        required=False,
        help_text=_("Leave it empty if it is the same."),
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
    districts = forms.MultipleChoiceField(
        label=_("Districts"), required=False, help_text=_("None chosen means all.")
    )
    themes = forms.MultipleChoiceField(
        label=_("Service fields"),
        required=False,
        help_text=_("None chosen means all."),
    )
    questions = RowsField(
        QuestionRow,
        label=_("Questions"),
        min_rows=0,
        max_rows=40,
        help_text=_(
            "Asked in the application form besides its own. Separate answers of a "
            "choice, or columns of a table, by semicolons. A condition names an "
            "earlier question by its number, counted from 1."
        ),
    )

    def __init__(
        self,
        data: Any = None,
        *,
        programme: Programme,
        round_: Round | None = None,
        like: Round | None = None,
    ) -> None:
        self.programme, self.round_, self.like = programme, round_, like
        super().__init__(data, target=round_, by=None)

    def prepare(self) -> None:
        rules = self.round_.rules if self.round_ else latest_rules(self.programme)
        categories = parse(rules.data).categories
        self.fields["themes"].choices = [
            (c["code"], in_language(c)) for c in categories
        ]
        self.fields["districts"].choices = self.district_choices()
        source = self.round_ or self.like
        if source is None:
            self.initial = {NOTICE: rules.data["notice"]["working_days"]}
            return
        names = [n for n in self.fields if n not in ("pools", "questions", NOTICE)]
        self.initial = (
            copied_values(source, names)
            if self.round_ is None
            else {n: getattr(source, n) for n in names}
        )
        pools = pool_rows(source)
        if self.round_ is None:
            pools = [p | {"budget_year": p["budget_year"] + 1} for p in pools]
        self.initial |= {
            "pools": pools,
            "questions": rows_from(source.questions),
            NOTICE: rules.data["notice"]["working_days"],
        }

    def district_choices(self) -> list[tuple[str, str]]:
        """Those that are valid on the day the call opens, else today's."""
        made = self.fields["opens_at"]
        try:
            opens = made.clean(self.data.get("opens_at")) if self.is_bound else None
        except forms.ValidationError:
            opens = None
        source = self.round_ or self.like
        opens = opens or (source.opens_at if source else now())
        return [(d.code, str(d)) for d in districts_on(today(opens))]

    def clean_code(self) -> str:
        code = self.cleaned_data["code"]
        others = Round.objects.filter(code=code)
        if self.round_ is not None:
            others = others.exclude(pk=self.round_.pk)
        if others.exists():
            raise forms.ValidationError(_("There is already a round with this code."))
        return code

    def clean_questions(self) -> list[dict[str, Any]]:
        return questions_from(self.cleaned_data["questions"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        pools = cleaned.get("pools")
        known = cleaned | ({"pool": sum_of(pools)} if pools else {})
        errors = round_errors(known)
        self.add_paths(
            {p: m for p, m in errors.items() if p.split(".")[0] not in self.errors}
        )
        return cleaned


NOTICE = "notice_working_days"


def name_of(path: str) -> str:
    """What a path of a round or of its rules is called, with the number of its row.

    >>> name_of("rules.review.criteria.1.weight")
    'Review and score sheet, Criteria, 2, Weight'
    """
    if path.startswith("rules."):
        return rule_name(path.removeprefix("rules."))
    name, *rest = path.split(".")
    made = RoundForm.base_fields.get({"pool": "pools"}.get(name, name))
    return ", ".join(name_parts(made, rest)) if made else path
