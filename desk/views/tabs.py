"""What each tab of a case reads, cut to the reader.

Each function takes the reader, the case and its open items, and returns the
context of templates/desk/tabs/<name>.html. Queries are fixed in number.
"""

from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, prefetch_related_objects
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from attachments.selectors import documents_in
from attachments.storage import get_storage
from audit.record import shows
from desk import selectors
from desk.papers import links_of_case
from desk.record_lines import Lines
from desk.requirements import groups_for, kind_label
from desk.views.addresses import account_url
from grants.accounts import note_shown, payee_of, sees_account_of, shown
from grants.actions import ACTIONS
from grants.application_sheet import application_sheet, plan_sheet, sheet_of
from grants.as_of import audits
from grants.errors import NotVisible
from grants.evaluation import dimensions_of
from grants.ledger import ledgers_of
from grants.lifecycle import MOVES
from grants.models import Case, IndicatorResult, Stage, Visit, VisitPicture
from grants.permissions import can_take, has_permission
from grants.rules import in_language
from grants.selectors import may_read_findings, may_read_objections, objections_of
from grants.services.auditing import CLEARABLE
from grants.services.drafts import draft_key, typed_in
from grants.services.eligibility import label_of
from grants.services.filing import Filing
from grants.services.proposal import TABLES
from grants.services.replacing import LEAVABLE
from grants.services.terminating import terminations_of
from grants.settlement import settlement_sheet_of
from organisations.models import User
from workflows.diagram import OPEN, NodeState, flow_svg, main_flow, node_states
from workflows.flows import FindingFlow
from workflows.models import WorkItem

Context = dict[str, Any]


def overview(user: User, case: Case, items: list[WorkItem]) -> Context:
    """The facts in brief, with the four figures of money."""
    tranches = list(case.tranches.all())
    return {
        "money": selectors.money_of(case, tranches, getattr(case, "refund", None)),
        "sees_money": selectors.sees_money(user, case),
        "category": category_of(case),
    }


def category_of(case: Case) -> str:
    """The service field in the reader's language."""
    code = case.application.category
    english = (get_language() or "").startswith("en")
    for entry in case.rules.data["call"]["categories"]:
        if entry["code"] == code:
            return entry["en"] if english else entry["zh"]
    return code


def application(user: User, case: Case, items: list[WorkItem]) -> Context:
    """The answers of the form; after the award the tables of the plan, too."""
    member = selectors.is_member(user, case)
    offices = selectors.sees_everything(user, case) or member
    if offices and not member:
        shows()  # telephones and addresses of people
    relations = [table.relation for table in TABLES.values()]
    prefetch_related_objects([case], *relations)
    sheet = application_sheet(case, contacts=offices)
    if case.submitted_at is None and member:
        typed = typed_in(draft_key("submit_application", case))
        form = ACTIONS["submit_application"].form(target=case, by=user)
        sheet = sheet_of(form, typed)
    return {
        "application": case.application,
        "sheet": sheet,
        "plan_tables": [
            (_("%(table)s of the plan") % {"table": label}, table)
            for label, table in plan_sheet(case)
            if table.rows
        ],
        "sees_screening": offices,
        "checklist": checklist_of(case)
        if selectors.sees_everything(user, case)
        else [],
    }


def checklist_of(case: Case) -> list[dict[str, Any]]:
    """The verdicts of the screening, in the order of the rules: one query."""
    rules = {r["code"]: label_of(r) for r in case.rules.data.get("eligibility", [])}
    checks = case.eligibility_checks.select_related("checked_by", "document")
    stored = {check.rule: check for check in checks}
    order = [code for code in rules if code in stored]
    order += [code for code in stored if code not in rules]
    return [{"label": rules.get(c, c), "check": stored[c]} for c in order]


