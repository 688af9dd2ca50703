"""One typed route per action, made from grants.actions.ACTIONS.

The order of answers is that of DESIGN.md §5: 404 not visible, 403 not yours,
409 wrong state, late or stale, 422 invalid with each field named.
"""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Router
from ninja.throttling import AnonRateThrottle

from audit.record import record_refusal
from desk.api import forms
from desk.api.auth import ANYBODY, PERSON
from desk.api.body import is_storable, json_body
from desk.api.http import CASE_PARTS, case_of, person, reply, round_of, version_wanted
from desk.api.idempotency import once
from desk.api.schemas import ERRORS, Done
from grants.actions import ACTIONS
from grants.actions.base import Action
from grants.errors import Invalid, NotVisible, NotYours, WrongState
from grants.lifecycle import MOVES, permission_of
from grants.models import Case, Objection, Round
from grants.permissions import has_permission
from grants.selectors import cases_visible_to
from grants.services.drafts import discard_draft, draft_key
from grants.services.gate import check_actor, check_state
from organisations.second_factor import gave_lately
from organisations.selectors import memberships_of
from workflows import selectors, services
from workflows.models import WorkItem

router = Router(tags=["actions"])

OBJECTIONS = AnonRateThrottle("30/h")  # from one address without an account


def perform(
    request: HttpRequest, action: Action, owner: Case | Round, task: int | None
) -> HttpResponse:
    """Do an action on a case or a round, once."""
    user, version = person(request), version_wanted(request)
    if action.confirms and not gave_lately(request):
        text = _("Do this on the page: it asks for your second factor.")
        raise NotYours(text, code="second_factor")

    def work() -> tuple[int, dict[str, Any]]:
        try:
            item = item_of(action, owner, user, task)
            target = item.target if item else target_of(action, owner, user)
            require(action, target, user)
        except (NotYours, WrongState) as refusal:
            by = user if user.is_authenticated else "system:public"
            record_refusal(action.name, by=by, target=owner.code, code=refusal.code)
            raise
        form = action.bind_json(target, by=user, body=json_body(request))
        result = services.perform(
            action.name, target, by=user, form=form, item=item, version=version
        )
        if item is not None:
            discard_draft(draft_key(action.name, target))
        return 200, done(action, owner, user, form, result)

    status, body, replayed = once(request, work)
    response = reply(status, body, version=body.get("version"))
    if replayed:
        response["Idempotency-Replayed"] = "true"
    return response


def item_of(
    action: Action, owner: Case | Round, user: Any, task: int | None
) -> WorkItem | None:
    """The named task, or the only open one of this action that I may do.

    NotVisible for a task of something else, Invalid where several are open and
    none is named, None where no task of mine is open.
    """
    if MOVES[action.name].public:
        return None
    where: dict[str, Any] = (
        {"case": owner} if isinstance(owner, Case) else {"case": None, "round": owner}
    )
    mine = selectors.items_for(user).filter(action=action.name, **where)
    if task is not None:
        return mine.filter(pk=task).first() or closed_item(
            WorkItem.objects.filter(action=action.name, pk=task, **where), user
        )
    items = list(mine[:2])
    if len(items) > 1:
        raise Invalid({"task": [_("Several tasks are open: name one with ?task=.")]})
    return items[0] if items else None


def closed_item(found: Any, user: Any) -> WorkItem:
    """Why a named task is none of mine: always raises."""
    item = found.first()
    if item is None:
        raise NotVisible()
    check_actor(item.action, item.target, user)
    raise NotYours(code="held") if item.is_open else WrongState()


def target_of(action: Action, owner: Case | Round, user: Any) -> Case | Round:
    """What an action without an open task of mine is about.

    For a seat, a stage … there is none: NotYours, or WrongState for somebody
    whose step it might be another time.
    """
    if action.of in ("case", "round"):
        return owner
    if not may_ever(action.name, owner, user):
        raise NotYours()
    open_elsewhere = WorkItem.objects.filter(
        case=owner if isinstance(owner, Case) else None,
        round_id=owner.round_id if isinstance(owner, Case) else owner.pk,
        action=action.name,
        closed_at=None,
    )
    raise NotYours() if open_elsewhere.exists() else WrongState()


