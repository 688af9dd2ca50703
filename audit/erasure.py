"""Erasing personal values, lawfully and on record.

The digests stay in the lines, so the chain still verifies; the event of the
erasure says which of them can no longer be opened, by whom and why.
"""

import json
from collections.abc import Iterable
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections

from .capture import set_op
from .context import PROJECTION
from .models import Disclosure
from .projection import REASON_LENGTH, history_models
from .record import record
from .tables import Table, tables

ERASE = "erase_personal_data"
CHUNK = 500


def erase_disclosures(
    digests: Iterable[str], *, by: Any, stream: str, reason_code: str, target: Any = ""
) -> int:
    """Delete the values behind these digests; return how many there were.

    They are blanked in the history rows of the stream, too. The live rows are
    the caller's: blank them in an event around this one. ``reason_code`` names
    the rule (PIPL article 47), in clear.
    """
    every = sorted(set(digests))
    with record(
        ERASE,
        by=by,
        stream=stream,
        target=target,
        reason_code=reason_code,
        data={"digests": every},
    ) as act:
        values: set[Any] = set()
        erased = 0
        for start in range(0, len(every), CHUNK):
            part = Disclosure.objects.filter(digest__in=every[start : start + CHUNK])
            values |= {_known(v) for v in part.values_list("value", flat=True)}
            erased += part.delete()[0]
        connection = connections[DEFAULT_DB_ALIAS]
        set_op(connection, PROJECTION)
        for name, history in history_models().items():
            _blank_history(tables()[name], history, stream, values)
        set_op(connection, act.id)
    return erased


def _known(text: str) -> Any:
    """A value as it can be compared with a column's: texts as they are."""
    value = json.loads(text)
    return value if isinstance(value, str) else text


def _blank_history(table: Table, history: Any, stream: str, values: set[Any]) -> None:
    """Empty these values in the history rows that belong to a stream."""
    found = table.where(stream)
    if found is None:
        return
    fields = {
        f.attname: f for f in history.tracked_fields if f.column in table.personal
    }
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        name = history._meta.db_table
        cursor.execute(f"SELECT history_id FROM {name} WHERE {found[0]}", found[1])
        keys = [key for (key,) in cursor.fetchall()]
    for row in history._default_manager.filter(pk__in=keys):
        blank: dict[str, Any] = {
            name: None if field.null else ""
            for name, field in fields.items()
            if getattr(row, name) in values
        }
        reasons = {v[:REASON_LENGTH] for v in values if isinstance(v, str)}
        if row.history_change_reason in reasons:
            blank["history_change_reason"] = None
        if blank:
            history._default_manager.filter(pk=row.pk).update(**blank)
