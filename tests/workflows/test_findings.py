"""Findings of the auditor: asked, answered, resolved, or the inspector's alone."""

import pytest
from django.test import Client

from audit.models import Event
from audit.testing import ambient_event
from grants.errors import WrongState
from grants.models import Case, Finding, FindingStatus, Status
from grants.permissions import can_take
from grants.services.auditing import raise_finding, refer_finding
from grants.services.gate import set_status
from tests.costs import of_an_event, queries_of
from tests.factories.running import Running, fresh, make_running_case
from tests.guards.world import attempt
from workflows import engine
from workflows.models import Process, WorkItem
from workflows.open import violations_of
from workflows.selectors import actions_open_to, inbox_for

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(clock) -> Running:
    clock.to("2026-07-01 09:00")
    with ambient_event():
        running = make_running_case()
        engine.ensure_flows(running.case)
    return running


def case_of(project: Running) -> Case:
    return Case.objects.get(pk=project.case.pk)


def act(project: Running, name: str, by: str, target=None, **changes) -> None:
    """An act through the flows, and what must hold after it."""
    target = target or case_of(project)
    assert attempt(name, target, by=fresh(project.people[by]), **changes) == "done"
    assert violations_of(case_of(project)) == []


def found(project: Running) -> Finding:
    finding = Finding.objects.filter(case=project.case).latest("pk")
    finding.case = case_of(project)
    return finding


def waiting(project: Running) -> set[tuple[str, str]]:
    """The open steps of findings, and whose they are."""
    items = WorkItem.objects.filter(case=project.case, closed_at=None)
    return {
        (item.action, item.role or item.membership_role)
        for item in items
        if item.task.process.finding_id
    }


def holds(project: Running) -> list[str]:
    held = project.case.holds.filter(lifted_at=None)
    return list(held.values_list("kind", flat=True))


def test_the_office_answers_and_the_auditor_resolves(project):
    act(project, "raise_finding", "auditor")
    assert found(project).number == f"{project.case.code}-A1"
    assert waiting(project) == {("answer_finding", "operator")}
    act(project, "answer_finding", "operator", found(project))
    assert waiting(project) == {("resolve_finding", "auditor")}
    act(project, "resolve_finding", "auditor", found(project), outcome="ASK_AGAIN")
    assert waiting(project) == {("answer_finding", "operator")}
    act(project, "answer_finding", "operator", found(project))
    act(project, "resolve_finding", "auditor", found(project))
    assert found(project).status == FindingStatus.RESOLVED
    assert waiting(project) == set()
    assert holds(project) == [], "what is not referred holds no money"


def test_the_organisation_answers_what_it_was_asked(project):
    act(project, "raise_finding", "auditor", addressee="ORGANISATION")
    assert waiting(project) == {("explain_finding", "applicant")}
    told = attempt("answer_finding", found(project), by=project.operator)
    assert told == "409 wrong_state"
    act(project, "explain_finding", "applicant", found(project))
    assert waiting(project) == {("resolve_finding", "auditor")}


@pytest.mark.parametrize("answered", [False, True])
def test_a_referral_freezes_the_next_tranche_until_the_inspector_closes(
    project, answered
):
    act(project, "raise_finding", "auditor")
    if answered:
        act(project, "answer_finding", "operator", found(project))
    act(project, "refer_finding", "auditor", finding=found(project).number)
    assert waiting(project) == {("close_accountability", "inspector")}
    assert holds(project) == ["finding"]
    tranche = project.tranche(1)
    told = attempt("request_payment", tranche, by=project.org_finance)
    assert told.startswith("409"), told
    for who in ("auditor", "funder", "head", "leader", "operator"):
        told = attempt("close_accountability", found(project), by=getattr(project, who))
        assert told == "403 not_yours", who
    act(project, "close_accountability", "inspector", found(project), result="WARNED")
    assert (found(project).status, found(project).result) == ("CLOSED", "WARNED")
    assert holds(project) == []
    act(project, "request_payment", "org_finance", project.tranche(1))


