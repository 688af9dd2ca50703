"""One case from draft to archive, each step by the person whose step it is."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.utils.timezone import now

from desk.demo.data import awarded
from desk.demo.house import build_house
from grants.models import Round
from grants.selectors import paid_of
from grants.services.programmes import create_round, publish_round
from tests.clock import Clock
from tests.workflows.driver import fresh, road
from workflows.services import start_case


def open_round(house) -> Round:
    funder = house["funder1"]
    round_ = create_round(
        house.programme,
        by=funder,
        code="r2026",
        title_zh="二〇二六年度",
        title_en="2026",
        year=2026,
        tier="CITY",
        pool=Decimal("1000000.00"),
        cap=Decimal("300000.00"),
        fund_source="财政资金",
        budget_document="演示〔2026〕1号",
        opens_at=now() - dt.timedelta(days=1),
        closes_at=now() + dt.timedelta(days=30),
        review_ends_at=now() + dt.timedelta(days=60),
        ends_at=now() + dt.timedelta(days=400),
        project_starts_on=dt.date(2026, 7, 1),
        project_ends_on=dt.date(2027, 6, 30),
    )
    return publish_round(round_, by=funder)


@pytest.mark.django_db
def test_road_from_draft_to_archive(clock: Clock, unseen_steps):
    clock.to("2026-03-02 09:00")
    house = build_house(awarded()[:2])
    round_ = open_round(house)
    applicant = fresh(house["applicant1"])
    organisation = applicant.memberships.first().organisation
    case = start_case(round_, organisation, by=applicant)

    done = road(case, list(house.people.values()), clock)

    assert done[0] == "submit_application"
    assert done[-1] == "archive"
    assert done.count("lock_score") == 5
    assert done.count("visit_site") == 3
    assert done.count("record_payment") == 3
    assert case.status == "ARCHIVED"
    assert unseen_steps() > len(done) / 2
    assert paid_of(case) == case.awarded
    assert case.work_items.filter(closed_at=None).count() == 0
    call_command("verify_audit", "--case", case.code)
