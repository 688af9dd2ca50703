"""Pages of long lists: by key, or by position where the reader orders them.

A broken or missing key is the first page: nobody types one.
"""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

#: Figures that a key or a position may have.
KEY, POSITION = 15, 7


def number_in(text: str, figures: int = KEY) -> int | None:
    """A whole number as an address carries it; None for anything else."""
    return int(text) if text.isdecimal() and len(text) <= figures else None


def key_of(request: HttpRequest) -> int | None:
    """The key behind which the page begins (`?before=`)."""
    return number_in(request.GET.get("before", ""))


def position_of(request: HttpRequest) -> int:
    """The row at which the page begins (`?from=`)."""
    return number_in(request.GET.get("from", ""), POSITION) or 0


def page_by_position(
    request: HttpRequest, rows: QuerySet[Any], size: int
) -> tuple[list[Any], dict[str, int | None]]:
    """One page in the rows' own order, and where the next and the last begin."""
    start = position_of(request)
    found = list(rows[start : start + size + 1])
    after = start + size if len(found) > size else None
    return found[:size], {
        "next": after,
        "before": max(start - size, 0) if start else None,
    }


def page_by_key(
    request: HttpRequest, rows: QuerySet[Any], size: int
) -> tuple[list[Any], int | None]:
    """One page, the newest rows first, and the key that leads to the next."""
    key = key_of(request)
    if key is not None:
        rows = rows.filter(pk__lt=key)
    found = list(rows.order_by("-pk")[: size + 1])
    return found[:size], found[size - 1].pk if len(found) > size else None
