"""What the system does, and what it waits for."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.utils.timezone import now
from viewflow.workflow import nodes
from viewflow.workflow.activation import Activation
from viewflow.workflow.base import Node
from viewflow.workflow.nodes import mixins
from viewflow.workflow.nodes.timer import TimerActivation
from viewflow.workflow.status import STATUS

from workflows.nodes.base import (
    OPEN_STATUSES,
    SubjectMixin,
    Titled,
    WaitingActivation,
    moment_of,
)
from workflows.nodes.step import Due


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


class AwaitActivation(WaitingActivation):
    @Activation.status.transition(source=OPEN_STATUSES, target=STATUS.CANCELED)
    def cancel(self) -> None:
        super().cancel.original()
        for boundary in self.flow_task._boundary_events:
            for task in boundary.armed_by(self.task):
                boundary.activation_class(task).cancel()


class Await(Titled, mixins.NextNodeMixin, Node):
    """Waits for a batch action of the round.

    `until(subject)` says from the stored facts whether it happened; without
    it, the case has left the statuses that the action starts from.
    """

    activation_class = AwaitActivation
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
