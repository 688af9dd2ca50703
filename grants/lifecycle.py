"""The table of legal moves: data, read by the gate, the pages and the API.

An entry names the statuses an action may start from, the statuses it may
lead to, and who may take it. `roles` are programme roles (each group holds
the object permission `permission` on its programme), `members` are roles of
the applicant organisation, `holder` is the person a seat belongs to. An
action with none of them belongs to the system. FLOWS.md is the source.
"""

from dataclasses import dataclass

from grants.models import Role, Status
from organisations.models import MembershipRole

S = Status
R = Role
M = MembershipRole

RUNNING = (S.RUNNING_INITIAL, S.MID_EVAL, S.RUNNING_FINAL, S.FINAL_EVAL)
STAGE_OPEN = (S.RUNNING_INITIAL, S.MID_EVAL, S.FINAL_EVAL)
PAYABLE = (*RUNNING, S.AUDIT, S.CLOSING, S.CLOSED)
DECLINABLE = (
    S.UNDER_REVIEW,
    S.SCORED,
    S.PROPOSED,
    S.WAITLISTED,
    S.DECIDED,
    S.IN_NOTICE,
    S.REVISION,
    S.AGREEMENT,
)
#: Where a finding may be open; nothing ends meanwhile.
FINDABLE = (*PAYABLE, S.CLAWBACK)
TERMINABLE = (*RUNNING, S.AUDIT, S.CLOSING)
#: Ended before the end: two people may reopen such a case.
REOPENABLE = (
    S.EXPIRED,
    S.INELIGIBLE,
    S.REJECTED,
    S.WITHDRAWN,
    S.CANCELLED,
    S.LAPSED,
    S.TERMINATED,
)
#: Statuses in which nothing is open any more, but for a reopening asked for.
ENDED = (
    S.ARCHIVED,
    S.EXPIRED,
    S.INELIGIBLE,
    S.REJECTED,
    S.WITHDRAWN,
    S.CANCELLED,
    S.LAPSED,
    S.TERMINATED,
    S.CLAWBACK_DONE,
)
PHASES = {
    "asking": (
        S.DRAFT,
        S.SCREENING,
        S.CORRECTION,
        S.ELIGIBLE,
        S.UNDER_REVIEW,
        S.SCORED,
    ),
    "deciding": (
        S.PROPOSED,
        S.WAITLISTED,
        S.DECIDED,
        S.IN_NOTICE,
        S.REVISION,
        S.AGREEMENT,
    ),
    "running": (*RUNNING, S.AUDIT, S.CLOSING, S.CLOSED, S.ARCHIVED),
    "ended": (
        S.EXPIRED,
        S.INELIGIBLE,
        S.REJECTED,
        S.WITHDRAWN,
        S.CANCELLED,
        S.LAPSED,
        S.TERMINATED,
        S.CLAWBACK,
        S.CLAWBACK_DONE,
    ),
}


#: Where a case may stand that was handed in.
HANDED_IN = tuple(s for s in S if s not in (S.DRAFT, S.EXPIRED))
#: Where an ended case may have stood before.
REOPENED_TO = (*PHASES["asking"], *PHASES["deciding"], *TERMINABLE)


@dataclass(frozen=True)
class Move:
    """One legal move of a case."""

    sources: tuple[Status, ...]
    targets: tuple[Status, ...] = ()  # () leaves the status as it is
    roles: tuple[Role, ...] = ()
    members: tuple[MembershipRole, ...] = ()
    holder: bool = False
    public: bool = False
    pool: bool = False  # the round is locked before the case
    permission: str = ""  # codename on Programme; the action's name if empty
    stays: bool = False  # the status may also stay as it was

    @property
    def is_system(self) -> bool:
        return not (self.roles or self.members or self.holder or self.public)


APPLICANT = (M.APPLICANT, M.LEGAL_REP)
LEGAL_REP = (M.LEGAL_REP,)
LEDGER_KEEPERS = (M.APPLICANT, M.LEGAL_REP, M.FINANCE_CONTACT)
SET_UP = (R.FUNDER, R.OPERATOR)

