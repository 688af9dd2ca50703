"""Side ways as flows of their own on the same case, beside or after the main one."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils.timezone import now

from audit.testing import ambient_event
from grants.models import Case, Status
from organisations.models import MembershipRole
from outbox.models import Message
from tests.factories.running import Running, fresh, make_running_case
from tests.guards.world import attempt, bring, make_world
from workflows import engine, services
from workflows.models import Task, WorkItem
from workflows.open import violations_of
from workflows.selectors import actions_open_to, inbox_for

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(clock) -> Running:
    """A project with its flows, that runs to 2027-06-30."""
    clock.to("2026-07-01 09:00")
    with ambient_event():
        running = make_running_case()
        engine.ensure_flows(running.case)
    return running


def act(project: Running, name: str, by: str, target: Any = None, **changes: Any):
    """An act through the flows, and what must hold after it."""
    case = Case.objects.get(pk=project.case.pk)
    target = target or case
    told = attempt(name, target, by=fresh(project.people[by]), **changes)
    assert told == "done", (name, told)
    project.case.refresh_from_db()
    assert violations_of(project.case) == []


def open_items(project: Running) -> set[str]:
    found = WorkItem.objects.filter(case=project.case, closed_at=None)
    return set(found.values_list("action", flat=True))


def offers(project: Running, who: str) -> set[str]:
    case = Case.objects.get(pk=project.case.pk)
    return {o.action.name for o in actions_open_to(fresh(project.people[who]), case)}


def pay_first(project: Running) -> None:
    tranche = project.tranche(1)
    act(project, "request_payment", "org_finance", tranche)
    act(project, "register_receipt", "registrar", project.tranche(1))
    act(project, "approve_payment", "head", project.round)
    act(project, "record_payment", "finance", project.tranche(1))


def test_everything_ends_with_the_termination_and_the_claim_begins(project, clock):
    pay_first(project)
    act(project, "suspend", "funder")
    act(project, "request_change", "applicant")
    act(project, "terminate", "funder", accepted_expenditure="30000.00")
    assert open_items(project) >= {
        "report_stage",
        "resume",
        "decide_change",
        "confirm_termination",
    }
    assert "terminate" not in offers(project, "funder")
    head = fresh(project.people["head"])
    assert "confirm_termination" in {i.action for i in inbox_for(head)}
    act(project, "confirm_termination", "head")
    assert project.case.status == Status.CLAWBACK
    assert open_items(project) == {"submit_repayment"}
    item = WorkItem.objects.get(case=project.case, closed_at=None)
    assert item.due_at == project.case.terminations.get().return_due
    assert item.membership_role == MembershipRole.FINANCE_CONTACT
    told = Message.objects.filter(recipient=project.people["applicant"]).last()
    assert told.params["status"] == Status.CLAWBACK

    clock.to(item.due_at + timedelta(minutes=1))
    assert services.sweep() == {"fired": 0, "failed": 0, "reminded": 1}
    item.refresh_from_db()
    assert item.is_overdue
    act(project, "submit_repayment", "org_finance", amount="5000.00")
    act(project, "record_repayment", "finance")
    assert open_items(project) == {"submit_repayment"}
    act(project, "submit_repayment", "org_finance")
    act(project, "record_repayment", "finance")
    assert project.case.status == Status.CLAWBACK_DONE
    assert open_items(project) == set()
    assert project.case.refund.amount == Decimal("20000.00")
    assert not list(engine.open_tasks(project.case))
    assert services.sweep()["fired"] == 0


def test_refused_termination_leaves_every_task_where_it_was(project):
    before = open_items(project)
    act(project, "terminate", "funder")
    act(project, "confirm_termination", "head", outcome="REJECT", reason="证据不足")
    assert open_items(project) == before
    assert "terminate" in offers(project, "funder")


def test_reopened_project_stands_where_it_ended(project):
    before = open_items(project)
    act(project, "terminate", "funder")
    act(project, "confirm_termination", "head")
    assert project.case.status == Status.TERMINATED
    assert open_items(project) == set()
    assert offers(project, "funder") == {"reopen"}
    act(project, "reopen", "funder")
    assert open_items(project) == {"confirm_reopening"}
    assert offers(project, "funder") == set()
    act(project, "confirm_reopening", "head")
    assert project.case.status == Status.RUNNING_INITIAL
    assert open_items(project) == before
    act(project, "report_stage", "applicant", project.stage("INITIAL"))


def test_project_that_waits_for_its_next_stage_waits_once_after_reopening(project):
    """Its initial stage has passed: the call of that stage ends as it begins."""
    with ambient_event():
        project.case.stages.filter(kind="INITIAL").update(status="PASSED")
    act(project, "terminate", "funder")
    act(project, "confirm_termination", "head")
    act(project, "reopen", "funder")
    act(project, "confirm_reopening", "head")
    timer = Task.objects.get(case=project.case, status="SCHEDULED")
    assert timer.flow_task.name == "mid_opens"
    assert timer.scheduled == project.stage("MID").opens_at


def test_extension_moves_the_timer_of_the_next_stage(project, clock):
    for name, who in (
        ("report_stage", "applicant"),
        ("check_materials", "operator"),
        ("visit_site", "supervisor"),
        ("grade_stage", "evaluator"),
    ):
        act(project, name, who, project.stage("INITIAL"))
    timer = Task.objects.get(case=project.case, status="SCHEDULED")
    first = timer.scheduled
    body = {"kind": "PERIOD", "reason": "招募缓慢", "period_end": "2027-09-30"}
    act(project, "request_change", "applicant", body=body)
    act(project, "decide_change", "funder")
    timer.refresh_from_db()
    assert timer.scheduled == project.stage("MID").opens_at > first
    clock.to(first + timedelta(minutes=1))
    assert services.sweep()["fired"] == 0
    clock.to(timer.scheduled + timedelta(minutes=1))
    assert services.sweep()["fired"] == 1
    project.case.refresh_from_db()
    assert project.case.status == Status.MID_EVAL


def test_major_change_waits_for_the_head(project):
    body = {"kind": "CONTENT", "reason": "疫情", "plan": "改为线上"}
    act(project, "request_change", "applicant", body=body)
    case = Case.objects.get(pk=project.case.pk)
    told = attempt("decide_change", case, by=fresh(project.people["funder"]))
    assert told == "403 not_yours"
    assert "request_change" not in offers(project, "applicant")
    act(project, "decide_change", "head")
    assert "request_change" in offers(project, "applicant")


def test_suspension_is_a_flow_of_its_own(project):
    act(project, "suspend", "funder")
    assert "resume" in open_items(project)
    tranche = project.tranche(1)
    by = fresh(project.people["org_finance"])
    assert attempt("request_payment", tranche, by=by) == "409 on_hold"
    act(project, "report_stage", "applicant", project.stage("INITIAL"))
    act(project, "resume", "funder")
    assert "resume" not in open_items(project)
    act(project, "request_payment", "org_finance", project.tranche(1))


@pytest.mark.parametrize(
    ("status", "leave"), [(Status.DRAFT, "withdraw"), (Status.UNDER_REVIEW, "decline")]
)
def test_case_that_left_comes_back_to_its_step(clock, status, leave):
    clock.to("2026-03-02 09:00")
    world = make_world()
    case = world.start()
    if status != Status.DRAFT:
        bring(world, case, status, clock)
        for _number in range(4):  # some seats have scored, some have not
            world.step(case)
    before = list(
        WorkItem.objects.filter(case=case, closed_at=None)
        .order_by("action", "task__seat")
        .values_list("action", "task__seat", "holder")
    )
    assert attempt(leave, case, by=world.one(MembershipRole.LEGAL_REP)) == "done"
    funder, head = world.people["funder"][0], world.people["head"][0]
    assert attempt("reopen", case, by=funder) == "done"
    assert attempt("confirm_reopening", case, by=head) == "done"
    case.refresh_from_db()
    assert case.status == status
    assert violations_of(case) == []
    after = WorkItem.objects.filter(case=case, closed_at=None)
    assert before == list(
        after.order_by("action", "task__seat").values_list(
            "action", "task__seat", "holder"
        )
    )
    if status == Status.UNDER_REVIEW:
        bring(world, case, Status.SCORED, clock)


def test_expired_draft_gets_a_term_of_its_own(clock):
    clock.to("2026-03-02 09:00")
    world = make_world()
    case = world.start()
    clock.to(world.round.closes_at)
    assert services.sweep()["fired"] == 1
    case.refresh_from_db()
    assert attempt("reopen", case, by=world.people["funder"][0]) == "done"
    assert attempt("confirm_reopening", case, by=world.people["head"][0]) == "done"
    assert services.sweep()["fired"] == 0
    case = Case.objects.get(pk=case.pk)
    assert case.status == Status.DRAFT
    applicant = world.one(MembershipRole.APPLICANT)
    clock.to(now() + timedelta(days=2))
    assert attempt("submit_application", case, by=applicant) == "done"
    case.refresh_from_db()
    assert case.status == Status.SCREENING


def test_reopened_draft_expires_again_when_its_term_is_over(clock):
    clock.to("2026-03-02 09:00")
    world = make_world()
    case = world.start()
    clock.to(world.round.closes_at)
    services.sweep()
    case.refresh_from_db()
    attempt("reopen", case, by=world.people["funder"][0])
    attempt("confirm_reopening", case, by=world.people["head"][0])
    case = Case.objects.get(pk=case.pk)
    clock.to(case.application.term_ends)
    assert services.sweep()["fired"] == 1
    case.refresh_from_db()
    assert case.status == Status.EXPIRED