def documents(user: User, case: Case, items: list[WorkItem]) -> Context:
    """The papers with their versions and checksums."""
    found = list(documents_in(case.folder)) if case.folder else []
    filing = Filing(user, case)
    for document in found:
        document.kind_label = kind_label(document.kind, case)
        document.may_replace = filing.may_replace(document.pk)
    return {
        "documents": found,
        "requirements": groups_for(user, case, items, filing=filing),
        "may_add": filing.may_write,
        "locks": get_storage().holds_retention,
        "papers": links_of_case(user, case),
    }


def objections(user: User, case: Case, items: list[WorkItem]) -> Context:
    """What was objected, with the files; NotVisible for who may not read it."""
    if not may_read_objections(user, case):
        raise NotVisible()
    return {"objections": objections_of(case)}


def findings(user: User, case: Case, items: list[WorkItem]) -> Context:
    """What auditors found; NotVisible for who may not read it."""
    if not may_read_findings(user, case):
        raise NotVisible()
    people = ("raised_by", "answered_by", "referred_by", "closed_by")
    rows = case.findings.select_related(*people, "folder")
    found = list(rows.prefetch_related("folder__documents__versions").order_by("-pk"))
    for finding in found:
        finding.may_be_referred = finding.status in CLEARABLE
    may = case.status in MOVES["refer_finding"].sources
    return {
        "findings": found,
        "oversees": has_permission(user, "view_trail", case.round.programme_id),
        "may_refer": may and can_take("refer_finding", case, user),
    }


def reviews(user: User, case: Case, items: list[WorkItem]) -> Context:
    """The sheets; beside each what the operator may do about its seat."""
    sheets = selectors.reviews_for(user, case)

    def may(action: str) -> bool:
        return case.status in MOVES[action].sources and can_take(action, case, user)

    return {
        "sheets": sheets,
        "defences": selectors.defences_of(case) if sheets else [],
        "may_reopen": may("reopen_score"),
        "may_vacate": LEAVABLE if may("vacate_seat") else (),
        "score_public": selectors.sees_everything(user, case)
        or (
            selectors.is_member(user, case) and case.status in selectors.DECISION_PUBLIC
        ),
    }


def money(user: User, case: Case, items: list[WorkItem]) -> Context:
    """Agreement, tranches, audit, refund; nothing for a reviewer."""
    if not selectors.sees_money(user, case):
        return {"tranches": [], "money": None}
    tranches = list(
        case.tranches.select_related(
            "receipt", "batch__approved_by", "registered_by", "recorded_by"
        )
    )
    refund = getattr(case, "refund", None)
    full = sees_account_of(user, case)
    for tranche in tranches:
        number = shown(tranche.account, full=full)
        tranche.paid_to = f"{tranche.bank} {number}".strip()
    payee = payee_of(case)
    if getattr(case, "project", None) is not None:  # before the award none is shown
        note_shown(user, case, payee.bank_account, *(t.account for t in tranches))
    return {
        "payee": payee,
        "account": shown(payee.bank_account, full=full),
        "account_url": account_url(user, payee),
        "tranches": tranches,
        "money": selectors.money_of(case, tranches, refund),
        "agreement": getattr(case, "agreement", None),
        "audit_report": getattr(case, "audit_report", None),
        "refund": refund,
        "project": getattr(case, "project", None),
        "final": settlement_sheet_of(case),
        "settlement": terminations_of([case]).get(case.pk),
        "repayments": list(case.repayments.select_related("recorded_by")),
    }


def tracking(user: User, case: Case, items: list[WorkItem]) -> Context:
    """The three stages and their visits; nothing for a reviewer."""
    if not selectors.sees_money(user, case):
        return {"stages": [], "changes": []}
    stages = (
        case.stages.select_related(
            "reported_by", "checked_by", "graded_by", "report_file"
        )
        .prefetch_related(
            Prefetch("visits", Visit.objects.select_related("visited_by", "photo")),
            "visits__photo__versions",
            Prefetch(
                "visits__pictures", VisitPicture.objects.select_related("document")
            ),
            "visits__pictures__document__versions",
            "scores",
            Prefetch(
                "indicator_results",
                IndicatorResult.objects.select_related("indicator"),
            ),
        )
        .order_by("opens_at", "pk")
    )
    changes = case.changes.select_related("requested_by", "decided_by")
    found = list(stages)
    for stage in found:
        stage.case = case
        stage.sheet = evaluation_sheet(stage)
    return {"stages": found, "changes": list(changes.order_by("-pk"))}


