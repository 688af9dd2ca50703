"""Setting a round up in a browser: the rules' pages, and a rehearsal."""

import datetime as dt
import os
from decimal import Decimal
from typing import Any

import pytest
from django.utils.timezone import localdate, now
from playwright.sync_api import expect

from desk.demo.data import awarded
from desk.demo.house import build_house
from desk.rehearsals import sweep
from grants.models import Round
from grants.services.programmes import create_round
from tests.e2e.conftest import IN_A_BROWSER, Windows
from tests.outbox.processes import database_url

pytestmark = IN_A_BROWSER
#: Days for which projects run: too few for the programme's rules.
SHORT = 60


def draft(house: Any, days: int) -> Round:
    at, begins = now(), localdate() + dt.timedelta(days=120)
    return create_round(
        house.programme,
        by=house["funder1"],
        code="draft",
        title_zh="演练届次",
        title_en="Round to rehearse",
        year=at.year,
        tier="CITY",
        pool=Decimal("1000000.00"),
        cap=Decimal("300000.00"),
        fund_source="财政资金",
        budget_document="演示1号",
        opens_at=at + dt.timedelta(days=5),
        closes_at=at + dt.timedelta(days=35),
        review_ends_at=at + dt.timedelta(days=65),
        ends_at=at + dt.timedelta(days=900),
        project_starts_on=begins,
        project_ends_on=begins + dt.timedelta(days=days),
    )


def test_officer_rehearses_a_draft_and_reads_where_it_stops(
    windows: Windows, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft(build_house(awarded()[:1]), int(os.environ.get("REHEARSED_DAYS", SHORT)))
    monkeypatch.setenv("DATABASE_URL", database_url())
    for subject in ("evaluation", "approval"):
        windows.check(windows.visit("funder1", f"/rules/GYCT/{subject}/"), subject)
    page = windows.visit("funder1", "/rounds/draft/")
    page.get_by_role("link", name="演练").click()
    page.get_by_role("button", name="开始演练").click()
    expect(page.get_by_text("演练正在进行")).to_be_visible()
    assert sweep() == 1
    expect(page.get_by_role("heading", name="路径")).to_be_visible()
    windows.check(page, "rehearsal")
    english = windows.visit("funder1", "/rounds/draft/rehearsal/", "en-GB")
    windows.check(english, "rehearsal")
    if os.environ.get("REHEARSED_SHOT"):
        for name, window in (("zh", page), ("en", english)):
            for width in (1280, 390):
                window.set_viewport_size({"width": width, "height": 900})
                window.screenshot(path=f"/tmp/reh-{name}-{width}.png", full_page=True)
    else:
        expect(page.get_by_role("heading", name="未能走到归档")).to_be_visible()
    assert windows.problems == []
