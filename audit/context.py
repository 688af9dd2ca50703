"""What is open now: the request of this context, the events of a connection.

The open events hang on the database connection, not on a context variable:
an event *is* a transaction, so a thread or a copied context with another
connection is outside of it.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

from .origin import Address, origin

request_id: ContextVar[str] = ContextVar("audit_request_id", default="")
#: What the record was told of the request of this context: "refused", "read",
#: and whether something sensitive is in its answer: "shown".
told_of: ContextVar[set[str] | None] = ContextVar("audit_told_of", default=None)
#: What the names of the registers begin with. A transaction that is rolled back in
#: any case may have registers of its own: then nobody waits for their heads.
register_prefix: ContextVar[str] = ContextVar("audit_registers", default="register")

PROJECTION = "projection"  # the operation under which history rows are written


@dataclass
class Act:
    """An event that is being made; ``target`` and ``data`` may still be filled."""

    verb: str
    actor: str
    target: str = ""
    stream: str | None = None
    reason: str = ""
    reason_code: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    on_behalf: str | None = None
    request: str = ""
    origin: Address | str | None = field(default_factory=origin.get)
    tx: str = ""
    id: str = field(default_factory=lambda: str(uuid.uuid4()))

    def __post_init__(self) -> None:
        self.tx = self.tx or self.id


@dataclass
class Image:
    """A row's change as the projection needs it: whole, and in clear."""

    act: Act
    number: int
    table: str
    sign: str
    row: dict[str, Any]


@dataclass
class Open:
    """The open events of one connection, the outermost first.

    ``acts`` also holds nested events that have ended: all are written when the
    outermost ends. ``op`` is what the triggers see. ``before_outermost`` is
    for tests only (audit.testing).
    """

    acts: list[Act] = field(default_factory=list)
    op: str | None = None
    before_outermost: Callable[[], None] | None = None


def open_of(connection: BaseDatabaseWrapper) -> Open:
    """The open events of a connection."""
    state: Open | None = getattr(connection, "audit_open", None)
    if state is None:
        state = Open()
        connection.audit_open = state  # type: ignore[attr-defined]
    return state
