"""A browser, one signed-in window a person, and the checks of every page."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Locator,
    Page,
    sync_playwright,
)

from desk.demo.house import PASSWORD
from tests.services import chromium_path, needs

AXE = Path(__file__).resolve().parents[2] / "node_modules/axe-core/axe.min.js"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
#: The marks of a module that drives a browser.
IN_A_BROWSER = [
    needs("chromium"),
    pytest.mark.e2e,
    pytest.mark.slow(30),
    pytest.mark.once,
    pytest.mark.django_db(transaction=True),
]
PHONE, DESKTOP = {"width": 390, "height": 844}, {"width": 1280, "height": 900}

# Playwright's loop runs in the thread of the test, which also reads the database.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium_path(), args=FLAGS
        )
        yield browser
        browser.close()


def press(target: Locator) -> None:
    """Click, or tap where there is a touch screen."""
    touch = target.page.evaluate("navigator.maxTouchPoints > 0")
    target.tap() if touch else target.click()


class Windows:
    """Each person's own window; every page seen is checked once a language."""

    def __init__(self, browser: Browser, base: str) -> None:
        self.browser, self.base = browser, base
        #: What a browser asks for where no other language is named.
        self.locale = "zh-CN"
        self.pages: dict[tuple[str, str], Page] = {}
        self.contexts: list[BrowserContext] = []
        self.checked: set[tuple[str, str]] = set()
        self.problems: list[str] = []
        #: The kinds of pages to check; None: all of them.
        self.only: set[str] | None = None
        #: Who holds a phone with a touch screen instead of sitting at a desk.
        self.phones: set[str] = set()

    def of(self, username: str, locale: str = "") -> Page:
        """The window of a person, signed in through the sign-in page."""
        key = (username, locale or self.locale)
        if key not in self.pages:
            context = self.browser.new_context(
                locale=key[1],
                base_url=self.base,
                reduced_motion="reduce",  # a transition costs ten frames a field
                **self.device_of(username),
            )
            context.set_default_timeout(20_000)
            self.contexts.append(context)
            page = self.pages[key] = context.new_page()
            if username:
                page.goto("/accounts/login/")
                self.check(page, "sign-in")
                self.sign_in(page, username)
        return self.pages[key]

    def device_of(self, username: str) -> dict[str, Any]:
        if username in self.phones:
            return {"viewport": PHONE, "has_touch": True, "is_mobile": True}
        return {"viewport": DESKTOP}

    def sign_in(self, page: Page, username: str) -> None:
        page.fill("input[name=login]", username)
        page.fill("input[name=password]", PASSWORD)
        press(page.locator("main form button.btn-primary"))
        page.wait_for_url(lambda url: "/accounts/login/" not in url)

    def visit(self, username: str, path: str, locale: str = "") -> Page:
        """A person's page; signs in anew where the moved clock ended the session."""
        page = self.of(username, locale)
        answer = page.goto(path)
        if "/accounts/login/" in page.url:
            self.sign_in(page, username)
            answer = page.goto(path)
        status = answer.status if answer is not None else None
        assert status == 200, (username, path, status)
        lang = page.locator("html").get_attribute("lang") or ""
        assert lang[:2] == (locale or self.locale)[:2], (username, path, lang)
        return page

    def check(self, page: Page, kind: str) -> None:
        """axe finds nothing, the phone needs no sideways scrolling."""
        language = page.locator("html").get_attribute("lang") or ""
        unwanted = self.only is not None and kind not in self.only
        if unwanted or (kind, language) in self.checked:
            return
        self.checked.add((kind, language))
        page.evaluate(AXE.read_text(encoding="utf-8"))
        found = page.evaluate("axe.run().then(r => r.violations)")
        summary = [
            (v["id"], [node["html"][:160] for node in v["nodes"][:3]]) for v in found
        ]
        if summary:
            self.problems.append(f"{kind} ({language}): {summary}")
        before = page.viewport_size or DESKTOP
        page.set_viewport_size(PHONE)
        width = page.evaluate("document.documentElement.scrollWidth")
        if width > PHONE["width"]:
            self.problems.append(f"{kind} ({language}) is {width} px wide")
        page.set_viewport_size(before)

    def close(self) -> None:
        for context in self.contexts:
            context.close()


@pytest.fixture
def windows(chromium: Browser, live_server) -> Iterator[Windows]:
    opened = Windows(chromium, live_server.url)
    yield opened
    opened.close()