MOVES: dict[str, Move] = {
    # -- asking ---------------------------------------------------------------
    "submit_application": Move((S.DRAFT,), (S.SCREENING,), members=APPLICANT),
    "screen": Move(
        (S.SCREENING,),
        (S.ELIGIBLE, S.CORRECTION),
        roles=(R.OPERATOR,),
        stays=True,
    ),
    "resubmit": Move((S.CORRECTION,), (S.SCREENING,), members=APPLICANT),
    "confirm_refusal": Move(
        (S.SCREENING,), (S.INELIGIBLE,), roles=(R.FUNDER, R.HEAD), stays=True
    ),
    "open_review": Move((S.ELIGIBLE,), (S.UNDER_REVIEW,), roles=(R.OPERATOR,)),
    "declare_interest": Move((S.UNDER_REVIEW,), holder=True, permission="review"),
    "replace_reviewer": Move((S.UNDER_REVIEW,), roles=(R.OPERATOR,)),
    "lock_score": Move((S.UNDER_REVIEW,), holder=True, permission="review"),
    "reopen_score": Move((S.UNDER_REVIEW,), roles=(R.OPERATOR,)),
    "vacate_seat": Move((S.UNDER_REVIEW,), roles=(R.OPERATOR,)),
    "expire_draft": Move((S.DRAFT,), (S.EXPIRED,)),
    "lapse_correction": Move((S.CORRECTION,), (S.INELIGIBLE,)),
    "close_panel": Move((S.UNDER_REVIEW,), (S.SCORED,)),
    # -- deciding -------------------------------------------------------------
    "decide_list": Move((S.SCORED,), roles=(R.COMMITTEE,)),
    "confirm_decision": Move(
        (S.SCORED,),
        (S.PROPOSED, S.WAITLISTED, S.REJECTED),
        roles=(R.COMMITTEE,),
        stays=True,
    ),
    "record_meeting": Move((S.PROPOSED,), (S.DECIDED,), roles=(R.FUNDER,)),
    "publish_notice": Move((S.DECIDED,), (S.IN_NOTICE,), roles=(R.HEAD,)),
    "object": Move((S.IN_NOTICE,), public=True),
    "accept_objection": Move((S.IN_NOTICE,), roles=(R.FUNDER,)),
    "rule_on_objection": Move(
        (S.IN_NOTICE,), (S.CANCELLED,), roles=(R.COMMITTEE,), stays=True
    ),
    "close_notice": Move((S.IN_NOTICE,)),
    "award_list": Move((S.IN_NOTICE,), (S.REVISION, S.AGREEMENT), roles=(R.LEADER,)),
    "offer_place": Move((S.WAITLISTED,), (S.PROPOSED,), roles=(R.FUNDER,)),
    "release_waitlist": Move((S.WAITLISTED,), (S.REJECTED,)),
    "revise_plan": Move((S.REVISION,), members=APPLICANT),
    "accept_plan": Move((S.REVISION,), (S.AGREEMENT,), roles=(R.FUNDER,), stays=True),
    "sign": Move((S.AGREEMENT,), members=LEGAL_REP),
    "countersign": Move((S.AGREEMENT,), (S.RUNNING_INITIAL,), roles=(R.FUNDER,)),
    "lapse": Move((S.REVISION, S.AGREEMENT), (S.LAPSED,)),
    "withdraw": Move(
        (S.DRAFT, S.SCREENING, S.CORRECTION, S.ELIGIBLE),
        (S.WITHDRAWN,),
        members=APPLICANT,
    ),
    "decline": Move(DECLINABLE, (S.LAPSED,), members=LEGAL_REP),
    # -- running --------------------------------------------------------------
    "report_stage": Move(STAGE_OPEN, members=APPLICANT),
    "mark_report_late": Move(STAGE_OPEN),
    "check_materials": Move(STAGE_OPEN, roles=(R.OPERATOR,)),
    "visit_site": Move(STAGE_OPEN, roles=(R.SUPERVISOR,)),
    "grade_stage": Move(STAGE_OPEN, roles=(R.EVALUATOR,)),
    "submit_rectification": Move(STAGE_OPEN, members=APPLICANT),
    "fail_rectification": Move(STAGE_OPEN),
    "recheck": Move(STAGE_OPEN, roles=(R.SUPERVISOR,)),
    "decide_on_failure": Move(
        STAGE_OPEN, (S.TERMINATED, S.CLAWBACK), roles=(R.FUNDER, R.HEAD), stays=True
    ),
    "open_stage": Move(
        (S.RUNNING_INITIAL, S.RUNNING_FINAL), (S.MID_EVAL, S.FINAL_EVAL)
    ),
    "close_stage": Move((S.MID_EVAL, S.FINAL_EVAL), (S.RUNNING_FINAL, S.AUDIT)),
    # -- ledger ---------------------------------------------------------------
    "record_service": Move(RUNNING, members=LEDGER_KEEPERS),
    "correct_service": Move(RUNNING, members=LEDGER_KEEPERS),
    "void_service": Move(RUNNING, members=LEDGER_KEEPERS),
    "record_expense": Move(RUNNING, members=LEDGER_KEEPERS),
    "correct_expense": Move(RUNNING, members=LEDGER_KEEPERS),
    "void_expense": Move(RUNNING, members=LEDGER_KEEPERS),
    # -- money ----------------------------------------------------------------
    "request_payment": Move(PAYABLE, members=(M.FINANCE_CONTACT,)),
    "register_receipt": Move(PAYABLE, roles=(R.FINANCE,)),
    "approve_payment": Move(PAYABLE, roles=(R.FUNDER, R.HEAD, R.LEADER)),
    "record_payment": Move(PAYABLE, roles=(R.FINANCE,)),
    # -- closing --------------------------------------------------------------
    "file_audit_report": Move((S.AUDIT,), (S.CLOSING,), roles=(R.CPA,)),
    "record_refund": Move((S.CLOSING,), roles=(R.FINANCE,)),
    "submit_closure": Move((S.CLOSING,), members=LEGAL_REP),
    "close_project": Move((S.CLOSING,), (S.CLOSED,), roles=(R.FUNDER,), stays=True),
    "archive": Move((S.CLOSED,), (S.ARCHIVED,), roles=(R.FUNDER,)),
    # -- side ways ------------------------------------------------------------
    "terminate": Move(TERMINABLE, roles=(R.FUNDER,)),
    "confirm_termination": Move(
        TERMINABLE, (S.TERMINATED, S.CLAWBACK), roles=(R.HEAD,), stays=True
    ),
    "submit_repayment": Move((S.CLAWBACK,), members=(M.FINANCE_CONTACT,)),
    "record_repayment": Move(
        (S.CLAWBACK,), (S.CLAWBACK_DONE,), roles=(R.FINANCE,), stays=True
    ),
    "request_change": Move(RUNNING, members=APPLICANT),
    "decide_change": Move(TERMINABLE, roles=(R.FUNDER, R.HEAD)),
    "suspend": Move(TERMINABLE, roles=(R.FUNDER,)),
    "resume": Move(TERMINABLE, roles=(R.FUNDER,)),
    "reopen": Move(REOPENABLE, roles=(R.FUNDER,)),
    "confirm_reopening": Move(
        REOPENABLE, REOPENED_TO, roles=(R.HEAD,), pool=True, stays=True
    ),
    # -- oversight: findings, and accountability by the inspector alone ---------
    "raise_finding": Move(PAYABLE, roles=(R.AUDITOR,)),
    "answer_finding": Move(FINDABLE, roles=(R.OPERATOR,)),
    "explain_finding": Move(FINDABLE, members=APPLICANT),
    "resolve_finding": Move(FINDABLE, roles=(R.AUDITOR,)),
    "refer_finding": Move(FINDABLE, roles=(R.AUDITOR,)),
    "close_accountability": Move(FINDABLE, roles=(R.INSPECTOR,)),
    "hold_documents": Move(HANDED_IN, roles=(R.AUDITOR, R.INSPECTOR)),
    # -- the round: no case is moved ------------------------------------------
    "close_round": Move((), roles=SET_UP, permission="set_up_round"),
    "record_minutes": Move((), roles=(R.OPERATOR,)),
}

