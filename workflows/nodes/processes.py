"""A child flow, and the end of a flow."""

from collections.abc import Callable
from typing import Any

from viewflow.workflow import nodes
from viewflow.workflow.activation import Activation
from viewflow.workflow.base import Node
from viewflow.workflow.nodes import mixins
from viewflow.workflow.nodes.end import EndActivation
from viewflow.workflow.status import PROCESS

from workflows.nodes.base import (
    SubjectMixin,
    Titled,
    WaitingActivation,
)


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
