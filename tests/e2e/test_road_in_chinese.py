"""The road in a browser, in Chinese; then the same pages in English."""

import base64
import datetime as dt
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils.timezone import now
from playwright.sync_api import Page

from desk.demo.data import awarded
from desk.demo.house import build_house
from grants.actions import ACTIONS
from grants.calendar import today
from grants.models import Case, Round
from grants.services.programmes import create_round, publish_round
from tests.clock import Clock
from tests.e2e.conftest import Windows
from tests.services import needs
from tests.workflows.driver import fresh, next_item, next_timer
from workflows.open import violations_of
from workflows.services import sweep

pytestmark = [
    needs("chromium"),
    pytest.mark.e2e,
    pytest.mark.slow,
    pytest.mark.once,
    pytest.mark.django_db(transaction=True),
]
TABS = ("form", "documents", "reviews", "money", "tracking", "timeline", "diagram")


def open_round(house: Any) -> Round:
    """A round of this year: a browser's cookies know no moved past."""
    start = today(now()) + timedelta(days=150)
    funder = house["funder1"]
    round_ = create_round(
        house.programme,
        by=funder,
        code="e2e",
        title_zh="演示年度公益创投",
        title_en="Round of the browser test",
        year=start.year,
        tier="CITY",
        pool=Decimal("1000000.00"),
        cap=Decimal("300000.00"),
        fund_source="财政资金",
        budget_document="演示〔2026〕1号",
        opens_at=now() - timedelta(days=1),
        closes_at=now() + timedelta(days=30),
        review_ends_at=now() + timedelta(days=60),
        ends_at=now() + timedelta(days=400),
        project_starts_on=start,
        project_ends_on=start + dt.timedelta(days=364),
    )
    return publish_round(round_, by=funder)


def fill(page: Page, body: dict[str, Any]) -> None:
    """Type a body into the form on the page, as a person would."""
    for name, value in body.items():
        given = value if isinstance(value, list) else [value]
        if given and all(is_file(each) for each in given):
            files = [file_of(each) for each in given]
            page.set_input_files(f"input[name={name}]", files=files)
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            fill_rows(page, name, value)
        else:
            fill_one(page, name, value)


def is_file(value: Any) -> bool:
    return isinstance(value, dict) and "content_base64" in value


def file_of(value: dict[str, str]) -> dict[str, Any]:
    """An inline file of an example, as a browser would choose it."""
    return {
        "name": value["name"],
        "mimeType": "application/pdf",
        "buffer": base64.b64decode(value["content_base64"]),
    }


def fill_rows(page: Page, name: str, rows: list[dict[str, Any]]) -> None:
    for index, row in enumerate(rows):
        first = next(iter(row))
        if page.locator(f"[name={name}-{index}-{first}]").count() == 0:
            page.locator(f"[data-add-row$='{name}-table']").click()
        for column, value in row.items():
            fill_one(page, f"{name}-{index}-{column}", value)


def fill_one(page: Page, name: str, value: Any) -> None:
    field = page.locator(f"[name='{name}']")
    kind = field.first.get_attribute("type")
    if kind == "hidden":
        return
    if kind == "radio":
        page.check(f"[name='{name}'][value='{value}']")
    elif kind == "checkbox":
        if isinstance(value, list):
            for choice in value:
                page.check(f"[name='{name}'][value='{choice}']")
        else:
            field.set_checked(bool(value))
    elif field.first.evaluate("e => e.tagName") == "SELECT":
        field.select_option(str(value))
    else:
        text = ", ".join(value) if isinstance(value, list) else str(value)
        field.fill(text)


def fill_topics(windows: Windows, page: Page, body: dict[str, Any]) -> None:
    """Type a big form topic by topic, up to the page with all answers."""
    page.locator(".topic-list a").first.click()
    count = page.locator("nav ol.list-inline a").count()
    for number in range(1, count + 1):
        page.wait_for_url(f"**/topics/{number}/")
        names = page.locator("[name=draft_topic]").input_value().split()
        fill(page, {n: v for n, v in body.items() if n in names})
        windows.check(page, f"topic {number}")
        page.locator("form#form .btn-list button").first.click()
    page.wait_for_url("**/check/")
    windows.check(page, "self-check")
    found = page.locator(".error-summary").all_inner_texts()
    assert found == [], found
    page.locator(".btn-list a.btn-primary").click()
    page.wait_for_url("**/answers/")
    windows.check(page, "answers")


def test_road_in_chinese_and_english(windows: Windows, clock: Clock):
    clock.to(now() + timedelta(seconds=1))
    house = build_house(awarded()[:2])
    round_ = open_round(house)
    people = [fresh(person) for person in house.people.values()]

    public = windows.visit("", "/")
    windows.check(public, "public home")

    applicant = windows.visit("applicant1", "/apply/")
    windows.check(applicant, "apply")
    organisation = house["applicant1"].memberships.earliest("pk").organisation_id
    fill(applicant, {"round": round_.code, "organisation": organisation})
    applicant.locator("form#form button").first.click()
    applicant.wait_for_url("**/work/**")
    case = Case.objects.get()

    for _step in range(120):
        case.refresh_from_db()
        assert violations_of(case) == []
        if case.status == "ARCHIVED":
            break
        found = next_item(people)
        if found is None:
            clock.to(max(next_timer(), now()) + timedelta(seconds=1))
            sweep()
            continue
        item, user = found
        body = ACTIONS[item.action].example(item.target, user)
        page = windows.visit(user.username, "/inbox/")
        windows.check(page, "inbox")
        page.locator(f"a[href*='/work/{item.pk}/']").first.click()
        page.wait_for_url(f"**/work/{item.pk}/**")
        assert page.locator("html").get_attribute("lang").startswith("zh")
        windows.check(page, f"task {item.action}")
        if page.locator(".topic-list").count():
            fill_topics(windows, page, body)
        else:
            fill(page, body)
        page.locator("form#form .btn-list button").first.click()
        page.wait_for_load_state()
        if page.locator("[name=confirmed][type=hidden]").count():
            windows.check(page, f"before {item.action}")
            page.locator("form#form .btn-list button").first.click()
            page.wait_for_load_state()
        item.refresh_from_db()
        assert not item.is_open, (item.action, page.locator("main").inner_text())
    assert case.status == "ARCHIVED"

    look_around(windows, case)
    assert windows.problems == []


def look_around(windows: Windows, case: Case) -> None:
    """Every kind of page in both languages."""
    code, round_ = case.code, case.round.code
    auditor = ["/home/", "/cases/", f"/cases/{code}/", "/rounds/", "/messages/"]
    auditor += [f"/cases/{code}/{tab}/" for tab in (*TABS, "objections")]
    auditor += [f"/rounds/{round_}/"]
    visits = {
        "": ["/"],
        "auditor1": auditor,
        "applicant1": ["/home/", f"/cases/{code}/", "/done/", "/messages/"],
        "funder1": ["/home/", f"/rounds/{round_}/", f"/rounds/{round_}/edit/"],
        "admin1": ["/home/", "/people/", "/organisations/", "/programmes/"],
    }
    for locale in ("zh-CN", "en-GB"):
        for username, paths in visits.items():
            for path in paths:
                page = windows.visit(username, path, locale)
                lang = page.locator("html").get_attribute("lang")
                assert lang.startswith(locale[:2]), (path, lang)
                windows.check(page, f"{username} {path}")
