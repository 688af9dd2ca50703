"""Who may do what in which status: matrix.csv, written by hand from FLOWS.md.

What the table does not list is forbidden. It is not derived from
grants.lifecycle: the two are compared, on every triple and on a real case.
"""

import csv
from functools import lru_cache
from pathlib import Path

import pytest

from grants.actions import ACTIONS
from grants.errors import NotYours, WrongState
from grants.lifecycle import MOVES
from grants.models import Role, Status
from grants.permissions import can_take
from organisations.models import MembershipRole
from tests.guards.world import START, World, attempt, make_world, walk
from workflows import services

pytestmark = [pytest.mark.once, pytest.mark.django_db]
ROLES = [*map(str, Role), *map(str, MembershipRole)]
STATUSES = list(map(str, Status))


@lru_cache
def matrix() -> dict[tuple[str, str], set[str]]:
    """(role, action) → the statuses in which the role may take the action."""
    with Path(__file__).with_name("matrix.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    out: dict[tuple[str, str], set[str]] = {}
    for row in rows:
        key = row["role"], row["action"]
        assert key not in out, f"{key} stands twice"
        out[key] = set(row["statuses"].split())
    return out


def allowed(role: str, action: str) -> set[str]:
    """The statuses by the table; a row for "anyone" counts for every role."""
    return matrix().get((role, action), set()) | matrix().get(("anyone", action), set())


def test_matrix_uses_known_words():
    known = {*ROLES, "anyone", "system"}
    assert {role for role, _action in matrix()} <= known
    assert {action for _role, action in matrix()} == set(MOVES)
    for statuses in matrix().values():
        assert statuses <= set(STATUSES)


def test_every_action_of_a_person_is_in_the_matrix():
    by_people = {action for role, action in matrix() if role != "system"}
    assert by_people == set(ACTIONS)


def test_only_reopening_leaves_an_ended_case_and_nothing_the_archive():
    ended = "EXPIRED INELIGIBLE REJECTED WITHDRAWN CANCELLED LAPSED TERMINATED"
    for (_role, action), statuses in matrix().items():
        if action == "hold_documents":  # keeps what is there, and leads nowhere
            continue
        assert not statuses & {"ARCHIVED", "CLAWBACK_DONE"}
        if action not in ("reopen", "confirm_reopening"):
            assert not statuses & set(ended.split())


class Targets:
    """What each action is about on one case, where there is such a thing."""

    def __init__(self, world: World, case: object) -> None:
        case.refresh_from_db()
        self.world, self.case = world, case
        seat = case.seats.order_by("pk").first()
        self.found = {
            "case": case,
            "round": world.round,
            "seat": seat,
            "stage": case.stages.order_by("pk").first(),
            "tranche": case.tranches.order_by("pk").first(),
            "objection": case.objections.order_by("pk").first(),
            "finding": case.findings.order_by("pk").first(),
        }
        for name, target in self.found.items():
            if target is not None and name not in ("case", "round"):
                target.case = case

    def of(self, action: str) -> object:
        if action in ACTIONS:
            return self.found[ACTIONS[action].of]
        kind = {"mark_report_late": "stage", "fail_rectification": "stage"}
        return self.found[kind.get(action, "case")]

    def person(self, role: str) -> object:
        """Somebody in the role; of the reviewers, who sits in the seat."""
        if role == Role.REVIEWER and self.found["seat"] is not None:
            seated = self.found["seat"].reviewer_id
            return next(u for u in self.world.people[role] if u.pk == seated)
        if role == "finance":  # neither who registers nor who approves
            return self.world.people[role][-1]
        if role == "committee":  # not who proposes
            return self.world.people[role][-1]
        return self.world.one(role)


@pytest.fixture
def ready(clock) -> tuple[World, object]:
    """A case that has a seat, a stage, a tranche, an objection and a finding."""
    clock.to(START)
    world = make_world()
    case = world.start()
    for _action in walk(world, case, clock):
        if case.status == Status.IN_NOTICE and not case.objections.exists():
            clock.forward(days=1)
            attempt("object", case, by=None)
        if case.status == Status.RUNNING_INITIAL:
            attempt("raise_finding", case, by=world.one("auditor"))
            break
    return world, case


def test_matrix_is_what_the_gate_asks(ready):
    """Every (role, action, status): can_take and MOVES say what the table says."""
    world, case = ready
    targets = Targets(world, case)
    wrong = []
    for action, move in MOVES.items():
        target = targets.of(action)
        assert target is not None, action
        for role in ROLES:
            takes = can_take(action, target, targets.person(role))
            for status in STATUSES:
                says = takes and status in move.sources
                if says != (status in allowed(role, action)):
                    wrong.append((role, action, status, says))
        system = can_take(action, target, "system:test")
        for status in STATUSES:
            says = system and status in move.sources
            if says != (status in matrix().get(("system", action), set())):
                wrong.append(("system", action, status, says))
    assert wrong == []


def test_anonymous_and_strangers_take_nothing_but_objecting(ready):
    world, case = ready
    targets = Targets(world, case)
    stranger = make_world(opens="2026-03-02 09:00")
    people = [None, *stranger.everybody]
    for action in MOVES:
        takers = [p for p in people if can_take(action, targets.of(action), p)]
        assert takers == ([*people] if action == "object" else []), action


def test_outside_of_the_matrix_is_refused_on_a_real_case(clock):
    """On the way of a case: 403 for the others, 409 at another time."""
    clock.to(START)
    world = make_world()
    case = world.start()
    seen: set[str] = set()
    tried = refused_to_wrong = refused_at_wrong = 0
    for _action in walk(world, case, clock):
        if case.status == Status.RUNNING_INITIAL and not case.findings.exists():
            attempt("raise_finding", case, by=world.one("auditor"))
            case.refresh_from_db()
        if case.status in seen:
            continue
        seen.add(case.status)
        targets = Targets(world, case)
        for name, action in ACTIONS.items():
            target = targets.of(name)
            if target is None or action.of == "round":
                continue
            for role in ROLES:
                tried += 1
                ever = {a for (r, a) in matrix() if r in (role, "anyone")}
                wanted = NotYours if name not in ever else None
                if wanted is None and case.status not in allowed(role, name):
                    wanted = WrongState
                if wanted is None:
                    continue
                with pytest.raises(wanted):
                    services.check(action, target, targets.person(role))
            # Once through all of `perform`, which records the refusal.
            version = case.version
            assert attempt(name, target, by=targets.person("witness")) in (
                "403 not_yours",
                "409 wrong_state",
            ) or (name == "object" and case.status == Status.IN_NOTICE)
            right = next(r for r in ROLES if allowed(r, name))
            if case.status not in allowed(right, name):
                refused_at_wrong += 1
                told = attempt(name, target, by=targets.person(right))
                assert told == "409 wrong_state", (name, case.status)
            refused_to_wrong += 1
            case.refresh_from_db()
            assert case.version == version or name == "object"
    assert len(seen) >= 15
    assert tried > 5000
    assert refused_to_wrong > 300
    assert refused_at_wrong > 200
