"""What rules are called, where their forms are not at hand."""

from django import forms

from grants.forms.fields import RowsField
from grants.forms.ruling.subjects import SUBJECTS


def rule_name(path: str) -> str:
    """Subject and label of a rule, with the number of its row and the column.

    >>> rule_name("review.criteria.1.weight")
    'Review and score sheet, Criteria, 2, Weight'
    """
    for form in SUBJECTS.values():
        for name, of_rule in form.paths.items():
            if path == of_rule or path.startswith(f"{of_rule}."):
                rest = path[len(of_rule) + 1 :].split(".")
                made = form.base_fields[name]
                return ", ".join([str(form.subject), *name_parts(made, rest)])
    return path


def name_parts(made: forms.Field, rest: list[str]) -> list[str]:
    """A field's label; in a table also the row, from 1, and the column."""
    parts = [str(made.label)]
    if isinstance(made, RowsField) and len(rest) == 2 and rest[0].isdecimal():
        columns = made.row_form.base_fields
        label = columns[rest[1]].label if rest[1] in columns else rest[1]
        parts += [str(int(rest[0]) + 1), str(label)]
    return parts
