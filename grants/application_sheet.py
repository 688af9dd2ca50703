"""The application as one reads it: the page, the check before sending, the paper.

`application_sheet(case)` gives the stored answers by topic, in the reader's
language; `sheet_of(form, values)` does the same for values that are typed and
not handed in yet. Amounts are in CNY, days ISO dates.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from grants.forms.applying import ApplicationForm
from grants.forms.base import ActionForm
from grants.forms.fields import ChosenDocumentField, DocumentField, RowsField
from grants.models import BudgetLine, Case
from grants.services.applying import stored_values
from grants.services.proposal import CONTACTS, PLAN, TABLES, rows_of

EMPTY = "–"


@dataclass(frozen=True)
class SheetTable:
    """A table of answers; `numeric` are the columns that are set to the right."""

    columns: list[str]
    rows: list[list[str]]
    numeric: frozenset[int] = frozenset()
    #: One text a column, "" where no sum is made; empty for no total at all.
    totals: list[str] = field(default_factory=list)

    @property
    def is_table(self) -> bool:
        return True

    @property
    def lines(self) -> list[list[tuple[str, bool]]]:
        """Each row as (text, is it a number)."""
        return [
            [(t, i in self.numeric) for i, t in enumerate(row)] for row in self.rows
        ]

    @property
    def heads(self) -> list[tuple[str, bool]]:
        return [(text, i in self.numeric) for i, text in enumerate(self.columns)]

    @property
    def feet(self) -> list[tuple[str, bool]]:
        return [(text, i in self.numeric) for i, text in enumerate(self.totals)]


Answer = tuple[str, "str | SheetTable"]


@dataclass(frozen=True)
class Topic:
    """Answers under one heading; `names` are the fields, in the same order."""

    label: str
    answers: list[Answer]
    names: list[str]
    number: int = 0


def application_sheet(
    case: Case, *, contacts: bool = True, kind: str = BudgetLine.Kind.REQUEST
) -> list[Topic]:
    """The application as it was handed in.

    contacts: with the telephones and addresses of people (offices and the
    organisation itself; not reviewers). kind: PLAN for the tables after the
    revision.
    """
    form = ApplicationForm(target=case, by=None)
    values = stored_values(case, kind)
    values["district"] = case.district.code if case.district else ""
    if case.district and case.district.code not in form.districts:
        form.fields["district"].choices += [(case.district.code, str(case.district))]
    topics = sheet_of(form, values)
    return topics if contacts else [without_contacts(topic) for topic in topics]


def plan_sheet(case: Case, kind: str = PLAN) -> list[tuple[str, SheetTable]]:
    """The tables of the plan after the award; kind: REQUEST for those before it."""
    fields = ApplicationForm.base_fields
    return [
        (str(fields[name].label), table_of(fields[name], rows_of(case, name, kind)))
        for name, table in TABLES.items()
        if table.planned
    ]


def without_contacts(topic: Topic) -> Topic:
    """A topic without what only offices need to reach people."""
    kept = [
        (answer, name)
        for answer, name in zip(topic.answers, topic.names, strict=True)
        if name not in CONTACTS
    ]
    answers = [_without_phone(answer) for answer, _name in kept]
    return Topic(topic.label, answers, [name for _a, name in kept], topic.number)


def _without_phone(answer: Answer) -> Answer:
    label, value = answer
    telephone = str(_("Telephone"))
    if not isinstance(value, SheetTable) or telephone not in value.columns:
        return answer
    at = value.columns.index(telephone)
    rows = [[t for i, t in enumerate(row) if i != at] for row in value.rows]
    columns = [t for i, t in enumerate(value.columns) if i != at]
    return label, SheetTable(columns, rows)


def sheet_of(form: ActionForm, values: dict[str, Any]) -> list[Topic]:
    """Values of a form's fields, typed or stored, as topics of answers."""
    topics = []
    for number, (label, names) in enumerate(form.topics, start=1):
        shown = [n for n in names if n in form.fields]
        answers = [answer_of(form.fields[n], n, values.get(n)) for n in shown]
        if shown:
            topics.append(Topic(str(label), answers, shown, number))
    return topics


def answer_of(made: forms.Field, name: str, value: Any) -> Answer:
    """Label and answer of one field."""
    label = str(made.label or name)
    if isinstance(made, RowsField):
        return label, table_of(made, value if isinstance(value, list) else [])
    return label, text_of(made, value) or EMPTY


def table_of(made: RowsField, rows: list[dict[str, Any]]) -> SheetTable:
    """A table of answers, with the sums of its money columns."""
    columns = made.row_form.base_fields
    numeric = frozenset(
        index
        for index, cell in enumerate(columns.values())
        if isinstance(cell, forms.IntegerField)
    )
    return SheetTable(
        columns=[str(cell.label) for cell in columns.values()],
        rows=[[text_of(c, row.get(n)) for n, c in columns.items()] for row in rows],
        numeric=numeric,
        totals=totals_of(columns, rows),
    )


def totals_of(columns: dict[str, forms.Field], rows: list[dict[str, Any]]) -> list[str]:
    """The sum under each column of money; nothing where there is none."""
    sums = [
        f"{sum((amount_of(row.get(name)) for row in rows), Decimal(0)):,.2f}"
        if is_money(cell)
        else ""
        for name, cell in columns.items()
    ]
    return sums if rows and any(sums) else []


def is_money(cell: forms.Field) -> bool:
    return isinstance(cell, forms.DecimalField) and cell.max_digits == 14


def amount_of(value: Any) -> Decimal:
    """A typed amount, 0 where it is none."""
    try:
        return Decimal(str(value or 0))
    except InvalidOperation:
        return Decimal(0)


def text_of(made: forms.Field, value: Any) -> str:
    """One answer as text; what is mistyped stands as it was typed."""
    if isinstance(made, forms.BooleanField):
        return str(_("Yes") if value not in (None, "", False, "false") else _("No"))
    if value in (None, "", []):
        return ""
    if isinstance(made, ChosenDocumentField):
        return dict(made.choices).get(str(value), str(value))
    if isinstance(made, DocumentField):
        return str(value)
    if isinstance(made, forms.ChoiceField):
        labels = {str(key): str(label) for key, label in made.choices}
        given = value if isinstance(value, list) else [value]
        return ", ".join(labels.get(str(v), str(v)) for v in given)
    if isinstance(made, forms.DecimalField):
        return decimal_text(made, value)
    return value.isoformat() if isinstance(value, date) else str(value)


def decimal_text(made: forms.DecimalField, value: Any) -> str:
    """Money with its two places, other numbers without idle noughts."""
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return str(value)
    if is_money(made):
        return f"{number:,.2f}"
    return f"{number.normalize():,f}"
