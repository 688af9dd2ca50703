"""`make pictures`: take the pictures of docs/guide/ from the demo that is served.

Every picture of a passage shows that passage's page, as its reader, in its
language; a name that ends in `-phone` asks for a narrow screen. What was on the
page when its picture was taken is kept in taken.json, which a test compares with
the guides. The demo of this folder must be served (PORT); Chromium is needed.
"""

import argparse
import base64
import json
import os
import shutil
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
# Playwright's loop runs in this thread, which also reads the database.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

import django
from playwright.sync_api import Browser, Page, sync_playwright

django.setup()

from desk.demo.house import PASSWORD
from scripts.guide import (
    PICTURES,
    VISITOR,
    Passage,
    all_passages,
    found_in_demo,
    missing_words,
)

DESKTOP, PHONE = {"width": 1280, "height": 860}, {"width": 390, "height": 844}
FLAGS = ["--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
TAKEN = PICTURES / "taken.json"
QUALITY = 72
LOCALES = {"en": "en-US", "zh": "zh-CN"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=int(os.environ.get("PORT", "8000")))
    parser.add_argument("names", nargs="*", help="take only pictures named like these")
    options = parser.parse_args()
    taken = json.loads(TAKEN.read_text("utf-8")) if TAKEN.exists() else {}
    wanted = {name: passage for passage in all_passages() for name in passage.pictures}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        pages = Pages(browser, f"http://127.0.0.1:{options.port}")
        for name, passage in sorted(wanted.items()):
            if options.names and not any(part in name for part in options.names):
                continue
            page = pages.at(passage, PHONE if "-phone." in name else DESKTOP)
            missing = missing_words(passage, page.content())
            if missing:
                sys.exit(f"{passage}: not on the page: {missing}")
            (PICTURES / name).write_bytes(picture(page))
            taken[name] = {
                "page": passage.address,
                "reader": passage.reader,
                "words": sorted(passage.words),
            }
            print(f"{name}  {passage}", flush=True)
        browser.close()
    kept = {name: taken[name] for name in sorted(taken) if name in wanted}
    TAKEN.write_text(
        json.dumps(kept, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )
    for path in PICTURES.glob("*.webp"):
        if path.name not in wanted:
            path.unlink()


def chromium() -> str:
    kinds = ("chromium-headless-shell", "chromium", "chromium-browser")
    named = os.environ.get("CHROMIUM", "")
    found = named or next(filter(None, map(shutil.which, kinds)), None)
    return found or sys.exit("No Chromium found; run make services or set CHROMIUM")


def picture(page: Page) -> bytes:
    """What the window shows, small enough for a repository."""
    session = page.context.new_cdp_session(page)
    asked = {"format": "webp", "quality": QUALITY}
    return base64.b64decode(session.send("Page.captureScreenshot", asked)["data"])


class Pages:
    """A window for each person and language."""

    def __init__(self, browser: Browser, base: str) -> None:
        self.browser, self.base = browser, base
        self.open: dict[tuple[str, str], Page] = {}

    def at(self, passage: Passage, size: dict[str, int]) -> Page:
        """The window of a passage's reader, at its page."""
        username, path = found_in_demo(passage)
        key = (username, passage.language)
        page = self.open.get(key) or self.enter(*key)
        page.set_viewport_size(size)
        answer = page.goto(path)
        if answer is None or answer.status != 200:
            sys.exit(f"{passage}: {answer and answer.status} at {page.url}")
        page.wait_for_load_state("networkidle")
        return page

    def enter(self, reader: str, language: str) -> Page:
        context = self.browser.new_context(base_url=self.base, locale=LOCALES[language])
        page = self.open[reader, language] = context.new_page()
        if reader != VISITOR:
            page.goto("/accounts/login/")
            page.fill("input[name=login]", reader)
            page.fill("input[name=password]", PASSWORD)
            page.locator("main form button.btn-primary").click()
            page.wait_for_url(lambda url: "/accounts/login/" not in url)
        return page


if __name__ == "__main__":
    main()
