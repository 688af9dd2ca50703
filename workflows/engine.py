"""Moving the flows: start what is missing, complete, release, cancel.

Everything here runs inside the event and under the lock that
workflows.services (or the sweep) has opened.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import cache
from typing import Any

from django.utils.timezone import now
from viewflow.workflow.status import PROCESS, STATUS

from grants.lifecycle import FINDABLE, MOVES, REOPENABLE, TERMINABLE
from grants.models import (
    Case,
    Finding,
    FindingStatus,
    HoldKind,
    Objection,
    ObjectionStatus,
    Stage,
    Status,
    Tranche,
    TrancheStatus,
)
from grants.services.reopening import open_reopening
from workflows.flows import (
    FLOWS,
    ApplicationFlow,
    ChangeFlow,
    ClawbackFlow,
    FindingFlow,
    ObjectionFlow,
    PaymentFlow,
    ProjectFlow,
    ReopeningFlow,
    SuspensionFlow,
    TerminationFlow,
)
from workflows.models import Process, Task
from workflows.nodes import OPEN_STATUSES, Await, Step, When
from workflows.open import OPEN

LIVE = (PROCESS.NEW,)
IN_APPLICATION = {value for _node, value in ApplicationFlow.where._activate_next}
IN_PROJECT = {value for _node, value in ProjectFlow.where._activate_next}
IN_PAYMENT = (
    TrancheStatus.OPEN,
    TrancheStatus.REQUESTED,
    TrancheStatus.REGISTERED,
    TrancheStatus.APPROVED,
)
IN_OBJECTION = (ObjectionStatus.RECEIVED, ObjectionStatus.ACCEPTED)
#: Statuses in which side flows may run at all.
PAID_IN = {status for status, names in OPEN.items() if "request_payment" in names}
ASKED_IN = {status for status, names in OPEN.items() if "accept_objection" in names}
#: A service that leads here takes the case out of its flows at once; a flow of
#: its own may go on there, or begin.
CUT_OFF = {
    Status.WITHDRAWN: ReopeningFlow,
    Status.LAPSED: ReopeningFlow,
    Status.CANCELLED: ReopeningFlow,
    Status.TERMINATED: ReopeningFlow,
    Status.CLAWBACK: ClawbackFlow,
}
#: Flows whose last step leads there, or that go on there: their steps are completed
#: like any other.
ENDING_THERE = (TerminationFlow, ClawbackFlow, ReopeningFlow, FindingFlow)
#: After these acts dates have moved, and the timers with them.
MOVING_DATES = ("decide_change",)


#: Which flow answers a hold.
FLOW_OF_HOLD = {
    HoldKind.CHANGE: ChangeFlow,
    HoldKind.SUSPENSION: SuspensionFlow,
    HoldKind.TERMINATION: TerminationFlow,
}


def open_tasks(case: Case, **where: Any) -> Iterator[Task]:
    """The open engine tasks of a case, with what activations need.

    Their processes share the one case that is locked and read already.
    """
    tasks = (
        Task.objects.filter(case=case, status__in=OPEN_STATUSES, **where)
        .select_related("process__stage", "process__finding", "seat")
        .order_by("pk")
    )
    for task in tasks:
        task.process.case = case
        yield task


def activation_of(task: Task) -> Any:
    return task.flow_task.activation_class(task)


def ensure_flows(case: Case) -> None:
    """Start the flows that the stored state asks for and that do not run.

    Beginning, reopening and repair are this one mechanism: the status is
    set, a fresh process enters where it stands.
    """
    live = list(Process.objects.filter(case=case, status__in=LIVE))
    running = {process.flow_class for process in live}
    if case.status in IN_APPLICATION and ApplicationFlow not in running:
        ApplicationFlow.enter.run(case=case)
    if case.status in IN_PROJECT and ProjectFlow not in running:
        ProjectFlow.enter.run(case=case)
    if case.status in PAID_IN:
        ensure_payments(case, live)
    if case.status in ASKED_IN:
        ensure_objections(case, live)
    if case.status in FINDABLE:
        ensure_findings(case, live)
    for flow in side_flows_of(case):
        if flow not in running:
            flow.enter.run(case=case)


def ensure_payments(case: Case, live: list[Process]) -> None:
    """A flow for each tranche that is on its way."""
    paying = {process.tranche_id for process in live if process.tranche_id}
    for tranche in case.tranches.filter(status__in=IN_PAYMENT).exclude(pk__in=paying):
        PaymentFlow.enter.run(case=case, tranche=tranche)


def ensure_objections(case: Case, live: list[Process]) -> None:
    """A flow for each objection that waits for an answer."""
    asking = {process.objection_id for process in live if process.objection_id}
    pending = case.objections.filter(status__in=IN_OBJECTION).exclude(pk__in=asking)
    for objection in pending:
        ObjectionFlow.enter.run(case=case, objection=objection)


def ensure_findings(case: Case, live: list[Process]) -> None:
    """A flow for each finding that is open; one that was referred leaves the hands
    it was in."""
    auditing = {process.finding_id for process in live if process.finding_id}
    for finding in case.findings.filter(status__in=Finding.OPEN):
        if finding.pk not in auditing:
            FindingFlow.enter.run(case=case, finding=finding)
        elif finding.status == FindingStatus.REFERRED:
            for task in list(open_tasks(case, process__finding=finding)):
                if activation_of(task).is_true:
                    activation_of(task).go_on()


def side_flows_of(case: Case) -> list[Any]:
    """The flows beside the road that the stored state asks for."""
    if case.status == Status.CLAWBACK:
        return [ClawbackFlow]
    if case.status in REOPENABLE:
        return [ReopeningFlow] if open_reopening(case) else []
    if case.status not in TERMINABLE:
        return []
    held = set(case.holds.filter(lifted_at=None).values_list("kind", flat=True))
    return [flow for kind, flow in FLOW_OF_HOLD.items() if kind in held]


def cancel_work(case: Case) -> None:
    """Cancel every task, timer, item and side flow that the status cuts off."""
    stays = CUT_OFF.get(Status(case.status))
    live = Process.objects.filter(case=case, status__in=LIVE)
    gone = [p.pk for p in live if p.flow_class not in (stays, FindingFlow)]
    for task in open_tasks(case, process__in=gone):
        task.refresh_from_db()
        if task.status in OPEN_STATUSES:
            activation_of(task).cancel()
    Process.objects.filter(pk__in=gone).update(status=PROCESS.CANCELED, finished=now())


def is_subject(task: Task, target: Any) -> bool:
    """Whether a task is about this target of an action."""
    process = task.process
    if isinstance(target, Stage):
        return process.stage_id == target.pk
    if isinstance(target, Tranche):
        return process.tranche_id == target.pk
    if isinstance(target, Objection):
        return process.objection_id == target.pk
    if isinstance(target, Finding):
        return process.finding_id == target.pk
    if isinstance(target, Case):
        return task.seat_id is None or task.flow_task.name == "replace_reviewer"
    return task.seat_id == target.pk


@cache
def nodes_of(action: str) -> tuple[Any, ...]:
    """The steps at which people take an action."""
    nodes = (node for flow in FLOWS for node in flow.instance.nodes())
    return tuple(n for n in nodes if getattr(n, "action", None) == action)


def named_tasks(action: str, case: Case) -> Any:
    """The open tasks of a case at an action's steps; the case is read when asked."""
    return (
        Task.objects.filter(
            case=case, status__in=OPEN_STATUSES, flow_task__in=nodes_of(action)
        )
        .select_related("process", "seat")
        .order_by("pk")
    )