def require(action: Action, target: Any, user: Any) -> None:
    """Who and in which state, before the body is looked at.

    The gate asks again under the lock; here it is for the order of answers.
    """
    check_actor(action.name, target, user)
    if not isinstance(target, Round):
        check_state(action.name, target.case)


def may_ever(name: str, owner: Case | Round, user: Any) -> bool:
    """Whether the step could be this person's: role or membership alone."""
    move = MOVES[name]
    if move.members:
        return any(
            m.organisation_id == getattr(owner, "organisation_id", None)
            and m.role in move.members
            for m in memberships_of(user)
        )
    round_ = owner.round if isinstance(owner, Case) else owner
    return has_permission(user, permission_of(name), round_.programme_id)


def done(
    action: Action, owner: Case | Round, user: Any, form: Any, result: Any
) -> dict[str, Any]:
    """What is told of an act; a case that is hidden from now on stays hidden."""
    body: dict[str, Any] = {
        "action": action.name,
        "case": None,
        "round": owner.pk,
        "status": None,
        "version": None,
        "objection": None,
        "warnings": [str(w) for w in getattr(form, "warnings", [])],
    }
    if isinstance(owner, Case):
        body |= {"case": owner.code, "round": owner.round_id}
        row = (
            cases_visible_to(user)
            .filter(pk=owner.pk)
            .values("status", "version")
            .first()
        )
        body |= row or {}
    if isinstance(result, Objection) and action.name == "object":
        body["objection"] = result.number
    return body


# -- the routes --------------------------------------------------------------------


def case_route(action: Action) -> Callable[..., HttpResponse]:
    def view(request: HttpRequest, code: str, task: int | None = None) -> HttpResponse:
        return perform(request, action, case_of(person(request), code), task)

    return view


def public_route(action: Action) -> Callable[..., HttpResponse]:
    """An action on a published case: anybody, seen or not otherwise."""

    def view(request: HttpRequest, code: str) -> HttpResponse:
        case = (
            Case.objects.select_related(*CASE_PARTS)
            .filter(code=code, status__in=MOVES[action.name].sources)
            .first()
            if is_storable(code)
            else None
        )
        return perform(request, action, case or case_of(person(request), code), None)

    return view


def round_route(action: Action) -> Callable[..., HttpResponse]:
    def view(request: HttpRequest, id: int, task: int | None = None) -> HttpResponse:
        return perform(request, action, round_of(person(request), id), task)

    return view


def path_of(action: Action) -> str:
    if action.of == "round":
        return f"rounds/{{int:id}}/{action.name}"
    return f"cases/{{code}}/{action.name}"


def add_routes() -> None:
    """A route for every action there is."""
    for action in ACTIONS.values():
        public = MOVES[action.name].public
        if action.of == "round":
            view = round_route(action)
        else:
            view = public_route(action) if public else case_route(action)
        view.__name__ = action.name
        router.post(
            path_of(action),
            response={200: Done, **ERRORS},
            url_name=action.name,
            operation_id=action.name,
            auth=list(ANYBODY if public else PERSON),
            throttle=[OBJECTIONS] if public else [],
        )(view)


def complete_openapi(document: dict[str, Any]) -> None:
    """Write each action's own body into the OpenAPI document."""
    for path, methods in document["paths"].items():
        name = path.rsplit("/", 1)[-1]
        action, post = ACTIONS.get(name), methods.get("post")
        if action is None or post is None:
            continue
        post["summary"] = str(action.label)
        schema = forms.static_schema(action)
        post["requestBody"] = {
            "required": bool(schema["properties"]),
            "content": {"application/json": {"schema": schema}},
        }
        if action.of != "round":
            post.setdefault("parameters", []).extend(HEADERS)
        else:
            post.setdefault("parameters", []).append(HEADERS[0])


HEADERS: list[dict[str, Any]] = [
    {
        "in": "header",
        "name": "Idempotency-Key",
        "schema": {"type": "string", "maxLength": 200},
        "required": False,
        "description": "A repeat with the same key gets the reply of the first.",
    },
    {
        "in": "header",
        "name": "If-Match",
        "schema": {"type": "string"},
        "required": False,
        "description": "The version of the case that was read; 409 if it moved on.",
    },
]

add_routes()
