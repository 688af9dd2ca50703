"""An auditor's way, in Chinese: a signal, the record, the case a month before."""

from django.utils.timezone import localtime, now
from playwright.sync_api import expect

from audit.testing import ambient_event
from desk.demo.house import PASSWORD
from grants.calendar import today
from grants.models import Expense
from tests.e2e.conftest import IN_A_BROWSER, Windows
from tests.factories.running import Running, act_on, make_running_case

pytestmark = IN_A_BROWSER
PAYEE = "某某印务（演示）"


def with_split_expenses() -> Running:
    """A project with three expenses just under a limit; its people may sign in."""
    project = make_running_case()
    with ambient_event():
        for user in project.people.values():
            user.set_password(PASSWORD)
            user.save()
    for number in range(3):
        act_on(
            "record_expense",
            project.case,
            project.applicant,
            amount="10.00",
            invoice_number=f"0440019{number}",
            spent_on=today(now()).isoformat(),
        )
    with ambient_event():
        Expense.objects.update(payee=PAYEE, amount="9900.00")
    return project


def test_an_auditor_goes_from_a_signal_to_how_the_case_stood(windows: Windows) -> None:
    project = with_split_expenses()
    auditor, code = project.auditor.username, project.case.code
    page = windows.visit(auditor, "/audit/signals/")
    expect(page.get_by_text("合计29,700.00")).to_be_visible()
    windows.check(page, "signals")
    split = page.get_by_role("region", name="限额以下拆分支付")
    split.get_by_role("link", name=code).first.click()
    expect(page.get_by_text(PAYEE).first).to_be_visible()

    page = windows.visit(auditor, f"/cases/{code}/as-of/")
    expect(page.get_by_text("该时点尚无此项目。")).to_be_visible()
    page.get_by_label("时点").fill(localtime(now()).strftime("%Y-%m-%dT%H:%M:%S"))
    page.get_by_role("button", name="查看").click()
    expect(page.get_by_role("heading", name="当时由谁担任何种角色")).to_be_visible()
    windows.check(page, "as of")
    page.get_by_role("link", name="项目查阅记录").click()
    expect(page.get_by_text(str(project.auditor)).first).to_be_visible()
    windows.check(page, "readers")

    page = windows.visit(auditor, f"/cases/{code}/timeline/")
    page.locator("details").first.click()
    expect(page.get_by_text("10.00").first).to_be_attached()
    windows.check(page, "timeline")
    page.get_by_role("link", name="查看当时的项目情况").last.click()
    page.get_by_label("只看不同之处").check()
    page.get_by_role("button", name="查看").click()
    expect(page.get_by_text("当时尚无").first).to_be_visible()
    windows.check(page, "only what differs")

    page = windows.visit(auditor, "/audit/", "en-GB")
    page.get_by_label("Application number").fill(code)
    page.get_by_label("Amount from (CNY)").fill("9900")
    page.get_by_role("button", name="Search", exact=True).click()
    expect(page.get_by_text("9,900.00").first).to_be_visible()
    windows.check(page, "search")
    page.get_by_label("Name of this search").fill("splitting")
    page.get_by_role("button", name="Save this search").click()
    expect(page.get_by_role("link", name="splitting")).to_be_visible()
    page.get_by_label("Amount from (CNY)").fill("much")
    page.get_by_role("button", name="Search", exact=True).click()
    expect(page.get_by_text("Enter a number.")).to_be_visible()
    windows.check(page, "search with an error")
    assert windows.problems == []
