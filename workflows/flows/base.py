"""What all flows share: one lock (the case), one way in."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from django.utils.translation import pgettext_lazy
from viewflow.workflow.base import Flow
from viewflow.workflow.nodes import StartHandle

from grants.models import Case
from workflows.models import Process, Task


class CaseLock:
    """Locks the case of a process; viewflow's default is no lock at all."""

    @contextmanager
    def __call__(self, flow_class: Any, process_pk: int) -> Iterator[None]:
        with transaction.atomic():
            case_id = Process.objects.values_list("case_id", flat=True).get(
                pk=process_pk
            )
            Case.objects.select_for_update(no_key=True).get(pk=case_id)
            yield


def begin(take: Any) -> StartHandle:
    """Where every flow begins, named in the reader's language."""
    return StartHandle(take).Annotation(title=pgettext_lazy("flow", "Start"))


class CaseFlow(Flow):
    """A flow on a case; started by `enter.run(case=…)`."""

    process_class = Process
    task_class = Task
    lock_impl = CaseLock()

    def take(
        self, activation: Any, *, case: Case, parent: Task | None = None, **subject: Any
    ) -> Process:
        process = activation.process
        process.case = case
        process.parent_task = parent
        for name, value in subject.items():
            setattr(process, name, value)
        return process
