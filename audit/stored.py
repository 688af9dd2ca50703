"""What SQLite's columns hold, against what Django would have stored in them.

A column of SQLite takes a value of any type. Some read like the recorded one and yet
are found, sorted or added up otherwise: a truth that is a word, a moment of another
zone, a hundredth of a cent, digits as bytes, a document with a key twice. PostgreSQL
has no such values.
"""

from collections.abc import Iterator
from typing import Any

from django.db import models

from . import sqlite
from .canon import TEXTUAL, concrete
from .findings import Rows
from .tables import Table

SHOWN = 200  # characters of such a value that a finding shows
DIGITS = 15  # that a binary fraction keeps
DAY = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]"
TIME = "[0-9][0-9]:[0-9][0-9]:[0-9][0-9]"
MICROSECONDS = "." + "[0-9]" * 6


def otherwise(field: models.Field, column: str) -> str | None:
    """SQL for: this value is not of the form that the field stores; None where any
    form is as good."""
    named = concrete(field)
    if isinstance(named, models.BooleanField):
        return f"typeof({column}) <> 'integer' OR {column} NOT IN (0, 1)"
    if isinstance(named, models.DecimalField):
        return _decimal(named, column)
    if isinstance(named, models.FloatField):
        return f"typeof({column}) NOT IN ('real', 'integer')"
    if isinstance(named, models.IntegerField | models.DurationField):
        return f"typeof({column}) <> 'integer'"
    if isinstance(named, models.BinaryField):
        return f"typeof({column}) <> 'blob'"
    if isinstance(named, models.DateTimeField):
        return (
            f"typeof({column}) <> 'text' OR NOT ({column} GLOB '{DAY} {TIME}'"
            f" OR {column} GLOB '{DAY} {TIME}{MICROSECONDS}')"
            f" OR {column} GLOB '*.000000'"
        )
    if isinstance(named, models.UUIDField):
        return (
            f"typeof({column}) <> 'text' OR length({column}) <> 32"
            f" OR {column} GLOB '*[^0-9a-f]*'"
        )
    if isinstance(named, models.JSONField):
        return _document(field, column)
    return f"typeof({column}) <> 'text'" if isinstance(named, TEXTUAL) else None


def _decimal(field: models.DecimalField, column: str) -> str | None:
    """A number with no more places than its column has."""
    if (field.max_digits or 0) > DIGITS:
        return None  # such a column keeps some of its numbers as texts
    return (
        f"typeof({column}) NOT IN ('real', 'integer')"
        f" OR {column} <> round({column}, {field.decimal_places or 0})"
        f" OR abs({column}) >= 1e{DIGITS}"
    )


def _document(field: models.Field, column: str) -> str:
    """A text that is a document, with each key once; no null in place of none."""
    none = f" OR {column} = 'null'" if field.null else ""
    return (
        f"typeof({column}) <> 'text'{none} OR CASE WHEN json_valid({column}) THEN"
        f" EXISTS (SELECT 1 FROM json_tree({column}) GROUP BY parent, key"
        " HAVING count(*) > 1) ELSE 1 END"
    )


def stored_otherwise(
    rows: Rows, table: Table, columns: list[str], where: str = "", values: Any = ()
) -> Iterator[tuple[str, dict[str, str]]]:
    """The rows, as the triggers would have written them, with the columns whose
    value is of another form, and that value in SQL. One pass over the table."""
    odd: dict[str, str] = {}
    for column in columns:
        if column in table.fields:
            quoted = sqlite.quote(column)
            if wrong := otherwise(table.fields[column], quoted):
                odd[column] = f"{quoted} IS NOT NULL AND ({wrong})"
    if not odd:
        return
    shown = ", ".join(
        f"CASE WHEN {condition} THEN substr(quote({sqlite.quote(c)}), 1, {SHOWN}) END"
        for c, condition in odd.items()
    )
    condition = " OR ".join(f"({c})" for c in odd.values())
    within = f"({where}) AND " if where else ""
    sql = (
        f"SELECT {sqlite.row_expression(columns)}, {shown}"
        f" FROM {sqlite.quote(table.name)} WHERE {within}({condition})"
    )
    for text, *values_of in rows(sql, values):
        yield (
            text,
            {
                c: value
                for c, value in zip(odd, values_of, strict=True)
                if value is not None
            },
        )