def test_the_hold_stays_until_the_last_one_is_closed(project):
    first, second = (
        raise_finding(
            case_of(project),
            by=project.auditor,
            code="OTHER",
            severity="MINOR",
            addressee="OFFICE",
            statement="一",
            evidence="二",
        )
        for _turn in range(2)
    )
    for finding in (first, second):
        act(project, "refer_finding", "auditor", finding=finding.number)
    act(project, "close_accountability", "inspector", first)
    assert holds(project) == ["finding"]
    act(project, "close_accountability", "inspector", second)
    assert holds(project) == []


def test_nobody_closes_what_they_referred(project):
    act(project, "raise_finding", "auditor")
    act(project, "refer_finding", "auditor", finding=found(project).number)
    finding = found(project)
    assert can_take("close_accountability", finding, project.inspector)
    finding.referred_by = project.inspector
    assert not can_take("close_accountability", finding, project.inspector)


def test_a_case_does_not_end_while_a_finding_is_open(project):
    project.pay(1)
    act(project, "raise_finding", "auditor")
    act(project, "terminate", "funder", accepted_expenditure="50000.00")
    told = attempt("confirm_termination", case_of(project), by=project.head)
    assert told == "409 wrong_state"
    act(project, "answer_finding", "operator", found(project))
    act(project, "resolve_finding", "auditor", found(project))
    act(project, "confirm_termination", "head")
    assert case_of(project).status == Status.TERMINATED


def test_nor_does_it_go_to_the_archive(project):
    act(project, "raise_finding", "auditor")
    case = case_of(project)
    case.status = Status.CLOSED
    with pytest.raises(WrongState):
        set_status(case, Status.ARCHIVED)


def test_it_goes_on_through_a_clawback(project):
    project.pay(1)
    act(project, "raise_finding", "auditor")
    act(project, "refer_finding", "auditor", finding=found(project).number)
    process = Process.objects.get(finding=found(project))
    act(project, "terminate", "funder", ground="FRAUD", accepted_expenditure="0.00")
    act(project, "confirm_termination", "head")
    assert case_of(project).status == Status.CLAWBACK
    assert waiting(project) == {("close_accountability", "inspector")}
    assert Process.objects.get(finding=found(project)) == process
    act(project, "close_accountability", "inspector", found(project))
    assert waiting(project) == set()


def test_flows_are_made_anew_from_what_is_stored(project):
    """As after a restart, or where a finding came without a flow."""
    finding = raise_finding(
        case_of(project),
        by=project.auditor,
        code="OTHER",
        severity="GRAVE",
        addressee="OFFICE",
        statement="一",
        evidence="二",
    )
    refer_finding(
        case_of(project), by=project.auditor, finding=finding.number, reason="三"
    )
    assert waiting(project) == set()
    for _turn in range(2):
        with ambient_event():
            engine.ensure_flows(case_of(project))
        assert waiting(project) == {("close_accountability", "inspector")}
    assert Process.objects.filter(finding=finding).count() == 1


def test_who_is_offered_what(project):
    def offers(who: str) -> set[str]:
        given = actions_open_to(fresh(project.people[who]), case_of(project))
        return {offer.action.name for offer in given}

    assert offers("auditor") == {"raise_finding", "hold_documents"}
    assert offers("inspector") == {"hold_documents"}
    act(project, "raise_finding", "auditor")
    act(project, "refer_finding", "auditor", finding=found(project).number)
    assert offers("inspector") == {"close_accountability", "hold_documents"}
    inbox = inbox_for(fresh(project.people["inspector"]))
    assert {item.action for item in inbox} == {"close_accountability"}


def test_texts_can_be_erased_and_codes_stay(project):
    act(project, "raise_finding", "auditor", statement="张三经手的发票有误")
    line = Event.objects.filter(verb="raise_finding").latest("id").line
    assert "张三" not in line
    assert '"code":"VOUCHER"' in line


# -- pages -----------------------------------------------------------------------------


