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

from .actors import user_key
from .canon import decode
from .context import Image
from .tables import Row, tables

REASON_LENGTH = 100  # of simple-history's column


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


def write(images: Iterable[Image], moments: dict[tuple[str, str], str]) -> None:
    """Add the history rows of these changes."""
    rows = defaultdict(list)
    for image in images:
        history = history_models().get(image.table)
        if history is not None:
            stream = tables()[image.table].stream(image.row)
            at = history_moment(moments[image.act.id, stream], image.number)
            rows[history].append(_history_row(history, image, at))
    for history, found in rows.items():
        history._default_manager.bulk_create(found, batch_size=200)


def _history_row(history: Any, image: Image, at: dt.datetime) -> models.Model:
    act = image.act
    return history(
        **_values(history, image.row),
        history_date=at,
        history_type=image.sign,
        history_change_reason=(act.reason or act.reason_code)[:REASON_LENGTH] or None,
        history_user_id=user_key(act.actor),
    )


def _values(history: Any, row: Row) -> dict[str, Any]:
    return {
        field.attname: decode(field, row[field.column])
        for field in history.tracked_fields
        if field.column in row
    }
