"""Bodies: the form of an action as JSON Schema, and its example."""

from typing import Any

from django.http import QueryDict
from django.utils.timezone import now

from grants.actions import ACTIONS
from grants.actions.base import Action
from grants.errors import Invalid
from grants.forms.base import ActionForm
from grants.forms.fields import DocumentField
from grants.forms.json_body import field_schema
from grants.models import Case, Draft, Round, Status
from organisations.models import User
from workflows.models import WorkItem

APPLY = "submit_application"
#: Actions whose fields depend on the case: the inbox has the schema, not OpenAPI.
VARYING = frozenset({"resubmit", "screen", "lock_score"})


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
    """Where pages and API keep what a person typed in a task's form."""
    return f"work:{item.pk}"


def typed_by(user: User, items: list[WorkItem]) -> dict[int, dict[str, Any]]:
    """What a person has typed in the forms of these tasks, by task; one query."""
    keys = {typing_key(item): item.pk for item in items}
    if not keys:
        return {}
    rows = Draft.objects.filter(user=user, key__in=keys)
    return {keys[row.key]: row.data for row in rows}


def keep_typing(user: User, item: WorkItem, fields: dict[str, Any]) -> None:
    """Keep the fields of a body as a page would: names with lists of texts."""
    data: dict[str, list[str]] = {}
    for name, value in fields.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            for index, row in enumerate(value):
                data |= {f"{name}-{index}-{c}": [str(v)] for c, v in row.items()}
        else:
            values = value if isinstance(value, list) else [value]
            data[name] = [str(v) for v in values]
    Draft.objects.update_or_create(
        user=user, key=typing_key(item), defaults={"data": data, "saved_at": now()}
    )


def with_typing(
    form: ActionForm, example: dict[str, Any], typed: Any
) -> dict[str, Any]:
    """The example with what was typed, where that would be accepted."""
    data = QueryDict(mutable=True)
    for name, values in typed.items():
        data.setlist(name, values)
    body = dict(example)
    for name, field in form.fields.items():
        if name in example and not isinstance(field, DocumentField):
            value = field.widget.value_from_datadict(data, {}, name)
            body |= {name: value} if value not in (None, "", []) else {}
    try:
        bound = type(form).from_json(body, target=form.target, by=form.by)
    except Invalid:
        return example
    return body if bound.is_valid() else example