def enter(project: Running, who: str, language: str = "en") -> Client:
    client = Client(headers={"accept-language": language})
    with ambient_event():
        client.force_login(
            project.people[who], "django.contrib.auth.backends.ModelBackend"
        )
    return client


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_tab_and_list_show_a_finding_to_who_oversees(project, language):
    act(project, "raise_finding", "auditor", statement="发票缺失三张")
    code = project.case.code
    for who in ("auditor", "inspector"):
        client = enter(project, who, language)
        page = client.get(f"/cases/{code}/findings/").content.decode()
        assert "发票缺失三张" in page
        assert ("refer_finding" in page) == (who == "auditor")
        assert f"{code}-A1" in client.get("/findings/").content.decode()
    assert (
        "发票缺失三张"
        in enter(project, "operator").get(f"/cases/{code}/findings/").content.decode()
    )
    for who in ("applicant", "funder", "finance"):
        client = enter(project, who)
        assert client.get(f"/cases/{code}/findings/").status_code == 404, who
        assert client.get("/findings/").status_code == 404, who
        assert "发票缺失三张" not in client.get(f"/cases/{code}/").content.decode()


def test_the_organisation_learns_nothing_of_the_accountability_case(project):
    act(project, "raise_finding", "auditor")
    act(project, "refer_finding", "auditor", finding=found(project).number)
    code = project.case.code
    paths = [f"/cases/{code}/{tab}" for tab in ("", "diagram/", "timeline/")]
    for who, told in (("applicant", False), ("head", True)):
        client = enter(project, who)
        pages = [client.get(path).content.decode() for path in paths]
        assert any("accountability" in page for page in pages) == told, who
        assert any("Hold" in page for page in pages), "but that the money stops"
        steps = client.get(f"/api/v1/cases/{code}").content.decode()
        assert ("close_accountability" in steps) == told, who


def test_raised_and_referred_on_the_pages(project):
    client, code = enter(project, "auditor"), project.case.code
    url = f"/cases/{code}/act/raise_finding/"
    assert client.get(url).status_code == 200
    body = {"code": "SPENDING", "severity": "MAJOR", "addressee": "OFFICE"}
    broken = {"statement": "", "evidence": "台账", "amount": "-1"}
    again = client.post(url, body | broken)
    assert again.status_code in (200, 422)
    assert not Finding.objects.exists()
    assert "台账" in again.content.decode(), "what was typed stays"
    sent = client.post(url, body | {"statement": "挪用", "evidence": "台账"})
    assert sent["Location"] == f"/cases/{code}/findings/"
    pk = found(project).number
    url = f"/cases/{code}/act/refer_finding/"
    page = client.get(f"{url}?entry={pk}").content.decode()
    assert f'value="{pk}" checked' in page
    sent = client.post(url, {"finding": pk, "reason": "需要核查"})
    assert sent.status_code == 302
    assert client.post(url, {"finding": pk, "reason": "再来"}).status_code in (
        200,
        422,
    )
    item = WorkItem.objects.get(action="close_accountability")
    page = enter(project, "inspector").get(f"/work/{item.pk}/").content.decode()
    assert "挪用" in page
    assert "需要核查" in page


def test_list_costs_the_same_at_one_and_four(project):
    act(project, "raise_finding", "auditor")
    one = queries_of(enter(project, "auditor"), "/findings/")
    for _number in range(3):
        act(project, "raise_finding", "auditor")
    assert (
        queries_of(enter(project, "auditor"), "/findings/") == one == 7 + of_an_event()
    )


@pytest.mark.parametrize("answered", [False, True])
def test_the_last_repayment_waits_for_a_finding(project, answered):
    """Money that is due keeps the case in the clawback; so does the question."""
    project.pay(1)
    act(project, "raise_finding", "auditor")
    if answered:
        act(project, "answer_finding", "operator", found(project))
    act(project, "terminate", "funder", ground="FRAUD", accepted_expenditure="0.00")
    act(project, "confirm_termination", "head")
    act(project, "submit_repayment", "org_finance")
    told = attempt("record_repayment", case_of(project), by=project.finance)
    assert told == "409 wrong_state"
    assert case_of(project).status == Status.CLAWBACK
    if not answered:
        act(project, "answer_finding", "operator", found(project))
    act(project, "resolve_finding", "auditor", found(project))
    assert waiting(project) == set()
    act(project, "record_repayment", "finance")
    assert case_of(project).status == Status.CLAWBACK_DONE
