"""A review group: its defences in order, its alternates, for offices only."""

import pytest

from grants.models import Panel
from tests.costs import queries_of
from tests.workflows.driver import take

pytestmark = pytest.mark.once


def opened(world, *cases):
    for case in cases:
        take(world.item(case, "screen"), world["operator1"])
    row = {
        "name": "A",
        "theme": "Elderly",
        "room": "Room 402",
        "meets_on": "2026-05-11",
        "starts_at": "09:00",
        "cases": [case.code for case in cases],
    }
    item = world.item(None, "open_review")
    take(item, world["operator1"], groups=[row], seed="77")
    panel = Panel.objects.latest("pk")
    return panel, f"/rounds/r2026/groups/{panel.pk}/"


def test_schedule_follows_the_listed_order_and_costs_the_same(world, text):
    first, second, third = (world.bring(world.draft(n), "SCREENING") for n in range(3))
    _panel, alone = opened(world, first)
    panel, url = opened(world, third, second)
    client = world.enter("operator1")
    page = text(client.get(url))
    assert page.index(third.code) < page.index("09:15") < page.index(second.code)
    for said in ("Elderly", "Room 402", "77", "8 minutes of pitch"):
        assert said in page
    seated = set(third.seats.values_list("reviewer", flat=True))
    waiting = [a.reviewer_id for a in panel.alternates.all()]
    assert waiting
    assert not seated & set(waiting)
    assert queries_of(client, alone) == queries_of(client, url) == 12
    assert world.enter(world.applicant_of(third)).get(url).status_code == 404
    assert client.get("/rounds/r2026/groups/999999/").status_code == 404
