"""Where a flow parts, and where it comes together."""

from collections.abc import Callable, Iterator
from typing import Any

from django.utils.timezone import now
from viewflow.workflow import nodes
from viewflow.workflow.activation import Activation
from viewflow.workflow.base import Edge, Node
from viewflow.workflow.exceptions import FlowRuntimeError
from viewflow.workflow.nodes import mixins
from viewflow.workflow.nodes.join import JoinActivation
from viewflow.workflow.nodes.switch import SwitchActivation
from viewflow.workflow.token import Token

from workflows.nodes.base import (
    SubjectMixin,
    Titled,
)


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
