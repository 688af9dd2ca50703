"""A person's step, and the timer on its border."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from viewflow.workflow import nodes
from viewflow.workflow.activation import Activation
from viewflow.workflow.base import Node
from viewflow.workflow.nodes import mixins
from viewflow.workflow.nodes.boundary import TimerBoundaryActivation
from viewflow.workflow.status import STATUS

from workflows import items
from workflows.nodes.audience import Audience
from workflows.nodes.base import (
    OPEN_STATUSES,
    SubjectMixin,
    Titled,
    WaitingActivation,
    moment_of,
)


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

    @property
    def ends_itself(self) -> bool:
        """Whether a moment takes the step away from who has it."""
        return bool(self._boundary_specs)

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
