"""A case rebuilt at random moments of a random walk: exactly what was recorded.

At random steps every row of every audited table is kept; later the record must
give the same rows for that moment, field by field.
"""

import datetime as dt

import pytest
from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.asof import Rows, then_and_now
from audit.capture import live_rows
from audit.models import Head
from audit.tables import tables
from desk.as_of import NOT_SHOWN, SECTIONS
from grants.as_of import case_as_of
from grants.models import Case, RoleGroup, Status
from grants.services.programmes import grant_role, revoke_role
from organisations.services import deactivate_user
from tests.guards.wandering import Wanderer
from tests.guards.world import BY, START, make_user, make_world, walk

pytestmark = pytest.mark.django_db
STEPS, KEPT = 30, 4


def everything() -> Rows:
    """Every row of every audited table, as it stands now."""
    return {
        (name, row[table.pk]): row
        for name, table in tables().items()
        for row in map(table.row, live_rows(connection, table))
    }


def holders(case: Case) -> set[tuple[str, int]]:
    """Active people in the roles of the case's programme, as the tables have it."""
    groups = RoleGroup.objects.filter(programme=case.round.programme_id)
    rows = groups.filter(group__user__is_active=True)
    return set(rows.values_list("role", "group__user"))


Kept = tuple[dt.datetime, Rows, set[tuple[str, int]]]


def check(case: Case, kept: list[Kept]) -> None:
    """Each kept moment, rebuilt, is what was kept; so is the case's part of it."""
    streams = list(Head.objects.values_list("stream", flat=True))
    own = f"case:{case.pk}"
    for at, stood, roles in kept:
        assert then_and_now(streams, at)[0] == stood
        found = case_as_of(case, at)
        assert {k: stood[k] for k in found.then} == found.then
        in_stream = {k for k, r in stood.items() if tables()[k[0]].stream(r) == own}
        assert in_stream <= found.then.keys()
        then = {(h.role, h.user_id) for h in found.holders if h.then}
        assert then == roles
        now = {(h.role, h.user_id) for h in found.holders if h.now}
        assert now == holders(case)


def test_a_walk_through_all_of_it_is_rebuilt_exactly(clock):
    clock.to(START)
    world = make_world(organisations=2)
    case = world.start()
    world.start(1)
    kept: list[Kept] = []

    def keep() -> None:
        case.refresh_from_db()
        kept.append((timezone.now(), everything(), holders(case)))

    keep()
    newcomer = make_user("newcomer")
    grant_role(world.programme, "auditor", newcomer, by=BY)
    for number, _action in enumerate(walk(world, case, clock)):
        if number % 6 == 0:
            keep()
        if number == 9:
            revoke_role(world.programme, "auditor", newcomer, by=BY)
        if case.status == Status.CLOSED:
            break
    deactivate_user(world.people["reviewer"][-1], by=BY, reason="left")
    keep()
    assert len(kept) > 6
    check(case, kept)
    at, _stood, _roles = kept[1]
    was = [(h.role, h.then, h.now) for h in case_as_of(case, at).holders]
    assert ("auditor", True, False) in was


def test_random_histories_are_rebuilt_exactly(clock):
    clock.to(START)
    world = make_world(organisations=2)
    for action in walk(world, world.start(), clock):
        if action == "open_review":
            break
    begun = timezone.now()

    @settings(
        max_examples=5,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(
        seed=st.integers(0, 10**9),
        moments=st.sets(st.integers(1, STEPS), min_size=1, max_size=KEPT),
    )
    def history(seed: int, moments: set[int]) -> None:
        with transaction.atomic():
            clock.to(begun)
            wanderer = Wanderer(world, seed, clock)
            case = wanderer.case()
            kept: list[Kept] = []
            for step in range(1, STEPS + 1):
                wanderer.step()
                if step in moments:
                    kept.append((timezone.now(), everything(), holders(case)))
            check(case, kept)
            transaction.set_rollback(True)

    history()


def test_every_table_of_a_case_has_its_place_on_the_page():
    placed = {table for _name, _title, found in SECTIONS for table in found}
    ours = {
        name
        for name, table in tables().items()
        if table.template.startswith("case:") or table.template == "{stream}"
    }
    assert ours - placed - NOT_SHOWN == set()
    assert get_user_model()._meta.db_table not in placed