def task_of(action: str, target: Any) -> Task | None:
    """The open step of an action about this target, if there is one."""
    case = target.case
    for task in named_tasks(action, case):
        task.process.case = case
        named = getattr(task.flow_task, "action", None) == action
        if named and not isinstance(task.flow_task, Await) and is_subject(task, target):
            return task
    return None


def settle(case: Case) -> None:
    """After a service: cut off what ended, start what is missing."""
    case.refresh_from_db()
    if case.status in CUT_OFF:
        cancel_work(case)
    ensure_flows(case)
    pass_conditions(case)


@cache
def condition_nodes() -> tuple[When | Step, ...]:
    """Every node of a flow that waits for a fact, or that a fact makes moot."""
    nodes = [node for flow in FLOWS for node in flow.instance.nodes()]
    waiting = [node for node in nodes if isinstance(node, When)]
    return (*waiting, *(n for n in nodes if isinstance(n, Step) and n.moot))


def pass_conditions(case: Case) -> None:
    """Go on where a flow waits for a fact, or a step is moot by one, by now."""
    nodes = condition_nodes()
    if OPEN.get(case.status, set()).isdisjoint(node.name for node in nodes):
        return
    for task in open_tasks(case, flow_task__in=nodes):
        activation = activation_of(task)
        if activation.is_true:
            activation.go_on()


def moment_of(task: Task) -> datetime:
    """When a timer is to fire by the facts of its case as they are now."""
    moment: datetime = task.flow_task._delay(activation_of(task))
    return moment


def move_dates(case: Case) -> None:
    """Timers and due dates of a case follow dates that were changed."""
    for task in open_tasks(case, status=STATUS.SCHEDULED):
        scheduled = moment_of(task)
        if scheduled != task.scheduled:
            task.scheduled = scheduled
            task.save(update_fields=["scheduled"])
    for item in case.work_items.filter(closed_at=None).select_related("task__process"):
        step = item.task.flow_task
        if step.due is not None:
            item.due_at = step.due(activation_of(item.task).subject)
            item.save(update_fields=["due_at"])


def waiting_for(action: str, round_id: int) -> Iterable[Task]:
    """Tasks of a round that await a batch action, by case."""
    refs = [
        node
        for flow in FLOWS
        for node in flow.instance.nodes()
        if isinstance(node, Await) and node.action == action
    ]
    return (
        Task.objects.filter(
            case__round_id=round_id, status=STATUS.NEW, flow_task__in=refs
        )
        .select_related("process__case__round", "process__tranche")
        .order_by("case_id", "pk")
    )


def release(action: str, round_id: int) -> list[Case]:
    """Go on with the cases that the batch action has moved."""
    moved = []
    for task in waiting_for(action, round_id):
        activation = activation_of(task)
        if happened(activation, action):
            activation.finish()
            moved.append(task.process.case)
    for case in moved:
        settle(case)
    return moved


def happened(activation: Any, action: str) -> bool:
    """Whether the batch service did what this task waits for."""
    until = activation.flow_task.until
    if until is not None:
        return until(activation.subject)
    return activation.case.status not in MOVES[action].sources
