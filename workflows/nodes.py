"""Our nodes: thin classes on viewflow's, with their BPMN elements.

    Step(action, by(ROLE))   a person completes it; one WorkItem while open
    Auto(service)            the system does it at once
    Await(action)            a batch service of the round releases it
    Until(moment)            the sweep releases it
    When(condition)          goes on once a stored fact is true
    ForEach(items)           one branch per item, joined by Join
    Call(Flow, kind)         a child flow under the same case
    Switch(fact)             reads what a service stored

viewflow's wheel has no subprocess and no split over data (PARTS.md); its
View node knows no audience of ours. Exceptions always propagate: a failed
step rolls back as a whole, so no task is ever left in ERROR.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.timezone import now
from viewflow.workflow import nodes
from viewflow.workflow.activation import Activation
from viewflow.workflow.base import Edge, Node
from viewflow.workflow.exceptions import FlowRuntimeError
from viewflow.workflow.nodes import mixins
from viewflow.workflow.nodes.boundary import TimerBoundaryActivation
from viewflow.workflow.nodes.end import EndActivation
from viewflow.workflow.nodes.join import JoinActivation
from viewflow.workflow.nodes.switch import SwitchActivation
from viewflow.workflow.nodes.timer import TimerActivation
from viewflow.workflow.status import PROCESS, STATUS
from viewflow.workflow.token import Token

from grants.models import Role
from organisations.models import MembershipRole
from workflows import items

OPEN_STATUSES = (STATUS.NEW, STATUS.SCHEDULED, STATUS.STARTED)


@dataclass(frozen=True)
class Audience:
    """In whose inbox a step stands."""

    role: Role | None = None
    member: MembershipRole | None = None
    seat_holder: bool = False


def by(role: Role) -> Audience:
    """Everybody who holds the role in the case's programme."""
    return Audience(role=role)


def member(role: MembershipRole) -> Audience:
    """The members of the applicant organisation in that role."""
    return Audience(member=role)


#: The person whose seat the branch is about.
holder = Audience(seat_holder=True)


class Titled:
    """A node whose caption is a translated text."""

    def Title(self, title: Any) -> Any:  # noqa: N802 - viewflow's fluent style
        self.task_title = title
        return self


class SubjectMixin:
    """Creates tasks that carry their case and, in a review branch, the seat."""

    @classmethod
    def create(cls, flow_task, prev_activation, token, data=None, seed=None):
        task = flow_task.flow_class.task_class(
            process=prev_activation.process,
            case_id=prev_activation.process.case_id,
            flow_task=flow_task,
            token=token,
            seat=seed or prev_activation.task.seat,
        )
        task.save()
        task.previous.add(prev_activation.task)
        return cls(task)

    @property
    def about(self) -> Any:
        """What the process is about, else the case; as it was read."""
        process = self.process
        about = self.task.seat or process.stage or process.tranche
        return about or process.objection or process.finding or process.case

    @property
    def subject(self) -> Any:
        """The same, always read afresh."""
        subject = self.about
        subject.refresh_from_db()
        return subject

    @property
    def case(self) -> Any:
        self.process.case.refresh_from_db()
        return self.process.case


class WaitingActivation(SubjectMixin, mixins.NextNodeActivationMixin, Activation):
    """A task that stays open until somebody or something finishes it."""

    @Activation.status.super()
    def activate(self) -> None:
        """Wait."""

    @Activation.status.transition(source=STATUS.NEW, target=STATUS.STARTED)
    def start(self) -> None:
        """Not saved: `finish` completes and saves the task at once."""
        self.task.started = now()

    @Activation.status.transition(source=STATUS.STARTED, target=STATUS.DONE)
    def complete(self) -> None:
        super().complete.original()

    @Activation.status.transition(source=OPEN_STATUSES, target=STATUS.CANCELED)
    def cancel(self) -> None:
        self.task.finished = now()
        self.task.save()

    def finish(self) -> None:
        """Complete the task and go on."""
        self.start()
        self.complete()
        self.activate_next()

    def go_on(self) -> None:
        """Finish what a stored fact has decided, not a person."""
        self.finish()


# -- Step ----------------------------------------------------------------------


class StepActivation(WaitingActivation):
    @classmethod
    def create(cls, flow_task, prev_activation, token, data=None, seed=None):
        activation = super().create(
            flow_task, prev_activation, token, data=data, seed=seed
        )
        items.open_item(activation)
        return activation

    @property
    def is_true(self) -> bool:
        """Whether the step is moot; read with its task, not afresh."""
        moot = self.flow_task.moot
        return moot is not None and bool(moot(self.about))

    def go_on(self) -> None:
        items.close_item(self.task, by=None)
        super().go_on()

    @Activation.status.transition(source=OPEN_STATUSES, target=STATUS.CANCELED)
    def cancel(self) -> None:
        """Cancel the task, its item and its armed timers (viewflow's View
        leaves the timers armed)."""
        super().cancel.original()
        items.close_item(self.task, by=None)
        for boundary in self.flow_task._boundary_events:
            for task in boundary.armed_by(self.task):
                boundary.activation_class(task).cancel()


