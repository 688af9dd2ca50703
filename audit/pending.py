"""What the open event has changed so far, before anything of it is written.

    for model, before, after in pending_changes(Case, Hold): ...

For work that follows from changes and can be left when there are none.
"""

from collections.abc import Iterator
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, models

from audit.context import open_of
from audit.models import Journal
from audit.tables import tables

Row = dict[str, Any]


def pending_changes(
    *wanted: type[models.Model],
) -> Iterator[tuple[type[models.Model], Row | None, Row | None]]:
    """Rows of some models that the open events changed: model, before, after.

    In the order of the changes; before is None for a new row, after for one
    that was removed. Values are canonical, by column. One query. Raises
    RuntimeError when no event is open.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    acts = [act.id for act in open_of(connection).acts]
    if not acts:
        raise RuntimeError("no event is open")
    named = {str(model._meta.db_table): model for model in wanted}
    ops, names = (",".join(["%s"] * len(each)) for each in (acts, named))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT tbl, old, new FROM {Journal._meta.db_table}"
            f" WHERE op IN ({ops}) AND tbl IN ({names}) ORDER BY id",
            [*acts, *named],
        )
        rows = cursor.fetchall()
    for name, old, new in rows:
        read = tables()[name].row
        yield (
            named[name],
            None if old is None else read(old),
            None if new is None else read(new),
        )
