"""Working along a road by the inboxes of its people, with each form's example.

What the rehearsal of a round, the demo and the tests share.
"""

from datetime import datetime
from typing import Any

from django.utils.timezone import now

from audit.record import record
from grants.actions import ACTIONS
from grants.models import Case
from grants.services.gate import lock_round
from organisations.models import User
from workflows.models import Task, WorkItem
from workflows.rounds import sync_round
from workflows.services import fire, perform


def fresh(user: User) -> User:
    """The same person without cached roles, as a new request has them."""
    return User.objects.get(pk=user.pk)


def do(item: WorkItem, target: Any, *, by: User, body: dict[str, Any]) -> Any:
    """Do an item with a body as the API takes it; ActionError where refused."""
    form = ACTIONS[item.action].bind_json(target, by=by, body=body)
    return perform(item.action, target, by=by, form=form, item=item)


def take(item: WorkItem, by: User, **changes: Any) -> Any:
    """Do an item with its form's example, some fields changed."""
    target = item.target
    body = {**ACTIONS[item.action].example(target, by), **changes}
    return do(item, target, by=by, body=body)


def next_timer(case: Case | None = None) -> datetime | None:
    """When the next armed timer is due (of one case, or of all), or None."""
    timers = Task.objects.filter(status="SCHEDULED")
    if case is not None:
        timers = timers.filter(case=case)
    return timers.order_by("scheduled").values_list("scheduled", flat=True).first()


def pass_time(case: Case) -> list[Task]:
    """Fire what is due of one case, and see to its round; what was fired.

    Other cases are left alone: their timers are the sweep's. An error of a
    timer is not swallowed.
    """
    due = Task.objects.filter(case=case, status="SCHEDULED", scheduled__lte=now())
    fired = [task for task in due.order_by("scheduled", "pk") if fire(task.pk)]
    with record("sync_round", by="system:rounds", target=case.round.code):
        sync_round(lock_round(case.round))
    return fired
