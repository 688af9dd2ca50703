"""Which tables are audited, and how a row of each is read."""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import DEFAULT_DB_ALIAS, connections, models
from simple_history.models import HistoricalChanges

from .canon import encoder, loads, plain
from .declare import Audited, declaration_of

Row = dict[str, Any]
NO_VALUE = (LookupError, ValueError, TypeError, AttributeError, ArithmeticError)
PLACEHOLDER = re.compile(r"\{(\w+)\}")


def is_history(model: type[models.Model]) -> bool:
    """Is it a table of simple-history, a projection of the record?"""
    fields = {f.name for f in model._meta.local_fields}
    return issubclass(model, HistoricalChanges) or "m2m_history_id" in fields


def managed_models() -> list[type[models.Model]]:
    """Every model with a table of its own, third parties' and m2m included."""
    return [
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed
        and not model._meta.proxy
        and not model._meta.swapped
        and model._meta.app_label != "audit"
    ]


def _own_declaration(model: type[models.Model]) -> Audited:
    """A many-to-many table of Django's follows the model that declares it."""
    owner = model._meta.auto_created
    if not owner or owner is True:
        return declaration_of(model)
    fk = next(f for f in model._meta.local_fields if f.related_model is owner)
    template = declaration_of(owner).stream
    needed = set(PLACEHOLDER.findall(template))
    pk = owner._meta.pk
    if not template or not needed <= {"pk", pk.attname, pk.column}:
        return Audited(stream=f"{owner._meta.db_table}:{{{fk.column}}}")
    return Audited(stream=PLACEHOLDER.sub(f"{{{fk.column}}}", template))


class Table:
    """How the rows of one audited table are read."""

    def __init__(self, model: type[models.Model], vendor: str) -> None:
        meta = model._meta
        self.model = model
        self.name: str = meta.db_table
        local = {f: str(f.column) for f in meta.local_concrete_fields}
        self.pk = str(meta.pk.column)
        self.fields: dict[str, models.Field] = {c: f for f, c in local.items()}
        self.encoders: dict[str, Callable[[Any], Any]] = {
            column: encoder(f, vendor) for column, f in self.fields.items()
        }
        # Texts are canonical as they are; a day's column may hold a number on SQLite.
        self.casts = {
            column: encode
            for column, encode in self.encoders.items()
            if encode is not str
            or isinstance(self.fields[column], (models.DateField, models.TimeField))
        }
        column_of = {f.attname: column for f, column in local.items()}
        column_of |= {f.name: column for f, column in local.items()}
        column_of |= {column: column for column in local.values()}
        declared = _own_declaration(model)
        self.personal = frozenset(column_of[n] for n in declared.personal)
        self.secret = frozenset(column_of[n] for n in declared.secret)
        self.append_only = declared.append_only
        self.template = declared.stream
        self.placeholders = {
            name: self.pk if name == "pk" else column_of[name]
            for name in PLACEHOLDER.findall(self.template)
        }

    def row(self, text: str) -> Row:
        """The canonical row of what a trigger (or the same expression) wrote."""
        row = loads(text)
        for column in self.secret:
            row.pop(column, None)
        if not row.keys() <= self.encoders.keys():  # no model knows them (any more)
            for column in row.keys() - self.encoders.keys():
                row[column] = plain(row[column])
        for column, encode in self.casts.items():
            value = row.get(column)
            if value is not None:
                row[column] = encode(value)
        return row

    def read(self, text: str) -> Row:
        """The same of a row that anybody may have changed: a value that no such
        column can have stands as it is."""
        try:
            return self.row(text)
        except (*NO_VALUE, RecursionError):
            found = loads(text).items()
            return {c: self._tried(c, v) for c, v in found if c not in self.secret}

    def _tried(self, column: str, value: Any) -> Any:
        try:
            return None if value is None else self.encoders[column](value)
        except NO_VALUE:
            return plain(value)

    def stream(self, row: Row) -> str:
        """The stream to which a row belongs."""
        values = {n: row.get(c) for n, c in self.placeholders.items()}
        if not self.template or any(v is None for v in values.values()):
            return f"{self.name}:{row[self.pk]}"
        return PLACEHOLDER.sub(lambda m: str(values[m[1]]), self.template)

    def conditions(self, streams: Iterable[str]) -> Iterator[tuple[str, list[Any]]]:
        """SQL conditions for the live rows of some streams, as few as there can be."""
        alone: dict[str, list[Any]] = {}
        for stream in streams:
            found = self._parameters(stream)
            if found is None:
                continue
            if len(found) == 1:
                ((column, value),) = found.items()
                alone.setdefault(column, []).append(value)
            else:
                yield _all(found)
        for column, values in alone.items():
            yield f'"{column}" IN ({",".join(["%s"] * len(values))})', values

    def where(self, stream: str) -> tuple[str, list[Any]] | None:
        """SQL condition for the live rows of a stream; None: there can be none."""
        found = self._parameters(stream)
        return None if found is None else _all(found)

    def _parameters(self, stream: str) -> dict[str, Any] | None:
        """The column values that put a row into this stream, as the database has
        them; None where no row can belong to it."""
        values = self._values(stream)
        if values is None:
            return None
        try:
            return {column: self._parameter(column, v) for column, v in values.items()}
        except (ValueError, ValidationError):  # "case:x" where the column is a number
            return None

    def _values(self, stream: str) -> dict[str, str] | None:
        """The column values that put a row into this stream."""
        if stream.startswith(f"{self.name}:"):
            return {self.pk: stream.split(":", 1)[1]}
        parts = PLACEHOLDER.split(self.template)
        if len(parts) < 3:
            return None
        pattern = "".join(
            "(.+)" if i % 2 else re.escape(part) for i, part in enumerate(parts)
        )
        found = re.fullmatch(pattern, stream)
        if found is None:
            return None
        names = [self.placeholders[name] for name in parts[1::2]]
        return dict(zip(names, found.groups(), strict=True))

    def _parameter(self, column: str, value: str) -> Any:
        field = self.fields[column]
        connection = connections[DEFAULT_DB_ALIAS]
        return field.get_db_prep_value(field.to_python(value), connection)


def _all(values: Row) -> tuple[str, list[Any]]:
    """All columns have these values."""
    return " AND ".join(f'"{column}" = %s' for column in values), list(values.values())


@cache
def tables() -> dict[str, Table]:
    """The audited tables, by name."""
    vendor = connections[DEFAULT_DB_ALIAS].vendor
    return {
        model._meta.db_table: Table(model, vendor)
        for model in managed_models()
        if model._meta.db_table not in settings.AUDIT_EXEMPT and not is_history(model)
    }


@cache
def history_tables() -> dict[str, Table]:
    """The tables of simple-history: written by the projection only."""
    vendor = connections[DEFAULT_DB_ALIAS].vendor
    return {
        model._meta.db_table: Table(model, vendor)
        for model in managed_models()
        if is_history(model)
    }
