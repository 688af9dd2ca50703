"""Rounds under way on the home page: counted, cut to the person, linked."""

from decimal import Decimal

import pytest

from desk.glance import glances_of
from grants.models import Status
from tests.costs import queries_of

pytestmark = pytest.mark.once


def test_officer_sees_cases_by_status_and_money(world, text):
    case = world.bring(world.draft(0), "AGREEMENT")
    glance = glances_of(world["funder1"])[0]
    assert glance.round == world.round
    assert [(b.label, b.cases) for b in glance.cases] == [
        (str(Status.AGREEMENT.label), 1)
    ]
    amounts = [bar.amount for bar in glance.money]
    assert amounts == [Decimal("1000000.00"), case.awarded, Decimal(0)]
    assert glance.money[0].length == 1000
    page = text(world.enter("funder1").get("/home/"))
    assert "Rounds under way" in page
    assert "status=AGREEMENT" in page


def test_reviewers_and_applicants_see_no_round_at_a_glance(world):
    world.draft(0)
    assert glances_of(world["reviewer1"]) == []
    assert glances_of(world["applicant1"]) == []


def test_a_glance_costs_the_same_however_many_cases(world):
    world.draft(0)
    client = world.enter("funder1")
    one = queries_of(client, "/home/")
    world.draft(1)
    world.draft(2)
    assert queries_of(client, "/home/") == one
