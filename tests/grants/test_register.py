"""The public register: who is in it, search, figures, open data."""

import csv
import io
import json
from decimal import Decimal

import pytest
from django.test import Client

from audit.testing import ambient_event
from grants import register
from grants.models import Case, Status
from tests.costs import queries_of
from tests.factories.running import make_running_case


@pytest.fixture
def running(db, clock):
    clock.to("2026-03-02 09:00")
    return make_running_case(award="160675.68")


def other(running, **changes) -> Case:
    case = make_running_case(with_case=running, award="1000.00").case
    with ambient_event():
        Case.objects.filter(pk=case.pk).update(**changes)
    return Case.objects.get(pk=case.pk)


@pytest.fixture
def page():
    client = Client(headers={"accept-language": "en"})
    return lambda path: client.get(path).content.decode()


def test_funded_projects_are_public_and_lapsed_ones_are_not(running, page):
    lapsed = other(running, status=Status.LAPSED)
    found = page("/projects/")
    assert running.case.title in found
    assert "160,675.68" in found
    assert lapsed.title not in found
    number = running.case.project.award_no
    assert running.case.organisation.name in page(f"/projects/{number}/")
    assert Client().get(f"/projects/{lapsed.project.award_no}/").status_code == 404
    assert Client().get("/projects/none/").status_code == 404


def test_no_person_is_named(running, page):
    number = running.case.project.award_no
    everything = (
        page("/projects/")
        + page(f"/projects/{number}/")
        + page("/projects/open-data.json")
    )
    for name in ("applicant", "legal_rep", "funder"):
        assert running.people[name].username not in everything


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", 2),
        ("?q=LX-", 2),
        ("?q=nothing+of+the+kind", 0),
        ("?state=running", 1),
        ("?state=ended", 1),
        ("?state=unheard", 2),
        ("?round=none", 0),
        ("?district=%00", 2),
        ("?before=1", 0),
        ("?before=x", 2),
    ],
)
def test_search(running, query, found):
    other(running, status=Status.TERMINATED)
    answer = Client().get(f"/projects/{query}")
    assert answer.status_code == 200
    assert len(answer.context["entries"]) == found


def test_figures_add_up(running, page):
    other(running, district=None)
    with ambient_event():
        Case.objects.get(pk=running.case.pk)
    cases = register.funded()
    number, amount = register.totals(cases)
    assert (number, amount) == (2, Decimal("161675.68"))
    for plot in (register.by_district, register.by_category, register.by_round):
        bars = plot(cases)
        assert sum(bar.amount for bar in bars) == amount
        assert sum(bar.projects for bar in bars) == number
        assert max(bar.length for bar in bars) == 1000
    assert "161,675.68" in page("/projects/figures/")
    assert "161,675.68" in page("/")


def test_open_data_agree_and_run_no_formula(running):
    other(running, title="=1+1")
    data = json.loads(Client().get("/projects/open-data.json").content)
    assert data["currency"] == "CNY"
    assert [p["awarded"] for p in data["projects"]] == ["160675.68", "1000.00"]
    text = b"".join(Client().get("/projects/open-data.csv").streaming_content)
    rows = list(csv.DictReader(io.StringIO(text.decode("utf-8-sig"))))
    assert [row["awarded"] for row in rows] == ["160675.68", "1000.00"]
    assert rows[1]["title"] == "'=1+1"
    assert [r["number"] for r in rows] == [p["number"] for p in data["projects"]]


def test_costs_are_the_same_at_one_and_three_projects(running):
    paths = ("/projects/", "/projects/figures/", "/projects/open-data.json")

    def costs():
        return {path: queries_of(Client(), path) for path in paths}

    one = costs()
    other(running)
    other(running)
    assert costs() == one
    assert one == {
        "/projects/": 4,
        "/projects/figures/": 7,
        "/projects/open-data.json": 1,
    }