def evaluation_sheet(stage: Any) -> list[dict[str, Any]]:
    """An evaluation sheet as it was filled in: dimension, weight, score, comment."""
    scores = {score.dimension: score for score in stage.scores.all()}
    return [
        {"label": in_language(d), "weight": d["weight"], "score": scores[d["code"]]}
        for d in dimensions_of(stage)
        if d["code"] in scores
    ]


def ledger(user: User, case: Case, items: list[WorkItem]) -> Context:
    """Activities and expenses with their sums; nothing for a reviewer."""
    if not selectors.sees_money(user, case):
        raise NotVisible()
    versions = "document__versions"
    services = case.service_records.select_related(
        "activity", "recorded_by", "sign_in_sheet"
    ).prefetch_related(f"pictures__{versions}", "sign_in_sheet__versions")
    expenses = case.expenses.select_related(
        "activity", "recorded_by", "proof"
    ).prefetch_related("proof__versions")
    may = case.status in MOVES["record_service"].sources and can_take(
        "record_service", case, user
    )
    return {
        "ledger": ledgers_of([case.pk], indicators=False, activities=True)[case.pk],
        "services": entries(services, may),
        "expenses": entries(expenses, may),
        "may_record": may,
    }


def entries(rows: Any, may: bool) -> list[dict[str, Any]]:
    """Entries, the latest first, and which of them the reader may still change."""
    counted = Exists(
        Stage.objects.filter(
            case=OuterRef("case"), checked_at__gte=OuterRef("recorded_at")
        )
    )
    return [
        {
            "row": row,
            "open": may and row.voided_at is None and not row.counted,
        }
        for row in reversed(rows.annotate(counted=counted))
    ]


def timeline(user: User, case: Case, items: list[WorkItem]) -> Context:
    """What happened, the latest first; for offices with the changes in words."""
    story = selectors.story_of(user, case)
    known = {
        (row._meta.db_table, row.pk): str(row)
        for row in (case.round, case.organisation, case.district)
        if row is not None
    }
    lines = Lines(story, [case.rules], known=known, whole=True)
    return {
        "story": [(line, lines.of(line)) for line in story],
        "audits": audits(user, case),
    }


def diagram(user: User, case: Case, items: list[WorkItem]) -> Context:
    """The flow as a picture, and the same as a table for screen readers."""
    states = node_states(case, selectors.may_name(user, case))
    if not selectors.sees_everything(user, case):
        states = [state for state in states if state.flow is not FindingFlow]
    named = [s for s in states if s.state and is_step(s)]
    return {
        "pictures": pictures(case, states),
        "states": sorted(named, key=lambda s: (s.state != OPEN, s.since is None)),
        "open_state": OPEN,
    }


def pictures(case: Case, states: list[NodeState]) -> list[dict[str, Any]]:
    """The main flow, then the side flows in which something is open."""
    flows = [main_flow(case)]
    flows += [s.flow for s in states if s.state == OPEN]
    return [
        {
            "title": flow.process_title,
            "svg": flow_svg(flow, {s.node: s for s in states if s.flow is flow}),
        }
        for flow in dict.fromkeys(flows)
    ]


def is_step(state: NodeState) -> bool:
    """Something that takes time or a hand; gateways and ends are drawn only."""
    kind = state.flow.instance.node(state.node).task_type
    return kind not in ("START", "END", "SWITCH", "IF", "JOIN", "SPLIT")
