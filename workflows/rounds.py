"""The tasks of a round: opened and closed by what its cases wait for.

The round decides, not the case: list, meeting, notice, awards and payments
are batches. `sync_round` looks at the cases once and keeps one open item per
batch action that can be taken now. It runs after every batch, after every step
of a case that changed something the rules see, and in the sweep for all rounds.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef
from django.utils.timezone import now
from viewflow.workflow.fields import get_task_ref
from viewflow.workflow.status import STATUS

from audit.pending import pending_changes
from audit.record import record
from grants.lifecycle import ENDED, PAYABLE
from grants.models import (
    Case,
    Decision,
    Hold,
    Objection,
    Role,
    Round,
    Status,
    Tranche,
    TrancheStatus,
)
from grants.rules import APPROVERS, rules_of
from grants.selectors import COMMITTED
from grants.services.gate import lock_round
from grants.services.listing import room_of
from organisations.models import User
from workflows.items import close_round_item, open_round_item
from workflows.models import Task, WorkItem


@dataclass(frozen=True)
class Facts:
    """What the rules below look at: one round at one moment."""

    round: Round
    count: dict[str, int]
    open_list: Decision | None
    awardable: bool
    payable: dict[str, bool]


def facts_of(round_: Round) -> Facts:
    """Gather the facts of a round; a fixed number of queries."""
    count = dict(
        Case.objects.filter(round=round_)
        .order_by()
        .values_list("status")
        .annotate(n=Count("pk"))
    )
    open_list = Decision.objects.filter(
        round=round_,
        kind=Decision.Kind.COMMITTEE,
        confirmed_at=None,
        sent_back_at=None,
    ).first()
    waiting = Task.objects.filter(
        case=OuterRef("pk"), status=STATUS.NEW, flow_task=award_node()
    )
    unanswered = Objection.objects.filter(
        case=OuterRef("pk"), status__in=("RECEIVED", "ACCEPTED")
    )
    awardable = (
        Case.objects.filter(round=round_, status=Status.IN_NOTICE)
        .filter(Exists(waiting), ~Exists(open_hold("pk")), ~Exists(unanswered))
        .exists()
    )
    return Facts(
        round=round_,
        count=count,
        open_list=open_list,
        awardable=awardable,
        payable=payable_of(round_),
    )


def open_hold(case: str) -> Any:
    """Open holds of the case that the outer query names so."""
    return Hold.objects.filter(case=OuterRef(case), lifted_at=None)


def award_node() -> Any:
    from workflows.flows import ApplicationFlow

    return ApplicationFlow.instance.node("await_award")


def payable_of(round_: Round) -> dict[str, bool]:
    """Whether there is something to approve, for each office of the chain."""
    rules = rules_of(round_)
    waiting = Tranche.objects.filter(
        ~Exists(open_hold("case")),
        case__round=round_,
        case__status__in=PAYABLE,
        status=TrancheStatus.REGISTERED,
    )
    amounts = list(waiting.values_list("amount", flat=True))
    waited_for = {rules.approver_of(amount) for amount in amounts}
    return {role: role in waited_for for role in APPROVERS}


def payment_role(facts: Facts) -> str | None:
    """Whose inbox the approval stands in: the lowest office's first."""
    return next((role for role in APPROVERS if facts.payable[role]), None)


def while_cases(status: Status, role: Role) -> Callable[[Facts], str | None]:
    return lambda facts: role if facts.count.get(status) else None


def list_role(facts: Facts) -> str | None:
    ready = facts.count.get(Status.SCORED) and facts.open_list is None
    return Role.COMMITTEE if ready else None


def confirm_role(facts: Facts) -> str | None:
    return Role.COMMITTEE if facts.open_list else None


def place_role(facts: Facts) -> str | None:
    waiting = facts.count.get(Status.WAITLISTED)
    undecided = facts.count.get(Status.SCORED)
    if not waiting or undecided:
        return None
    kinds = facts.round.cases.filter(status=Status.WAITLISTED).order_by()
    room = room_of(facts.round)
    found = set(kinds.values_list("organisation__is_community", flat=True).distinct())
    return Role.FUNDER if any(room[kind] > 0 for kind in found) else None


