"""``with record("submit_application", by=user, target=case.code): …``

The only way to change an audited row. The block *is* the transaction; the
database's triggers note what changed in it, and at its end one event per
stream says who did it, for whom, why, and the differences.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, models, transaction

from .actors import actor_of, own_stream
from .append import append, mark
from .capture import set_op
from .context import Act, open_of, request_id, told_of
from .models import CODE_LENGTH, STREAM_LENGTH

READ, REFUSED, SHOWN = "read", "refused", "shown"


def _code_of(thing: Any) -> str:
    """A code for the clear text of a line: no names ever."""
    if isinstance(thing, models.Model):
        return str(getattr(thing, "code", f"{thing._meta.db_table}:{thing.pk}"))
    return str(thing)


def _checked(name: str, value: str, length: int) -> str:
    if len(value) > length:
        raise ValueError(f"{name} has more than {length} characters: {value[:40]}…")
    return value


@contextmanager
def record(
    verb: str,
    *,
    by: Any,
    target: Any = "",
    stream: str | None = None,
    reason: str = "",
    reason_code: str = "",
    data: dict[str, Any] | None = None,
    on_behalf: Any = None,
) -> Iterator[Act]:
    """One transaction, and the event that tells of it.

    by: a user, or "system:<sweep>" for an automatic step.
    target, data, reason_code: codes only, they stay in clear for ever.
    reason: free text; the line holds its salted digest, the text is erasable.
    stream: where an event belongs that changes no row (or that one besides
        the streams of the rows it changes).
    on_behalf: a code or an organisation for which the actor acts.

    Yields the act, whose ``target`` and ``data`` may be filled inside. Nested
    events are written when the outermost ends; one that is rolled back leaves
    nothing. A change belongs to the innermost open event. Nothing is written
    of a system's event that changed nothing and names no stream.

    Raises IntegrityError where a trigger refuses, TypeError for data without
    a canonical form, ValueError for a row that would move to another stream.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    state = open_of(connection)
    outermost, alone = not state.acts, not connection.in_atomic_block
    if outermost and state.before_outermost:
        state.before_outermost()
    act = Act(
        verb=_checked("verb", verb, CODE_LENGTH),
        actor=_checked("actor", actor_of(by), CODE_LENGTH),
        target=_code_of(target),
        stream=stream and _checked("stream", stream, STREAM_LENGTH),
        reason=str(reason),
        reason_code=str(reason_code),
        data=data or {},
        on_behalf=None if on_behalf is None else _code_of(on_behalf),
        request=request_id.get(),
        tx="" if outermost else state.acts[0].tx,
    )
    began, before = len(state.acts), state.op
    try:
        with transaction.atomic():
            state.acts.append(act)
            set_op(connection, act.id)
            if not outermost:
                mark(connection, act)
            yield act
            act.target = _checked("target", _code_of(act.target), CODE_LENGTH)
            if outermost:
                append(connection, state.acts)
                del state.acts[began:]
            if alone:  # PostgreSQL forgets its setting with the transaction
                state.op = before
            else:
                set_op(connection, before)
    except BaseException:
        # The rollback has undone PostgreSQL's setting together with the rows.
        del state.acts[began:]
        state.op = before
        raise


def record_refusal(
    verb: str,
    *,
    by: Any,
    target: Any,
    code: str,
    stream: str | None = None,
    asked: str = "",
    page: str = "",
) -> None:
    """Record an attempt that was refused, in a transaction of its own.

    Call it after the rollback of the attempt: inside, it would vanish too.
    It goes to the stream of who tried, unless another is given. ``asked``: what was
    tried; it may name people, so it can be erased. ``page``: the name of the address.
    """
    data = {"code": str(code)} | ({"page": page} if page else {})
    with record(
        f"refused:{verb}",
        by=by,
        target=target,
        stream=stream or own_stream(actor_of(by)),
        reason=asked,
        data=data,
    ):
        pass
    tell(REFUSED)


def was_refused() -> bool:
    """Whether the record was told of a refusal in this request."""
    return REFUSED in (told_of.get() or ())


def was_read() -> bool:
    """Whether the record was told of a reading in this request."""
    return READ in (told_of.get() or ())


def shows() -> None:
    """Say that the answer shows something sensitive: who reads it is on record."""
    tell(SHOWN)


def was_shown() -> bool:
    """Whether something sensitive is in the answer to this request."""
    return SHOWN in (told_of.get() or ())


def tell(what: str) -> None:
    """Remember what the record was told of this request; outside of one, nothing."""
    told = told_of.get()
    if told is not None:
        told.add(what)


def record_read(*, by: Any, target: Any, what: str, asked: str = "") -> None:
    """Record that somebody read something sensitive, in the reader's stream.

    Not in the case's: or every page view of an auditor would lock the case.
    ``asked``: what was searched for; it may name people, so it can be erased.
    """
    with record(
        READ,
        by=by,
        target=target,
        stream=own_stream(actor_of(by)),
        reason=asked,
        data={"what": str(what)},
    ):
        pass
    tell(READ)
