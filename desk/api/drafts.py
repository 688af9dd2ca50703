"""The draft of a task, shared with the pages: read, and written field by field.

A write names the revision that it was made of. A field that somebody saved since
is not overwritten: the answer is 409 with both values, and nothing is kept.
"""

from typing import Any

from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router

from desk.api.body import json_body
from desk.api.errors import TooLarge
from desk.api.forms import typing_key
from desk.api.http import person
from desk.api.idempotency import once
from desk.api.inbox import task_of
from desk.api.schemas import ERRORS, DraftOut
from grants.actions import ACTIONS
from grants.errors import Invalid, WrongState
from grants.forms.json_body import plain_value
from grants.forms.typed import is_typed, plain_typed
from grants.models import Draft
from grants.services.drafts import draft_of, rivals_of, save_typing
from organisations.models import User
from workflows.models import WorkItem

router = Router(tags=["tasks"])

BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "additionalProperties": False,
                    "properties": {
                        "base": {
                            "type": "integer",
                            "minimum": 0,
                            "description": "The revision that was read; 0 for none.",
                        },
                        "fields": {
                            "type": "object",
                            "description": (
                                "Changed fields as the task's schema has them, "
                                "right or wrong; null empties one."
                            ),
                        },
                    },
                    "required": ["base", "fields"],
                }
            }
        },
    }
}


class DraftConflict(WrongState):
    """Fields that somebody saved since; `more` has both values of each."""

    default_code = "draft_conflict"

    def __init__(self, draft: Draft, yours: dict[str, Any], names: list[str]) -> None:
        super().__init__(
            _("Somebody saved these fields meanwhile. Nothing of yours was kept.")
        )
        stamps = draft.stamps
        self.more = {
            "revision": draft.revision,
            "conflicts": [
                {
                    "field": name,
                    "yours": yours[name],
                    "theirs": draft.data.get(name),
                    "by": stamps[name]["name"],
                    "at": stamps[name]["at"],
                    "revision": stamps[name]["revision"],
                }
                for name in names
            ],
        }


@router.get(
    "tasks/{int:task}/draft",
    response={200: DraftOut, **ERRORS},
    url_name="draft",
    operation_id="draft",
)
def draft(request: HttpRequest, task: int) -> dict[str, Any]:
    """What was typed for a task and not handed in, by whoever may take it."""
    return draft_out(task_of(person(request), task))


@router.post(
    "tasks/{int:task}/draft",
    response={200: DraftOut, **ERRORS},
    url_name="draft",
    operation_id="keep_draft",
    openapi_extra=BODY,
)
def keep_draft(request: HttpRequest, task: int) -> dict[str, Any]:
    """Keep changed fields beside those of colleagues and of the pages."""
    body = json_body(request)

    def work() -> tuple[int, dict[str, Any]]:
        item = task_of(person(request), task)
        base, fields = read(item, person(request), body)
        keep(item, person(request), base, fields)
        return 200, draft_out(item)

    return once(request, work)[1]


def read(
    item: WorkItem, user: User, body: dict[str, Any]
) -> tuple[int, dict[str, Any]]:
    """The revision and the typed fields of a body; Invalid where it is neither."""
    base, given = body.get("base"), body.get("fields")
    errors: dict[str, list[str]] = {
        name: [_("There is no such field.")]
        for name in body
        if name not in ("base", "fields")
    }
    if isinstance(base, bool) or not isinstance(base, int) or base < 0:
        errors["base"] = [_("Name the revision that you read, 0 for none.")]
    if not isinstance(given, dict):
        errors["fields"] = [_("This must be an object.")]
        given = {}
    form = ACTIONS[item.action].form(target=item.target, by=user)
    typed = {}
    for name, value in given.items():
        made = form.fields.get(name)
        if made is None:
            errors[f"fields.{name}"] = [_("There is no such field.")]
        elif not is_typed(made):
            errors[f"fields.{name}"] = [_("Files are not part of a draft.")]
        else:
            try:
                plain = None if value is None else plain_value(made, value)
            except ValueError as error:
                errors[f"fields.{name}"] = [str(error)]
            else:
                typed[name] = plain_typed(form, name, plain)
    if errors:
        raise Invalid(errors)
    return int(base or 0), typed


def keep(item: WorkItem, user: User, base: int, fields: dict[str, Any]) -> None:
    """All of the fields, or DraftConflict and none."""
    key = typing_key(item)
    if not fields:
        return
    with transaction.atomic():
        saved = save_typing(key, by=user, fields=fields, base=base)
        if saved.too_large:
            raise TooLarge(_("This is too much text for a draft."))
        found = draft_of(key)
        if saved.conflicts and found is not None:
            found.revision = saved.revision - 1  # this save is rolled back
            raise DraftConflict(found, fields, saved.conflicts)


def draft_out(item: WorkItem) -> dict[str, Any]:
    """A draft as it stands; revision 0 where nobody typed yet."""
    found = draft_of(typing_key(item))
    return {
        "task": item.pk,
        "action": item.action,
        "revision": found.revision if found else 0,
        "fields": found.data if found else {},
        "saved": {
            name: {key: stamp[key] for key in ("revision", "name", "at")}
            for name, stamp in (found.stamps if found else {}).items()
        },
        "contested": [
            {"field": rival.field, "value": rival.value, "by": rival.name}
            for rival in rivals_of(found)
        ],
    }
