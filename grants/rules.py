"""Programme rules: data from one YAML file, versioned, kept by each case.

`rules_of(case)` returns typed values; every number says where it comes from
in default_programme.yaml (sources as in DOMAIN.md).
"""

from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from django.utils.translation import get_language

from grants.models import Case, ProgrammeRules, Role
from grants.paper_rules import PLAIN, Requirement, requirement_of

#: Who may approve payments, the highest office last: it may approve what the
#: others may (OFFICER §2).
APPROVERS = (Role.FUNDER, Role.HEAD, Role.LEADER)
#: What holds under versions that are older than these rules.
DEFAULT_TERMINATION = {"clawback_working_days": 30, "excluded_years": 3}
DEFAULT_CHANGE: dict[str, Any] = {
    "extension_months_max": 3,
    "extensions_max": 1,
    "budget_free_share": "0.10",
    "major": ["CONTENT", "CUSTODIAN"],
}
DEFAULT_FILE = Path(__file__).with_name("default_programme.yaml")


@dataclass(frozen=True)
class Evaluation:
    """How a stage is evaluated; a kind without dimensions gets a plain score."""

    dimensions: dict[str, tuple[dict[str, Any], ...]]
    adjustment_max: Decimal
    comment_below: Decimal
    satisfaction_min: Decimal


@dataclass(frozen=True)
class Rules:
    """One version of the rules, as services read it. Shares are of 1."""

    panel_size: int
    min_finance_experts: int
    alternates: int
    defence_minutes: tuple[int, int]
    trim_at_least: int
    pass_mark: Decimal
    criteria: tuple[dict[str, Any], ...]
    correction_times: int
    correction_working_days: int
    screening_working_days: int
    eligibility: tuple[dict[str, str], ...]
    notice_working_days: int
    revision_working_days: int
    signing_working_days: int
    report_grace_working_days: int
    rectify_working_days: int
    shares: tuple[Decimal, ...]
    min_visits: int
    stage_opens: dict[str, Decimal]
    stage_pass: Decimal
    evaluation: "Evaluation"
    staff_share_max: Decimal
    staff_share_mode: str
    admin_share_max: Decimal
    admin_share_mode: str
    budget_sources: tuple[dict[str, Any], ...]
    forbidden_heads: tuple[str, ...]
    bands: tuple[dict[str, Any], ...]
    officer_up_to: Decimal
    leader_above: Decimal
    categories: tuple[dict[str, str], ...]
    cycle_months: tuple[int, int]
    max_applications: int
    team_min: int
    ring_fence_tier: str
    ring_fence_share: Decimal
    clawback_working_days: int
    excluded_years: int
    extension_months_max: int
    extensions_max: int
    budget_free_share: Decimal
    major_changes: tuple[str, ...]
    accepts_macros: bool
    papers: tuple[Requirement, ...]

    def approver_of(self, amount: Decimal) -> Role:
        """Whose approval a payment of so many CNY needs, by the chain."""
        if amount <= self.officer_up_to:
            return Role.FUNDER
        return Role.HEAD if amount <= self.leader_above else Role.LEADER

    def for_source(self, source: str) -> "Rules":
        """With the budget limits of a fund source, where it has its own."""
        for row in self.budget_sources:
            if row["source"] == source:
                return replace(
                    self,
                    staff_share_max=Decimal(row["staff_share_of_grant_max"]),
                    staff_share_mode=row["staff_share_mode"],
                    admin_share_max=Decimal(row["admin_share_max"]),
                    admin_share_mode=row.get("admin_share_mode", "block"),
                )
        return self


@lru_cache(maxsize=1)
def default_data() -> dict[str, Any]:
    """The default programme's rules, plain JSON."""
    data = yaml.safe_load(DEFAULT_FILE.read_text(encoding="utf-8"))
    documents = data["documents"]
    documents["required"] = [PLAIN | row for row in documents["required"]]
    return data


