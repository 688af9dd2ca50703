"""Papers of a round: with the step, for whom there is no conflict, at what cost."""

import pytest

from audit.testing import ambient_event
from grants.models import Recusal
from tests.costs import queries_of

pytestmark = pytest.mark.once


def test_conflict_in_one_case_closes_the_papers_of_the_round(world):
    case = world.bring(world.draft(), "UNDER_REVIEW")
    seat = case.seats.first()
    path = f"/rounds/{case.round.code}/papers/scores/pdf/{seat.panel_id}/"
    committee = world["committee1"]
    assert world.enter(committee).get(path).status_code == 200
    with ambient_event():
        Recusal.objects.create(case=case, seat=seat, reviewer=committee, reason="亲属")
    assert world.enter(committee).get(path).status_code == 403


def test_steps_offer_their_papers(world, text):
    case = world.bring(world.draft(), "PROPOSED")
    item = world.item(None, "record_meeting")
    page = text(world.enter("funder1").get(f"/work/{item.pk}/"))
    for fmt in ("docx", "pdf"):
        assert f"/rounds/{case.round.code}/papers/request/{fmt}/" in page
        assert f"/rounds/{case.round.code}/papers/minutes/{fmt}/" in page


def test_page_of_the_rounds_papers_costs_the_same_for_more_cases(world):
    world.bring(world.draft(0), "SCORED")
    address = f"/rounds/{world.round.code}/papers/"
    one = queries_of(world.enter("funder1"), address)
    world.bring(world.draft(1), "SCORED")
    world.bring(world.draft(2), "SCORED")
    assert queries_of(world.enter("funder1"), address) == one <= 20


def test_papers_cost_the_same_queries_for_more_cases(world):
    def cost() -> list[int]:
        client = world.enter("funder1")
        panel = world.round.panels.first().pk
        base = f"/rounds/{world.round.code}/papers"
        return [
            queries_of(client, f"{base}/scores/docx/{panel}/"),
            queries_of(client, f"{base}/request/docx/"),
        ]

    world.bring(world.draft(0), "PROPOSED")
    one = cost()
    for number in (1, 2):
        world.bring(world.draft(number), "PROPOSED")
    assert cost() == one
    assert max(one) <= 30
