"""An action's form as a page shows it: topics, fields, tables, errors in place.

The templates under templates/components/ draw what is described here; they
hold no logic about fields. Every error has a path ("title",
"budget.0.amount") that is also the place it is linked to.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _

from desk.uploading import Zone, zone_of
from grants.forms.base import ActionForm
from grants.forms.fields import (
    ChosenDocumentField,
    DocumentField,
    FilesField,
    RowsField,
    SuggestedField,
)

#: A choice of at most this many is shown as radio buttons.
RADIOS = 5


@dataclass
class Control:
    """One input with its label, help and errors."""

    name: str
    label: str
    kind: str
    value: Any = ""
    choices: list[tuple[str, str]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    help: str = ""
    required: bool = False
    maxlength: int | None = None
    inputmode: str = ""
    multiple: bool = False
    camera: bool = False
    #: How a file is sent ahead of the form.
    zone: Zone | None = None
    #: What a given row stands for, beside its value.
    text: str = ""
    #: The id of the list of suggestions.
    suggestions: str = ""

    @property
    def id(self) -> str:
        return f"id_{self.name}"

    @property
    def column(self) -> str:
        """The column of a cell, without the table's name and the row."""
        return self.name.rsplit("-", 1)[-1]

    @property
    def is_group(self) -> bool:
        """Several inputs under one heading: a fieldset with a legend."""
        return self.kind in ("radios", "checkboxes", "rows")

    @property
    def described_by(self) -> str:
        ids = [f"{self.id}-help"] * bool(self.help)
        return " ".join(ids + [f"{self.id}-error"] * bool(self.errors))


@dataclass
class Row:
    """One row of a table; hidden inputs go into its first cell."""

    cells: list[Control]
    hidden: list[Control]


@dataclass
class Table(Control):
    """A table of rows; `blank` is the row that a script adds."""

    rows: list[Row] = field(default_factory=list)
    blank: Row | None = None
    #: (column, sum) under each visible column; ("", "") where none is made.
    totals: list[tuple[str, str]] = field(default_factory=list)
    fixed: bool = False
    #: Rows may be left out, but no others added.
    given: bool = False
    #: Suggestions by the id of their list.
    lists: dict[str, list[str]] = field(default_factory=dict)

    @property
    def columns(self) -> list[Control]:
        return self.blank.cells if self.blank else []

    @property
    def has_totals(self) -> bool:
        return any(column for column, _sum in self.totals)


@dataclass
class Topic:
    """Fields under one heading."""

    heading: str
    controls: list[Control]


@dataclass
class FormPage:
    """What templates/components/_form.html draws."""

    topics: list[Topic]
    summary: list[tuple[str, str]]
    has_files: bool

    @property
    def sends_ahead(self) -> bool:
        """Whether a script sends files before the form."""
        return any(control.zone for control in self.controls)

    @property
    def controls(self) -> list[Control]:
        return [control for topic in self.topics for control in topic.controls]


def page_of(
    form: forms.Form,
    errors: dict[str, list[str]] | None = None,
    only: list[str] | None = None,
) -> FormPage:
    """Describe a form; `errors` by path, as ActionForm.error_paths gives them.

    only: the fields of one topic, where a page shows no more.
    """
    errors = errors or {}
    shown_here = list(form.fields) if only is None else only
    controls = {name: control_of(form, name, errors) for name in shown_here}
    topics, used = [], set()
    for heading, names in getattr(form, "topics", []):
        shown = [controls[name] for name in names if name in controls]
        used.update(names)
        if shown:
            topics.append(Topic(str(heading), shown))
    rest = [control for name, control in controls.items() if name not in used]
    if rest:
        topics.append(Topic("", rest))
    return FormPage(
        topics=topics,
        summary=summary_of(form, errors, controls),
        has_files=any(control.kind == "file" for control in controls.values()),
    )


