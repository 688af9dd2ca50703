"""Who reads where an act came from, and finding what came from an address."""

import re

import pytest

from audit.models import Disclosure
from audit.origin import Address, comes_from
from audit.record import record
from grants.models import Case

from .conftest import World
from .test_oversight import found, labels, words

HERE, ELSEWHERE = "192.0.2.7", "198.51.100.9"


@pytest.fixture
def case(world: World) -> Case:
    found = world.bring(world.draft(), "ELIGIBLE")
    stream = f"case:{found.pk}"
    for verb, address in (("look", HERE), ("touch", ELSEWHERE), ("lift", HERE)):
        source = comes_from(Address(address))
        with source, record(verb, by=world["head1"], target=found, stream=stream):
            pass
    swept = record("sweep_it", by="system:x", target=found, stream=stream)
    with comes_from("sweep:some.sweep"), swept:
        pass
    return found


def timeline(world: World, who: str, case: Case) -> str:
    return words(world.enter(who).get(f"/cases/{case.code}/timeline/"))


def test_auditors_and_inspectors_read_it_in_the_timeline_and_nobody_else(world, case):
    for name in ("auditor1", "inspector1"):
        page = timeline(world, name, case)
        assert HERE in page
        assert "Automatic step: some.sweep" in page
    for name in ("funder1", "operator1", world.applicant_of(case).username):
        page = timeline(world, name, case)
        assert HERE not in page
        assert "some.sweep" not in page


def test_nobody_reads_it_through_the_api(world, case):
    for name in ("auditor1", "funder1", world.applicant_of(case).username):
        answer = world.enter(name).get(f"/api/v1/cases/{case.code}/timeline")
        assert answer.status_code == 200
        assert HERE not in answer.content.decode()


def test_an_address_that_was_erased_is_told_as_erased(world, case):
    Disclosure.objects.filter(value=f'"{HERE}"').delete()
    page = timeline(world, "auditor1", case)
    assert HERE not in page
    assert re.search(r"Look .{5,60} · erased", page)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (HERE, ["Lift", "Look"]),
        ("192.0.2.0/24", ["Lift", "Look"]),
        (f" {ELSEWHERE} ", ["Touch"]),
        ("203.0.113.1", []),
        ("2001:db8::/32", []),
    ],
)
def test_search_by_address_or_network(world, case, asked, said):
    assert labels(world, address=asked, case=case.code) == said


def test_the_address_stands_beside_what_is_found(world, case):
    assert f"From {ELSEWHERE}" in found(world, verb="", address=ELSEWHERE)


@pytest.mark.parametrize("asked", ["192.0.2", "nonsense", "10.0.0.0/99", "::/0/0"])
def test_what_is_no_address_is_said_beside_the_field(world, asked):
    answer = world.enter("auditor1").get("/audit/", {"address": asked})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert 'id="id_address-error"' in page
    assert f'value="{asked}"' in page


def test_it_is_looked_for_page_by_page(world, case, monkeypatch):
    monkeypatch.setattr("desk.oversight.search.LOOKED_THROUGH", 3)
    answer = world.enter("auditor1").get("/audit/", {"address": HERE})
    assert "The address was looked for back to" in words(answer)
    assert answer.context["next"]


def test_requests_of_the_pages_have_the_address_of_who_asks(world, case):
    client = world.enter("auditor1")
    client.get("/audit/", {"person": "nobody"}, REMOTE_ADDR="203.0.113.77")
    client.get("/audit/", REMOTE_ADDR="203.0.113.77")
    assert labels(world, address="203.0.113.77") == ["Read"]
