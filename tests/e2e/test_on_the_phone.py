"""A tracking stage on the spot: the ledger, the report and the visit on phones."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.utils.timezone import now
from playwright.sync_api import FileChooser, Page, expect

from attachments.models import Version
from desk.demo.data import awarded
from desk.demo.house import build_house
from grants.actions import ACTIONS
from grants.calendar import start_of, today
from grants.models import Case, Expense, ServiceRecord
from tests.clock import Clock
from tests.e2e.conftest import IN_A_BROWSER, PHONE, Windows, press
from tests.e2e.steps import do_task, fill, open_round, open_task, send
from tests.workflows.driver import fresh, road
from workflows.models import WorkItem
from workflows.open import violations_of
from workflows.services import start_case

pytestmark = IN_A_BROWSER


def running(house: Any, clock: Clock) -> Case:
    """A project on its third day, its first stage open."""
    organisation = house["applicant1"].memberships.earliest("pk").organisation
    case = start_case(open_round(house), organisation, by=fresh(house["applicant1"]))
    road(case, list(house.people.values()), clock, until="RUNNING_INITIAL")
    begun = start_of(case.round.project_starts_on)
    clock.to(begun + dt.timedelta(days=2, hours=10))
    return Case.objects.get(pk=case.pk)


def photos(page: Page, *names: str) -> list[dict[str, Any]]:
    """Real pictures, as a camera hands them over."""
    taken = page.screenshot(type="jpeg")
    return [
        {"name": f"{name}.jpg", "mimeType": "image/jpeg", "buffer": taken}
        for name in names
    ]


def choose(page: Page, name: str) -> FileChooser:
    """Tap a file field: the phone opens its camera or its pictures."""
    with page.expect_file_chooser() as opened:
        page.locator(f"input[name={name}]").tap()
    return opened.value


def is_camera(chooser: FileChooser) -> bool:
    return chooser.element.get_attribute("capture") == "environment"


def task(case: Case, action: str) -> WorkItem:
    return WorkItem.objects.get(case=case, action=action, closed_at=None)


def test_a_stage_and_a_visit_on_phones(windows: Windows, clock: Clock) -> None:
    clock.to(now() + dt.timedelta(seconds=1))
    windows.phones = {"applicant1", "supervisor1"}
    house = build_house(awarded()[:1])
    case = running(house, clock)
    keep_ledger(windows, case)
    report(windows, case, house)
    check = task(case, "check_materials")
    do_task(windows, check, fresh(house["operator1"]), {"outcome": "ACCEPT"})
    visit(windows, case, house)
    grade(windows, case, house)
    assert windows.of("supervisor1").viewport_size == PHONE
    assert windows.problems == []


def keep_ledger(windows: Windows, case: Case) -> None:
    """An activity with three pictures and an expense with its photographed proof."""
    page = windows.visit("applicant1", f"/cases/{case.code}/ledger/")
    windows.check(page, "empty ledger")
    press(page.locator("main").get_by_role("link", name="登记活动"))
    windows.check(page, "record_service")
    body = ACTIONS["record_service"].example(case, None)
    files = ("pictures", "sign_in_sheet")
    fill(page, {name: v for name, v in body.items() if name not in files})
    chooser = choose(page, "pictures")
    assert chooser.is_multiple()
    chooser.set_files(files=photos(page, "合影", "现场", "横幅"))
    sheet = choose(page, "sign_in_sheet")
    assert is_camera(sheet)
    sheet.set_files(files=photos(page, "签到表"))
    send(windows, page, "record_service")
    assert page.url.endswith("/ledger/"), page.locator("main").inner_text()
    record = ServiceRecord.objects.get()
    assert (record.persons, record.pictures.count()) == (30, 3)

    press(page.locator("main").get_by_role("link", name="登记支出"))
    windows.check(page, "record_expense")
    body = ACTIONS["record_expense"].example(case, None)
    fill(page, {name: value for name, value in body.items() if name != "proof"})
    proof = choose(page, "proof")
    assert is_camera(proof)
    proof.set_files(files=photos(page, "发票"))
    send(windows, page, "record_expense")
    assert page.url.endswith("/ledger/"), page.locator("main").inner_text()
    windows.check(page, "ledger")
    assert Expense.objects.get().amount == Decimal("580.00")
    expect(page.locator("main")).to_contain_text("580.00")


def report(windows: Windows, case: Case, house: Any) -> None:
    """The report begins with what the ledger counts."""
    item, by = task(case, "report_stage"), fresh(house["applicant1"])
    page = open_task(windows, item, by)
    expect(page.locator("[name=beneficiaries_served]")).to_have_value("30")
    expect(page.locator("[name=money_used]")).to_have_value("580.00")
    body = ACTIONS["report_stage"].example(item.target, by)
    figures = ("beneficiaries_served", "money_used")
    fill(page, {name: value for name, value in body.items() if name not in figures})
    send(windows, page, "report_stage")
    stage = case.stages.get(kind="INITIAL")
    assert (stage.beneficiaries_served, stage.money_used) == (30, Decimal("580.00"))


def visit(windows: Windows, case: Case, house: Any) -> None:
    """Without a picture it is refused and nothing typed is lost; then four."""
    item = task(case, "visit_site")
    page = open_task(windows, item, fresh(house["supervisor1"]))
    said = "小组活动正在进行，到场老人二十六名，签到表与现场人数相符。"
    expect(page.locator("[name=visited_on]")).to_have_value(today(now()).isoformat())
    fill(page, {"findings": said, "progress": "20", "advice": "完善签到表。"})
    send(windows, page, "visit_site")
    summary = page.locator(".error-summary")
    expect(summary).to_be_focused()
    press(summary.locator("a").first)
    wrong = page.locator(".has-error:has([name=photo]) .field-error")
    expect(wrong).to_be_visible()
    bar, said_wrong = page.locator("nav.navbar").bounding_box(), wrong.bounding_box()
    assert bar is not None
    assert said_wrong is not None
    assert said_wrong["y"] >= bar["y"] + bar["height"], "not under the bar"
    expect(page.locator("[name=findings]")).to_have_value(said)
    windows.check(page, "visit refused")

    camera = choose(page, "photo")
    assert is_camera(camera)
    assert not camera.is_multiple()
    camera.set_files(files=photos(page, "现场"))
    more = choose(page, "pictures")
    assert more.is_multiple()
    more.set_files(files=photos(page, "签到", "场地", "物料"))
    send(windows, page, "visit_site")
    made = case.stages.get(kind="INITIAL").visits.get()
    assert (made.findings, made.progress, made.pictures.count()) == (said, 20, 3)
    windows.check(
        windows.visit("supervisor1", f"/cases/{case.code}/tracking/"), "stage"
    )


def grade(windows: Windows, case: Case, house: Any) -> None:
    """The evaluator opens the pictures and passes the stage."""
    page = windows.visit("evaluator1", f"/cases/{case.code}/tracking/")
    links = page.locator("main a[href^='/documents/']").all()
    kinds = []
    for link in links:
        answer = page.request.get(link.get_attribute("href"))
        assert answer.status == 200
        kinds.append(answer.headers["content-type"])
    assert kinds.count("image/jpeg") == 4
    item, by = task(case, "grade_stage"), fresh(house["evaluator1"])
    body = ACTIONS["grade_stage"].example(item.target, by)
    do_task(windows, item, by, body)
    stage = case.stages.get(kind="INITIAL")
    assert (stage.status, stage.score) == ("PASSED", Decimal("88.00"))
    assert violations_of(Case.objects.get(pk=case.pk)) == []
    assert Version.objects.filter(content_type="image/jpeg").count() == 9