def errors_of(form: forms.Form) -> dict[str, list[str]]:
    """Errors of any bound form by path."""
    if isinstance(form, ActionForm):
        return form.error_paths()
    return {name: [str(m) for m in found] for name, found in form.errors.items()}


def summary_of(
    form: forms.Form,
    errors: dict[str, list[str]],
    controls: dict[str, Control],
) -> list[tuple[str, str]]:
    """(anchor, text) of every error, in the order of the page."""
    order = list(form.fields)

    def place(path: str) -> tuple[int, list[Any]]:
        name, *rest = path.split(".")
        where = order.index(name) if name in order else -1
        return where, [int(r) if r.isdecimal() else -1 for r in rest]

    lines = []
    for path in sorted(errors, key=place):
        name, *rest = path.split(".")
        known = controls.get(name)
        for message in errors[path]:
            if known is None:
                lines.append(("form", message))
            elif rest:
                row = _("%(label)s, row %(row)s") % {
                    "label": known.label,
                    "row": int(rest[0]) + 1 if rest[0].isdecimal() else rest[0],
                }
                lines.append((f"id_{name}-{'-'.join(rest)}", f"{row}: {message}"))
            else:
                lines.append((anchor_of(known), f"{known.label}: {message}"))
    return lines


def anchor_of(control: Control) -> str:
    """The element that an error of this control leads to."""
    if control.kind in ("radios", "checkboxes"):
        return f"{control.id}_0"
    return control.id


def control_of(form: forms.Form, name: str, errors: dict[str, list[str]]) -> Control:
    """One field of a form with the value it has now."""
    bound, made = form[name], form.fields[name]
    value = None if kind_of(made) == "file" else bound.value()
    if isinstance(made, RowsField):
        table = table_of(made, name, value, errors, bound.label)
        suggest(form, made, table)
        return table
    control = plain_control(made, name, value, errors.get(name, []), bound.label)
    if control.kind == "file":
        control.zone = zone_of(form, name, made)
    return control


def plain_control(
    made: forms.Field, name: str, value: Any, errors: list[str], label: Any
) -> Control:
    """An input that is no table."""
    kind = kind_of(made)
    choices = [(str(v), str(text)) for v, text in getattr(made, "choices", []) if kind]
    if kind == "radios":  # "none of them" stays where one may leave it at that
        named = not made.required
        choices = [c for c in choices if c[0] or (named and c[1].strip("- "))]
    if kind == "select" and value in (None, "") and ("", "") not in choices:
        choices.insert(0, ("", ""))  # nothing is chosen until somebody chooses
    if kind == "checkboxes":
        value = [str(v) for v in value or []]
    else:
        value = plain_text(value, kind)
    numeric = isinstance(made, forms.DecimalField | forms.FloatField)
    return Control(
        name=name,
        label=str(label or name),
        kind=kind,
        value=value,
        choices=choices,
        errors=[str(e) for e in errors],
        help=str(made.help_text or ""),
        required=made.required,
        multiple=isinstance(made, FilesField),
        camera=getattr(made, "camera", False),
        maxlength=getattr(made, "max_length", None) if not numeric else None,
        inputmode="decimal"
        if numeric
        else "numeric"
        if isinstance(made, forms.IntegerField)
        else "",
    )


#: The first that fits decides how a field is drawn.
KINDS: tuple[tuple[Any, str], ...] = (
    (ChosenDocumentField, "select"),
    ((forms.FileField, DocumentField), "file"),
    (forms.BooleanField, "checkbox"),
    ((forms.MultipleChoiceField, forms.ModelMultipleChoiceField), "checkboxes"),
    (forms.DateTimeField, "datetime-local"),
    (forms.DateField, "date"),
    (forms.EmailField, "email"),
)


def kind_of(made: forms.Field) -> str:
    """Which drawing a field gets."""
    widget = made.widget
    if getattr(widget, "is_hidden", False):
        return "hidden"
    for fields, kind in KINDS:
        if isinstance(made, fields):
            return kind
    if isinstance(made, forms.ChoiceField):
        given = [value for value, _label in made.choices if value != ""]
        return "radios" if len(given) <= RADIOS else "select"
    if isinstance(widget, forms.Textarea):
        return "textarea"
    return "password" if isinstance(widget, forms.PasswordInput) else "text"