class Step(Titled, mixins.NextNodeMixin, Node):
    """A person's step; `action` names the definition in grants.actions."""

    activation_class = StepActivation
    task_type = "HUMAN"
    shape = nodes.View.shape
    bpmn_element = "userTask"

    def __init__(
        self,
        action: str,
        audience: Audience,
        *,
        same_as: Any = None,
        not_by: Any = None,
        asked_by: Callable[[Any], Any] | None = None,
    ) -> None:
        super().__init__()
        self.action = action
        self.audience = audience
        self.same_as = same_as
        self.not_by = not_by
        self.asked_by = asked_by
        self.due: Callable[[Any], datetime | None] | None = None
        self.moot: Callable[[Any], bool] | None = None

    def _resolve(self, instance: Any) -> None:
        super()._resolve(instance)
        self.same_as = resolved_name(self.same_as)
        self.not_by = resolved_name(self.not_by)
        self._multi_instance = self.audience.seat_holder

    def Due(self, moment: Callable[[Any], datetime], then: Any) -> "Step":  # noqa: N802
        """Interrupt the step at a moment and take the other path."""
        self.due = moment
        self._boundary_specs = [("due", Due(None, delay=moment_of(moment)).Next(then))]
        return self

    def Remind(self, moment: Callable[[Any], datetime]) -> "Step":  # noqa: N802
        """Give the step a due date; passing it only reminds."""
        self.due = moment
        return self

    def Moot(self, condition: Callable[[Any], bool]) -> "Step":  # noqa: N802
        """Once a stored fact is so, the step ends undone and the flow goes on."""
        self.moot = condition
        return self


def resolved_name(reference: Any) -> str | None:
    """The node name that a `this.name` means."""
    return getattr(reference, "name", None)


def moment_of(moment: Callable[[Any], datetime]) -> Callable[[Any], datetime]:
    return lambda activation: moment(activation.subject)


class DueActivation(SubjectMixin, TimerBoundaryActivation):
    def fire(self) -> None:
        """Interrupt the host and take the timer's path."""
        self.start()
        self.cancel_host_tasks()
        self.complete()
        self.activate_next()


class Due(nodes.TimerBoundary):
    """The timer on a step's border."""

    activation_class = DueActivation

    def armed_by(self, host: Any) -> Any:
        return self.flow_class.task_class._default_manager.filter(
            flow_task=self, previous=host, status=STATUS.SCHEDULED
        )


# -- Auto, Await, Until ---------------------------------------------------------


class AutoActivation(SubjectMixin, mixins.NextNodeActivationMixin, Activation):
    @Activation.status.super()
    def activate(self) -> None:
        self.task.started = now()
        self.flow_task.service(self.subject, by="system:workflow")

    @Activation.status.transition(source=STATUS.NEW, target=STATUS.CANCELED)
    def cancel(self) -> None:
        self.task.finished = now()
        self.task.save()


class Auto(Titled, mixins.NextNodeMixin, Node):
    """The system calls a service and goes on, in the same transaction."""

    activation_class = AutoActivation
    task_type = "FUNC"
    shape = nodes.Function.shape
    bpmn_element = "serviceTask"

    def __init__(self, service: Callable[..., Any]) -> None:
        super().__init__()
        self.service = service


class Await(Titled, mixins.NextNodeMixin, Node):
    """Waits for a batch action of the round.

    `until(subject)` says from the stored facts whether it happened; without
    it, the case has left the statuses that the action starts from.
    """

    activation_class = WaitingActivation
    task_type = "AWAIT"
    shape = nodes.Handle.shape
    bpmn_element = "receiveTask"

    def __init__(self, action: str, until: Callable[[Any], bool] | None = None) -> None:
        super().__init__()
        self.action = action
        self.until = until

    def Due(self, moment: Callable[[Any], datetime], then: Any) -> "Await":  # noqa: N802
        self._boundary_specs = [("due", Due(None, delay=moment_of(moment)).Next(then))]
        return self


class AwaitActivation(WaitingActivation):
    @Activation.status.transition(source=OPEN_STATUSES, target=STATUS.CANCELED)
    def cancel(self) -> None:
        super().cancel.original()
        for boundary in self.flow_task._boundary_events:
            for task in boundary.armed_by(self.task):
                boundary.activation_class(task).cancel()


Await.activation_class = AwaitActivation


class WhenActivation(WaitingActivation):
    @property
    def is_true(self) -> bool:
        return bool(self.flow_task.condition(self.subject))


class When(Titled, mixins.NextNodeMixin, Node):
    """Waits for a stored fact; looked at after every step of the case."""

    activation_class = WhenActivation
    task_type = "WHEN"
    shape = nodes.Handle.shape
    bpmn_element = "receiveTask"

    def __init__(self, condition: Callable[[Any], bool]) -> None:
        super().__init__()
        self.condition = condition


