"""Which nodes may be open in which status: the shadow must fit the truth.

Tests assert it after every step, `manage.py check_flows` on real data.
"""

from viewflow.workflow.status import STATUS

from grants.lifecycle import FINDABLE, REOPENABLE, TERMINABLE
from grants.models import Case, Status
from workflows.flows import PaymentFlow, TrackingFlow
from workflows.models import Task
from workflows.nodes import OPEN_STATUSES, Due

S = Status
TRACKING = {name for name, _node in TrackingFlow.instance._nodes_by_name.items()}
PAYMENT = {name for name, _node in PaymentFlow.instance._nodes_by_name.items()}

OPEN: dict[str, set[str]] = {
    S.DRAFT: {"write_application"},
    S.SCREENING: {"screen_application", "refuse_application"},
    S.CORRECTION: {"correct_application"},
    S.ELIGIBLE: {"await_review"},
    S.UNDER_REVIEW: {
        "declare_interest",
        "replace_reviewer",
        "score_application",
        "await_panel",
        "panel_complete",
    },
    S.SCORED: {"await_committee"},
    S.PROPOSED: {"await_meeting"},
    S.WAITLISTED: {"await_place"},
    S.DECIDED: {"await_notice"},
    S.IN_NOTICE: {
        "notice_period",
        "await_award",
        "accept_objection",
        "rule_on_objection",
    },
    S.REVISION: {"revise_plan", "accept_plan"},
    S.AGREEMENT: {"sign_agreement", "countersign"},
    S.RUNNING_INITIAL: {"initial_stage", "mid_opens"} | TRACKING | PAYMENT,
    S.MID_EVAL: {"mid_stage"} | TRACKING | PAYMENT,
    S.RUNNING_FINAL: {"final_opens"} | PAYMENT,
    S.FINAL_EVAL: {"final_stage"} | TRACKING | PAYMENT,
    S.AUDIT: {"audit_project"} | PAYMENT,
    S.CLOSING: {"record_refund", "submit_closure", "close_project"} | PAYMENT,
    S.CLOSED: {"await_settlement", "archive"} | PAYMENT,
    S.CLAWBACK: {"submit_repayment", "record_repayment"},
}


#: What may be open beside the road.
CHANGED = {"weight", "decide_minor", "decide_major"}
REOPENED = {"confirm_reopening"}
BESIDE = {"confirm_termination", "resume", *CHANGED}
FOUND = {
    "answer_finding",
    "explain_finding",
    "resolve_finding",
    "close_accountability",
}
SIDE: dict[str, set[str]] = {
    **dict.fromkeys(FINDABLE, FOUND),
    **dict.fromkeys(TERMINABLE, BESIDE | FOUND),
    **dict.fromkeys(REOPENABLE, REOPENED),
}


def violations_of(case: Case) -> list[str]:
    """What is open though it may not be, or missing though it must be."""
    tasks = Task.objects.filter(case=case, status__in=(*OPEN_STATUSES, STATUS.ERROR))
    names = set()
    found = []
    for task in tasks:
        if task.status == STATUS.ERROR:
            found.append(f"{task.flow_task.name} is in error")
        if not isinstance(task.flow_task, Due):
            names.add(task.flow_task.name)
    allowed, side = OPEN.get(case.status, set()), SIDE.get(case.status, set())
    strange = sorted(names - allowed - side)
    found += [f"{name} is open in {case.status}" for name in strange]
    if allowed and not names & allowed:
        found.append(f"nothing is open in {case.status}")
    return found
