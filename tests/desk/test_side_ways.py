"""Side ways on pages: the forms are there, say what is at stake, and work."""

import re

import pytest
from django.test import Client

from audit.testing import ambient_event
from grants.models import Case, Status
from tests.factories.running import Running, make_running_case
from workflows import engine
from workflows.models import WorkItem

pytestmark = [pytest.mark.once, pytest.mark.django_db]
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def project(clock) -> Running:
    """A project with its flows, to which 50,000.00 yuan were paid."""
    clock.to("2026-07-01 09:00")
    running = make_running_case()
    running.pay(1)
    with ambient_event():
        engine.ensure_flows(running.case)
    return running


def browser(project: Running, who: str) -> Client:
    client = Client(headers={"accept-language": "en"})
    with ambient_event():
        client.force_login(project.people[who], backend=BACKEND)
    return client


def status_of(project: Running) -> str:
    return Case.objects.get(pk=project.case.pk).status


def act(project: Running, who: str, action: str, **body: object) -> Client:
    """Open the page of what is no step, and send its form."""
    client = browser(project, who)
    url = f"/cases/{project.case.code}/act/{action}/"
    page = client.get(url)
    assert page.status_code == 200, action
    answer = client.post(url, token(page) | body)
    assert answer.status_code == 302, answer.content.decode()
    return client


def work(project: Running, who: str, action: str, *words: str, **body: object) -> None:
    """Open the page of an open step, read it, and send its form."""
    item = WorkItem.objects.get(case=project.case, action=action, closed_at=None)
    client, url = browser(project, who), f"/work/{item.pk}/"
    page = client.get(url)
    text = page.content.decode()
    for said in words:
        assert said in text, said
    answer = client.post(url, token(page) | body)
    assert answer.status_code == 302, answer.content.decode()


def token(page: object) -> dict[str, str]:
    """The hidden fields of a page's form."""
    found = re.findall(
        r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.content.decode()
    )
    return dict(found)


def tab(project: Running, who: str, name: str) -> str:
    answer = browser(project, who).get(f"/cases/{project.case.code}/{name}/")
    assert answer.status_code == 200
    return answer.content.decode()


def test_termination_and_repayment_on_pages(project):
    case_page = browser(project, "funder").get(f"/cases/{project.case.code}/")
    for action in ("terminate", "suspend"):
        assert f"/act/{action}/" in case_page.content.decode()
    act(
        *(project, "funder", "terminate"),
        ground="CAUSE",
        reason="Services were stopped",
        accepted_expenditure="12345.67",
        accepted_because="By vouchers",
    )
    work(
        *(project, "head", "confirm_termination"),
        *("Services were stopped", "37,654.33", "By vouchers"),
        outcome="CONFIRM",
    )
    assert status_of(project) == Status.CLAWBACK
    money = tab(project, "applicant", "money")
    for words in ("37,654.33", "12,345.67", "2029-07-01"):
        assert words in money
    item = WorkItem.objects.get(case=project.case, closed_at=None)
    page = browser(project, "org_finance").get(f"/work/{item.pk}/")
    assert "37654.33" in page.content.decode()  # filled in already
    organisation = project.case.organisation
    organisation.refresh_from_db()
    assert project.case.code in organisation.exclusion_reason


def test_change_on_pages_with_its_history(project):
    act(
        *(project, "applicant", "request_change"),
        kind="PLACE",
        reason="The hall is closed",
        place="Another hall",
    )
    overview = browser(project, "applicant").get(f"/cases/{project.case.code}/")
    assert "/act/request_change/" not in overview.content.decode()
    work(
        *(project, "funder", "decide_change"),
        *("Another hall", "The hall is closed"),
        outcome="APPROVE",
    )
    tracking = tab(project, "applicant", "tracking")
    assert "Another hall" in tracking
    assert "Approved" in tracking


def test_wrong_request_keeps_what_was_typed(project):
    client = browser(project, "applicant")
    url = f"/cases/{project.case.code}/act/request_change/"
    body = {"kind": "PERIOD", "reason": "More time", "period_end": "2030-01-01"}
    answer = client.post(url, token(client.get(url)) | body)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "at most 3 months" in text
    assert "More time" in text
    assert "2030-01-01" in text


def test_reopening_on_pages(project):
    act(
        *(project, "funder", "terminate"),
        ground="AGREEMENT",
        reason="Both agreed",
        accepted_expenditure="50000.00",
        accepted_because="By vouchers",
    )
    work(project, "head", "confirm_termination", outcome="CONFIRM")
    assert status_of(project) == Status.TERMINATED
    act(project, "funder", "reopen", reason="A mistake")
    work(
        *(project, "head", "confirm_reopening"),
        *("A mistake", "Running, initial stage"),
        outcome="CONFIRM",
    )
    assert status_of(project) == Status.RUNNING_INITIAL


def test_page_that_resumes_says_why_since_when_and_by_whom(project):
    act(project, "funder", "suspend", reason="账目待查：票据不全")
    since = project.case.holds.get().opened_at.strftime("%Y-%m-%d")
    said = ("账目待查：票据不全", since, str(project.funder), "50,000.00")
    work(project, "funder", "resume", *said, reason="票据已补齐")
    assert project.case.holds.get().lifted_at is not None
