"""The subjects of the rules: call, screening, form, review … one form each."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from grants.forms.fields import RowsField
from grants.forms.ruling.base import (
    AmountField,
    PercentField,
    PointsField,
    RulesForm,
    WholeField,
    shown,
)
from grants.forms.ruling.rows import (
    MODES,
    BandRow,
    CategoryRow,
    CriterionRow,
    DimensionRow,
    EligibilityRow,
    PaperRow,
    ShareRow,
    SourceRow,
)
from grants.models import BudgetLine, ChangeKind, Tier

#: Payments that others use; the label says whose (OFFICER §0.12).
PRESETS = {"50/40/10": ["0.50", "0.40", "0.10"], "60/40": ["0.60", "0.40"]}


def days(label: Any, **kwargs: Any) -> WholeField:
    return WholeField(label=label, min_value=0, **kwargs)


class CallRules(RulesForm):
    subject = _("Call and screening")
    paths = {
        "max_applications": "call.max_applications_per_org",
        "cycle_min": "call.cycle_months.min",
        "cycle_max": "call.cycle_months.max",
        "correction_times": "call.correction_times",
        "correction_days": "call.correction_working_days",
        "screening_days": "call.screening_working_days",
    }
    max_applications = WholeField(label=_("Applications per organisation, at most"))
    cycle_min = WholeField(label=_("Shortest project (months)"))
    cycle_max = WholeField(label=_("Longest project (months)"))
    correction_times = WholeField(
        label=_("How often an application may be returned"),
        help_text=_("0 for never."),
    )
    correction_days = days(_("Working days for a correction"))
    screening_days = days(_("Working days of the screening"))


class EligibilityRules(RulesForm):
    subject = _("Eligibility checklist")
    intro = _("One verdict a rule in the screening. A code that is in use stays.")
    paths = {"eligibility": "eligibility"}
    eligibility = RowsField(EligibilityRow, label=_("Rules to verify"))


class FormRules(RulesForm):
    subject = _("Application form")
    intro = _("Questions of a single round are asked in the round's set-up.")
    paths = {"team_min": "call.team_min", "categories": "call.categories"}
    team_min = WholeField(label=_("Persons in the team, at least"))
    categories = RowsField(
        CategoryRow,
        label=_("Service fields"),
        help_text=_("An application names exactly one."),
    )


class ReviewRules(RulesForm):
    subject = _("Review and score sheet")
    paths = {
        "panel_size": "review.panel_size",
        "finance": "review.min_finance_experts",
        "alternates": "review.alternates",
        "trim": "review.trim_high_low_when_at_least",
        "pass_mark": "review.pass_mark",
        "criteria": "review.criteria",
    }
    panel_size = WholeField(label=_("Experts in a panel"))
    finance = WholeField(label=_("Finance experts among them, at least"))
    alternates = WholeField(
        label=_("Alternates drawn after the panel"),
        help_text=_("0 for none. They are asked in the order of the draw."),
    )
    trim = WholeField(
        label=_("Leave out the highest and lowest from this many scores"),
        help_text=_("0 for never; at least 3."),
    )
    pass_mark = PointsField(label=_("Pass mark (of 100)"))
    criteria = RowsField(
        CriterionRow,
        label=_("Criteria"),
        help_text=_("The weights add up to 100. A code that is in use stays."),
    )


class DeadlineRules(RulesForm):
    subject = _("Notice and deadlines")
    paths = {
        "notice": "notice.working_days",
        "revision": "revision.working_days",
        "agreement": "agreement.working_days",
        "grace": "tracking.report_grace_working_days",
        "rectify": "tracking.rectify_working_days",
        "clawback": "termination.clawback_working_days",
    }
    notice = days(
        _("Working days of public notice"), help_text=_("5 to 15, both ends counted.")
    )
    revision = days(_("Working days to revise the plan"))
    agreement = days(_("Working days to sign the agreement"))
    grace = days(_("Working days that a report may be late"))
    rectify = days(_("Working days to rectify"))
    clawback = days(_("Working days to pay money back"))


class MoneyRules(RulesForm):
    subject = _("Payments")
    paths = {
        "shares": "disbursement.shares",
        "fence_tier": "ring_fence.tier",
        "fence_share": "ring_fence.share",
    }
    preset = forms.ChoiceField(
        label=_("Payments as others make them"),
        required=False,
        choices=[
            ("", _("As in the table below")),
            ("50/40/10", _("50, 40 and 10 per cent (Tianjin)")),
            ("60/40", _("Two payments: 60 and 40 per cent")),
        ],
        help_text=_("A choice here replaces the table."),
        widget=forms.Select,
    )
    shares = RowsField(
        ShareRow,
        label=_("Payments"),
        min_rows=0,
        help_text=_(
            "They add up to 100. The first follows the agreement, the last the closing."
        ),
    )
    fence_tier = forms.ChoiceField(
        label=_("Tier that keeps a part for community organisations"),
        choices=[("", _("None")), *Tier.choices],
        required=False,
        widget=forms.Select,
    )
    fence_share = PercentField(
        label=_("Part kept for community organisations (%)"), min_value=0
    )

    def prepare(self) -> None:
        super().prepare()
        self.topics[0][1].insert(0, "preset")

    def clean(self) -> dict[str, Any]:
        chosen = PRESETS.get(self.cleaned_data.get("preset", ""))
        if chosen is not None:
            self.errors.pop("shares", None)
            rows = shown(self.fields["shares"], chosen)
            self.cleaned_data["shares"] = self.fields["shares"].clean(rows)
        return super().clean()


class TrackingRules(RulesForm):
    subject = _("Tracking and evaluation")
    paths = {
        "min_visits": "tracking.min_visits",
        "initial": "tracking.opens_at_share.INITIAL",
        "mid": "tracking.opens_at_share.MID",
        "final": "tracking.opens_at_share.FINAL",
        "stage_pass": "tracking.pass",
    }
    min_visits = WholeField(label=_("Site visits per project, at least"))
    initial = PercentField(
        label=_("First stage opens after (per cent of the project's time)"), min_value=0
    )
    mid = PercentField(
        label=_("Mid-term opens after (per cent of the project's time)"), min_value=0
    )
    final = PercentField(
        label=_("Final stage opens after (per cent of the project's time)"), min_value=0
    )
    stage_pass = PointsField(label=_("Pass mark of a stage (of 100)"))


class EvaluationRules(RulesForm):
    subject = _("Evaluation sheets")
    intro = _(
        "Weights add up to 100. A stage without dimensions gets one plain score. "
        "The bands of the result stand under Closing."
    )
    paths = {
        "mid": "evaluation.MID",
        "final": "evaluation.FINAL",
        "adjustment": "evaluation.adjustment_max",
        "comment_below": "evaluation.comment_below",
        "satisfaction": "evaluation.satisfaction_min",
    }
    mid = RowsField(
        DimensionRow, label=_("Dimensions of the mid-term evaluation"), min_rows=0
    )
    final = RowsField(
        DimensionRow, label=_("Dimensions of the final evaluation"), min_rows=0
    )
    adjustment = PointsField(
        label=_("Bonus or penalty, at most (points)"), help_text=_("0 for none.")
    )
    comment_below = PercentField(
        label=_("A score needs a comment below (per cent of its weight)"), min_value=0
    )
    satisfaction = PercentField(
        label=_("Satisfaction that a final pass needs (per cent of 5 points)"),
        min_value=0,
    )


class BudgetRules(RulesForm):
    subject = _("Budget")
    paths = {
        "staff_max": "budget.staff_share_of_grant_max",
        "staff_mode": "budget.staff_share_mode",
        "admin_max": "budget.admin_share_max",
        "forbidden": "budget.forbidden_heads",
        "sources": "budget.sources",
    }
    staff_max = PercentField(
        label=_("Staff, at most (per cent of the grant)"), min_value=0
    )
    staff_mode = forms.ChoiceField(label=_("Above the staff limit"), choices=MODES)
    admin_max = PercentField(
        label=_("Administration, at most (per cent of the grant)"), min_value=0
    )
    forbidden = forms.MultipleChoiceField(
        label=_("Heads that the programme does not pay"),
        choices=BudgetLine.Head.choices,
        required=False,
    )
    sources = RowsField(
        SourceRow,
        label=_("Other limits by fund source"),
        min_rows=0,
        help_text=_("A round with this fund source takes them instead."),
    )


class ApprovalRules(RulesForm):
    subject = _("Approval of payments")
    intro = _(
        "Whose approval a payment needs, by its amount. A higher office may approve "
        "what a lower one may; who registered the receipt approves nothing."
    )
    paths = {
        "officer_up_to": "disbursement.officer_up_to",
        "leader_above": "disbursement.leader_above",
    }
    officer_up_to = AmountField(
        label=_("The programme officer approves payments up to (CNY)"),
        min_value=0,
        help_text=_("0 for none."),
    )
    leader_above = AmountField(
        label=_("The deputy director approves payments above (CNY)"),
        min_value=0,
        help_text=_("Between the two the head of division approves."),
    )


class ChangeRules(RulesForm):
    subject = _("Changes and termination")
    paths = {
        "extension_months": "change.extension_months_max",
        "extensions": "change.extensions_max",
        "free_share": "change.budget_free_share",
        "major": "change.major",
        "excluded_years": "termination.excluded_years",
    }
    extension_months = WholeField(label=_("Longest extension (months)"))
    extensions = WholeField(label=_("Extensions, at most"))
    free_share = PercentField(
        label=_("Part of a budget head that may move without asking (%)"), min_value=0
    )
    major = forms.MultipleChoiceField(
        label=_("Changes that the head of division decides"),
        choices=ChangeKind.choices,
        required=False,
    )
    excluded_years = WholeField(label=_("Years of exclusion after a breach or fraud"))


class ClosingRules(RulesForm):
    subject = pgettext_lazy("rules", "Closing")
    paths = {"bands": "closing.bands"}
    bands = RowsField(
        BandRow, label=_("Bands"), help_text=_("From the highest; the lowest from 0.")
    )


class DocumentRules(RulesForm):
    subject = pgettext_lazy("rules", "Documents")
    intro = _(
        "The list says what is there, missing or has run out; it refuses nobody. "
        "A code that is in use stays."
    )
    paths = {"macros": "documents.macros", "required": "documents.required"}
    macros = forms.ChoiceField(
        label=_("Office files with macros"),
        choices=[("refuse", _("Refused")), ("accept", _("Accepted"))],
        help_text=_("docm, xlsm and pptm, and old files with macros. Macros can harm."),
    )
    required = RowsField(PaperRow, label=_("Papers of each stage"), min_rows=0)


class PaperRules(RulesForm):
    subject = _("What papers quote")
    paths = {
        name: f"papers.{name}"
        for name in ("measures", "contact", "phone", "supervision_phone", "address")
    }
    measures = forms.CharField(
        label=_("Title of the programme's measures"), max_length=120, required=False
    )
    contact = forms.CharField(label=_("Contact"), max_length=60, required=False)
    phone = forms.CharField(label=_("Telephone"), max_length=40, required=False)
    supervision_phone = forms.CharField(
        label=_("Telephone of the supervision"), max_length=40, required=False
    )
    address = forms.CharField(label=_("Address"), max_length=120, required=False)


#: In the order of the road; the names stand in addresses.
SUBJECTS: dict[str, type[RulesForm]] = {
    "call": CallRules,
    "eligibility": EligibilityRules,
    "form": FormRules,
    "review": ReviewRules,
    "deadlines": DeadlineRules,
    "payments": MoneyRules,
    "approval": ApprovalRules,
    "tracking": TrackingRules,
    "evaluation": EvaluationRules,
    "budget": BudgetRules,
    "changes": ChangeRules,
    "closing": ClosingRules,
    "documents": DocumentRules,
    "papers": PaperRules,
}
