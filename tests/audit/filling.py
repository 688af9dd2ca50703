"""Rows for tables that have none: of the right types, of no meaning."""

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

from django.db import DatabaseError, models, transaction
from django.utils.timezone import now

from audit.canon import concrete
from audit.record import record
from audit.tables import tables

ROWS = 2  # that each table has at least: two rows can change places
TURNS = 9


def fill() -> dict[str, str]:
    """Give every audited table its rows; the tables that got none, and why not."""
    left = {}
    for name, table in tables().items():
        model = table.model
        turns = iter(range(TURNS))
        while name not in left and model._base_manager.count() < ROWS:
            try:
                with transaction.atomic(), record("fill", by="system:test"):
                    make(model, next(turns))
            except DatabaseError:  # two keys that belong together stand so already
                continue
            except (StopIteration, IndexError) as error:
                left[name] = repr(error)
    return left


def make(model: type[models.Model], turn: int = 0, depth: int = 3) -> models.Model:
    """One more row; another turn takes other rows for it to belong to."""
    number = model._base_manager.count() + 1
    row = model()
    for place, field in enumerate(model._meta.local_concrete_fields):
        if not (field.primary_key and field.remote_field is None):
            at = number + turn // (place or 1)
            setattr(row, field.attname, _value(model, field, at, depth))
    row.save_base(raw=True, force_insert=True)
    return row


def _value(model: type[models.Model], field: Any, number: int, depth: int) -> Any:
    if not type(field).__module__.startswith("django."):  # an engine's own
        return model._base_manager.values_list(field.attname, flat=True)[0]
    if field.remote_field is None:
        return value_of(field, number)
    target = field.related_model
    rows = target._base_manager.order_by("pk").values_list("pk", flat=True)
    if field.unique:
        used = model._base_manager.exclude(**{field.attname: None})
        rows = rows.exclude(pk__in=used.values(field.attname))
    if count := rows.count():
        return rows[-number % count]
    return None if field.null or not depth else make(target, 0, depth - 1).pk


def value_of(field: models.Field, number: int) -> Any:
    """Some value of this type, another for another number."""
    field = concrete(field)
    if field.choices:
        every = [value for value, _ in field.flatchoices if value not in ("", None)]
        return every[number % len(every)]
    length = field.max_length or 40
    for kind, value in (
        (models.BooleanField, number % 2 == 0),
        (models.DecimalField, Decimal(number)),
        (models.FloatField, float(number)),
        (models.IntegerField, number),
        (models.DateTimeField, now() - dt.timedelta(days=number)),
        (models.DateField, now().date() - dt.timedelta(days=number)),
        (models.TimeField, dt.time(number % 24, 30)),
        (models.DurationField, dt.timedelta(minutes=number)),
        (models.UUIDField, uuid.uuid4()),
        (models.JSONField, {"number": number}),
        (models.BinaryField, bytes([number % 256])),
        (models.GenericIPAddressField, f"192.0.2.{number % 256}"),
    ):
        if isinstance(field, kind):
            return value
    return f"{number} of {field.name}"[:length]
