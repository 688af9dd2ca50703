"""Canonical JSON: one text for one value, on both databases.

Only null, booleans, integers within 2^53, strings, lists and objects occur, so
that RFC 8785 needs no rules for numbers. Decimals are fixed-scale strings,
moments are in UTC with six digits, other numbers are tagged strings.
"""

import datetime as dt
import decimal
import hashlib
import json
import re
import uuid
from collections.abc import Callable
from typing import Any

import orjson
from django.db import models
from django.utils.dateparse import parse_duration
from django.utils.duration import duration_string
from django.utils.functional import Promise

TAG = "$number"
SAFE_INTEGER = 2**53
#: How both databases write most moments.
IN_UTC = re.compile(
    r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(\.\d{6})?(?:Z|\+00:00)?", re.ASCII
)
#: What this writer knows and JSON does not stays an error.
STRICT = (
    orjson.OPT_SORT_KEYS
    | orjson.OPT_PASSTHROUGH_DATETIME
    | orjson.OPT_PASSTHROUGH_DATACLASS
)
TEXTUAL = (
    models.CharField,
    models.TextField,
    models.DateField,
    models.TimeField,
    models.FileField,
    models.GenericIPAddressField,
)


def dumps(value: Any) -> str:
    """Canonical text of a plain value. A lone surrogate is refused."""
    return orjson.dumps(value, option=STRICT).decode()


def parse(text: str) -> Any:
    """The plain value of a canonical text; ValueError if it is none."""
    return orjson.loads(text)


_exact = json.JSONDecoder(parse_float=decimal.Decimal)


def loads(text: str) -> Any:
    """Parse a database's JSON without binary fractions: they become decimals."""
    return _exact.decode(text)


def sha256(text: str) -> str:
    """Hex digest of a text in UTF-8. A lone surrogate is refused."""
    return hashlib.sha256(text.encode()).hexdigest()


def digest(salt: str, text: str) -> str:
    """Digest that stands in a line for a personal value (its canonical text)."""
    return sha256(f"{salt}:{text}")


def number(value: int | float | decimal.Decimal) -> dict[str, str]:
    """A number that JSON readers do not agree about, as a tagged string."""
    exact = decimal.Decimal(repr(value) if isinstance(value, float) else value)
    return {TAG: format(exact.normalize(), "f")}


def plain(value: Any) -> Any:
    """Free JSON (a JSONField) in canonical form."""
    if value is None or isinstance(value, (str, bool)):
        return value
    if isinstance(value, int):
        return value if abs(value) <= SAFE_INTEGER else number(value)
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if isinstance(value, (decimal.Decimal, float)):
        return number(value)
    raise TypeError(f"{type(value).__name__} has no canonical form")


def unplain(value: Any) -> Any:
    """The reverse of ``plain``, as Django would have read the JSON."""
    if isinstance(value, dict):
        if set(value) == {TAG}:
            text = value[TAG]
            return float(text) if "." in text else int(text)
        return {k: unplain(v) for k, v in value.items()}
    if isinstance(value, list):
        return [unplain(v) for v in value]
    return value


def fact(value: Any) -> Any:
    """The ``data`` of an event: like ``plain``, but amounts stay as written."""
    if isinstance(value, dict):
        return {str(k): fact(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        ordered = sorted(value) if isinstance(value, set | frozenset) else value
        return [fact(v) for v in ordered]
    if isinstance(value, decimal.Decimal):
        return format(value, "f")
    if isinstance(value, dt.datetime):
        return moment(value)
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, uuid.UUID | Promise):
        return str(value)
    return plain(value)


def moment(value: dt.datetime | str) -> str:
    """A moment as ``2026-11-22T07:00:00.123456Z``; without a zone it is UTC."""
    if isinstance(value, str):
        if found := IN_UTC.fullmatch(value):
            day, time, fraction = found.groups(".000000")
            return f"{day}T{time}{fraction}Z"
        value = dt.datetime.fromisoformat(value)
    at = value if value.tzinfo is None else value.astimezone(dt.UTC)
    return f"{at.replace(tzinfo=None).isoformat(timespec='microseconds')}Z"


def _binary(value: str) -> str:
    return value.removeprefix("\\x").lower()


def _duration(value: int | str) -> str:
    """SQLite keeps microseconds, PostgreSQL writes an interval."""
    if isinstance(value, int):
        return duration_string(dt.timedelta(microseconds=value))
    return duration_string(parse_duration(value) or dt.timedelta())


def _decimal(field: models.DecimalField) -> Callable[[Any], str]:
    scale = decimal.Decimal(1).scaleb(-(field.decimal_places or 0))
    context = decimal.Context(prec=60)
    return lambda v: format(decimal.Decimal(v).quantize(scale, None, context), "f")


# Decimals and JSON documents apart; the first kind that fits is taken.
ENCODERS: tuple[tuple[Any, Callable[[Any], Any]], ...] = (
    (models.BooleanField, bool),
    (models.FloatField, lambda v: repr(float(v))),
    (models.IntegerField, plain),
    (models.DateTimeField, moment),
    (models.UUIDField, lambda v: str(uuid.UUID(v))),
    (models.BinaryField, _binary),
    (models.DurationField, _duration),
    (TEXTUAL, str),
    (models.Field, lambda v: v if isinstance(v, str) else plain(v)),
)


def concrete(field: models.Field) -> models.Field:
    """The field at the other end of foreign keys."""
    while field.remote_field:
        field = field.target_field  # type: ignore[attr-defined]
    return field


def encoder(field: models.Field, vendor: str) -> Callable[[Any], Any]:
    """What makes a column's JSON value (of a trigger) canonical."""
    field = concrete(field)
    if isinstance(field, models.DecimalField):
        return _decimal(field)
    if isinstance(field, models.JSONField):
        if vendor == "postgresql":  # the row's JSON holds the document itself
            return plain
        return lambda v: plain(loads(v) if isinstance(v, str) else v)
    return next(encode for kind, encode in ENCODERS if isinstance(field, kind))


def decode(field: models.Field, value: Any) -> Any:
    """The Python value of a canonical one: the reverse of ``encoder``."""
    field = concrete(field)
    if value is None:
        return None
    if isinstance(field, models.JSONField):
        return unplain(value)
    if isinstance(field, models.BinaryField):
        return bytes.fromhex(value)
    return field.to_python(value)
