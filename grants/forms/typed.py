"""What is typed into a form, as a draft keeps it: right or wrong, never cleaned.

Texts are texts, a tick is true or false, several choices are a list, a table is
a list of rows. A form binds to it as it stands. Files are not typing.
"""

from collections.abc import Iterable
from typing import Any

from grants.forms.base import ActionForm
from grants.forms.fields import DocumentField, RowsField


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
        if not isinstance(form.fields[name], DocumentField)
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


def initial_typed(form: ActionForm, name: str) -> Any:
    """What the form shows of itself before anybody types, in the same shape."""
    return plain_typed(form, name, form.get_initial_for_field(form.fields[name], name))


def is_blank(value: Any) -> bool:
    """Nothing typed: no text, no row, no tick."""
    return value in (None, "", [], False)


def _text(value: Any) -> str:
    return "" if value is None else str(value)
