"""The one gate in front of every service: who, in which state, under the lock.

    @gate("submit_application")
    def submit_application(case, *, by, **fields): ...

The first argument of a service is its target: a Case, or something that has
a `.case` (Seat, Stage, Tranche, Objection, Finding), or a Round. The gate opens the
event of the record (or joins the one that `act` has open for the same verb),
locks the case, checks state and actor against lifecycle.MOVES, runs the
service, checks that the status it left is one the move allows, and counts
the case's version up.
"""

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.utils.timezone import now
from django.utils.translation import gettext as _

from audit.record import record
from grants.errors import NotYours, WrongState
from grants.lifecycle import ENDED, FINDABLE, MOVES, REOPENABLE
from grants.models import Case, Finding, Round, Status
from grants.permissions import can_take, on_behalf_of

_acting: ContextVar[str | None] = ContextVar("grants_acting", default=None)
#: What `held` has locked and read for the service that it surrounds.
_held: ContextVar[Any] = ContextVar("grants_held", default=None)


@contextmanager
def act(
    verb: str, *, by: Any, target: Any, reason: str = "", data: dict | None = None
) -> Iterator[None]:
    """Open the event `verb`, once: the gate inside joins it.

    A stand-in's act names the absent person too (on behalf of).
    """
    if _acting.get() == verb:
        yield
        return
    token = _acting.set(verb)
    try:
        absent = on_behalf_of(verb, target, by)
        with record(
            verb,
            by=by,
            target=code_of(target),
            reason=reason,
            data=data,
            on_behalf=f"user:{absent.pk}" if absent else None,
        ):
            yield
    finally:
        _acting.reset(token)


def code_of(target: Any) -> str:
    """The public code that an event names: of the case, else of the round."""
    return target.case.code if hasattr(target, "case") else target.code


def lock_round(round_: Round) -> Round:
    """Lock the pool; always before any case (DESIGN.md §3).

    Without the key, so that who holds a case may still write rows that name
    the round: with it, a batch and a step of its case wait for each other.
    """
    round_.refresh_from_db(from_queryset=Round.objects.select_for_update(no_key=True))
    return round_


def lock_case(case: Case) -> Case:
    """Lock the case's row and read it again."""
    case.refresh_from_db(from_queryset=Case.objects.select_for_update(no_key=True))
    return case


def lock_cases(ids: list[int]) -> dict[int, Case]:
    """Lock several cases in the one order that does not deadlock."""
    cases = (
        Case.objects.select_for_update(of=("self",), no_key=True)
        .select_related("round", "rules", "organisation")
        .filter(pk__in=ids)
        .order_by("pk")
    )
    return {case.pk: case for case in cases}


def lock_target(action: str, target: Any) -> None:
    """Lock whatever an action is about, and read it again; the pool before it."""
    if MOVES[action].pool:
        lock_round(target.case.round)
    if isinstance(target, Round):
        lock_round(target)
        return
    lock_case(target.case)
    if not isinstance(target, Case):
        case = target.case
        target.refresh_from_db()
        target.case = case


@contextmanager
def held(action: str, target: Any) -> Iterator[None]:
    """Lock a target once for what checks it and for the service inside."""
    lock_target(action, target)
    token = _held.set(target)
    try:
        yield
    finally:
        _held.reset(token)


def check_state(action: str, case: Case) -> None:
    """Raise WrongState unless the case is in one of the move's sources."""
    if case.status not in MOVES[action].sources:
        raise WrongState()


def check_actor(action: str, target: Any, by: Any) -> None:
    """Raise NotYours unless `by` may take this action."""
    if not can_take(action, target, by):
        raise NotYours()


def set_status(case: Case, status: Status) -> None:
    """Write the status; only services behind the gate call this.

    WrongState where a project would end that has an open finding.
    """
    if status in ENDED and case.status in FINDABLE:
        if case.findings.filter(status__in=Finding.OPEN).exists():
            raise WrongState(_("An audit finding is open: the case cannot end."))
    if status in REOPENABLE:
        case.ended_from = case.status
    case.status = status
    case.status_since = now()


def save_case(case: Case) -> None:
    """Save a case that a service changed, counting its version up."""
    case.version += 1
    case.save()


def gate(action: str) -> Callable:
    """Decorate a service whose target is one case or something of a case."""

    def decorate(service: Callable) -> Callable:
        @functools.wraps(service)
        def guarded(target: Any, *, by: Any, **fields: Any) -> Any:
            with act(action, by=by, target=target):
                if _held.get() is not target:
                    lock_target(action, target)
                check_actor(action, target, by)
                case = target.case
                check_state(action, case)
                before = case.status
                result = service(target, by=by, **fields)
                check_target(action, before, case.status)
                save_case(case)
            return result

        return guarded

    return decorate


def round_gate(action: str) -> Callable:
    """Decorate a batch service of a round.

    The service locks its cases with `lock_cases` and moves each one with
    `move_case`, which checks state and target like the gate does.
    """

    def decorate(service: Callable) -> Callable:
        @functools.wraps(service)
        def guarded(round_: Round, *, by: Any, **fields: Any) -> Any:
            with act(action, by=by, target=round_):
                if _held.get() is not round_:
                    lock_target(action, round_)
                check_actor(action, round_, by)
                return service(round_, by=by, **fields)

        return guarded

    return decorate


def move_case(action: str, case: Case, status: Status | None = None) -> None:
    """One case's part of a batch: state checked, status written, saved."""
    check_state(action, case)
    before = case.status
    if status is not None:
        set_status(case, status)
    check_target(action, before, case.status)
    save_case(case)


def check_target(action: str, before: str, after: str) -> None:
    """A service that leaves an illegal status is a bug, not bad input."""
    move = MOVES[action]
    unchanged_ok = move.stays or not move.targets
    legal = after in move.targets or (unchanged_ok and after == before)
    if not legal:
        raise AssertionError(f"{action} may not lead from {before} to {after}")
