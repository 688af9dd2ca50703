"""The page of signals with 118 and with 10,000 cases: the same queries, piece by piece.

The cases are copies that stand at every point of one case's road (test_many_cases);
to some thousands of them events are added, as submissions leave them, because two
signals read the record.
"""

from dataclasses import dataclass

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from audit import canon
from audit.models import Disclosure, Event
from audit.origin import Address
from audit.testing import as_administrator
from desk.oversight.scope import cases_of, programmes_of
from desk.signals.base import Facts
from desk.signals.registry import SIGNALS
from grants.models import Case
from tests.clock import moved_clock
from tests.desk.conftest import World
from tests.factories.copies import copy_cases, walk_and_keep
from tests.workflows.driver import fresh

pytestmark = [pytest.mark.once, pytest.mark.slow(30), pytest.mark.django_db]

SMALL, LARGE = 118, 10_000
#: Of the whole page, and digests that one query opens.
QUERIES, AT_ONCE = 52, 500


@dataclass(frozen=True)
class Cost:
    queries: int
    of: dict[str, int]
    acts: int


def submit(upto: int) -> int:
    """An event of submission for each submitted case that has none, from an address
    of its own; how many there are."""
    told = set(
        Event.objects.filter(verb="submit_application").values_list("stream", flat=True)
    )
    cases = Case.objects.exclude(submitted_at=None).order_by("pk")
    events, rows = [], []
    for pk, at in cases.values_list("pk", "submitted_at")[:upto]:
        stream = f"case:{pk}"
        if stream in told:
            continue
        address = Address(f"10.{pk % 200}.{pk // 200 % 200}.7")
        body = {"origin": {"digest": address.digest}, "stream": stream}
        events.append(
            Event(
                stream=stream,
                seq=1,
                at=at,
                verb="submit_application",
                actor=f"user:{pk}",
                line=canon.dumps(body | {"changes": ["x" * 4000]}),
            )
        )
        rows.append(
            Disclosure(
                digest=address.digest,
                stream=stream,
                salt=address.salt,
                value=address.text,
            )
        )
    with as_administrator():
        Event.objects.bulk_create(events, batch_size=500)
        Disclosure.objects.bulk_create(rows, batch_size=500)
    return Event.objects.filter(verb="submit_application").count()


def cost(world: World, client: Client, acts: int) -> Cost:
    with CaptureQueriesContext(connection) as asked:
        assert client.get("/audit/signals/").status_code == 200
    user = fresh(world["auditor1"])
    of = {}
    for signal in SIGNALS:
        facts = Facts(cases_of(user), programmes_of(user))
        with CaptureQueriesContext(connection) as own:
            signal.find(facts)
        of[signal.code] = len(own)
    return Cost(len(asked), of, acts)


@pytest.fixture(scope="module")
def costs(shared_db: None) -> tuple[Cost, Cost]:
    with moved_clock() as clock:
        clock.to("2026-03-02 09:00")
        world = World(clock)
        people = [fresh(user) for user in world.house.people.values()]
        road = walk_and_keep(world.draft(1), people, clock)
        client = world.enter("auditor1")
        copy_cases(road, SMALL)
        acts = submit(SMALL)
        client.get("/audit/signals/")  # the process remembers content types
        small = cost(world, client, acts)
        copy_cases(road, LARGE)
        large = cost(world, client, submit(LARGE))
        assert Case.objects.count() == LARGE
    return small, large


def pieces(cost: Cost) -> int:
    """How many queries the values behind the digests of submissions take."""
    return -(-cost.acts // AT_ONCE)


def test_every_signal_costs_the_same_queries_at_both_sizes(costs) -> None:
    small, large = costs
    by_act = "shared_addresses"
    assert large.acts > 10 * small.acts
    assert {**large.of, by_act: 0} == {**small.of, by_act: 0}
    assert small.of[by_act] - pieces(small) == large.of[by_act] - pieces(large)


def test_the_page_costs_the_same_queries_at_both_sizes(costs) -> None:
    assert [size.queries - pieces(size) for size in costs] == [QUERIES, QUERIES]
