"""A database administrator who also knows the key of the seals (AUDIT_KEY).

What such a person changes, chains, registers and seals bear out: only a checkpoint
can tell. To be used within ``as_administrator``.
"""

import json
from collections.abc import Callable
from typing import Any

from django.db import connection

from audit import canon
from audit.append import register_of, seal
from audit.models import Event, Head
from audit.projection import history_models
from audit.tables import tables

Body = dict[str, Any]
COLUMNS = ("verb", "actor", "target", "request")


def run(sql: str, *params: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)


def rewrite(stream: str, change: Callable[[Body], None]) -> None:
    """Pass each event of a stream through a function, and make the chain, the
    columns and the sealed head anew."""
    hash = ""
    for event in Event.objects.filter(stream=stream).order_by("seq"):
        body = json.loads(event.line)
        change(body)
        body["prev"] = hash
        line = canon.dumps(body)
        hash = canon.sha256(line)
        columns = ", ".join(f"{name} = %s" for name in COLUMNS)
        run(
            f"UPDATE audit_event SET line = %s, hash = %s, {columns} WHERE id = %s",
            line,
            hash,
            *(body[name] for name in COLUMNS),
            event.pk,
        )
    end_at(stream, Event.objects.filter(stream=stream).order_by("seq").last())


def end_at(stream: str, last: Event | None) -> None:
    """Make this event the last one, under a head with a seal that fits."""
    assert last is not None
    at = Head.objects.get(pk=stream).at
    run("DELETE FROM audit_event WHERE stream = %s AND seq > %s", stream, last.seq)
    run(
        "UPDATE audit_head SET seq = %s, hash = %s, seal = %s WHERE stream = %s",
        last.seq,
        last.hash,
        seal(stream, last.seq, last.hash, at),
        stream,
    )


def remove(stream: str) -> None:
    """A stream with its head, its rows, their history, personal
    values and its line in the register."""
    for table in tables().values():
        found = table.where(stream)
        if not found:
            continue
        history = history_models().get(table.name)
        if history:
            run(
                f"DELETE FROM {history._meta.db_table} WHERE {table.pk} IN"
                f" (SELECT {table.pk} FROM {table.name} WHERE {found[0]})",
                *found[1],
            )
        run(f"DELETE FROM {table.name} WHERE {found[0]}", *found[1])
    run("DELETE FROM audit_disclosure WHERE stream = %s", stream)
    run("DELETE FROM audit_event WHERE stream = %s", stream)
    run("DELETE FROM audit_head WHERE stream = %s", stream)

    def unborn(body: Body) -> None:
        if stream in body["data"]["streams"]:
            body["data"]["streams"].remove(stream)

    rewrite(register_of(stream), unborn)
    connection.check_constraints()