def parse(data: dict[str, Any]) -> Rules:
    """Typed values of one version's data; KeyError for a missing rule."""
    review, call, budget = data["review"], data["call"], data["budget"]
    tracking = data["tracking"]
    fence = data.get("ring_fence") or {"tier": "", "share": "0"}  # not in older rules
    early_end = data.get("termination") or DEFAULT_TERMINATION
    change = data.get("change") or DEFAULT_CHANGE
    defence = review.get("defence") or {"pitch_minutes": 8, "qa_minutes": 7}
    return Rules(
        panel_size=review["panel_size"],
        min_finance_experts=review["min_finance_experts"],
        alternates=review.get("alternates", 0),  # not in older rules
        defence_minutes=(defence["pitch_minutes"], defence["qa_minutes"]),
        trim_at_least=review["trim_high_low_when_at_least"],
        pass_mark=Decimal(str(review["pass_mark"])),
        criteria=numbered(review["criteria"], "weight"),
        correction_times=call["correction_times"],
        correction_working_days=call["correction_working_days"],
        # versions older than the checklist have none
        screening_working_days=call.get("screening_working_days", 8),
        eligibility=tuple(data.get("eligibility", ())),
        notice_working_days=data["notice"]["working_days"],
        revision_working_days=data["revision"]["working_days"],
        signing_working_days=data["agreement"]["working_days"],
        report_grace_working_days=tracking["report_grace_working_days"],
        rectify_working_days=tracking["rectify_working_days"],
        shares=tuple(Decimal(s) for s in data["disbursement"]["shares"]),
        min_visits=tracking["min_visits"],
        stage_opens={k: Decimal(v) for k, v in tracking["opens_at_share"].items()},
        stage_pass=Decimal(str(tracking["pass"])),
        evaluation=evaluation_of(data.get("evaluation") or {}),  # not in older rules
        staff_share_max=Decimal(budget["staff_share_of_grant_max"]),
        staff_share_mode=budget["staff_share_mode"],
        admin_share_max=Decimal(budget["admin_share_max"]),
        admin_share_mode=budget.get("admin_share_mode", "block"),  # as it was
        budget_sources=tuple(budget.get("sources", ())),
        forbidden_heads=tuple(budget["forbidden_heads"]),
        bands=numbered(data["closing"]["bands"], "min"),
        # not in older rules: the head's chain began at nothing
        officer_up_to=Decimal(data["disbursement"].get("officer_up_to", "0")),
        leader_above=Decimal(data["disbursement"]["leader_above"]),
        categories=tuple(call["categories"]),
        cycle_months=(call["cycle_months"]["min"], call["cycle_months"]["max"]),
        max_applications=call["max_applications_per_org"],
        team_min=call.get("team_min", 3),  # versions older than this rule
        ring_fence_tier=fence["tier"],
        ring_fence_share=Decimal(fence["share"]),
        clawback_working_days=early_end["clawback_working_days"],
        excluded_years=early_end["excluded_years"],
        extension_months_max=change["extension_months_max"],
        extensions_max=change["extensions_max"],
        budget_free_share=Decimal(change["budget_free_share"]),
        major_changes=tuple(change["major"]),
        # not in older rules: refused
        accepts_macros=(data.get("documents") or {}).get("macros") == "accept",
        papers=tuple(map(requirement_of, required_papers(data))),
    )


def required_papers(data: dict[str, Any]) -> list[dict[str, Any]]:
    """The papers that a version asks for; one without a list asks for the default's."""
    documents = data.get("documents") or {}
    return documents.get("required", default_data()["documents"]["required"])


def numbered(rows: list[dict[str, Any]], column: str) -> tuple[dict[str, Any], ...]:
    """Rows whose points are numbers: half points are kept as texts ("12.5")."""
    return tuple(row | {column: points(row[column])} for row in rows)


def points(value: Any) -> int | Decimal:
    number = Decimal(str(value))
    return int(number) if number == int(number) else number


def evaluation_of(data: dict[str, Any]) -> Evaluation:
    return Evaluation(
        dimensions={
            kind: numbered(data[kind], "weight")
            for kind in ("MID", "FINAL")
            if kind in data
        },
        adjustment_max=Decimal(str(data.get("adjustment_max", 0))),
        comment_below=Decimal(str(data.get("comment_below", 0))),
        satisfaction_min=Decimal(str(data.get("satisfaction_min", 0))),
    )


@lru_cache(maxsize=64)
def _parsed(pk: int) -> Rules:
    return parse(ProgrammeRules.objects.get(pk=pk).data)


def rules_of(owner: Case | Any) -> Rules:
    """The rules a case (or round) runs under; versions never change."""
    return _parsed(owner.rules_id)


def in_language(entry: dict[str, Any]) -> str:
    """A rule's word in the reader's language; rules carry zh and en."""
    english = (get_language() or "").startswith("en")
    return entry["en"] if english else entry["zh"]


def category_label(owner: Case | Any, code: str) -> str:
    """A service field in the reader's language; the code where nobody names it."""
    for entry in rules_of(owner).categories:
        if entry["code"] == code:
            return in_language(entry)
    return code


def budget_rules_of(case: Case) -> Rules:
    """The rules of a case with the budget limits of its round's fund source."""
    return rules_of(case).for_source(case.round.fund_source)
