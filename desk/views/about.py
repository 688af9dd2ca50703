"""What a task is about, beside its form: what one needs to see to decide it."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from audit.record import shows
from desk.papers import PaperLinks, links_of_step
from desk.requirements import Group, group_of_act
from desk.selectors import is_member
from desk.templatetags.desk import deadline
from desk.views.about_side_ways import about_side_way
from desk.views.about_steps import about_step
from desk.views.addresses import account_url, document_url, tab_url, yuan
from grants.accounts import account_of, note_shown, payee_of, sees_account_of, shown
from grants.application_diff import Difference, differences_of, plan_differences
from grants.calendar import today, working_days_between
from grants.lifecycle import MOVES
from grants.models import (
    Case,
    DecisionLine,
    Objection,
    Round,
    Stage,
    Tranche,
)
from grants.services.deciding import open_list_of
from grants.services.eligibility import all_findings
from grants.services.eligibility import facts_of as facts_of_cases
from organisations.models import User

#: Steps that need the awarded amount before one's eyes.
AFTER_AWARD = (
    "revise_plan",
    "accept_plan",
    "sign",
    "countersign",
    "request_payment",
    "file_audit_report",
    "record_refund",
    "submit_closure",
    "close_project",
    "archive",
    "terminate",
    "confirm_termination",
    "submit_repayment",
    "record_repayment",
    "request_change",
    "decide_change",
)
#: Steps of finance officers, who see where the money goes.
FINANCE_STEPS = ("register_receipt", "record_payment")
#: Steps that are decided on what has changed: its heading, how it is found.
COMPARED = {
    "screen": (gettext_lazy("What the correction changed"), differences_of),
    "confirm_refusal": (gettext_lazy("What the correction changed"), differences_of),
    "accept_plan": (gettext_lazy("What the revised plan changes"), plan_differences),
}
#: More cases than this are not listed on a task's page; the register has them.
MOST = 200


@dataclass
class About:
    """Facts (label, text, address) and, for a round, its cases or its list."""

    facts: list[tuple[str, Any, str]] = field(default_factory=list)
    cases: list[Case] = field(default_factory=list)
    lines: list[DecisionLine] = field(default_factory=list)
    papers: list[PaperLinks] = field(default_factory=list)
    requirements: Group | None = None
    differences: list[Difference] = field(default_factory=list)
    #: What the differences are of, as their heading says it.
    compared: str = ""


def about_of(user: User, action: str, target: Any) -> About:
    """The facts of a target, as far as who acts on it needs them, and its papers."""
    about = facts_of(user, action, target)
    about.papers = links_of_step(user, action, target)
    about.requirements = group_of_act(user, action, target)
    return about


def facts_of(user: User, action: str, target: Any) -> About:
    if isinstance(target, Round):
        return about_round(action, target)
    if action in ("object", "submit_application"):
        return About()
    facts = about_case(action, target.case)
    if isinstance(target, Stage):
        facts += about_stage(target)
    elif isinstance(target, Tranche):
        facts += about_tranche(target)
        if action in FINANCE_STEPS:
            facts += about_account(target)
    elif isinstance(target, Objection) and not is_member(user, target.case):
        facts += [
            (_("Objection"), target.text, ""),
            (
                pgettext("objection", "From"),
                f"{target.name} {target.contact}".strip(),
                "",
            ),
            (_("Status"), target.get_status_display(), ""),
        ]
        facts += about_files(target)
    elif isinstance(target, Case):
        facts += about_side_way(action, target)
        if action in ("revise_plan", "sign", "countersign"):
            facts += about_payee(user, target)
    facts += about_step(action, target)
    about = About(facts=[fact for fact in facts if fact[1] not in ("", None)])
    if action in COMPARED:
        compared, differences = COMPARED[action]
        about.compared, about.differences = str(compared), differences(target.case)
    return about


def about_case(action: str, case: Case) -> list[tuple[str, Any, str]]:
    facts = [
        (_("Application form"), case.code, tab_url(case, "form")),
        (_("Documents"), _("Show"), tab_url(case, "documents")),
        (_("Requested"), yuan(case.requested), ""),
    ]
    if action in ("resubmit", "confirm_refusal", "screen"):
        said = case.application.screening_reason
        facts.append((_("Result of the screening"), said, ""))
    if action == "resubmit":
        facts += correction_clock(case)
    if action == "screen":
        found = all_findings(facts_of_cases([case])[case.pk])
        said = "\n".join(found) or _("Nothing found.")
        facts.append((_("Automatic checks"), said, ""))
    if action in AFTER_AWARD:
        facts.append((_("Awarded"), yuan(case.awarded), tab_url(case, "money")))
    return facts


def correction_clock(case: Case) -> list[tuple[str, Any, str]]:
    """Until when the correction has to be here, and the working days left."""
    due = case.application.correction_due
    if due is None:
        return []
    last = today(due - timedelta(seconds=1))
    left = max(0, working_days_between(today(now()), last))
    return [
        (_("To be handed in by"), deadline(due), ""),
        (_("Working days left, today included"), str(left), ""),
    ]


def about_stage(stage: Stage) -> list[tuple[str, Any, str]]:
    return [
        (_("Stage"), stage.get_kind_display(), tab_url(stage.case, "tracking")),
        (_("Report"), stage.report, ""),
        (_("Persons served"), stage.beneficiaries_served, ""),
        (_("Money used (CNY)"), yuan(stage.money_used), ""),
        (
            _("Report as a file"),
            stage.report_file and stage.report_file.title,
            document_url(stage.report_file),
        ),
        (_("Remarks"), stage.remarks, ""),
        (_("Rectification"), stage.rectification, ""),
        (
            _("Rectification as a file"),
            stage.rectification_file and stage.rectification_file.title,
            document_url(stage.rectification_file),
        ),
    ]


def about_files(objection: Objection) -> list[tuple[str, Any, str]]:
    """The files that came with an objection."""
    if objection.folder is None:
        return []
    documents = objection.folder.documents.order_by("pk")
    return [(_("File"), d.title, document_url(d)) for d in documents]


def about_tranche(tranche: Tranche) -> list[tuple[str, Any, str]]:
    return [
        (_("Tranche"), tranche.seq, tab_url(tranche.case, "money")),
        (_("Amount (CNY)"), yuan(tranche.amount), ""),
        (_("Receipt number"), tranche.receipt_number, document_url(tranche.receipt)),
        (_("Batch"), tranche.batch.number if tranche.batch else "", ""),
    ]


def about_account(tranche: Tranche) -> list[tuple[str, Any, str]]:
    """Receipt and account; the account on record where another one is asked for."""
    payee = payee_of(tranche.case)
    bank, account = account_of(tranche)
    if account:
        shows()  # these are steps of offices
    facts = [
        (_("Kind of receipt"), tranche.get_receipt_kind_display(), ""),
        (_("Date of the receipt"), tranche.receipt_date, ""),
        (_("Payee"), payee.name, ""),
        (_("Bank of the payee"), bank, ""),
        (_("Account number"), account, ""),
    ]
    if payee.bank_account and payee.bank_account != account:
        entered = f"{payee.bank} {payee.bank_account}"
        facts.append((_("Another account is on record"), entered, ""))
    return facts


def about_payee(user: User, case: Case) -> list[tuple[str, Any, str]]:
    """The account that the agreement names; a way to enter it for who may."""
    payee = payee_of(case)
    number = shown(payee.bank_account, full=sees_account_of(user, case))
    note_shown(user, case, payee.bank_account)
    url = account_url(user, payee)
    entered = f"{payee.bank} {number}".strip() or _("Not entered yet")
    return [(_("Payee"), payee.name, ""), (_("Bank account"), entered, url)]


def about_round(action: str, round_: Round) -> About:
    """The cases that wait for this batch, or the list that is to be confirmed."""
    if action == "confirm_decision":
        decision = open_list_of(round_)
        lines = decision.lines if decision else DecisionLine.objects.none()
        chosen = lines.select_related("case__organisation").order_by("pk")
        return About(lines=list(chosen[:MOST]))
    cases = (
        round_.cases.filter(status__in=MOVES[action].sources)
        .select_related("organisation", "application")
        .order_by("code")
    )
    if action == "approve_payment":  # its rows are tranches, not every project
        cases = cases.filter(tranches__status="REGISTERED").distinct()
    return About(cases=list(cases[:MOST]))
