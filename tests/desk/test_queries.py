"""What a page asks the database does not grow with what it shows."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from workflows.models import WorkItem


def queries_of(client, path: str) -> int:
    client.get(path)  # content types and the like are cached by the process
    with CaptureQueriesContext(connection) as found:
        assert client.get(path).status_code == 200
    return len(found)


@pytest.mark.parametrize(
    ("path", "most"),
    [("/inbox/", 8), ("/cases/", 10), ("/done/", 10), ("/rounds/", 10)],
)
def test_lists_cost_the_same_at_one_and_three_rows(world, path, most):
    world.bring(world.draft(0), "SCREENING")
    client = world.enter("operator1")
    one = queries_of(client, path)
    world.bring(world.draft(1), "SCREENING")
    world.bring(world.draft(2), "SCREENING")
    three = queries_of(client, path)
    assert WorkItem.objects.filter(action="screen", closed_at=None).count() == 3
    assert one == three <= most


TABS = (
    "",
    "form/",
    "documents/",
    "reviews/",
    "objections/",
    "money/",
    "tracking/",
    "timeline/",
    "diagram/",
)


def test_case_page_stays_below_twenty_queries_young_and_old(world):
    case = world.bring(world.draft(), "SCREENING")
    client = world.enter("funder1")
    young = {tab: queries_of(client, f"/cases/{case.code}/{tab}") for tab in TABS}
    world.bring(case, "ARCHIVED")
    client = world.enter("funder1")
    old = {tab: queries_of(client, f"/cases/{case.code}/{tab}") for tab in TABS}
    assert max(young.values()) <= 20, young
    assert max(old.values()) <= 20, old
    assert young["documents/"] + 1 >= old["documents/"]


def test_literal_counts(world):
    world.bring(world.draft(), "SCREENING")
    client = world.enter("operator1")
    assert queries_of(client, "/inbox/") == 6
    assert queries_of(client, "/cases/") == 8