def close_role(facts: Facts) -> str | None:
    """Asked once the round is over and every case has ended."""
    round_ = facts.round
    over = round_.closed_at is None and now() >= round_.ends_at
    return Role.FUNDER if over and not set(facts.count) - set(ENDED) else None


#: Batch action → the role whose inbox it stands in now, or None.
ROUND_TASKS: dict[str, Callable[[Facts], str | None]] = {
    "open_review": while_cases(Status.ELIGIBLE, Role.OPERATOR),
    "decide_list": list_role,
    "confirm_decision": confirm_role,
    "record_meeting": while_cases(Status.PROPOSED, Role.FUNDER),
    "publish_notice": while_cases(Status.DECIDED, Role.HEAD),
    "award_list": lambda facts: Role.LEADER if facts.awardable else None,
    "offer_place": place_role,
    "approve_payment": payment_role,
    "close_round": close_role,
}


# -- what the rules look at --------------------------------------------------------

#: Statuses of cases that a rule above names.
COUNTED = (
    Status.ELIGIBLE,
    Status.SCORED,
    Status.PROPOSED,
    Status.WAITLISTED,
    Status.DECIDED,
    Status.IN_NOTICE,
)
Row = dict[str, Any]


def seen_of_case(row: Row) -> Any:
    status = row["status"]
    counted = status if status in COUNTED else None
    taken = row["awarded"] if status in COMMITTED else None
    return counted, taken, status in ENDED, status in PAYABLE


def seen_of_decision(row: Row) -> Any:
    return (row["confirmed_at"] is None and row["sent_back_at"] is None) or None


def seen_of_hold(row: Row) -> Any:
    return row["lifted_at"] is None or None


def seen_of_objection(row: Row) -> Any:
    return row["status"] in ("RECEIVED", "ACCEPTED") or None


def seen_of_tranche(row: Row) -> Any:
    return row["amount"] if row["status"] == TrancheStatus.REGISTERED else None


def seen_of_task(row: Row) -> Any:
    waits = row["flow_task"] == get_task_ref(award_node())
    return (waits and row["status"] == STATUS.NEW) or None


#: What the rules see of a row, by model (None: the row is nothing to them). What
#: comes by time alone, or by a change of the round itself, the sweep sees.
SEEN: dict[Any, Callable[[Row], Any]] = {
    Case: seen_of_case,
    Decision: seen_of_decision,
    Hold: seen_of_hold,
    Objection: seen_of_objection,
    Tranche: seen_of_tranche,
    Task: seen_of_task,
}


def rules_see_a_change() -> bool:
    """Whether the open event changed anything that a rule of the round sees."""
    for model, *images in pending_changes(*SEEN):
        before, after = (row and SEEN[model](row) for row in images)
        if before != after:
            return True
    return False


def sync_round_if_seen(round_: Round) -> None:
    """After a step of one case: mostly there is nothing for the round to do."""
    if rules_see_a_change():
        sync_round(round_)


def sync_round(round_: Round, *, done: str = "", by: User | None = None) -> None:
    """Open the round's tasks that became possible, close those that did not.

    `done` is the batch action just taken by `by`: its item is completed, and
    a new one opens when there is more of it to do.
    """
    if done:
        close_round_item(round_, done, by=by)
    facts = facts_of(round_)
    items = WorkItem.objects.filter(round=round_, case=None, closed_at=None)
    open_now = {item.action: item for item in items}
    for action, rule in ROUND_TASKS.items():
        role = rule(facts)
        item = open_now.get(action)
        if item is not None and role != item.role:
            close_round_item(round_, action, by=None)
            item = None
        if role is not None:
            proposer = facts.open_list.proposed_by if facts.open_list else None
            excluded = proposer if action == "confirm_decision" else None
            if item is None or item.excluded_id != (excluded and excluded.pk):
                open_round_item(round_, action, role, excluded=excluded)


def sync_all() -> None:
    """Heal what two acts at the same moment did not see of each other."""
    for round_ in Round.objects.filter(
        published_at__isnull=False, closed_at=None
    ).order_by("pk"):
        with record("sync_round", by="system:rounds", target=round_.code):
            sync_round(lock_round(round_))
