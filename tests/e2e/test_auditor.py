"""An auditor's way, in Chinese: a signal, the record, the case a month before, a
finding, the inspector, and a dossier that verifies without the system."""

import datetime as dt
from pathlib import Path
from typing import Any

from django.utils.timezone import localtime, now
from playwright.sync_api import expect

from audit import checkpoints, keys
from audit.testing import ambient_event
from desk import exports
from desk.demo.house import PASSWORD
from desk.models import Export
from grants.actions import ACTIONS
from grants.calendar import today
from grants.models import Case, Expense, Finding
from tests.clock import Clock
from tests.desk.forging import PROVEN, verified
from tests.e2e.conftest import IN_A_BROWSER, Windows
from tests.e2e.steps import do_task, fill, send
from tests.factories.running import Running, act_on, make_running_case
from workflows import engine
from workflows.models import WorkItem

pytestmark = IN_A_BROWSER
PAYEE = "某某印务（演示）"


def with_split_expenses(project: Running | None = None) -> Running:
    """A project with three expenses just under a limit; its people may sign in."""
    project = project or make_running_case()
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


def test_a_finding_stops_the_money_until_the_inspector_closes_it(
    windows: Windows, clock: Clock, tmp_path: Path, settings: Any
) -> None:
    public = keys.make(tmp_path / "key")
    settings.CHECKPOINT_PUBLIC_KEYS = [public]
    settings.CHECKPOINT_FOLDER = tmp_path / "checkpoints"
    present = now()
    clock.to(present - dt.timedelta(days=40))
    project = make_running_case()
    with ambient_event():
        engine.ensure_flows(project.case)
    clock.to(present + dt.timedelta(seconds=1))
    with_split_expenses(project)
    auditor, code = project.auditor.username, project.case.code

    page = windows.visit(auditor, "/audit/signals/")
    split = page.get_by_role("region", name="限额以下拆分支付")
    expect(split.get_by_text("合计29,700.00")).to_be_visible()
    page = windows.visit(auditor, f"/cases/{code}/as-of/")
    month_ago = localtime(present - dt.timedelta(days=30))
    page.get_by_label("时点").fill(month_ago.strftime("%Y-%m-%dT%H:%M:%S"))
    page.get_by_label("只看不同之处").check()
    page.get_by_role("button", name="查看").click()
    expect(page.get_by_text("当时尚无").first).to_be_visible()
    expect(page.get_by_text(PAYEE).first).to_be_visible()

    case = Case.objects.get(code=code)
    page = windows.visit(auditor, f"/cases/{code}/act/raise_finding/")
    windows.check(page, "raise_finding")
    body = ACTIONS["raise_finding"].example(case, project.auditor)
    fill(page, body | {"amount": "29700.00", "statement": "同一收款方三笔拆分支付。"})
    send(windows, page, "raise_finding")
    finding = Finding.objects.get()
    page = windows.visit(auditor, f"/cases/{code}/findings/")
    windows.check(page, "findings")
    page.get_by_role("link", name="移送纪检监察").click()
    windows.check(page, "refer_finding")
    body = ACTIONS["refer_finding"].example(case, project.auditor)
    fill(page, body | {"finding": finding.number})
    send(windows, page, "refer_finding")

    page = windows.visit(project.finance.username, "/finance/?state=held")
    expect(page.get_by_text("本项目有未决事项").first).to_be_visible()
    item = WorkItem.objects.get(action="close_accountability", closed_at=None)
    body = item.target and ACTIONS[item.action].example(item.target, project.inspector)
    do_task(windows, item, project.inspector, body)
    finding.refresh_from_db()
    assert finding.closed_by == project.inspector
    assert not case.holds.filter(lifted_at=None).exists()

    page = windows.visit(auditor, f"/cases/{code}/")
    page.get_by_role("button", name="生成存证包").click()
    page.wait_for_url("**/exports/")
    expect(page.get_by_text("尚无检查点")).to_be_visible()
    checkpoints.make(keys.load(tmp_path / "key"))  # as somebody with the key does
    assert exports.sweep() == 1
    page = windows.visit(auditor, "/exports/")
    export = Export.objects.get()
    with page.expect_download() as download:
        page.get_by_role("link", name=export.name).click()
    path = tmp_path / "dossier.zip"
    download.value.save_as(path)
    told = verified(path, "--lang", "zh", "--key", public)
    assert told.code == PROVEN, told.text
    assert windows.problems == []
