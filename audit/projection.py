"""simple-history as a projection of the record.

Its own signals are off (SIMPLE_HISTORY_ENABLED = False); its rows are made
from what the triggers saw, so that bulk statements, cascades and SQL are in
them too, with the event's actor, reason and moment. Many-to-many history is
not projected: it is in the events.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from typing import Any

from django.apps import apps
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from .actors import user_key
from .canon import decode
from .context import Image
from .statements import insert
from .tables import tables

REASON_LENGTH = 100  # of simple-history's column
#: Values that the database takes as the line has them, in fields that are for them.
AS_THEY_ARE = (str, int, bool)
PLAIN_FIELDS = (
    models.CharField,
    models.TextField,
    models.BooleanField,
    models.IntegerField,
    models.BigIntegerField,
    models.PositiveIntegerField,
    models.PositiveSmallIntegerField,
)


@cache
def history_models() -> dict[str, Any]:
    """The history model of each table that has one, by table."""
    found = {}
    for model in apps.get_models():
        name = getattr(model._meta, "simple_history_manager_attribute", None)
        if name and model._meta.db_table in tables():
            found[model._meta.db_table] = getattr(model, name).model
    return found


def history_moment(at: str, number: int) -> dt.datetime:
    """Changes of one transaction share a moment: microseconds keep their order."""
    return dt.datetime.fromisoformat(at) + dt.timedelta(microseconds=number)


def write(
    connection: BaseDatabaseWrapper,
    images: Iterable[Image],
    moments: dict[tuple[str, str], str],
) -> None:
    """Add the history rows of these changes."""
    found: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for image in images:
        if image.table in history_models():
            stream = tables()[image.table].stream(image.row)
            at = history_moment(moments[image.act.id, stream], image.number)
            row = Projected.of(image.table).row(connection, image, at)
            found[image.table].append(row)
    with connection.cursor() as cursor:
        for table, rows in found.items():
            projected = Projected.of(table)
            insert(cursor, projected.name, projected.columns, rows)


class Projected:
    """How the rows of a table become rows of its history."""

    def __init__(self, history: Any) -> None:
        meta = history._meta
        self.name = meta.db_table
        self.fields = {str(f.column): f for f in history.tracked_fields}
        about = ("history_date", "history_type", "history_change_reason")
        self.about = [meta.get_field(name) for name in (*about, "history_user")]
        every = [*self.fields, *(f.column for f in self.about)]
        self.columns = ", ".join(f'"{column}"' for column in every)

    @staticmethod
    @cache
    def of(table: str) -> "Projected":
        """That of an audited table."""
        return Projected(history_models()[table])

    def row(
        self, connection: BaseDatabaseWrapper, image: Image, at: dt.datetime
    ) -> tuple[Any, ...]:
        """The values of one row, in the order of ``columns``."""
        act, row = image.act, image.row
        values = [
            stored(field, row[column], connection)
            if column in row  # not while a migration adds it
            else field.get_db_prep_save(field.get_default(), connection)
            for column, field in self.fields.items()
        ]
        reason = (act.reason or act.reason_code)[:REASON_LENGTH] or None
        told = (at, image.sign, reason, user_key(act.actor))
        values += [
            field.get_db_prep_save(value, connection)
            for field, value in zip(self.about, told, strict=True)
        ]
        return tuple(values)


def stored(field: models.Field, value: Any, connection: BaseDatabaseWrapper) -> Any:
    """A canonical value as the database takes it."""
    if value is None or (type(value) in AS_THEY_ARE and type(field) in PLAIN_FIELDS):
        return value
    return field.get_db_prep_save(decode(field, value), connection)
