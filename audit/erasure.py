"""Erasing personal values, lawfully and on record.

The digests stay in the lines, so the chain still verifies; the event of the
erasure says which of them can no longer be opened, by whom and why.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections

from .capture import set_op
from .context import PROJECTION
from .models import Disclosure, Event, Journal
from .projection import history_models, history_moment
from .record import record
from .replay import is_digest
from .selectors import told_in_order
from .statements import chunks
from .tables import tables

ERASE = "erase_personal_data"
CHUNK = 500
Rows = dict[tuple[str, Any], dict[str, Any]]


def erase_disclosures(
    digests: Iterable[str], *, by: Any, stream: str, reason_code: str, target: Any = ""
) -> int:
    """Delete the values behind these digests; return how many there were.

    They are blanked in the history rows of the stream, too, and in its rows that
    nobody may change (``append_only``). Other live rows are the caller's: change them
    in an event around this one (audit.forgetting). ``reason_code`` names the rule
    (PIPL article 47), in clear.
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
        erased = 0
        for part in chunks(every, CHUNK):
            erased += Disclosure.objects.filter(digest__in=part).delete()[0]
        connection = connections[DEFAULT_DB_ALIAS]
        set_op(connection, PROJECTION)
        _blank(stream, frozenset(every))
        Journal.objects.filter(op=PROJECTION).delete()  # PostgreSQL noted the blanks
        set_op(connection, act.id)
    return erased


@dataclass(frozen=True)
class Step:
    """A row of the record as a change left it, and why it changed."""

    table: str
    pk: Any
    row: dict[str, Any]
    at: str
    number: int
    reason: str  # a digest, or ""


def _steps(stream: str, rows: Rows) -> Iterator[Step]:
    """Replay a stream: each step at which simple-history has a row."""
    events = Event.objects.filter(stream=stream).order_by("seq")
    lines = events.values_list("line", flat=True).iterator(chunk_size=CHUNK)
    for change, body in told_in_order(map(json.loads, lines)):
        number, table, pk, sign, fields = change
        row = rows.setdefault((table, pk), {})
        if sign == "+":
            row |= fields
        elif sign == "~":
            row |= {column: new for column, (_old, new) in fields.items()}
        reason = (body["reason"] or {}).get("digest", "")
        yield Step(table, pk, row, body["at"], number, reason)


def _blank(stream: str, digests: frozenset[str]) -> None:
    """Empty what these digests stood for, where the record has nothing else."""
    rows: Rows = {}
    for step in _steps(stream, rows):
        history = history_models().get(step.table)
        if history is None:
            continue
        fields = {f.column: f for f in history.tracked_fields}
        blank: dict[str, Any] = {
            fields[column].attname: None if fields[column].null else ""
            for column in _erased(step.row, digests)
            if column in fields
        }
        if step.reason in digests:
            blank["history_change_reason"] = None
        if blank:
            key = history.instance_type._meta.pk.attname
            at = history_moment(step.at, step.number)
            found = history._default_manager.filter(
                **{key: step.pk, "history_date": at}
            )
            found.update(**blank)
    for (name, pk), row in rows.items():
        table = tables().get(name)
        if table is not None and table.append_only:
            names = [table.fields[column].attname for column in _erased(row, digests)]
            if names:
                kept = table.model._base_manager.filter(pk=pk)
                kept.update(**dict.fromkeys(names, ""))


def _erased(row: dict[str, Any], digests: frozenset[str]) -> Iterator[str]:
    """The columns of a recorded row whose value is erased."""
    for column, value in row.items():
        if is_digest(value) and value["digest"] in digests:
            yield column
