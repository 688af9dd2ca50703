"""Bodies: the form of an action as JSON Schema, and its example."""

from typing import Any

from grants.actions import ACTIONS
from grants.actions.base import Action
from grants.errors import Invalid
from grants.forms.base import ActionForm
from grants.forms.fields import DocumentField, RowsField
from grants.forms.json_body import field_schema
from grants.forms.typed import plain_typed
from grants.models import Case, Draft, Round, Status
from grants.services.drafts import draft_key, save_typing
from organisations.models import User
from workflows.models import WorkItem

APPLY = "submit_application"
#: Actions whose fields depend on the case: the inbox has the schema, not OpenAPI.
VARYING = frozenset({"resubmit", "screen", "lock_score", "grade_stage", "report_stage"})


def schema_and_example(
    action: Action, target: Any, user: Any
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Both from one form, so that its choices are read once."""
    form = action.form(target=target, by=user)
    return form.schema(), form.example()


def static_schema(action: Action) -> dict[str, Any]:
    """JSON Schema of an action's body, whatever it is about.

    Choices that depend on the case are left open here; the inbox names them.
    """
    fields = action.form.base_fields
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {n: _open(field_schema(f)) for n, f in fields.items()},
    }
    if action.name in VARYING:
        return schema | {"description": "The task in the inbox names the fields."}
    required = [n for n, f in fields.items() if f.required]
    if action.name == APPLY:
        note = "A round may ask more (extra_…): the task in the inbox names it."
        return schema | {"description": note, "required": required}
    return schema | {"additionalProperties": False, "required": required}


def _open(schema: dict[str, Any]) -> dict[str, Any]:
    """Take away enums that are filled only for a case."""
    if schema.get("enum") == []:
        schema = {k: v for k, v in schema.items() if k not in ("enum", "x-labels")}
        schema["type"] = "string"
    if "items" in schema:
        schema["items"] = _open(schema["items"])
    if "properties" in schema:
        schema["properties"] = {k: _open(v) for k, v in schema["properties"].items()}
    return schema


def new_application(round_: Round, user: User) -> tuple[dict[str, Any], dict[str, Any]]:
    """Schema and example of the body that makes a draft in this round.

    Everything but the round may be left for later: a draft may be incomplete.
    """
    draft = Case(round=round_, rules=round_.rules, status=Status.DRAFT)
    schema, example = schema_and_example(ACTIONS[APPLY], draft, user)
    properties = {
        "round": {"type": ["integer", "string"], "description": "id or code"},
        "organisation": {"type": "integer"},
        **schema["properties"],
    }
    schema |= {"properties": properties, "required": ["round"]}
    return schema, {"round": round_.pk, **example}


def typing_key(item: WorkItem) -> str:
    """Where pages and API keep what was typed in a task's form."""
    return draft_key(item.action, item.target)


def typed_by(items: list[WorkItem]) -> dict[int, dict[str, Any]]:
    """What was typed in the forms of these tasks, by task; one query."""
    keys = {typing_key(item): item.pk for item in items}
    if not keys:
        return {}
    rows = Draft.objects.filter(key__in=keys)
    return {keys[row.key]: row.data for row in rows}


def keep_typing(user: User, item: WorkItem, fields: dict[str, Any]) -> None:
    """Keep the fields of a body as a page would."""
    form = ACTIONS[item.action].form(target=item.target, by=user)
    typed = {n: plain_typed(form, n, v) for n, v in fields.items() if n in form.fields}
    save_typing(typing_key(item), by=user, fields=typed)


def with_typing(
    form: ActionForm, example: dict[str, Any], typed: Any
) -> dict[str, Any]:
    """The example with what was typed, where that would be accepted."""
    body = dict(example)
    for name, field in form.fields.items():
        value = typed.get(name)
        if name in example and not isinstance(field, DocumentField | RowsField):
            body |= {name: value} if value not in (None, "", []) else {}
        elif isinstance(field, RowsField) and value:
            body[name] = [{c: v for c, v in row.items() if v != ""} for row in value]
    try:
        bound = type(form).from_json(body, target=form.target, by=form.by)
    except Invalid:
        return example
    return body if bound.is_valid() else example
