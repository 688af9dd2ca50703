"""Changes that events tell of, as lines of words: of what, before and after."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from django.db import connection
from django.utils.translation import gettext as _

from audit.asof import Row, Rows
from audit.capture import live_rows_sql
from audit.selectors import Change
from audit.statements import chunks
from audit.tables import tables
from desk.record_labels import HIDDEN, TITLES
from desk.record_words import Words, field_label, table_label
from desk.selectors import ENGINE_TABLES
from grants.models import ProgrammeRules

CHUNK = 500


@dataclass(frozen=True)
class ChangeLine:
    """One field that an event changed."""

    of: str
    field: str
    before: str
    after: str


class Telling(Protocol):
    """Whatever tells of changes: an event, a line of a timeline."""

    @property
    def changes(self) -> list[Change]: ...


class Lines:
    """The changes of some events in words; rows and names are fetched once for all.

    whole: they are all events of a stream, so that its rows stand in them, and of
    other rows only people are looked up, besides the `known` names: one query.
    """

    def __init__(
        self,
        entries: Iterable[Telling],
        rules: Iterable[ProgrammeRules] = (),
        *,
        known: dict[tuple[str, Any], str] | None = None,
        whole: bool = False,
    ) -> None:
        self.changes = [c for entry in entries for c in entry.changes if is_shown(c)]
        self.rows = self._rows(whole)
        sides: Rows = {}
        for number, change in enumerate(self.changes):
            sides[change.table, f"{number} old"] = {change.field: change.old}
            sides[change.table, f"{number} new"] = {change.field: change.new}
        self.words = Words(rules, sides, self.rows, known=known, people_only=whole)

    def _rows(self, whole: bool) -> Rows:
        """The rows that changed, as far as their titles need them: born or living."""
        rows: Rows = {}
        lacking: dict[str, set[Any]] = defaultdict(set)
        for change in self.changes:
            if change.table in TITLES:
                if change.sign == "~":
                    lacking[change.table].add(change.pk)
                else:
                    row = rows.setdefault((change.table, change.pk), {})
                    row[change.field] = change.new if change.sign == "+" else change.old
        for table, keys in () if whole else lacking.items():
            wanted = [pk for pk in keys if (table, pk) not in rows]
            rows |= {
                (table, row[tables()[table].pk]): row for row in live(table, wanted)
            }
        return rows

    def of(self, entry: Telling) -> list[ChangeLine]:
        """What an event changed, without keys and what was empty and stays so."""
        return [self._line(c) for c in entry.changes if is_shown(c)]

    def _line(self, change: Change) -> ChangeLine:
        row = self.rows.get((change.table, change.pk), {})
        title = self.words.title(change.table, row) if row else ""
        if change.erased:
            before, after = _("erased"), _("erased")
        else:
            before = self._before(change)
            after = self.words.word(change.table, change.field, change.new)
        return ChangeLine(
            f"{table_label(change.table)} {title}".strip(),
            field_label(change.table, change.field),
            before,
            after,
        )

    def _before(self, change: Change) -> str:
        """What stood there before; "…" where only earlier lines of the record say."""
        known = tables().get(change.table)
        personal = known is not None and change.field in known.personal
        if personal and change.sign == "~" and change.old is None:
            return "…"
        return self.words.word(change.table, change.field, change.old)


def is_shown(change: Change) -> bool:
    """Whether people read this change: no keys, nothing of the engine's."""
    known = tables().get(change.table)
    if known is None or change.table in ENGINE_TABLES:
        return False
    found = known.fields.get(change.field)
    if found is None or found.primary_key or found.name in HIDDEN:
        return False
    return not (change.old in (None, "") and change.new in (None, ""))


def live(table: str, keys: list[Any]) -> Iterable[Row]:
    """Living rows by their keys, canonical: one query for 500."""
    known = tables()[table]
    for part in chunks(keys, CHUNK):
        marks = ",".join(["%s"] * len(part))
        sql = live_rows_sql(connection, known, where=f'"{known.pk}" IN ({marks})')
        with connection.cursor() as cursor:
            cursor.execute(sql, part)
            yield from [known.row(text) for (text,) in cursor.fetchall()]
