"""Pages of somebody who applies for several organisations cost the same for each."""

import pytest
from django.utils.timezone import now

from tests.clock import Clock, moved_clock
from tests.desk.conftest import Arranged, World
from tests.desk.test_queries import APPLICANT, costs
from workflows.models import WorkItem

pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def larger_house(shared_db: None) -> Arranged:
    with moved_clock() as clock:
        clock.to("2026-03-02 09:00")
        return Arranged(World(clock, projects=5), now())


def test_pages_of_an_applicant_cost_the_same_at_one_and_three_cases(
    larger_house, db, clock: Clock
):
    world = larger_house.again(clock)
    client = world.enter("applicant1")
    for numbers in ((0,), (2, 4)):  # every second organisation is applicant1's
        for number in numbers:
            world.draft(number)
        assert costs(client, APPLICANT) == APPLICANT
    assert "3" in client.get("/home/").content.decode()
    assert WorkItem.objects.filter(action="submit_application").count() == 3
