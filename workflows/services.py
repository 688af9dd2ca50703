"""Who acts next: performing actions, holding tasks, and the sweep.

`perform` is the one way in for pages, API, demo and tests:

    404 not visible → 403 not yours → 409 wrong state or late → 422 invalid,
    then lock → service → flow → messages, all in one transaction.
"""

import logging
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.timezone import now
from viewflow.workflow.status import STATUS

from audit.record import record, record_refusal
from grants.actions import ACTIONS, Action
from grants.errors import NotVisible, NotYours, Stale, WrongState
from grants.forms.base import ActionForm
from grants.lifecycle import MOVES
from grants.models import Case, Round
from grants.permissions import can_take, has_no_conflict
from grants.services.applying import create_draft
from grants.services.gate import (
    act,
    check_actor,
    check_state,
    code_of,
    held,
    lock_case,
    lock_round,
)
from grants.services.grace import waits_until
from organisations.models import Organisation, User
from outbox.crashpoints import reach
from outbox.services import announce
from workflows import engine, items
from workflows.models import Task, WorkItem
from workflows.nodes import Due
from workflows.reminding import remind_overdue
from workflows.rounds import sync_all, sync_round, sync_round_if_seen
from workflows.selectors import is_free_for

logger = logging.getLogger(__name__)

MAX_FAILURES = 8


def start_case(round_: Round, organisation: Organisation, *, by: User) -> Case:
    """A new draft of an organisation in a round, with its flow."""
    with act("create_draft", by=by, target=round_):
        lock_round(round_)
        case = create_draft(round_, organisation, by=by)
        engine.ensure_flows(case)
    return case


def check(action: Action, target: Any, by: User | None) -> None:
    """Raise NotYours or WrongState before anything is read from the form."""
    check_actor(action.name, target, by)
    if isinstance(target, Round):
        return
    check_state(action.name, target.case)
    if by is not None and not MOVES[action.name].public:
        if not has_no_conflict(by, target.case) and not MOVES[action.name].holder:
            raise NotVisible()


def perform(
    name: str,
    target: Any,
    *,
    by: User | None,
    form: ActionForm,
    item: WorkItem | None = None,
    version: int | None = None,
) -> Any:
    """Run an action; returns what its service returns.

    `version` is the case's version that the person saw (If-Match, a page's
    hidden field): Stale if it has changed since. A refusal is recorded after
    the rollback.
    """
    action = ACTIONS[name]
    actor = by if by is not None and by.is_authenticated else "system:public"
    try:
        check(action, target, by)
        fields = action.clean(form)
        reach("service.before")
        with transaction.atomic():
            with act(name, by=actor, target=target, reason=fields.get("reason") or ""):
                result = _perform(action, target, by, fields, item, version)
            reach("record.after")
        reach("commit.after")
    except (NotYours, WrongState) as refusal:
        record_refusal(name, by=actor, target=code_of(target), code=refusal.code)
        raise
    return result


def _perform(
    action: Action,
    target: Any,
    by: User | None,
    fields: dict[str, Any],
    item: WorkItem | None,
    version: int | None,
) -> Any:
    is_round = isinstance(target, Round)
    with held(action.name, target):
        if not is_round and version is not None and target.case.version != version:
            raise Stale()
        task = None if is_round else engine.task_of(action.name, target)
        check_item(action, target, by, task, item)
        actor = by if by is not None and by.is_authenticated else None
        result = action.service(target, by=by, **fields)
    reach("service.after")
    advance(action, target, task, by=actor)
    announce(action.name, target=target, by=by, result=result)
    return result


def check_item(
    action: Action,
    target: Any,
    by: User | None,
    task: Task | None,
    item: WorkItem | None,
) -> None:
    """Under the lock: is this step open, and is it free for this person?"""
    if item is not None:
        item.refresh_from_db()
        if not item.is_open:
            raise WrongState()
    if isinstance(target, Round):
        open_item = WorkItem.objects.filter(
            round=target, case=None, action=action.name, closed_at=None
        ).first()
        if open_item is None and has_step(action.name):
            raise WrongState()
    elif task is not None:
        open_item = WorkItem.objects.filter(task=task, closed_at=None).first()
    elif has_step(action.name):
        raise WrongState()
    else:
        return
    if open_item is not None and by is not None:
        if not is_free_for(open_item, by):
            raise NotYours(code="held")


def has_step(action: str) -> bool:
    """Whether the action is a step of a flow (else it may come at any time)."""
    return not ACTIONS[action].free


def advance(action: Action, target: Any, task: Task | None, *, by: User | None) -> None:
    """The service has changed the facts: let the flows follow."""
    if isinstance(target, Round):
        engine.release(action.name, target.pk)
        sync_round(target, done=action.name, by=by)
        return
    case = target.case
    if task is not None:
        items.close_item(task, by=by)
        goes_on = task.process.flow_class in engine.ENDING_THERE
        if goes_on or case.status not in engine.CUT_OFF:
            activation = engine.activation_of(task)
            activation.finish()
    engine.settle(case)
    if action.name in engine.MOVING_DATES:
        engine.move_dates(case)
    sync_round_if_seen(case.round)
    case.refresh_from_db()