class UntilActivation(SubjectMixin, TimerActivation):
    def fire(self) -> None:
        """The moment has come."""
        self.start()
        self.complete()
        self.activate_next()


class Until(Titled, nodes.Timer):
    """Waits for a moment; the sweep releases it."""

    activation_class = UntilActivation

    def __init__(self, moment: Callable[[Any], datetime]) -> None:
        super().__init__(moment_of(moment))


# -- gateways --------------------------------------------------------------------


class FactActivation(SubjectMixin, SwitchActivation):
    @Activation.status.super()
    def activate(self) -> None:
        value = str(self.flow_task.fact(self.subject))
        for node, wanted in self.flow_task._branches:
            if wanted == value:
                self.next_task = node
                return
        raise FlowRuntimeError(f"{self.flow_task.name}: no way out for {value}")


class Switch(Titled, nodes.Switch):
    """An exclusive gateway on a stored fact; an unknown value is an error."""

    activation_class = FactActivation

    def __init__(self, fact: Callable[[Any], Any]) -> None:
        super().__init__()
        self.fact = fact

    def To(self, **branches: Any) -> "Switch":  # noqa: N802
        for value, node in branches.items():
            self.Case(node, value)
        return self

    def _outgoing(self) -> Iterator[Edge]:
        seen: dict[Any, list[str]] = {}
        for node, value in self._activate_next:
            seen.setdefault(node, []).append(value)
        for node, values in seen.items():
            yield Edge(self, node, "cond_true", label=", ".join(values))

    def bpmn_attrs(self) -> dict[str, str]:
        return {}


class Enter(Switch):
    """Where a fresh process begins: at the status that the case has.

    Pictures show the first way only: the others resume a reopened case and
    are no part of the procedure.
    """

    At = Switch.To

    def _outgoing(self) -> Iterator[Edge]:
        yield Edge(self, self._activate_next[0][0], "next")


class ForEachActivation(SubjectMixin, Activation):
    @Activation.status.super()
    def activate(self) -> None:
        self.task.started = now()
        self.items = list(self.flow_task.items(self.case))
        if not self.items:
            raise FlowRuntimeError(f"{self.flow_task.name}: nothing to do")

    @Activation.status.super()
    def create_next(self) -> Iterator[Activation]:
        tokens = Token.split_token_source(self.task.token, self.task.pk)
        for item in self.items:
            yield self.flow_task._next._create(self, next(tokens), seed=item)


class ForEach(Titled, mixins.NextNodeMixin, Node):
    """A parallel branch per item of data."""

    activation_class = ForEachActivation
    task_type = "PARALLEL_GATEWAY"
    shape = nodes.Split.shape
    bpmn_element = "parallelGateway"

    def __init__(self, items_of: Callable[[Any], Any]) -> None:
        super().__init__()
        self.items = items_of


class CaseJoinActivation(JoinActivation):
    """viewflow's join; a cancelled one is closed like every other task."""


class Join(Titled, nodes.Join):
    activation_class = CaseJoinActivation


# -- Call and End ------------------------------------------------------------------


class CallActivation(WaitingActivation):
    @Activation.status.super()
    def activate(self) -> None:
        """Start the child under the same case lock; wait for its end."""
        self.flow_task.flow.enter.run(
            case=self.case,
            parent=self.task,
            **self.flow_task.subject_for(self.case),
        )


class Call(Titled, mixins.NextNodeMixin, Node):
    """A child flow; its end completes this task."""

    activation_class = CallActivation
    task_type = "CALL"
    bpmn_element = "callActivity"
    shape = {
        "width": 150,
        "height": 100,
        "text-align": "middle",
        "svg": """
            <rect class="task call" width="150" height="100" rx="5" ry="5"/>
            <rect class="call-marker" x="67" y="82" width="16" height="16"/>
            <path class="call-marker" d="M75 85v10M70 90h10"/>
        """,
    }

    def __init__(self, flow: Any, subject_for: Callable[[Any], dict]) -> None:
        super().__init__()
        self.flow = flow
        self.subject_for = subject_for

    def bpmn_attrs(self) -> dict[str, str]:
        return {"calledElement": self.flow.__name__}


class CloseActivation(SubjectMixin, EndActivation):
    @Activation.status.super()
    def activate(self) -> None:
        """End the process; read its caller anew and finish that.

        A child that ends as soon as it began is still inside the activation of
        its caller: finished on that same object, the caller would go on twice.
        """
        super().activate.original()
        caller = self.process.parent_task_id
        if self.process.status == PROCESS.DONE and caller is not None:
            parent = self.flow_class.task_class._default_manager.get(pk=caller)
            parent.flow_task.activation_class(parent).finish()


class End(Titled, nodes.End):
    activation_class = CloseActivation
