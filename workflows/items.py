"""Opening, holding and closing the rows of the inbox."""

from typing import Any

from django.db import IntegrityError, transaction
from django.utils.timezone import now

from grants.models import Round
from grants.permissions import can_take
from organisations.models import User
from outbox.services import announce
from workflows.models import Task, WorkItem


def open_item(activation: Any) -> WorkItem:
    """The WorkItem of a step that was just reached."""
    step, task = activation.flow_task, activation.task
    case = activation.process.case
    audience = step.audience
    item = WorkItem(
        task=task,
        case=case,
        round_id=case.round_id,
        programme_id=case.round.programme_id,
        stream=f"case:{case.pk}",
        action=step.action,
        node=step.name,
        role=audience.role or "",
        opened_at=now(),
    )
    if audience.member:
        item.organisation_id = case.organisation_id
        item.membership_role = audience.member
    if audience.seat_holder:
        activation.task.seat.refresh_from_db()
        item.holder_id = activation.task.seat.reviewer_id
        item.personal = True
        item.claimed_at = now()
    if step.same_as:
        item.holder = last_actor(case, step.same_as, step.action)
        item.claimed_at = now() if item.holder else None
    if step.not_by:
        item.excluded = last_actor(case, step.not_by, None)
    if step.asked_by:
        item.excluded = step.asked_by(activation.subject)
    if step.due is not None:
        item.due_at = step.due(activation.subject)
    item.save()
    announce("task_opened", item=item)
    return item


def last_actor(case: Any, node: str, action: str | None) -> User | None:
    """Who did a node last, if they may still do it."""
    done = (
        WorkItem.objects.filter(case=case, node=node, completed_by__isnull=False)
        .select_related("completed_by")
        .order_by("-closed_at", "-pk")
        .first()
    )
    if done is None:
        return None
    user = done.completed_by
    return user if action is None or can_take(action, case, user) else None


def close_item(task: Task, *, by: User | None) -> None:
    """Close the item of a task; `by` is who completed it, None if cancelled."""
    WorkItem.objects.filter(task=task, closed_at=None).update(
        closed_at=now(), completed_by=by
    )


def release_items_of(user: User, **where: Any) -> int:
    """Give back what somebody holds, as when they leave (counted)."""
    return WorkItem.objects.filter(
        holder=user, closed_at=None, personal=False, **where
    ).update(holder=None, claimed_at=None)


def open_round_item(
    round_: Round, action: str, role: str, *, excluded: User | None
) -> None:
    """One open item per round and action."""
    open_now = WorkItem.objects.filter(
        round=round_, case=None, action=action, closed_at=None
    ).first()
    if open_now is not None:
        if open_now.excluded != excluded:
            open_now.excluded = excluded
            open_now.save(update_fields=["excluded"])
        return
    try:
        with transaction.atomic():
            item = WorkItem.objects.create(
                round=round_,
                programme_id=round_.programme_id,
                stream=f"grants_round:{round_.pk}",
                action=action,
                role=role,
                excluded=excluded,
                opened_at=now(),
            )
    except IntegrityError:  # somebody opened it at the same moment
        return
    announce("task_opened", item=item)


def close_round_item(round_: Round, action: str, *, by: User | None) -> None:
    """Close the round's item of an action, if one is open."""
    WorkItem.objects.filter(
        round=round_, case=None, action=action, closed_at=None
    ).update(closed_at=now(), completed_by=by)
