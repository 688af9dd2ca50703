"""Where a person stands in the record and in the tables, and how they are forgotten.

A person is some texts: name, telephone, e-mail. A personal value that is one of them,
or holds one, is erased with an event in each stream that mentions it; the live column
then holds MASK in its place, as a change on record. What was written in clear (columns
that were not personal then, or are not now) stays, and is listed.
"""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models.functions import Cast

from . import canon
from .erasure import erase_disclosures
from .models import Disclosure, Event
from .record import record
from .tables import Table, managed_models, tables

ERASE_PERSON = "erase_person"
MASK = "＊＊"  # never longer than what it stands for: no text is of one character
SHORTEST = 2
DIGEST = re.compile(r"[0-9a-f]{64}")
MANY = 500
#: Fields that hold what somebody typed; an engine's own kinds hold its names.
TEXTS = (models.CharField, models.TextField, models.EmailField)


@dataclass(frozen=True)
class Person:
    """texts: found inside other texts, too. whole: only where a value is nothing
    else (a short user name). stream: all personal values of it are the person's."""

    texts: tuple[str, ...]
    whole: tuple[str, ...] = ()
    stream: str = ""

    def __post_init__(self) -> None:
        for text in (*self.texts, *self.whole):
            if len(text.strip()) < SHORTEST:
                raise ValueError(f"{text!r} is too short to name a person")

    def is_in(self, value: Any) -> bool:
        return isinstance(value, str) and (
            value in self.whole or any(text in value for text in self.texts)
        )

    def masked(self, value: str) -> str:
        if value in self.whole:
            return MASK
        for text in sorted(self.texts, key=len, reverse=True):
            value = value.replace(text, MASK)
        return value

    def where(self, column: str) -> models.Q:
        """A condition that misses no row; ``is_in`` then decides."""
        found = models.Q(**{f"{column}__in": [*self.whole, *self.texts]})
        for text in self.texts:
            found |= models.Q(**{f"{column}__contains": text})
        return found


def is_text(column: models.Field) -> bool:
    return type(column) in TEXTS and not column.choices


@dataclass(frozen=True)
class Place:
    """One column of one live row."""

    table: str
    pk: Any
    column: str
    stream: str


@dataclass
class Found:
    """rows: live columns to be masked. kept: those that are not personal, and stay.
    digests: to be erased, by the stream that mentions them. clear: how many lines of
    a stream hold a text in clear.
    """

    rows: list[Place] = field(default_factory=list)
    kept: list[Place] = field(default_factory=list)
    digests: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    clear: Counter[str] = field(default_factory=Counter)


Within = Collection[str] | None


def find(person: Person, streams: Within = None) -> Found:
    """Everything of this person; streams: only in these, and in their own."""
    found = Found()
    within = None if streams is None else {*streams, person.stream}
    for table in tables().values():
        for place in _places(table, person):
            if _is_within(place.stream, within):
                personal = place.column in table.personal
                (found.rows if personal else found.kept).append(place)
    opened = _opened(person, within)
    for digest, stream in opened.items():
        found.digests[stream].add(digest)
    plain = [_inside(text) for text in person.texts]
    plain += [canon.dumps(text) for text in person.whole]
    lines = Event.objects.order_by().values_list("stream", "line")
    for stream, line in lines.iterator(chunk_size=MANY):
        for digest in opened.keys() & set(DIGEST.findall(line)):
            found.digests[stream].add(digest)
        if _is_within(stream, within) and any(text in line for text in plain):
            found.clear[stream] += 1
    return found


def _is_within(stream: str, within: Within) -> bool:
    return within is None or stream in within


def _opened(person: Person, within: Within) -> dict[str, str]:
    """The personal values of the record that are or hold the person: their streams,
    by digest."""
    condition = models.Q(value__in=[canon.dumps(text) for text in person.whole])
    if person.stream:
        condition |= models.Q(stream=person.stream)
    for text in person.texts:
        condition |= models.Q(value__contains=_inside(text))
    every = Disclosure.objects.filter(condition)
    return {
        digest: stream
        for digest, stream, value in every.values_list("digest", "stream", "value")
        if (person.stream and stream == person.stream)
        or (person.is_in(json.loads(value)) and _is_within(stream, within))
    }