#: What a role may read besides its actions.
VIEWERS = (
    R.OPERATOR,
    R.FUNDER,
    R.HEAD,
    R.LEADER,
    R.COMMITTEE,
    R.FINANCE,
    R.AUDITOR,
    R.INSPECTOR,
)
TRAIL_READERS = (R.AUDITOR, R.INSPECTOR)
#: Who files papers of a case or a round beside its steps: the offices and those who
#: work on projects for them, never who oversees or reviews.
FILERS = (
    R.OPERATOR,
    R.FUNDER,
    R.HEAD,
    R.LEADER,
    R.COMMITTEE,
    R.FINANCE,
    R.SUPERVISOR,
    R.EVALUATOR,
    R.CPA,
)
#: Who reminds those who are late.
REMINDERS = (R.OPERATOR, R.FUNDER, R.HEAD, R.LEADER)


def permission_of(action: str) -> str:
    """The codename on Programme that an action asks for."""
    return MOVES[action].permission or action


def permissions_of_role(role: Role) -> set[str]:
    """Every codename that the group of a role holds on its programme."""
    held = {permission_of(name) for name, move in MOVES.items() if role in move.roles}
    if role == R.REVIEWER:
        held.add("review")
    if role in VIEWERS:
        held.add("view_cases")
    if role in TRAIL_READERS:
        held.add("view_trail")
    if role in SET_UP:
        held.add("set_up_round")
    if role in FILERS:
        held.add("file_documents")
    if role in REMINDERS:
        held.add("remind")
    return held
