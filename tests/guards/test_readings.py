"""Every address that an auditor or inspector reads leaves one event."""

import json
from typing import Any

import pytest
from django.db import transaction

from audit.models import Event
from audit.record import READ
from desk.oversight.noting import EXCEPT, EXCEPT_ALL
from grants.papers.issue import VERB
from tests.guards.test_walker import OVERSEERS, ROUTES, Place, table

pytestmark = pytest.mark.once

#: A reading; the download of a paper is one, by its own name.
READINGS = (READ, VERB)
READ_HERE = 35  # addresses that answer an auditor in the walk's case


def excepted(route: str) -> bool:
    return route in EXCEPT or route.startswith(tuple(EXCEPT_ALL))


def readings(place: Place, route: str, who: str) -> tuple[int, list[str]]:
    """The status, and what is on record of it; nothing is kept."""
    client, address = place.clients[who], place.address(route)
    kept = client.cookies.copy()
    with transaction.atomic():
        before = Event.objects.latest("pk").pk
        answer = client.get(address)
        if answer.streaming:
            assert b"".join(answer.streaming_content)
        actor = f"user:{place.people[who].pk}"
        found = Event.objects.filter(pk__gt=before, actor=actor, verb__in=READINGS)
        told = [json.loads(e.line)["data"].get("what", e.verb) for e in found]
        transaction.set_rollback(True)
    client.cookies = kept
    return answer.status_code, told


@pytest.mark.slow(30)
@pytest.mark.django_db
def test_what_auditors_and_inspectors_read_is_one_event(clock: Any) -> None:
    place = Place(clock)
    wrong, read, silent = [], set(), set()
    for route, method in table():
        if method != "GET":
            continue
        for who in OVERSEERS:
            status, told = readings(place, route, who)
            if status != 200:
                if told:
                    wrong.append(f"{route}: {who} got {status}, yet {told}")
                continue
            if len(told) != (0 if excepted(route) else 1):
                wrong.append(f"{route}: {who} read it, on record {told}")
            (silent if excepted(route) else read).add(route)
    assert wrong == []
    assert len(read) >= READ_HERE
    assert silent >= {"api:openapi-json", "desk:account", "desk:message-list"}


def test_the_exceptions_are_addresses_of_today():
    assert EXCEPT.keys() <= ROUTES.keys()
    for begins in EXCEPT_ALL:
        assert any(route.startswith(begins) for route in ROUTES), begins
    assert len(EXCEPT) + len(EXCEPT_ALL) <= 13