def _inside(text: str) -> str:
    """A text as it stands inside of a JSON one."""
    return canon.dumps(text)[1:-1]


def _places(table: Table, person: Person) -> Iterator[Place]:
    """The text columns of a table's live rows in which the person stands."""
    columns = {
        column: found.attname
        for column, found in table.fields.items()
        if is_text(found) and column not in table.secret
    }
    if not columns:
        return
    condition = models.Q()
    for name in columns.values():
        condition |= person.where(name)
    names = {f.attname: column for column, f in table.fields.items()}
    for values in table.model._base_manager.filter(condition).values():
        row = {names[name]: value for name, value in values.items()}
        for column in columns:
            if person.is_in(row[column]):
                stream = table.stream(row)
                yield Place(table.name, row[table.pk], column, stream)


def forget(
    person: Person,
    found: Found,
    *,
    by: Any,
    reason: str,
    reason_code: str,
    target: Any = "",
    stream: str,
) -> int:
    """Erase what was found, on record; return how many personal values went.

    reason: who asked, on what authority; it can be erased in its turn. stream: where
    the event stands besides those of the rows it changes.
    """
    said = {"by": by, "target": target, "reason_code": reason_code}
    erased = 0
    with record(ERASE_PERSON, reason=reason, stream=stream, **said):
        _mask(person, found.rows)
        for name, digests in sorted(found.digests.items()):
            erased += erase_disclosures(digests, stream=name, **said)
    return erased


def _mask(person: Person, places: list[Place]) -> None:
    """Each row by one change: history has no row with half of it."""
    columns: dict[tuple[str, Any], list[str]] = defaultdict(list)
    for place in places:
        columns[place.table, place.pk].append(place.column)
    for (name, pk), names in columns.items():
        table = tables()[name]
        if table.append_only:  # blanked together with its digests
            continue
        fields = [table.fields[column] for column in names]
        rows = table.model._base_manager.filter(pk=pk)
        values = rows.values(*(f.attname for f in fields)).get()
        masked = {
            f.attname: f"erased-{pk}"
            if _is_unique(f)
            else person.masked(values[f.attname])
            for f in fields
        }
        rows.update(**masked)


def _is_unique(column: models.Field) -> bool:
    alone = {
        name
        for constraint in column.model._meta.constraints
        if isinstance(constraint, models.UniqueConstraint)
        for name in constraint.fields
    }
    return column.unique or column.name in alone


def scrub(person: Person) -> Counter[str]:
    """Mask the person in the tables that are not audited (settings.AUDIT_EXEMPT):
    letters, drafts, replies kept; say how many rows of which."""
    done: Counter[str] = Counter()
    for model in managed_models():
        if model._meta.db_table in settings.AUDIT_EXEMPT:
            done[model._meta.db_table] += sum(1 for _row in _scrubbed(model, person))
    return +done


def _scrubbed(model: type[models.Model], person: Person) -> Iterator[Any]:
    columns = [
        f.attname
        for f in model._meta.local_concrete_fields
        if (is_text(f) or type(f) is models.JSONField) and not f.unique
    ]
    if not columns:
        return
    as_text = {f"text_{name}": Cast(name, models.TextField()) for name in columns}
    condition = models.Q()
    for name in as_text:
        condition |= person.where(name)
        for text in person.texts:  # JSON columns of SQLite have only ASCII
            condition |= models.Q(**{f"{name}__contains": json.dumps(text)[1:-1]})
    rows = model._base_manager.annotate(**as_text).filter(condition)
    for row in list(rows.values("pk", *columns)):
        key = row.pop("pk")
        changed = {n: v for n, old in row.items() if (v := _clean(old, person)) != old}
        if changed:
            model._base_manager.filter(pk=key).update(**changed)
            yield key


def _clean(value: Any, person: Person) -> Any:
    """The person masked in a text, or in all texts of a JSON value."""
    if isinstance(value, str):
        return person.masked(value) if person.is_in(value) else value
    if isinstance(value, dict):
        return {key: _clean(inner, person) for key, inner in value.items()}
    if isinstance(value, list):
        return [_clean(inner, person) for inner in value]
    return value
