"""The second factor in a browser, in Chinese: set up, signed in with, asked again."""

import time
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.cache import cache
from django.utils.timezone import now
from playwright.sync_api import Page, expect

from audit.testing import ambient_event
from audit.verify import verify
from desk.demo.house import PASSWORD
from grants.actions import ACTIONS
from grants.models import TrancheStatus
from organisations.models import User
from tests.clock import Clock
from tests.e2e.conftest import IN_A_BROWSER, Windows, press
from tests.e2e.steps import fill, send
from tests.factories.running import Running, make_running_case
from workflows.models import WorkItem
from workflows.rounds import sync_round

pytestmark = IN_A_BROWSER
ASKED = "**/accounts/factor/authenticate/**"
AGAIN = "**/accounts/factor/again/**"


@pytest.fixture
def project(clock: Clock, settings: Any) -> Running:
    """A project with a payment that waits for its approval; staff need a factor."""
    settings.MFA_REQUIRED = True
    clock.to(now())
    running = make_running_case(award="160675.68")
    head = running.head
    head.set_password(PASSWORD)
    with ambient_event():
        head.save()
    for name in ("request_payment", "register_receipt"):
        running.do(name, running.tranche(1))
    with ambient_event():
        sync_round(running.case.round)
    return running


def type_code(page: Page, code: str) -> None:
    """Type a code and send it; the cache forgets which codes were used, as it does
    when the next one comes after thirty seconds."""
    cache.clear()
    page.locator("input[name=code]").fill(code)
    with page.expect_navigation():
        press(page.locator("main form button.btn-primary"))


def shown(secret: str) -> str:
    """What the app on the phone shows now."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def test_it_is_set_up_signed_in_with_and_asked_again_before_approving(
    windows: Windows, project: Running, clock: Clock
) -> None:
    head = project.head
    # -- set up, before anything else
    page = windows.of(head.username)
    expect(page.get_by_role("heading", name="设置验证器应用")).to_be_visible()
    windows.check(page, "set up")
    secret = page.locator("main code").inner_text()
    type_code(page, "000000x")
    expect(page.locator("#id_code-error")).to_be_visible()
    assert page.locator("main code").inner_text() == secret
    windows.check(page, "set up with an error")
    type_code(page, shown(secret))
    expect(page.get_by_role("heading", name="备用码")).to_be_visible()
    windows.check(page, "recovery codes")
    codes = page.locator("main li").all_inner_texts()
    assert len(codes) == 10
    page.get_by_role("link", name="继续").click()
    page.wait_for_url("**/home/")

    # -- sign in with it
    page = window_anew(windows, head)
    page.wait_for_url(ASKED)
    expect(page.get_by_role("heading", name="两步验证")).to_be_visible()
    windows.check(page, "second factor")
    type_code(page, "123456x")
    assert "/factor/authenticate/" in page.url
    type_code(page, shown(secret))
    page.wait_for_url("**/home/")

    # -- asked again before approving, what was typed is kept
    item = WorkItem.objects.get(action="approve_payment", closed_at=None)
    page = windows.visit(head.username, f"/work/{item.pk}/")
    body = ACTIONS["approve_payment"].example(item.target, head)
    fill(page, body | {"number": "演示拨付〔2026〕7号"})
    clock.forward(minutes=15)
    send(windows, page, "approve_payment")
    page.wait_for_url(AGAIN)
    expect(page.get_by_role("heading", name="请确认是您本人操作")).to_be_visible()
    windows.check(page, "asked again")
    item.refresh_from_db()
    assert item.is_open
    type_code(page, shown(secret))
    page.wait_for_url(f"**/work/{item.pk}/")
    assert page.locator("[name=number]").input_value() == "演示拨付〔2026〕7号"
    send(windows, page, "approve_payment")
    item.refresh_from_db()
    assert not item.is_open
    assert project.tranche(1).status == TrancheStatus.APPROVED

    # -- the phone is lost: a recovery code, which counts once
    page = window_anew(windows, head)
    page.wait_for_url(ASKED)
    type_code(page, codes[0])
    page.wait_for_url("**/home/")
    page = window_anew(windows, head)
    page.wait_for_url(ASKED)
    type_code(page, codes[0])
    expect(page.locator(".field-error").first).to_be_visible()
    assert "/factor/authenticate/" in page.url
    assert windows.problems == []
    assert verify().findings == []


def window_anew(windows: Windows, person: User) -> Page:
    """Another window, in which nobody has signed in yet."""
    windows.pages.clear()
    return windows.of(person.username)
