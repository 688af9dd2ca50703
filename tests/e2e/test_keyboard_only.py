"""Applying, screening, scoring and paying with nothing but the keyboard."""

import datetime as dt
from collections.abc import Iterator

import pytest
from django.utils.timezone import now
from playwright.sync_api import Browser, expect

from desk.demo.data import awarded
from desk.demo.house import PASSWORD, House, build_house
from grants.actions import ACTIONS
from grants.forms.typed import plain_typed
from grants.models import Case, Review, Seat
from grants.services.drafts import draft_key, save_typing
from organisations.models import User
from tests.clock import Clock
from tests.e2e.conftest import DESKTOP, IN_A_BROWSER
from tests.e2e.keyboard import Keyboard
from tests.e2e.steps import open_round
from tests.workflows.driver import fresh, next_item, next_timer, take
from workflows.models import WorkItem
from workflows.selectors import inbox_for
from workflows.services import sweep

pytestmark = IN_A_BROWSER
TITLE = "“檐下慢时光”高龄独居老人陪伴照护项目"


class Desk:
    """A keyboard for each person, signed in by it."""

    def __init__(self, chromium: Browser, base: str) -> None:
        self.chromium, self.base = chromium, base
        self.keyboards: list[Keyboard] = []

    def of(self, username: str) -> Keyboard:
        context = self.chromium.new_context(
            locale="zh-CN",
            base_url=self.base,
            viewport=DESKTOP,
            reduced_motion="reduce",
        )
        context.set_default_timeout(20_000)
        keyboard = Keyboard(context.new_page())
        self.keyboards.append(keyboard)
        keyboard.sign_in(username, PASSWORD)
        return keyboard

    @property
    def hidden(self) -> list[str]:
        return sorted({html for each in self.keyboards for html in each.hidden})


@pytest.fixture
def desk(chromium: Browser, live_server) -> Iterator[Desk]:
    opened = Desk(chromium, live_server.url)
    yield opened
    for keyboard in opened.keyboards:
        keyboard.page.context.close()


def task(action: str) -> WorkItem:
    return WorkItem.objects.get(action=action, closed_at=None)


def work_until(action: str, house: House, clock: Clock) -> WorkItem:
    """Let everybody work by services until such a task is open."""
    people = [fresh(person) for person in house.people.values()]
    for _step in range(80):
        if item := WorkItem.objects.filter(action=action, closed_at=None).first():
            return item
        found = next_item(people)
        if found is None:
            clock.to(max(next_timer(), now()) + dt.timedelta(seconds=1))
            assert sweep()["failed"] == 0
        else:
            take(*found)
    raise AssertionError(f"no {action} after 80 steps")


@pytest.mark.slow(50)
def test_apply_screen_score_and_pay_by_keyboard(desk: Desk, clock: Clock) -> None:
    clock.to(now() + dt.timedelta(seconds=1))
    house = build_house(awarded()[:1])
    open_round(house)
    apply(desk, house["applicant1"])
    screen(desk)
    work_until("declare_interest", house, clock)
    score(desk)
    pay(desk, house, work_until("record_payment", house, clock))
    assert not desk.hidden, "\n".join(desk.hidden)


def apply(desk: Desk, applicant: User) -> None:
    """Begin an application, type one topic (the rest stands there), hand it in."""
    keyboard = desk.of(applicant.username)
    keyboard.follow("nav a[href='/apply/']")
    keyboard.tick("round", "e2e")
    keyboard.follow("form#form button")
    case = Case.objects.get()
    action = ACTIONS["submit_application"]
    body = action.example(case, applicant)
    first = action.form.topics[0][1]
    form = action.form(target=case, by=applicant)
    typed = {n: plain_typed(form, n, v) for n, v in body.items() if n not in first}
    key = draft_key("submit_application", case)
    save_typing(key, by=fresh(applicant), fields=typed)

    keyboard.follow(".topic-list a")
    keyboard.write("title", TITLE)
    keyboard.select("category", "elderly")
    keyboard.select("district", body["district"])
    keyboard.write("place", "上城区（演示）")
    keyboard.write("summary", body["summary"])
    keyboard.follow("form#form .btn-list .btn-primary")
    keyboard.follow(".page-header a")
    keyboard.follow(f"main a[href$='/work/{task('submit_application').pk}/check/']")
    keyboard.follow(".btn-list a.btn-primary")
    keyboard.follow("form#form .btn-list button")
    case.refresh_from_db()
    assert (case.status, case.title) == ("SCREENING", TITLE)
    assert case.application.category == "elderly"


def screen(desk: Desk) -> None:
    """Every rule of the checklist is met; then the outcome."""
    keyboard, item = desk.of("operator1"), task("screen")
    keyboard.open_task(item.pk)
    rows = keyboard.page.locator("#id_checks-table tbody tr").count()
    assert rows == 12
    for row in range(rows):
        verdict = keyboard.page.locator(f"[name=checks-{row}-verdict]")
        if verdict.input_value() != "PASS":
            keyboard.select(f"checks-{row}-verdict", "PASS")
            keyboard.write(f"checks-{row}-evidence", "已核查，符合要求。")
    keyboard.tick("outcome", "ELIGIBLE")
    keyboard.follow("form#form .btn-list button")
    item.refresh_from_db()
    assert item.case.status == "ELIGIBLE"


def score(desk: Desk) -> None:
    """Declare no conflict; forget one score, be led to it, then lock the sheet."""
    seat = Seat.objects.get(number=1)
    keyboard = desk.of(seat.reviewer.username)
    keyboard.open_task(WorkItem.objects.get(task__seat=seat, closed_at=None).pk)
    keyboard.follow("form#form .btn-list button")
    item = WorkItem.objects.get(task__seat=seat, closed_at=None)
    body = ACTIONS["lock_score"].example(item.target, item.holder)
    keyboard.open_task(item.pk)
    names = [name for name in body if name.startswith("score_")]
    for name in (*names[:-1], "recommended"):
        keyboard.write(name, body[name])
    keyboard.follow("form#form .btn-list button")
    summary = keyboard.page.locator(".error-summary")
    expect(summary).to_be_focused()
    keyboard.to(summary.locator("a").first)
    keyboard.keys.press("Enter")
    forgotten = keyboard.page.locator(f"[name={names[-1]}]")
    expect(forgotten).to_be_focused()
    assert keyboard.focus(forgotten)["outlined"]
    keyboard.keys.type(body[names[-1]])
    keyboard.follow("form#form .btn-list button")
    expect(keyboard.page.locator("#locked")).to_be_visible()
    keyboard.follow("form#form .btn-list button")
    review = Review.objects.get(seat=seat)
    assert (review.total, review.reviewer) == (85, seat.reviewer)


def pay(desk: Desk, house: House, item: WorkItem) -> None:
    """The cashier notes the treasury's voucher."""
    cashiers = [fresh(house[name]) for name in ("finance1", "finance2")]
    (by,) = [u for u in cashiers if inbox_for(u).filter(pk=item.pk).exists()]
    keyboard = desk.of(by.username)
    keyboard.open_task(item.pk)
    keyboard.write("voucher_number", "国拨-001")
    keyboard.follow("form#form .btn-list button")
    tranche = item.case.tranches.get(seq=1)
    assert (tranche.status, tranche.voucher_number) == ("PAID", "国拨-001")
    assert tranche.recorded_by == by
