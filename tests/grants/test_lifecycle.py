"""The table of moves agrees with the models, the services and the actions."""

import pytest

from grants.actions import ACTIONS
from grants.lifecycle import (
    ENDED,
    MOVES,
    PHASES,
    TRAIL_READERS,
    VIEWERS,
    permission_of,
    permissions_of_role,
)
from grants.models import Programme, Role, Status
from grants.services.programmes import OVERSEEN, OVERSIGHT

#: Permissions that are no move of a case.
READING = {"view_cases", "view_trail", "set_up_round", "file_documents", "remind"}


def declared():
    return {codename for codename, _words in Programme._meta.permissions}


def test_every_permission_is_asked_for_and_every_asked_one_is_declared():
    asked = {permission_of(n) for n, m in MOVES.items() if m.roles or m.holder}
    assert asked | READING == declared()


def test_every_permission_is_held_by_some_role():
    held = set().union(*(permissions_of_role(role) for role in Role))
    assert held == declared()


def test_every_status_is_in_one_phase():
    listed = [status for phase in PHASES.values() for status in phase]
    assert sorted(listed) == sorted(Status)


def test_only_reopening_leads_out_of_an_ended_status():
    final = {Status.ARCHIVED, Status.CLAWBACK_DONE}
    assert not MOVES["hold_documents"].targets  # it leads nowhere
    for name, move in MOVES.items():
        if name == "hold_documents":
            continue
        reopens = name in ("reopen", "confirm_reopening")
        assert not set(move.sources) & (final if reopens else set(ENDED)), name


def test_every_status_but_the_first_is_reached():
    reached = {target for move in MOVES.values() for target in move.targets}
    assert reached | {Status.DRAFT} == set(Status)


def test_every_status_that_is_not_ended_leads_on():
    for status in set(Status) - set(ENDED):
        leading = [m for name, m in MOVES.items() if name != "hold_documents"]
        assert any(status in move.sources for move in leading), status


def test_every_action_of_people_is_a_move_and_the_other_way_round():
    by_people = {name for name, move in MOVES.items() if not move.is_system}
    assert set(ACTIONS) == by_people


def test_services_guard_their_own_action():
    for action in ACTIONS.values():
        assert hasattr(action.service, "__wrapped__"), action.name


def test_who_oversees_reads_and_does_nothing_but_findings_and_accountability():
    reads = {"view_cases", "view_trail"}
    reads |= {"hold_documents"}  # nothing is changed by it, nor can be meanwhile
    found = {"raise_finding", "resolve_finding", "refer_finding"}
    assert permissions_of_role(Role.AUDITOR) == reads | found
    assert permissions_of_role(Role.INSPECTOR) == reads | {"close_accountability"}
    assert set(TRAIL_READERS) == OVERSIGHT


@pytest.mark.parametrize("role", sorted(OVERSEEN))
def test_the_overseen_act(role):
    assert permissions_of_role(role) - READING


def test_readers_see_submitted_cases():
    for role in VIEWERS:
        assert "view_cases" in permissions_of_role(role)
    assert "view_cases" not in permissions_of_role(Role.REVIEWER)
