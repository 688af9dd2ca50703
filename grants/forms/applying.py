"""The application form (项目申报书), its correction, and withdrawing."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import prefetch_related_objects
from django.utils.translation import gettext_lazy as _

from grants.forms.application_rows import (
    EXAMPLE_ACTIVITIES,
    EXAMPLE_INDICATORS,
    EXAMPLE_PARTNERS,
    ActivityRowForm,
    BudgetRowForm,
    FundingRowForm,
    IndicatorRowForm,
    PartnerRowForm,
    SimilarRowForm,
    TeamRowForm,
    example_rows,
    example_team,
    json_rows,
)
from grants.forms.base import ActionForm
from grants.forms.fields import RowsField
from grants.forms.questions import add_questions, example_answers
from grants.forms.typed import valid_part
from grants.models import Application, District
from grants.rules import in_language, rules_of
from grants.services.applying import (
    application_errors,
    application_warnings,
    districts_of,
    months_after,
    stored_values,
    themes_of,
)
from grants.services.checks import Check, running_checks
from grants.services.proposal import TABLES, TEXT_MAX, TITLE_MAX, rows_of
from grants.services.round_setup import cap_of

__all__ = ["BudgetRowForm", "example_rows"]


def long_text(label: Any, most: int = 2000, **kwargs: Any) -> forms.CharField:
    """A text of several lines."""
    return forms.CharField(
        label=label, max_length=most, widget=forms.Textarea, **kwargs
    )


def element(label: Any, missing: Any, most: int = 2000, **kwargs: Any) -> Any:
    """One of the four things that a project must make clear (A13)."""
    return long_text(label, most, error_messages={"required": missing}, **kwargs)


def mobile(label: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=20)


def optional_number(label: Any, **kwargs: Any) -> forms.IntegerField:
    return forms.IntegerField(
        label=label, required=False, min_value=0, max_value=2_000_000_000, **kwargs
    )


class ApplicationForm(ActionForm):
    """The whole form (DOMAIN §6.1); the correction shows the returned fields."""

    paged = True
    topics = [
        (_("The project"), ["title", "category", "district", "place", "summary"]),
        (_("Time and money asked for"), ["amount", "period_start", "period_end"]),
        (
            _("The organisation"),
            [
                "founded_on",
                "postcode",
                "address",
                "annual_check_year",
                "annual_check_result",
                "grade_year",
                "grade",
                "org_profile",
                "similar_projects",
            ],
        ),
        (
            _("Leader, contact and team"),
            [
                "leader_name",
                "leader_mobile",
                "leader_phone",
                "leader_email",
                "contact_name",
                "contact_mobile",
                "contact_phone",
                "contact_email",
                "team",
            ],
        ),
        (
            _("Need and beneficiaries"),
            [
                "need_analysis",
                "beneficiaries",
                "direct_beneficiaries",
                "indirect_beneficiaries",
            ],
        ),
        (_("Objectives"), ["objectives", "indicators"]),
        (_("Resources and partners"), ["resources", "partners"]),
        (_("Implementation plan"), ["plan", "activities"]),
        (
            _("Innovation, risks, sustainability"),
            ["innovation", "risk_plan", "sustainability"],
        ),
        (_("Budget"), ["budget", "other_funding"]),
        (_("Commitment"), ["commitment"]),
    ]

    title = forms.CharField(
        label=_("Project name"),
        max_length=TITLE_MAX,
        help_text=_("At most 40 characters; it should say what is done for whom."),
    )
    category = forms.ChoiceField(
        label=_("Service field"),
        help_text=_("Exactly one: where most of the work lies. It decides the panel."),
    )
    district = forms.ChoiceField(label=_("District of the project"))
    place = forms.CharField(
        label=_("Streets and communities"),
        max_length=200,
        required=False,
        help_text=_("As exactly as possible, such as the names of the communities."),
    )
    summary = long_text(
        _("Project summary"),
        TEXT_MAX,
        help_text=_("For whom, which problem, how, and to what end; 500 characters."),
    )
    amount = forms.DecimalField(
        label=_("Amount asked for (CNY)"), max_digits=14, decimal_places=2
    )
    period_start = forms.DateField(label=_("Project start"))
    period_end = forms.DateField(
        label=_("Project end"),
        help_text=_(
            "The last day. Months are counted from day to day: 1 February to "
            "1 March is one month, not two."
        ),
    )
    founded_on = forms.DateField(label=_("Founded on"), required=False)
    postcode = forms.RegexField(
        r"^\d{6}$",
        label=_("Postcode"),
        max_length=6,
        required=False,
        error_messages={"invalid": _("Enter the six digits of the postcode.")},
    )
    address = forms.CharField(label=_("Postal address"), max_length=120, required=False)
    annual_check_year = optional_number(_("Year of the last annual check"))
    annual_check_result = forms.ChoiceField(
        label=_("Conclusion of the annual check"),
        choices=[("", ""), *Application.Conclusion.choices],
        required=False,
        widget=forms.Select,
    )
    grade_year = optional_number(_("Year of the assessment"))
    grade = optional_number(
        _("Assessment grade (A)"), help_text=_("1 to 5; nothing or 0 for no grade.")
    )
    org_profile = long_text(
        _("Profile of the organisation"),
        TEXT_MAX,
        required=False,
        help_text=_("What it does and what it has carried out; 500 characters."),
    )
    similar_projects = RowsField(
        SimilarRowForm, label=_("Similar projects carried out"), min_rows=0
    )
    leader_name = forms.CharField(label=_("Project leader"), max_length=60)
    leader_mobile = mobile(_("Leader's mobile"))
    leader_phone = forms.CharField(
        label=_("Leader's office telephone"), max_length=30, required=False
    )
    leader_email = forms.EmailField(
        label=_("Leader's e-mail"), max_length=254, required=False
    )
    contact_name = forms.CharField(
        label=_("Contact"),
        max_length=60,
        help_text=_("Who is called during the round; it may be the leader."),
    )
    contact_mobile = mobile(_("Contact's mobile"))
    contact_phone = forms.CharField(
        label=_("Contact's office telephone"), max_length=30, required=False
    )
    contact_email = forms.EmailField(
        label=_("Contact's e-mail"), max_length=254, required=False
    )
    team = RowsField(TeamRowForm, label=_("Project team"))
    need_analysis = long_text(
        _("Need and how it was found"),
        required=False,
        help_text=_("Survey, visits, figures: what shows that the need is real."),
    )
    beneficiaries = element(
        _("Target beneficiaries"), _("Describe the target beneficiaries.")
    )
    direct_beneficiaries = forms.IntegerField(
        label=_("Direct beneficiaries (persons)"),
        min_value=1,
        max_value=2_000_000_000,
        help_text=_(
            "Different persons who take part themselves, each counted once; "
            "families and neighbours are indirect. Do not add the two."
        ),
    )
    indirect_beneficiaries = optional_number(_("Indirect beneficiaries (persons)"))
    objectives = element(_("Objectives"), _("Describe the objectives."))
    indicators = RowsField(
        IndicatorRowForm,
        label=_("Indicators"),
        help_text=_("What is done (output) and what changes (outcome), in numbers."),
    )
    resources = element(_("Usable resources"), _("Describe the usable resources."))
    partners = RowsField(PartnerRowForm, label=_("Partners"), min_rows=0)
    plan = element(
        _("Implementation plan"), _("Describe the implementation plan."), 4000
    )
    activities = RowsField(
        ActivityRowForm,
        label=_("Activities"),
        help_text=_(
            "Person-times count everybody each time: 20 people 10 times are 200."
        ),
    )
    innovation = long_text(_("What is new"), required=False)
    risk_plan = long_text(_("Risks and what is done about them"), required=False)
    sustainability = long_text(
        _("How it goes on, and who could copy it"), required=False
    )
    budget = RowsField(
        BudgetRowForm,
        label=_("Budget"),
        help_text=_("The rows paid by the grant add up to the amount asked for."),
    )
    other_funding = RowsField(
        FundingRowForm,
        label=_("Other funding of this project"),
        min_rows=0,
        help_text=_("Leave it empty if there is none."),
    )
    commitment = forms.BooleanField(
        label=_(
            "All we say is true; we accept supervision, audit and evaluation, and "
            "use the money for this project only."
        ),
        error_messages={"required": _("The application needs this commitment.")},
    )

    def prepare(self) -> None:
        round_, rules = self.target.round, rules_of(self.target)
        own = self.target.organisation_id and self.target.organisation
        self.cap = cap_of(round_, own or None)
        add_questions(self)
        self.fields["category"].choices = [
            (code, in_language(c)) for code, c in themes_of(round_, rules).items()
        ]
        self.districts = {d.code: d for d in districts_of(round_)}
        self.fields["district"].choices = [
            (code, str(d)) for code, d in self.districts.items()
        ]
        self.fields["amount"].help_text = _("At most %(cap)s yuan.") % {
            "cap": f"{self.cap:,.2f}"
        }
        self.fields["team"].help_text = _("At least %(least)s persons.") % {
            "least": rules.team_min
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
        return application_warnings(self.target, self.cleaned_data)

    def checks(self) -> list[Check]:
        return running_checks(self.target, self.known() | valid_part(self))

    def example(self) -> dict[str, Any]:
        round_, rules = self.target.round, rules_of(self.target)
        start = round_.project_starts_on
        _least, most = rules.cycle_months
        end = min(round_.project_ends_on, months_after(start, most) - timedelta(days=1))
        amount = min(self.cap, Decimal("100000.00"))
        return {
            "title": "“老漂族”社区融入陪伴项目",
            "category": next(iter(themes_of(round_, rules))),
            "district": next(iter(self.districts), ""),
            "place": "",
            "summary": "为随子女来本市的老年人组织社区小组，缓解孤独，帮助融入。",
            "amount": str(amount),
            "period_start": start.isoformat(),
            "period_end": end.isoformat(),
            "leader_name": "沈佳",
            "leader_mobile": "13800000001",
            "contact_name": "陆敏",
            "contact_mobile": "13800000002",
            "team": example_team(rules.team_min),
            "beneficiaries": "辖区内非本地户籍老年人约120名。",
            "direct_beneficiaries": 120,
            "objectives": "参与者中八成以上每月参加两次以上活动。",
            "indicators": [dict(row) for row in EXAMPLE_INDICATORS],
            "resources": "社区活动室两间，志愿者三十名。",
            "partners": [dict(row) for row in EXAMPLE_PARTNERS],
            "plan": "第一季度入户走访，其后每周开展一次小组活动。",
            "activities": [dict(row) for row in EXAMPLE_ACTIVITIES],
            "budget": example_rows(amount),
            "commitment": True,
        } | example_answers(self)


class ResubmitForm(ApplicationForm):
    """Only the fields that were returned (补正)."""

    paged = False

    @classmethod
    def gather(cls, targets: list[Any], by: Any) -> None:
        relations = [table.relation for table in TABLES.values()]
        prefetch_related_objects(targets, *relations)

    def prepare(self) -> None:
        super().prepare()
        asked = set(self.target.application.fields_to_correct)
        for name in [n for n in self.fields if n not in asked]:
            del self.fields[name]
        stored = self.stored()
        self.initial = {n: stored[n] for n in self.fields} | (self.initial or {})

    def suggested(self, source: tuple[str, str]) -> list[str]:
        """Of a table that was not returned, what was handed in."""
        table, column = source
        if table in self.fields:
            return super().suggested(source)
        return [str(row[column]) for row in rows_of(self.target, table)]

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
        values = {n: stored[n] for n in self.fields if stored[n] is not None}
        for name, value in values.items():
            if isinstance(value, list):
                values[name] = json_rows(value)
            elif isinstance(value, date):
                values[name] = value.isoformat()
            elif isinstance(value, Decimal):
                values[name] = str(value)
        return values


class WithdrawForm(ActionForm):
    reason = forms.CharField(label=_("Reason"), max_length=500, widget=forms.Textarea)

    def example(self) -> dict[str, Any]:
        return {"reason": "人员变动，本年度无法实施。"}
