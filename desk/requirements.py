"""The papers of a case as pages and the API show them, cut to the reader."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from desk.selectors import is_member, sees_everything, sees_money
from desk.views.addresses import account_url, tab_url
from desk.wording import DOCUMENT_KINDS, document_kind
from grants.accounts import payee_of
from grants.actions import ACTIONS
from grants.lifecycle import MOVES
from grants.models import Case
from grants.paper_rules import ANSWERS, ORDER, Bringer, PaperStage, Validity
from grants.permissions import can_take
from grants.requirements import (
    Paper,
    PaperState,
    papers_of,
    papers_of_cases,
)
from grants.rules import in_language, rules_of
from grants.services.filing import Filing
from organisations.models import User
from organisations.selectors import organisation_ids_of

#: Of which stage an act's page shows the papers; "" is the target's own.
STAGE_OF_ACTION: dict[str, str] = {
    **dict.fromkeys(
        ("submit_application", "screen", "resubmit", "confirm_refusal"),
        PaperStage.APPLICATION,
    ),
    **dict.fromkeys(("sign", "countersign"), PaperStage.AGREEMENT),
    **dict.fromkeys(
        ("report_stage", "check_materials", "visit_site", "grade_stage"), ""
    ),
    **dict.fromkeys(
        ("file_audit_report", "submit_closure", "close_project"), PaperStage.CLOSING
    ),
}
#: What people add beside the steps, whatever the rules ask for.
ADDED_KINDS = ("sealed_application", "other")
#: The inner side of the programme: who is no office does not read of it here.
INNER = (PaperStage.REVIEW, PaperStage.AWARD)
TONES = {
    PaperState.THERE: "tag-running",
    PaperState.OPTIONAL: "tag-ended",
    PaperState.UNDATED: "tag-warn",
    PaperState.MISSING: "tag-warn",
    PaperState.EXPIRED: "tag-danger",
}


@dataclass(frozen=True)
class Line:
    """One paper on a page: how it stands, and where one does something about it."""

    paper: Paper
    tone: str
    file_url: str = ""
    act_url: str = ""
    #: "add", "renew", "date" or "act": what the address is for.
    act: str = ""

    @property
    def who(self) -> str:
        return str(Bringer(self.paper.requirement.who).label)


@dataclass(frozen=True)
class Group:
    """The papers of one stage."""

    stage: PaperStage
    lines: list[Line]
    is_reached: bool
    is_current: bool

    @property
    def lacking(self) -> int:
        return sum(line.paper.lacking for line in self.lines)


def groups_for(
    user: User, case: Case, items: Iterable[Any] = (), *, filing: Filing | None
) -> list[Group]:
    """Every stage of a case with its papers, as this person may know of them.

    `items` are the open steps of the case: a paper that one of them brings leads
    there, for who may take it. `filing`: what the person files, None to say no ways.
    """
    steps = {item.action for item in items}
    return _groups(user, case, list(PaperStage), steps, filing)


def group_of_act(user: User, action: str, target: Any) -> Group | None:
    """The papers that stand beside an act, or None; what it brings is left out.

    Beside an act of the organisation only the organisation's own papers.
    """
    if action not in STAGE_OF_ACTION:
        return None
    stage = PaperStage(STAGE_OF_ACTION[action] or target.kind)
    case = target.case
    for group in _groups(user, case, [stage], set(), Filing(user, case)):
        lines = [line for line in group.lines if action_of(line.paper) != action]
        if MOVES[action].members:
            mine = Bringer.APPLICANT
            lines = [line for line in lines if line.paper.requirement.who == mine]
        return Group(stage, lines, True, group.is_current) if lines else None
    return None


def lacking_counts(user: User, cases: list[Case]) -> dict[int, int | None]:
    """How many papers each case lacks, two queries; None for who may not know."""
    organisations = organisation_ids_of(user)
    mine = [
        case
        for case in cases
        if case.organisation_id in organisations or sees_everything(user, case)
    ]
    lists = papers_of_cases(mine) if mine else {}
    counts: dict[int, int | None] = {case.pk: None for case in cases}
    for case in mine:
        shown = _shown_to(user, case)
        lacking = lists[case.pk].lacking
        counts[case.pk] = sum(p.requirement.stage in shown for p in lacking)
    return counts


def action_of(paper: Paper) -> str:
    """The act that brings a paper; "" for a file that one adds."""
    answer = paper.requirement.answer
    return ANSWERS[answer].action if answer else ""


# -- kinds ---------------------------------------------------------------------------


def kind_label(kind: str, case: Case) -> str:
    """What a kind of document is called: by us, else by the rules of the case."""
    if kind not in DOCUMENT_KINDS:
        for row in rules_of(case).papers:
            if row.kind == kind:
                return in_language({"zh": row.zh, "en": row.en})
    return document_kind(kind)


def stages_shown(user: User, case: Case) -> list[PaperStage]:
    """The stages that this person may know of, in the order of the road."""
    shown = _shown_to(user, case)
    return [stage for stage in PaperStage if stage in shown]


def kinds_to_add(user: User, case: Case) -> list[tuple[str, str]]:
    """Kinds of files that this person adds now, in the order of the road."""
    shown, filing = _shown_to(user, case), Filing(user, case)
    rows = sorted(rules_of(case).papers, key=lambda row: ORDER[row.stage])
    found = {
        row.kind: f"{PaperStage(row.stage).label}: "
        + in_language({"zh": row.zh, "en": row.en})
        for row in rows
        if row.is_file and row.stage in shown and filing.may_add(row.kind)
    }
    added = [
        (kind, str(DOCUMENT_KINDS[kind]))
        for kind in ADDED_KINDS
        if kind not in found and filing.may_add(kind)
    ]
    return [*found.items(), *added]


def runs_out(kind: str, case: Case) -> bool:
    """Whether the rules want to know the days on papers of a kind."""
    return any(
        row.kind == kind and row.validity != Validity.NONE
        for row in rules_of(case).papers
    )


# -- steps ---------------------------------------------------------------------------


def _shown_to(user: User, case: Case) -> set[str]:
    if sees_everything(user, case):
        return set(PaperStage.values)
    if is_member(user, case) or sees_money(user, case):
        return set(PaperStage.values) - set(INNER)
    return {PaperStage.APPLICATION.value}


def _groups(
    user: User,
    case: Case,
    stages: list[PaperStage],
    open_: set[str],
    filing: Filing | None,
) -> list[Group]:
    found, shown = papers_of(case), _shown_to(user, case)
    groups = []
    for stage in stages:
        papers = found.of(stage) if stage in shown else []
        if papers:
            lines = [_line(user, case, paper, open_, filing) for paper in papers]
            reached = stage in found.reached
            groups.append(Group(stage, lines, reached, stage == found.stage))
    return groups


def _line(
    user: User, case: Case, paper: Paper, open_: set[str], filing: Filing | None
) -> Line:
    file_url = ""
    if paper.filed is not None:
        file_url = f"{tab_url(case, 'documents')}#document-{paper.filed.document}"
    act, url = "", ""
    if paper.state != PaperState.THERE:
        act, url = _way_on(user, case, paper, open_, filing)
    return Line(paper, TONES[paper.state], file_url, url, act)


def _way_on(
    user: User, case: Case, paper: Paper, open_: set[str], filing: Filing | None
) -> tuple[str, str]:
    """What this person can do about a paper, and where."""
    row, name = paper.requirement, action_of(paper)
    if paper.filed is not None and filing is not None:
        document = paper.filed.document
        if paper.state == PaperState.UNDATED and filing.may_date(document):
            return "date", reverse("desk:paper-dates", args=[case.code, document])
        if paper.state != PaperState.UNDATED and filing.may_replace(document):
            return "renew", reverse("desk:version-add", args=[case.code, document])
    if row.answer == "account":
        return "act", account_url(user, payee_of(case))
    if row.is_file and filing is not None and filing.may_add(row.kind):
        url = reverse("desk:document-add", args=[case.code])
        return "add", f"{url}?paper={row.kind}"
    if name and _may_take(user, case, name, open_):
        return "act", reverse("desk:case-act", args=[case.code, name])
    return "", ""


def _may_take(user: User, case: Case, name: str, open_: set[str]) -> bool:
    """Whether this person could take the act now, as far as the case says."""
    move = MOVES[name]
    if move.holder or case.status not in move.sources:
        return False
    return (ACTIONS[name].free or name in open_) and can_take(name, case, user)
