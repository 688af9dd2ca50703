"""Fields and JSON: the schema of a field, and a JSON value made plain.

`plain_value` checks the JSON type and hands Django what its cleaning expects;
`field_schema` is the JSON Schema (2020-12) of the same field.
"""

import base64
import binascii
from decimal import Decimal
from functools import singledispatch
from typing import Any

from django import forms
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.translation import gettext as _

from grants.forms.fields import CodesField, DocumentField, FilesField, RowsField

Schema = dict[str, Any]
INLINE_FILE: Schema = {
    "type": "object",
    "additionalProperties": False,
    "properties": {"name": {"type": "string"}, "content_base64": {"type": "string"}},
    "required": ["name", "content_base64"],
}


# -- values ----------------------------------------------------------------------


@singledispatch
def plain_value(field: forms.Field, value: Any) -> Any:
    """A JSON value as Django's cleaning expects it; ValueError if mistyped."""
    if not isinstance(value, str):
        raise ValueError(_("This must be a text."))
    return value


@plain_value.register
def plain_boolean(field: forms.BooleanField, value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(_("This must be true or false."))
    return value


@plain_value.register
def plain_list(field: forms.MultipleChoiceField, value: Any) -> list[str]:
    if not isinstance(value, list):
        raise ValueError(_("This must be a list."))
    return [str(v) for v in value]


@plain_value.register
def plain_codes(field: CodesField, value: Any) -> Any:
    if not isinstance(value, (str, list)):
        raise ValueError(_("This must be a list."))
    return value


@plain_value.register
def plain_number(field: forms.IntegerField, value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, (int, str, Decimal)):
        raise ValueError(_("This must be a number."))
    return str(value)


@plain_value.register
def plain_rows(field: RowsField, value: Any) -> list[Schema]:
    if not isinstance(value, list) or not all(isinstance(r, dict) for r in value):
        raise ValueError(_("This must be a list of objects."))
    columns = field.row_form.base_fields
    rows = []
    for row in value:
        if set(row) - set(columns):
            raise ValueError(_("There is no such column."))
        rows.append(
            {k: plain_value(columns[k], v) for k, v in row.items() if v is not None}
        )
    return rows


@plain_value.register
def plain_document(field: DocumentField, value: Any) -> Any:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not _is_inline(value):
        raise ValueError(_("This must be a document id or an inline file."))
    return _inline_file(value)


@plain_value.register
def plain_files(field: FilesField, value: Any) -> list[SimpleUploadedFile]:
    if not isinstance(value, list) or not all(_is_inline(part) for part in value):
        raise ValueError(_("This must be a list of inline files."))
    return [_inline_file(part) for part in value]


def _is_inline(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and set(value) == {"name", "content_base64"}
        and all(isinstance(part, str) for part in value.values())
    )


def _inline_file(value: dict[str, str]) -> SimpleUploadedFile:
    try:
        content = base64.b64decode(value["content_base64"], validate=True)
    except (binascii.Error, ValueError):
        raise ValueError(_("The file is not valid base64.")) from None
    try:
        return SimpleUploadedFile(value["name"], content)
    except SuspiciousFileOperation:
        raise ValueError(_("This is not a name of a file.")) from None


# -- schemas ---------------------------------------------------------------------


def field_schema(field: forms.Field) -> Schema:
    """JSON Schema of one field, with its label and help."""
    out: Schema = {"title": str(field.label or "")}
    if field.help_text:
        out["description"] = str(field.help_text)
    return out | type_schema(field)


@singledispatch
def type_schema(field: forms.Field) -> Schema:
    length = getattr(field, "max_length", None)
    return {"type": "string"} | ({"maxLength": length} if length else {})


@type_schema.register
def rows_schema(field: RowsField) -> Schema:
    columns = field.row_form.base_fields
    return {
        "type": "array",
        "minItems": field.min_rows,
        "maxItems": field.max_rows,
        "items": {
            "type": "object",
            "additionalProperties": False,
            "properties": {n: field_schema(f) for n, f in columns.items()},
            "required": [n for n, f in columns.items() if f.required],
        },
    }


@type_schema.register
def codes_schema(field: CodesField) -> Schema:
    return {"type": "array", "items": {"type": "string"}}


@type_schema.register
def document_schema(field: DocumentField) -> Schema:
    return {"anyOf": [{"type": "integer"}, INLINE_FILE]}


@type_schema.register
def files_schema(field: FilesField) -> Schema:
    return {"type": "array", "maxItems": field.max_files, "items": INLINE_FILE}


@type_schema.register
def boolean_schema(field: forms.BooleanField) -> Schema:
    return {"type": "boolean"}


@type_schema.register
def choice_schema(field: forms.ChoiceField) -> Schema:
    choices = [(str(v), str(label)) for v, label in field.choices if v != ""]
    return {
        "enum": [v for v, _label in choices],
        "x-labels": [label for _v, label in choices],
    }


@type_schema.register
def multiple_schema(field: forms.MultipleChoiceField) -> Schema:
    return {"type": "array", "items": choice_schema(field)}


@type_schema.register
def decimal_schema(field: forms.DecimalField) -> Schema:
    return {"type": ["string", "number"], "format": "decimal"}


@type_schema.register
def integer_schema(field: forms.IntegerField) -> Schema:
    limits = {"minimum": field.min_value, "maximum": field.max_value}
    return {"type": "integer"} | {k: v for k, v in limits.items() if v is not None}


@type_schema.register
def date_schema(field: forms.DateField) -> Schema:
    return {"type": "string", "format": "date"}


@type_schema.register
def moment_schema(field: forms.DateTimeField) -> Schema:
    return {"type": "string", "format": "date-time"}
