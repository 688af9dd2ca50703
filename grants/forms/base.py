"""The base of every action's form.

    class SubmitForm(ActionForm):
        title = forms.CharField(max_length=40)
        budget = RowsField(BudgetRowForm)

        def example(self): return {...}      # a body accepted as it stands

A form gets `target` (what the action is about) and `by`. It checks what one
can check without the lock; services check the rest and raise ActionError or
`Invalid`. `schema()` is the JSON Schema of the body; `from_json` refuses
unknown fields and wrong JSON types before Django's own cleaning.
"""

import base64
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from grants.errors import Invalid
from grants.forms.fields import DocumentField, FilesField, RowErrors
from grants.forms.json_body import field_schema, plain_value

#: A one-page PDF, the inline file of examples.
TINY_PDF = base64.b64encode(
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj\n"
    b"trailer<</Root 1 0 R>>\n%%EOF\n"
).decode()


def example_file(name: str = "example.pdf") -> dict[str, str]:
    """The inline file of an example body."""
    return {"name": name, "content_base64": TINY_PDF}


class ActionForm(forms.Form):
    """A body of one action; see the module's docstring."""

    #: Whether a page shows one topic at a time, with a list of topics before.
    paged = False
    #: Names of fields by topic: [(heading, [names])].
    topics: list[tuple[Any, list[str]]] = []

    def __init__(self, data: Any = None, files: Any = None, *, target: Any, by: Any):
        self.target = target
        self.by = by
        super().__init__(data=data, files=files)
        self.prepare()

    @classmethod
    def gather(cls, targets: list[Any], by: Any) -> None:
        """Read what the forms of many targets need, in a fixed number of queries.

        An inbox calls it before it makes the forms. What is kept on the targets
        is for showing a form; services read everything afresh under the lock.
        """

    def prepare(self) -> None:
        """Fill choices and initial values from the target."""

    def start_from(self, given: Any) -> None:
        """Take initial values from what a page's address names (?entry=7)."""

    def suggested(self, source: tuple[str, str]) -> list[str]:
        """What a table of this form names in one column, as it stands now."""
        name, column = source
        rows = self[name].value() if name in self.fields else []
        named = [str(row.get(column) or "").strip() for row in rows or []]
        return list(dict.fromkeys(text for text in named if text))

    def checks(self) -> list[Any]:
        """What a page says of a form while somebody types (services.checks)."""
        return []

    def example(self) -> dict[str, Any]:
        """A body that is accepted as it stands and moves the case forward."""
        return {}

    def document_fields(self) -> dict[str, DocumentField]:
        return {
            n: f
            for n, f in self.fields.items()
            if isinstance(f, DocumentField) and not isinstance(f, FilesField)
        }

    def files_fields(self) -> dict[str, FilesField]:
        return {n: f for n, f in self.fields.items() if isinstance(f, FilesField)}

    def schema(self) -> dict[str, Any]:
        """JSON Schema (2020-12) of the body."""
        return {
            "type": "object",
            "additionalProperties": False,
            "properties": {n: field_schema(f) for n, f in self.fields.items()},
            "required": [n for n, f in self.fields.items() if f.required],
        }

    def error_paths(self) -> dict[str, list[str]]:
        """Errors by path: "title", "budget.0.amount", "__all__"."""
        out: dict[str, list[str]] = {}
        for name, errors in self.errors.items():
            for error in errors.as_data():
                rows = getattr(error, "rows", None)
                if rows is None:
                    out.setdefault(name, []).extend(error.messages)
                    continue
                for index, columns in rows.items():
                    for column, messages in columns.items():
                        out[f"{name}.{index}.{column}"] = [str(m) for m in messages]
        return out

    def add_error(self, field: str | None, error: Any) -> None:
        # Django flattens a ValidationError into an ErrorList of instances;
        # row errors keep their location because the instance itself is kept.
        if isinstance(error, RowErrors) and field:
            self._errors.setdefault(
                field, self.error_class(renderer=self.renderer)
            ).data.append(error)
            self.cleaned_data.pop(field, None)
            return
        super().add_error(field, error)

    def add_paths(self, errors: dict[str, list[str]]) -> None:
        """Add errors by path, as services and `error_paths` name them."""
        rows: dict[str, dict[int, dict[str, list[str]]]] = {}
        for path, messages in errors.items():
            name, *rest = path.split(".")
            if len(rest) == 2 and rest[0].isdecimal():
                row = rows.setdefault(name, {}).setdefault(int(rest[0]), {})
                row[rest[1]] = messages
            else:
                self.add_error(name if name in self.fields else None, messages)
        for name, located in rows.items():
            self.add_error(name, RowErrors(located))

    @classmethod
    def from_json(cls, body: Any, *, target: Any, by: Any) -> "ActionForm":
        """A bound form of a JSON body; Invalid on unknown fields or types."""
        form = cls(target=target, by=by)
        if not isinstance(body, dict):
            raise Invalid({"__all__": [_("The body must be a JSON object.")]})
        errors = {
            name: [_("There is no such field.")]
            for name in body
            if name not in form.fields
        }
        data: dict[str, Any] = {}
        files: dict[str, Any] = {}
        for name, field in form.fields.items():
            if name not in body or body[name] is None:
                continue
            try:
                value = plain_value(field, body[name])
            except ValueError as error:
                errors[name] = [str(error)]
                continue
            (files if isinstance(field, DocumentField) else data)[name] = value
        if errors:
            raise Invalid(errors)
        return cls(data=data, files=files, target=target, by=by)
