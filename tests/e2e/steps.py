"""What people do in a browser: fill in forms, do tasks from their inbox."""

import base64
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.utils.timezone import now
from playwright.sync_api import Page

from grants.calendar import today
from grants.models import Round
from grants.services.programmes import create_round, publish_round
from organisations.models import User
from tests.e2e.conftest import Windows, press
from workflows.models import WorkItem


def open_round(house: Any, **fields: Any) -> Round:
    """A round of this year: a browser's cookies know no moved past."""
    start = today(now()) + timedelta(days=150)
    funder = house["funder1"]
    standard = {
        "code": "e2e",
        "title_zh": "演示年度公益创投",
        "title_en": "Round of the browser test",
        "year": start.year,
        "tier": "CITY",
        "pool": Decimal("1000000.00"),
        "cap": Decimal("300000.00"),
        "fund_source": "财政资金",
        "budget_document": "演示〔2026〕1号",
        "opens_at": now() - timedelta(days=1),
        "closes_at": now() + timedelta(days=30),
        "review_ends_at": now() + timedelta(days=60),
        "ends_at": now() + timedelta(days=400),
        "project_starts_on": start,
        "project_ends_on": start + timedelta(days=364),
    }
    round_ = create_round(house.programme, by=funder, **(standard | fields))
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
    kind = field.first.evaluate("e => e.type")
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
    elif kind == "select-one":
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


def open_task(windows: Windows, item: WorkItem, user: User) -> Page:
    """From the inbox to the page of a task, as its person goes there."""
    page = windows.visit(user.username, "/inbox/")
    windows.check(page, "inbox")
    press(page.locator(f"a[href*='/work/{item.pk}/']").first)
    page.wait_for_url(f"**/work/{item.pk}/**")
    lang = page.locator("html").get_attribute("lang") or ""
    assert lang[:2] == windows.locale[:2], (item.action, lang)
    windows.check(page, f"task {item.action}")
    return page


def send(windows: Windows, page: Page, action: str) -> None:
    """Press the button of the form, and once more where the page asks first."""
    button = page.locator("form#form .btn-list button").first
    with page.expect_navigation():
        press(button)
    if page.locator("[name=confirmed][type=hidden]").count():
        windows.check(page, f"before {action}")
        with page.expect_navigation():
            press(button)


def do_task(windows: Windows, item: WorkItem, user: User, body: dict[str, Any]) -> Page:
    """Do a task from the inbox to its end; the page that comes after it."""
    page = open_task(windows, item, user)
    if page.locator(".topic-list").count():
        fill_topics(windows, page, body)
    else:
        fill(page, body)
    send(windows, page, item.action)
    item.refresh_from_db()
    assert not item.is_open, (item.action, page.locator("main").inner_text())
    return page