def plain_text(value: Any, kind: str) -> Any:
    """A value as the attribute of an input."""
    if kind == "checkbox":
        return bool(value) and value not in ("False", "false", "0")
    if value is None:
        return ""
    if isinstance(value, datetime):
        if timezone.is_aware(value):
            value = timezone.localtime(value)
        return value.strftime("%Y-%m-%dT%H:%M")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def table_of(
    made: RowsField,
    name: str,
    value: Any,
    errors: dict[str, list[str]],
    label: Any,
) -> Table:
    """A table field: its rows with their errors, and one blank row."""
    given = value if isinstance(value, list) else []
    if not given and not made.fixed:
        given = [{} for _index in range(max(made.min_rows, 1))]
    blank = row_of(made, name, "__row__", {}, errors)
    return Table(
        name=name,
        label=str(label),
        kind="rows",
        errors=errors.get(name, []),
        help=str(made.help_text or ""),
        required=made.required,
        rows=[
            row_of(made, name, index, values, errors)
            for index, values in enumerate(given)
        ],
        blank=blank,
        totals=totals_of(made, blank, given),
        fixed=made.fixed,
        given=bool(made.row_labels),
    )


def suggest(form: forms.Form, made: RowsField, table: Table) -> None:
    """Let the cells of a suggested column offer what their source names."""
    for column, cell in made.row_form.base_fields.items():
        if isinstance(cell, SuggestedField) and isinstance(form, ActionForm):
            place = f"{table.id}-{column}-list"
            table.lists[place] = form.suggested(cell.source)
            for row in (*table.rows, *filter(None, [table.blank])):
                for control in row.cells:
                    if control.column == column:
                        control.suggestions = place


def row_of(
    made: RowsField,
    name: str,
    index: Any,
    values: dict[str, Any],
    errors: dict[str, list[str]],
) -> Row:
    """One row of a table with its errors beside their cells."""
    cells: list[Control] = []
    for number, (column, cell) in enumerate(made.row_form.base_fields.items()):
        found = errors.get(f"{name}.{index}.{column}", [])
        if number == 0:  # what concerns the whole row
            found = [*errors.get(f"{name}.{index}.__all__", []), *found]
        path = f"{name}-{index}-{column}"
        control = plain_control(cell, path, values.get(column), found, cell.label)
        if number == 0 and (made.fixed or str(control.value) in made.row_labels):
            control.kind = "fixed"
            control.text = made.row_labels.get(str(control.value), "")
        if control.kind == "radios":
            control.kind = "select"
        if control.kind == "select" and not (cell.required and made.fixed):
            control.choices = [("", ""), *(c for c in control.choices if c[0] != "")]
        cells.append(control)
    return Row(
        cells=[control for control in cells if control.kind != "hidden"],
        hidden=[control for control in cells if control.kind == "hidden"],
    )


def totals_of(
    made: RowsField, blank: Row, given: list[dict[str, Any]]
) -> list[tuple[str, str]]:
    """The sum of each decimal column as the page comes; a script keeps it right.

    A field whose values have units of their own says `summed = False`.
    """
    totals = []
    for cell in blank.cells:
        column = made.row_form.base_fields[cell.column]
        decimal = isinstance(column, forms.DecimalField)
        if not decimal or not getattr(column, "summed", True):
            totals.append(("", ""))
            continue
        amounts = [number(values.get(cell.column)) for values in given]
        totals.append((cell.column, f"{sum(amounts, Decimal(0)):,.2f}"))
    return totals


def number(value: Any) -> Decimal:
    """A typed amount, 0 where it is none."""
    try:
        return Decimal(str(value or 0))
    except InvalidOperation:
        return Decimal(0)