# -- holding tasks -----------------------------------------------------------------


def may_hold(item: WorkItem, user: User) -> bool:
    """Whether this person could do this item."""
    if item.excluded_id == user.pk:
        return False
    return can_take(item.action, item.target, user)


def _locked(item: WorkItem) -> WorkItem:
    """The item, read again under the lock of its case or round."""
    if item.case_id:
        lock_case(item.case)
    else:
        lock_round(item.round)
    item.refresh_from_db()
    if not item.is_open:
        raise WrongState()
    return item


def claim(item: WorkItem, *, by: User) -> WorkItem:
    """Take an item; of two who press at once, one wins and one gets 409."""
    with act("claim", by=by, target=item.case or item.round):
        _locked(item)
        if not may_hold(item, by):
            raise NotYours()
        if item.holder_id == by.pk:
            return item
        if not is_free_for(item, by):
            raise WrongState(code="held")
        item.holder, item.claimed_at = by, now()
        item.save(update_fields=["holder", "claimed_at"])
    return item


def release(item: WorkItem, *, by: User) -> WorkItem:
    """Give an item back to its group."""
    with act("release", by=by, target=item.case or item.round):
        _locked(item)
        if item.holder_id != by.pk:
            raise NotYours()
        if item.personal:
            raise WrongState(code="personal")
        item.holder, item.claimed_at = None, None
        item.save(update_fields=["holder", "claimed_at"])
    return item


def reassign(item: WorkItem, *, to: User, by: User) -> WorkItem:
    """Hand an item to a colleague who may do it; both are on record."""
    with act("reassign", by=by, target=item.case or item.round):
        _locked(item)
        if item.personal:
            raise WrongState(code="personal")
        if item.holder_id != by.pk and not (
            item.holder_id is None and may_hold(item, by)
        ):
            raise NotYours()
        if not may_hold(item, to):
            raise WrongState(code="not_permitted")
        item.holder, item.claimed_at = to, now()
        item.save(update_fields=["holder", "claimed_at"])
        announce("task_reassigned", item=item, by=by)
    return item


# -- the sweep ------------------------------------------------------------------------


def due_tasks(at: datetime, limit: int) -> list[int]:
    return list(
        Task.objects.filter(
            status=STATUS.SCHEDULED, scheduled__lte=at, failures__lt=MAX_FAILURES
        )
        .order_by("scheduled", "pk")
        .values_list("pk", flat=True)[:limit]
    )


def fire(task_id: int) -> bool:
    """Fire one due timer under its case's lock; False if somebody else did."""
    reach("service.before")
    with transaction.atomic():
        with record("fire_timer", by="system:timers", target=str(task_id)) as event:
            task = Task.objects.select_related("process__case__round").get(pk=task_id)
            case = lock_case(task.process.case)
            event.target = case.code
            task.refresh_from_db()
            due = task.status == STATUS.SCHEDULED and task.scheduled <= now()
            if not due or waits_for_files(case, task):
                return False
            engine.activation_of(task).fire()
            reach("service.after")
            engine.settle(case)
            sync_round_if_seen(case.round)
            announce("timer_fired", case=case, node=task.flow_task.name)
        reach("record.after")
    reach("commit.after")
    return True


def waits_for_files(case: Case, task: Task) -> bool:
    """Put the end of a step off while its organisation still sends a file."""
    if not isinstance(task.flow_task, Due):
        return False
    ends = waits_until(case, min(task.scheduled, engine.moment_of(task)))
    if ends <= now():
        return False
    task.scheduled = ends
    task.save(update_fields=["scheduled"])
    return True


def note_failure(task_id: int, error: Exception) -> None:
    """Count a timer's failure and show it; given up after eight."""
    logger.exception("timer %s failed", task_id)
    with record("timer_failed", by="system:timers", target=str(task_id)):
        task = Task.objects.get(pk=task_id)
        task.failures += 1
        task.last_error = f"{type(error).__name__}: {error}"[:200]
        task.save(update_fields=["failures", "last_error"])


def sweep(limit: int = 500) -> dict[str, int]:
    """Fire every due timer and send due reminders; safe to run at any time."""
    fired = failed = 0
    seen: set[int] = set()
    while True:
        due = [pk for pk in due_tasks(now(), limit) if pk not in seen]
        if not due:
            break
        for task_id in due:
            seen.add(task_id)
            try:
                fired += fire(task_id)
            except Exception as error:  # one bad timer must not stop the others
                failed += 1
                note_failure(task_id, error)
    sync_all()
    return {"fired": fired, "failed": failed, "reminded": remind_overdue()}


def release_leaver(user: User, organisation: Organisation) -> None:
    """A leaver's tasks of that organisation go back at once."""
    items.release_items_of(user, organisation=organisation)


def release_role(user: User, programme: Any, role: str) -> None:
    """Who loses a role gives its tasks back at once."""
    items.release_items_of(user, programme=programme, role=role)
