"""The profile of an organisation, and an exclusion that two people lift."""

from playwright.sync_api import expect

from audit.testing import ambient_event
from desk.demo.house import PASSWORD
from organisations.models import Organisation
from tests.e2e.conftest import IN_A_BROWSER, Windows
from tests.factories.running import Running, make_running_case

pytestmark = IN_A_BROWSER


def terminated() -> Running:
    """A project that was terminated for breach; its people may sign in."""
    project = make_running_case()
    with ambient_event():
        for user in project.people.values():
            user.set_password(PASSWORD)
            user.save()
    why = {"ground": "CAUSE", "reason": "未按协议实施"}
    spent = {"accepted_expenditure": "0.00", "accepted_because": ""}
    project.do("terminate", **why, **spent)
    project.do("confirm_termination")
    return project


def test_profile_is_filled_in_and_an_exclusion_is_lifted(windows: Windows) -> None:
    project = terminated()
    organisation = project.case.organisation
    applicant = project.applicant.username
    page = windows.visit(applicant, "/home/")
    windows.check(page, "home")
    page.get_by_role("link", name=organisation.name).last.click()
    page.get_by_label("邮政编码").fill("31000")
    page.get_by_label("通讯地址").fill("上城区某路1号")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("link", name="请填写六位邮政编码")).to_be_visible()
    windows.check(page, "profile with an error")
    page.get_by_label("邮政编码").fill("310000")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("单位资料已保存。")).to_be_visible()
    assert page.get_by_label("通讯地址").input_value() == "上城区某路1号"
    windows.check(page, "profile")
    path = f"/our-organisation/{organisation.pk}/"
    windows.check(windows.visit(project.org_finance.username, path, "en-GB"), "read")

    page = windows.visit(project.funder.username, "/exclusions/")
    windows.check(page, "exclusions")
    page.get_by_role("link", name="提前解除").click()
    page.get_by_label("理由").fill("已整改")
    page.get_by_role("button", name="提议解除").click()
    page = windows.visit(project.head.username, "/exclusions/", "en-GB")
    windows.check(page, "exclusions")
    page.get_by_role("link", name="Lift early").click()
    windows.check(page, "exclusion")
    page.get_by_label("Lift the exclusion").check()
    page.get_by_role("button", name="Decide").click()
    expect(page.get_by_text("The exclusion was lifted.")).to_be_visible()
    assert Organisation.objects.get(pk=organisation.pk).excluded_until is None
    assert windows.problems == []
