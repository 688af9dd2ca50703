"""What all our nodes share: a title, a case, a subject, waiting."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.utils.timezone import now
from viewflow.workflow.activation import Activation
from viewflow.workflow.nodes import mixins
from viewflow.workflow.status import STATUS

OPEN_STATUSES = (STATUS.NEW, STATUS.SCHEDULED, STATUS.STARTED)


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


def moment_of(moment: Callable[[Any], datetime]) -> Callable[[Any], datetime]:
    return lambda activation: moment(activation.subject)
