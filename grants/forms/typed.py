"""What is typed into a form, as a draft keeps it: right or wrong, never cleaned.

Texts are texts, a tick is true or false, several choices are a list, a table is
a list of rows. A form binds to it as it stands. Files are not typing.
"""

from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from django.core.exceptions import ValidationError

from grants.forms.base import ActionForm
from grants.forms.fields import ChosenDocumentField, DocumentField, RowsField


def typed_of(
    form: ActionForm, data: Any, names: Iterable[str] | None = None
) -> dict[str, Any]:
    """The typed values of a page's POST, of all fields or of some."""
    wanted = form.fields if names is None else [n for n in names if n in form.fields]
    return {
        name: plain_typed(
            form, name, form.fields[name].widget.value_from_datadict(data, {}, name)
        )
        for name in wanted
        if is_typed(form.fields[name])
    }


def plain_typed(form: ActionForm, name: str, value: Any) -> Any:
    """A typed value in the one shape in which two of them can be compared."""
    field = form.fields[name]
    if isinstance(field, RowsField):
        columns = field.row_form.base_fields
        rows = value if isinstance(value, list) else []
        return [{c: _text(row.get(c)) for c in columns} for row in rows]
    if isinstance(value, list | tuple):
        return [_text(v) for v in value]
    return value if isinstance(value, bool) else _text(value)


def is_typed(field: Any) -> bool:
    """Whether a draft keeps the field: files are chosen anew, papers are not."""
    return not isinstance(field, DocumentField) or isinstance(
        field, ChosenDocumentField
    )


def is_blank(value: Any) -> bool:
    """Nothing typed: no text, no row, no tick."""
    return value in (None, "", [], False)


def valid_part(form: ActionForm) -> dict[str, Any]:
    """What each field says by itself, whatever the rules across fields say of it.

    Of a table the rows that are right; a field that is mistyped is left out.
    """
    found = dict(form.cleaned_data)
    for name, field in form.fields.items():
        if name in found or not is_typed(field):
            continue
        value = form[name].value()
        if isinstance(field, RowsField):
            rows = [field.row_form(row) for row in value or []]
            found[name] = [row.cleaned_data for row in rows if row.is_valid()]
            continue
        with suppress(ValidationError):
            found[name] = field.clean(value)
    return found


def _text(value: Any) -> str:
    return "" if value is None else str(value)
