"""``GET inbox``: my tasks with everything one needs to do them."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Router

from desk.api import forms
from desk.api.body import json_body
from desk.api.http import address, person
from desk.api.idempotency import once
from desk.api.schemas import ERRORS, InboxItem, TaskOut
from desk.wording import action_label
from grants.actions import ACTIONS
from grants.errors import Invalid, NotVisible, WrongState
from grants.models import Round
from grants.permissions import can_take
from grants.selectors import cases_visible_to
from organisations.models import User
from workflows import selectors, services
from workflows.models import WorkItem

router = Router(tags=["tasks"])

PAGE, LARGEST_PAGE = 100, 500


@router.get(
    "inbox",
    response={200: list[InboxItem], **ERRORS},
    url_name="inbox",
    operation_id="inbox",
    by_alias=True,
)
def inbox(
    request: HttpRequest, response: HttpResponse, start: int = 0, limit: int = PAGE
) -> list[dict[str, Any]]:
    """My open tasks, those of my groups included, the most urgent first.

    Each carries the JSON Schema of the body (`schema`: the choices name the
    other outcomes) and an `example` that is accepted as it stands. Where there
    are more than `limit`, the header `Link` names the next page.
    """
    start, limit = max(start, 0), min(max(limit, 1), LARGEST_PAGE)
    open_items = selectors.inbox_for(person(request)).select_related(
        "case__project", "case__district"
    )
    items = list(open_items[start : start + limit + 1])
    if len(items) > limit:
        after = f"{address('inbox')}?start={start + limit}&limit={limit}"
        response["Link"] = f'<{after}>; rel="next"'
    return entries(items[:limit], person(request))


def entries(items: list[WorkItem], user: User) -> list[dict[str, Any]]:
    """Inbox entries; the number of queries does not depend on theirs."""
    gather(items, user)
    typed = forms.typed_by([i for i in items if i.action == forms.APPLY])
    found = []
    for item in items:
        form = ACTIONS[item.action].form(target=item.target, by=user)
        example = form.example()
        if item.pk in typed:
            example = forms.with_typing(form, example, typed[item.pk])
        found.append(
            {
                "task": item.pk,
                "case": item.case.code if item.case_id else None,
                "round": item.round_id,
                "action": item.action,
                "title": action_label(item.action),
                "due_at": item.due_at,
                "why": selectors.why(item, user),
                "held_by_me": item.holder_id == user.pk,
                "url": url_of(item),
                "schema": form.schema(),
                "example": example,
            }
        )
    return found


def gather(items: list[WorkItem], user: User) -> None:
    """Read what the forms need once for all items of an action.

    Items of one round share its object, and so what is read of it.
    """
    rounds: dict[int, Round] = {}
    targets: dict[str, list[Any]] = {}
    for item in items:
        item.round = rounds.setdefault(item.round_id, item.round)
        if item.case_id:
            item.case.round = item.round
        targets.setdefault(item.action, []).append(item.target)
    for name, found in targets.items():
        ACTIONS[name].form.gather(found, user)


def task_of(user: User, pk: int) -> WorkItem:
    """A task that I may hold; WrongState when it is done or a colleague's."""
    try:
        return selectors.item_for(user, pk)
    except NotVisible:
        item = WorkItem.objects.filter(pk=pk).first()
        seen = item is not None and can_take(item.action, item.target, user)
        if not seen or (
            item.case_id and not cases_visible_to(user).filter(pk=item.case_id).exists()
        ):
            raise
        if item.is_open:
            raise WrongState(_("Somebody else has taken this task."), code="held")
        raise WrongState()


def url_of(item: WorkItem) -> str:
    """Where a task's body is posted to."""
    owner = ("cases", item.case.code) if item.case_id else ("rounds", item.round_id)
    return address(*owner, item.action, task=item.pk)


@router.post(
    "tasks/{int:task}/claim",
    response={200: TaskOut, **ERRORS},
    url_name="claim",
    operation_id="claim",
)
def claim(request: HttpRequest, task: int) -> dict[str, Any]:
    """Take a task of my group; 409 when somebody else was quicker."""

    def work() -> tuple[int, dict[str, Any]]:
        item = task_of(person(request), task)
        services.claim(item, by=person(request))
        return 200, task_out(item)

    return once(request, work)[1]


@router.post(
    "tasks/{int:task}/release",
    response={200: TaskOut, **ERRORS},
    url_name="release",
    operation_id="release",
)
def release(request: HttpRequest, task: int) -> dict[str, Any]:
    """Give a task back to its group."""

    def work() -> tuple[int, dict[str, Any]]:
        item = task_of(person(request), task)
        services.release(item, by=person(request))
        return 200, task_out(item)

    return once(request, work)[1]


@router.post(
    "tasks/{int:task}/reassign",
    response={200: TaskOut, **ERRORS},
    url_name="reassign",
    operation_id="reassign",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {
                        "type": "object",
                        "additionalProperties": False,
                        "properties": {"to": {"type": "string"}},
                        "required": ["to"],
                    }
                }
            },
        }
    },
)
def reassign(request: HttpRequest, task: int) -> dict[str, Any]:
    """Hand a task to a colleague who may do it; `to` is their user name."""

    def work() -> tuple[int, dict[str, Any]]:
        item = task_of(person(request), task)
        services.reassign(item, to=_colleague(request), by=person(request))
        return 200, task_out(item)

    return once(request, work)[1]


def _colleague(request: HttpRequest) -> User:
    """The person a body names; whether they may do the task is the service's."""
    body = json_body(request)
    unknown = {name: [_("There is no such field.")] for name in body if name != "to"}
    to = body.get("to")
    if unknown or not isinstance(to, str) or not to:
        raise Invalid(unknown or {"to": [_("This must be a text.")]})
    user = User.objects.filter(username=to, is_active=True).first()
    if user is None:
        raise Invalid({"to": [_("There is no such person who may do this.")]})
    return user


def task_out(item: WorkItem) -> dict[str, Any]:
    item.refresh_from_db()
    return {
        "task": item.pk,
        "case": item.case.code if item.case_id else None,
        "round": item.round_id,
        "action": item.action,
        "holder": item.holder.username if item.holder_id else None,
    }
