"""Reading a body of JSON that may be anything.

Refused with 400: what is no JSON, NaN and infinity, names given twice, deep
nesting. With 413: what is larger than DATA_UPLOAD_MAX_MEMORY_SIZE. With 422:
numbers beyond any amount, and characters a database does not take.
"""

import json
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from desk.api.errors import Malformed
from grants.errors import Invalid

JSON = "application/json"
DEPTH = 12  # the deepest body of an action has 4
DIGITS = 30  # of one number; amounts have 16
EXPONENT = 30


def json_body(request: HttpRequest) -> dict[str, Any]:
    """The object of a body; an empty body is an empty object.

    Floating-point numbers come as Decimal: money is never a float.
    """
    raw = request.body
    if not raw.strip():
        return {}
    if request.content_type != JSON:
        raise Malformed(_("Send the body as application/json."), code="not_json")
    try:
        body = json.loads(
            raw.decode("utf-8"),
            parse_float=_decimal,
            parse_int=_integer,
            parse_constant=_refuse,
            object_pairs_hook=_object,
        )
    except (ValueError, RecursionError):
        raise Malformed(_("The body is not valid JSON."), code="malformed_json")
    if not isinstance(body, dict):
        raise Invalid({"__all__": [_("The body must be a JSON object.")]})
    _walk(body)
    return body


def is_storable(text: str) -> bool:
    """Whether every database takes the text: no NUL, no lone surrogates."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\x00" not in text


def _decimal(text: str) -> Decimal:
    number = Decimal(text)
    if len(text) > DIGITS or abs(number.adjusted()) > EXPONENT:
        raise ValueError("a number beyond any amount")
    return number


def _integer(text: str) -> int:
    if len(text) > DIGITS:
        raise ValueError("a number beyond any amount")
    return int(text)


def _refuse(text: str) -> None:
    raise ValueError(f"{text} is no JSON")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name is given twice")
    return found


def _walk(body: dict[str, Any]) -> None:
    """Look at every name and text, without recursion."""
    waiting: list[tuple[int, str, Any]] = [(1, k, v) for k, v in body.items()]
    while waiting:
        depth, name, value = waiting.pop()
        if depth > DEPTH:
            raise Malformed(_("The body is nested too deeply."), code="too_deep")
        texts = [name, value] if isinstance(value, str) else [name]
        if not all(is_storable(text) for text in texts):
            where = name if is_storable(name) else "__all__"
            raise Invalid({where: [_("The text holds characters that are not taken.")]})
        if isinstance(value, dict):
            waiting += [(depth + 1, k, v) for k, v in value.items()]
        elif isinstance(value, list):
            waiting += [(depth + 1, name, v) for v in value]
