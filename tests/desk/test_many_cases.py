"""Lists and desks with 118 and with 10,000 cases: the same queries, a page of rows.

The cases stand at every point of one case's road, so that each list has some.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connection
from django.db.models.sql import compiler
from django.test import Client
from django.test.utils import CaptureQueriesContext

from desk.lists.table import LISTS
from desk.views.calendar import feed_path
from grants.models import Case, Notice, Panel
from tests.clock import moved_clock
from tests.desk.conftest import World
from tests.factories.copies import Road, copy_cases, walk_and_keep
from tests.workflows.driver import fresh
from workflows.models import WorkItem

pytestmark = [pytest.mark.once, pytest.mark.slow(30), pytest.mark.django_db]

SMALL, LARGE = 118, 10_000
INBOX, LIST, PAGE = 8, 10, 20
#: Rows that an answer reads of all tables together, and its bytes, at most; the
#: API's inbox carries the schemas of a hundred forms.
ROWS, BYTES, SCHEMAS = 1_000, 300_000, 1_500_000
#: Who reads on record, and what the event takes.
OVERSEERS, READING = ("auditor1", "inspector1"), 7
#: One person of each role that has no page of its own below.
OTHERS = ["head1", "leader1", "committee1", "evaluator1", "cpa1", "district1"]
OTHERS += ["witness1", "auditor1", "inspector1", "legalrep2"]
#: Pages of several parts, which may cost what the page of a case may.
DESKS = ("/home/", "/rounds/r2026/", "/rounds/r2026/groups/", "/finance/", "/work/")
#: With more cases other steps are the most urgent, and the API's inbox carries their
#: forms: each kind of form on the page adds what it reads for all of its cases.
FORMS = "/api/v1/inbox"
MIXED = {("operator1", FORMS), ("applicant2", FORMS)}


@dataclass(frozen=True)
class Cost:
    """What one answer took: queries, rows read of the database, bytes."""

    queries: int
    rows: int
    size: int


class Meter:
    """Counts the rows that the ORM reads."""

    def __init__(self) -> None:
        self.rows = 0
        self.iterate = compiler.cursor_iter

    def __call__(self, *args: Any) -> Iterator[Any]:
        for rows in self.iterate(*args):
            self.rows += len(rows)
            yield rows

    def cost(self, client: Client, path: str) -> Cost:
        self.rows = 0
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        return Cost(len(queries), self.rows, len(answer.content))


def pages_of(world: World, road: Road) -> dict[str, list[str]]:
    """What is opened, by whom ("": anybody)."""
    scoring = WorkItem.objects.filter(action="lock_score", closed_at=None)
    sheet = scoring.select_related("holder").order_by("pk")[0]
    notice, panel = Notice.objects.get().pk, Panel.objects.order_by("pk")[0].pk
    mine = ["/home/", "/inbox/", "/cases/", "/api/v1/inbox", "/api/v1/cases"]
    pages = {name: ["/home/"] for name in OTHERS}
    pages["operator1"] = [*mine, "/rounds/r2026/", "/rounds/r2026/screening/"]
    pages["funder1"] = [
        *mine,
        "/inbox/?tab=groups",
        "/inbox/?tab=overdue",
        "/done/",
        "/cases/?status=SCREENING&q=a",
        f"/cases/{road.case.code}/",
        "/messages/",
        "/rounds/",
        "/rounds/r2026/",
        f"/rounds/r2026/groups/{panel}/",
        *(f"/lists/{code}/" for code in LISTS),
        "/lists/register/?from=50",
        "/api/v1/cases?status=SCREENING&q=a",
    ]
    pages["finance1"] = ["/home/", "/inbox/", "/api/v1/inbox", "/lists/payments/"]
    pages["finance1"] += [f"/finance/?state={s}" for s in ("now", "held", "paid")]
    pages["supervisor1"] = mine
    pages["applicant2"] = [*mine, "/inbox/?tab=groups", "/done/", "/rounds/r2026/"]
    pages["orgfinance2"] = [*mine, feed_path(world["orgfinance2"])]
    pages[sheet.holder.username] = [*mine, f"/work/{sheet.pk}/"]
    pages[""] = ["/", "/projects/", "/projects/?q=a", "/projects/figures/"]
    pages[""] += ["/notices/", f"/notices/{notice}/", "/calls/r2026/", "/api/v1/rounds"]
    pages["auditor1"].append(pages[""].pop())
    return pages


Costs = dict[tuple[str, str], tuple[Cost, Cost]]


@pytest.fixture(scope="module")
def costs(shared_db: None) -> Costs:
    """What each page took at each size."""
    with moved_clock() as clock, pytest.MonkeyPatch.context() as patch:
        clock.to("2026-03-02 09:00")
        world = World(clock)
        people = [fresh(user) for user in world.house.people.values()]
        road = walk_and_keep(world.draft(1), people, clock)
        meter = Meter()
        patch.setattr(compiler, "cursor_iter", meter)
        copy_cases(road, SMALL)
        clients = [
            (world.enter(who) if who else Client(), who, path)
            for who, paths in pages_of(world, road).items()
            for path in paths
        ]
        for client, who, path in clients:
            if who in ("", "funder1"):
                client.get(path)  # the process remembers content types and the like
        small = [meter.cost(client, path) for client, _who, path in clients]
        copy_cases(road, LARGE)
        large = [meter.cost(client, path) for client, _who, path in clients]
        assert Case.objects.count() == LARGE
    return {
        (who, path): pair
        for (_client, who, path), *pair in zip(clients, small, large, strict=True)
    }


def test_a_page_costs_the_same_queries_at_both_sizes(costs: Costs) -> None:
    different = {
        page: (small.queries, large.queries)
        for page, (small, large) in costs.items()
        if small.queries != large.queries and page not in MIXED
    }
    assert different == {}


def budget_of(who: str, path: str) -> int:
    if who in OVERSEERS and path == "/home/":
        return PAGE + READING
    if (who, path) in MIXED:
        return PAGE
    if "inbox" in path:
        return INBOX
    case = path.startswith("/cases/") and len(path) > len("/cases/?")
    desk = path.startswith(DESKS) and "screening" not in path
    return PAGE if desk or (case and "?" not in path) else LIST


def test_every_page_keeps_its_budget_of_queries(costs: Costs) -> None:
    over = {
        page: cost.queries
        for page, pair in costs.items()
        for cost in pair
        if cost.queries > budget_of(*page)
    }
    assert over == {}


def test_no_page_reads_or_shows_all_the_cases(costs: Costs) -> None:
    large = {page: pair[1] for page, pair in costs.items()}
    most = {page: SCHEMAS if page[1] == FORMS else BYTES for page in large}
    over = {p: c for p, c in large.items() if c.rows > ROWS or c.size > most[p]}
    assert over == {}
    full = [large["funder1", f"/lists/{code}/"] for code in LISTS]
    assert min(cost.rows for cost in full) > 50
