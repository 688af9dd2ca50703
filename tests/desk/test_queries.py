"""What a page asks the database does not grow with what it shows: literally."""

import datetime as dt
from collections.abc import Iterable

import pytest
from django.test import Client
from django.utils.timezone import now

from audit.testing import ambient_event
from grants.calendar import today
from grants.models import Case, Notice, Objection
from tests.costs import queries_of
from tests.desk.conftest import World
from workflows.models import WorkItem

pytestmark = pytest.mark.once

INBOX, LIST, CASE = 8, 10, 20
#: An officer's pages.
OFFICER = {
    "/home/": 14,
    "/inbox/": 6,
    "/inbox/?tab=groups": 6,
    "/done/": 7,
    "/cases/": 10,
    "/cases/?status=SCREENING&q=a": 8,
    "/rounds/": 8,
    "/rounds/r2026/": 14,
    "/messages/": 7,
}
#: The same of an applicant who has a case in each of several organisations.
APPLICANT = {
    "/home/": 13,
    "/inbox/": 6,
    "/inbox/?tab=mine": 6,
    "/inbox/?tab=overdue": 6,
    "/cases/": 10,
    "/rounds/": 7,
    "/rounds/r2026/": 11,
    "/messages/": 7,
}
#: What anybody reads; `{notice}` and `{objection}` are one of several.
PUBLIC = {
    "/": 7,
    "/notices/": 1,
    "/notices/{notice}/": 2,
    "/notices/{notice}/cases/{case}/object/": 1,
    "/calls/r2026/": 3,
    "/objections/": 0,
    "/objections/{objection}/": 1,
}
#: The tabs of a case that runs, by its officer as by its applicant.
TABS = {
    "": 11,
    "form/": 17,
    "documents/": 15,
    "reviews/": 13,
    "objections/": 10,
    "money/": 15,
    "tracking/": 17,
    "ledger/": 15,
    "timeline/": 13,
    "diagram/": 12,
}
OFFICES_ONLY = ("objections/",)
#: What it takes to put on record that something sensitive was read: one event.
READING = 7
#: Offices read the checklist of the screening beside the form, and in the timeline
#: the people whom changes name. That they read telephones is an event.
OFFICES_MORE = {"form/": 1 + READING, "timeline/": 1}
#: So is that they read the payee's account in full, which is shown after the award.
AWARDED_MORE = {"money/": READING}
#: A young case has no score sheets, versions, visits or other people's acts yet.
YOUNG = TABS | {
    "documents/": 13,
    "reviews/": 10,
    "tracking/": 11,
    "timeline/": 13,
}

#: The settlement of a closed project stands on the money tab; nobody files there any
#: more, so nobody asks who filed what.
ARCHIVED = TABS | {"money/": 18, "documents/": 14}
#: An office adds any kind: where nothing is filed, it does not ask who filed what.
NOTHING_FILED = {"documents/": -1}


def costs(client: Client, paths: Iterable[str], **names: object) -> dict[str, int]:
    return {path: queries_of(client, path.format(**names)) for path in paths}


def test_pages_of_an_officer_cost_the_same_at_one_and_three_cases(world):
    world.bring(world.draft(0), "SCREENING")
    client = world.enter("operator1")
    assert costs(client, OFFICER) == OFFICER
    world.bring(world.draft(1), "SCREENING")
    world.bring(world.draft(2), "SCREENING")
    assert WorkItem.objects.filter(action="screen", closed_at=None).count() == 3
    assert costs(client, OFFICER) == OFFICER


def add_notice(world: World, cases: list[Case]) -> Notice:
    """A notice that runs today, with an objection to each case in it."""
    day = today(now())
    with ambient_event():
        notice = Notice.objects.create(
            round=world.round,
            text="公示（演示）",
            starts_on=day,
            ends_on=day + dt.timedelta(days=6),
            published_by=world["head1"],
        )
        for case in cases:
            Case.objects.filter(pk=case.pk).update(status="IN_NOTICE")
            notice.cases.add(case)
            Objection.objects.create(
                number=f"YY-{notice.pk}-{case.pk}",
                case=case,
                notice=notice,
                text="异议",
            )
    return notice


def test_public_pages_cost_the_same_at_one_and_three_notices(world, visitor):
    cases = [world.draft(0)]
    names = {
        "notice": add_notice(world, cases).pk,
        "case": cases[0].code,
        "objection": Objection.objects.get().number,
    }
    assert costs(visitor, PUBLIC, **names) == PUBLIC
    cases += [world.draft(1), world.draft(2)]
    for _time in range(2):
        names["notice"] = add_notice(world, cases).pk
    world.open_round("r2026b")
    assert costs(visitor, PUBLIC, **names) == PUBLIC


def test_tabs_of_a_case_cost_the_same_young_and_old(world):
    case = world.draft()
    for status, numbers in {
        "SCREENING": YOUNG,
        "MID_EVAL": TABS,
        "ARCHIVED": ARCHIVED,
    }.items():
        world.bring(case, status)
        for who in ("funder1", world.applicant_of(case)):
            client = world.enter(who)
            tabs = [t for t in TABS if who == "funder1" or t not in OFFICES_ONLY]
            found = {t: queries_of(client, f"/cases/{case.code}/{t}") for t in tabs}
            more = OFFICES_MORE if who == "funder1" else {}
            if who == "funder1" and status == "SCREENING":
                more = more | NOTHING_FILED
            elif who == "funder1":
                more = more | AWARDED_MORE
            assert found == {t: numbers[t] + more.get(t, 0) for t in tabs}, status


@pytest.mark.parametrize(
    ("numbers", "most"),
    [(OFFICER, LIST), (APPLICANT, LIST), (PUBLIC, LIST), (TABS, CASE), (YOUNG, CASE)],
)
def test_the_numbers_keep_the_budget(numbers, most):
    pages = {p: n for p, n in numbers.items() if p not in ("/home/", "/rounds/r2026/")}
    assert max(pages.values()) <= most
    assert max(numbers.values()) <= CASE
    assert max([n for p, n in numbers.items() if "inbox" in p], default=0) <= INBOX
