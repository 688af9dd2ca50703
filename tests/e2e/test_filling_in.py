"""The big form in a browser: every page in both languages, a kill, two people."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from playwright.sync_api import Browser, Error, Page, expect

from desk.demo.data import awarded
from desk.demo.house import build_house
from grants.actions import ACTIONS
from grants.models import Case
from grants.services.drafts import draft_key, typed_in
from organisations.models import MembershipRole
from organisations.services import add_member
from tests.e2e.conftest import FLAGS, IN_A_BROWSER, Windows
from tests.e2e.steps import fill, open_round
from tests.services import chromium_path
from workflows.models import WorkItem
from workflows.services import start_case

pytestmark = IN_A_BROWSER


@pytest.fixture
def house() -> Any:
    return build_house(awarded()[:2])


@pytest.fixture
def case(house: Any) -> Case:
    organisation = house["applicant1"].memberships.earliest("pk").organisation
    return start_case(open_round(house), organisation, by=house["applicant1"])


def url_of(case: Case) -> str:
    item = WorkItem.objects.get(case=case, closed_at=None)
    return f"/work/{item.pk}/"


def typed(case: Case) -> dict[str, Any]:
    return typed_in(draft_key("submit_application", case))


def wait_for(page: Page, said: str) -> None:
    page.locator("#saved-note").get_by_text(said).wait_for()


@contextmanager
def own_browser(windows: Windows) -> Iterator[Browser]:
    """A browser of its own, to be killed."""
    kind = windows.browser.browser_type
    browser = kind.launch(executable_path=chromium_path(), args=FLAGS)
    try:
        yield browser
    finally:
        with suppress(Error):
            browser.close()


@pytest.mark.parametrize("locale", ["zh-CN", "en-GB"])
def test_every_page_of_the_form(windows: Windows, house, case, locale: str):
    user = house["applicant1"]
    body = ACTIONS["submit_application"].example(case, user)
    url = url_of(case)
    page = windows.visit(user.username, url, locale)
    windows.check(page, "empty list of topics")
    page.goto(f"{url}check/")
    windows.check(page, "self-check that finds much")
    count = len(ACTIONS["submit_application"].form.topics)
    for number in range(1, count + 1):
        page.goto(f"{url}topics/{number}/?check=1")
        windows.check(page, f"topic {number} with errors")
        names = page.locator("[name=draft_topic]").input_value().split()
        fill(page, {n: v for n, v in body.items() if n in names})
        windows.check(page, f"topic {number}")
        page.locator("form#form .btn-list button").first.click()
        page.wait_for_load_state()
    page.wait_for_url("**/check/")
    windows.check(page, "self-check that finds nothing")
    page.goto(f"{url}answers/")
    assert page.url.endswith("/answers/"), page.locator("main").inner_text()
    windows.check(page, "answers")
    page.goto(f"{url}earlier/")
    windows.check(page, "earlier applications")
    page.goto(f"{url}?all=1")
    windows.check(page, "all questions")
    assert windows.problems == []


def test_killed_browser_loses_ten_seconds_at_most(windows: Windows, house, case):
    url = url_of(case)
    with own_browser(windows) as browser:
        context = browser.new_context(base_url=windows.base, locale="en-GB")
        page = context.new_page()
        page.goto("/accounts/login/")
        windows.sign_in(page, house["applicant1"].username)
        page.goto(f"{url}topics/2/")
        page.locator("[name=amount]").press_sequentially("100,000 yuan", delay=20)
        page.keyboard.press("Tab")
        page.keyboard.type("not a day")
        page.goto(f"{url}topics/8/")
        page.locator("[name=plan]").press_sequentially("每周一次小组活动。", delay=20)
        page.wait_for_timeout(9_000)
        page.locator("[name=plan]").press_sequentially("这一句可能丢失。", delay=1)
        session = browser.new_browser_cdp_session()
        processes = session.send("SystemInfo.getProcessInfo")["processInfo"]
        (pid,) = [p["id"] for p in processes if p["type"] == "browser"]
        os.kill(pid, signal.SIGKILL)
    assert typed(case)["amount"] == "100,000 yuan"
    assert typed(case)["plan"].startswith("每周一次小组活动。")
    other = windows.visit(house["applicant1"].username, f"{url}topics/2/", "en-GB")
    assert other.locator("[name=amount]").input_value() == "100,000 yuan"
    assert other.locator("#id_amount-error").is_visible()


def test_two_editors_lose_nothing(windows: Windows, house, case):
    bob = house["reviewer1"]
    role = MembershipRole.APPLICANT
    add_member(case.organisation, user=bob, role=role, by=house["admin1"])
    url = f"{url_of(case)}topics/1/"
    one = windows.visit(house["applicant1"].username, url, "en-GB")
    two = windows.visit(bob.username, url, "en-GB")
    one.fill("[name=title]", "Alice's title")
    one.fill("[name=summary]", "Alice's summary")
    one.keyboard.press("Tab")
    wait_for(one, "Draft saved.")
    two.fill("[name=title]", "Bob's title")
    two.fill("[name=place]", "Bob's place")
    two.keyboard.press("Tab")
    two.locator("#rivals .rival").wait_for()
    windows.check(two, "two texts of one field")
    assert "Alice's title" in two.locator("#rivals").inner_text()
    assert str(house["applicant1"]) in two.locator("#editors").inner_text()
    two.locator("#rivals button").nth(1).click()
    two.wait_for_load_state()
    assert two.locator("#rivals .rival").count() == 0
    assert two.locator("[name=title]").input_value() == "Bob's title"
    assert two.locator("[name=summary]").input_value() == "Alice's summary"
    expect(one.locator("[name=title]")).to_have_value("Bob's title", timeout=15_000)
    expect(one.locator("[name=place]")).to_have_value("Bob's place")
    assert typed(case)["summary"] == "Alice's summary"
    assert windows.problems == []


def test_signing_in_again_brings_back_what_was_sent(windows: Windows, house, case):
    user = house["applicant1"].username
    page = windows.visit(user, f"{url_of(case)}topics/1/", "en-GB")
    page.wait_for_load_state("networkidle")
    page.context.clear_cookies(name="sessionid")
    page.evaluate("""() => {
        document.querySelector("[name=title]").value = "Sent too late";
        document.querySelector("#form .btn-list button").click();
    }""")
    page.wait_for_url("**/accounts/login/**")
    windows.sign_in(page, user)
    page.wait_for_load_state("networkidle")
    assert typed(case)["title"] == "Sent too late"


def test_an_ended_session_is_said_and_typing_goes_on(windows: Windows, house, case):
    user = house["applicant1"].username
    page = windows.visit(user, f"{url_of(case)}topics/1/", "en-GB")
    page.wait_for_load_state("networkidle")
    page.context.clear_cookies(name="sessionid")
    page.fill("[name=title]", "Typed after the end")
    link = page.locator("#sign-in-again a")
    link.wait_for()
    page.locator("form#form .btn-list button").first.click()  # sends nothing
    with page.context.expect_page() as opened:
        link.click()
    windows.sign_in(opened.value, user)
    wait_for(page, "Draft saved.")
    assert typed(case)["title"] == "Typed after the end"
