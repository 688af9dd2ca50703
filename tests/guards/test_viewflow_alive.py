"""The traps of viewflow (PARTS.md, their numbers) that a case on its way shows.

Locks, cancelling, errors and loops; test_viewflow_traps.py has the others.
"""

import re

import pytest
from django.db import connection
from viewflow.workflow.status import PROCESS, STATUS

from audit.testing import ambient_event
from grants.actions import ACTIONS
from grants.models import Case, Status
from organisations.models import MembershipRole
from tests.guards.traps import NODES, sources
from tests.guards.world import START, World, attempt, bring, make_world
from workflows import engine, services
from workflows.flows import FLOWS
from workflows.flows.base import CaseLock
from workflows.models import Process, Task, WorkItem
from workflows.nodes import OPEN_STATUSES
from workflows.open import violations_of


@pytest.fixture
def world(clock, db) -> World:
    clock.to(START)
    return make_world(organisations=2)


def locking_queries(captured: object) -> list[str]:
    return [
        q["sql"]
        for q in captured.captured_queries
        if "FOR UPDATE" in q["sql"] or "FOR NO KEY UPDATE" in q["sql"]
    ]


# -- 1: no lock by default ------------------------------------------------------


@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.__name__)
def test_every_flow_locks_its_case(flow):
    assert isinstance(flow.lock_impl, CaseLock)
    assert flow.process_class is Process
    assert flow.task_class is Task


@pytest.mark.django_db
def test_lock_of_a_flow_reads_the_case_for_update(world, django_assert_max_num_queries):
    case = world.start()
    process = Process.objects.get(case=case)
    lock = process.flow_class.lock_impl(process.flow_class, process.pk)
    with django_assert_max_num_queries(4) as captured, lock:
        pass
    if connection.features.has_select_for_update:
        assert locking_queries(captured)
    assert any("grants_case" in q["sql"] for q in captured.captured_queries)


def test_requests_are_not_one_transaction(settings):
    """nowait inside an outer transaction fails, and files would be stored in it."""
    assert not settings.DATABASES["default"].get("ATOMIC_REQUESTS")


# -- 11, 12: cancelling is complete, nothing is revived or undone ---------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("status", "leave"),
    [
        (Status.DRAFT, "withdraw"),
        (Status.ELIGIBLE, "withdraw"),
        (Status.UNDER_REVIEW, "decline"),
        (Status.IN_NOTICE, "decline"),
        (Status.AGREEMENT, "decline"),
    ],
)
def test_case_that_leaves_has_no_task_timer_or_item_left(world, clock, status, leave):
    case = world.start()
    if status != Status.DRAFT:
        bring(world, case, status, clock)
    if status == Status.UNDER_REVIEW:  # some branches have arrived at the join
        world.step(case)
        for _number in range(5):
            world.step(case)
    assert attempt(leave, case, by=world.one(MembershipRole.LEGAL_REP)) == "done"
    case.refresh_from_db()
    assert case.status in (Status.WITHDRAWN, Status.LAPSED)
    tasks = Task.objects.filter(case=case)
    assert not tasks.filter(status__in=[*OPEN_STATUSES, STATUS.ERROR]).exists()
    assert not tasks.filter(finished=None).exists()
    assert not WorkItem.objects.filter(case=case, closed_at=None).exists()
    states = set(Process.objects.filter(case=case).values_list("status", flat=True))
    assert states <= {PROCESS.DONE, PROCESS.CANCELED}
    clock.forward(days=900)
    assert services.sweep()["fired"] == 0
    case.refresh_from_db()
    assert case.status in (Status.WITHDRAWN, Status.LAPSED)


@pytest.mark.django_db
def test_terminated_project_stops_its_payment_and_its_tracking(world, clock):
    case = bring(world, world.start(), Status.RUNNING_INITIAL, clock)
    stage = case.stages.get(kind="INITIAL")
    clock.to(stage.report_due)
    clock.forward(days=60)
    services.sweep()
    stage.refresh_from_db()
    stage.case = case
    assert stage.status == "LATE"
    body = {"outcome": "TERMINATE", "reason": "未提交报告"}
    told = attempt("decide_on_failure", stage, by=world.one("funder"), body=body)
    assert told == "done"
    case.refresh_from_db()
    assert case.status == Status.TERMINATED
    assert not list(engine.open_tasks(case))
    assert not WorkItem.objects.filter(case=case, closed_at=None).exists()


@pytest.mark.django_db
def test_reviewer_who_leaves_completes_the_branch(world, clock):
    """A cancelled branch would leave the join waiting for ever."""
    case = bring(world, world.start(), Status.UNDER_REVIEW, clock)
    seat = case.seats.order_by("number").last()
    seat.case = case
    body = {"conflict": True, "reason": "亲属关系"}
    assert attempt("declare_interest", seat, by=seat.reviewer, body=body) == "done"
    branch = Task.objects.filter(case=case, seat=seat)
    assert not branch.filter(status=STATUS.CANCELED).exists()
    bring(world, case, Status.SCORED, clock)
    assert case.recusals.count() == 1
    assert violations_of(case) == []


def test_nothing_is_revived_or_undone(root):
    for path, text in sources(root, "workflows", "grants", "desk"):
        assert not re.search(r"\.(revive|undo)\(", text), path


# -- 13: no task in error -------------------------------------------------------


@pytest.mark.django_db
def test_failing_automatic_step_rolls_everything_back(world, clock, monkeypatch):
    """Nothing is left half done, and no local variables in the database."""
    case = world.start()
    clock.to(world.round.closes_at)
    node = next(n for _f, n in NODES if n.name == "expire")

    def fails(case: Case, *, by: str) -> None:
        secret = "local variables must not be kept"
        raise RuntimeError(secret[:5])

    monkeypatch.setattr(node, "service", fails)
    result = services.sweep()
    assert result["failed"] == 1
    assert not Task.objects.filter(status=STATUS.ERROR).exists()
    case.refresh_from_db()
    assert case.status == Status.DRAFT
    assert violations_of(case) == []
    timer = Task.objects.get(case=case, status=STATUS.SCHEDULED)
    assert timer.failures == 1
    assert "RuntimeError" in timer.last_error
    monkeypatch.undo()
    assert services.sweep()["fired"] == 1
    case.refresh_from_db()
    assert case.status == Status.EXPIRED


@pytest.mark.django_db
def test_error_task_would_be_noticed(world):
    case = world.start()
    with ambient_event():
        Task.objects.filter(case=case, status=STATUS.NEW).update(status=STATUS.ERROR)
    assert "write_application is in error" in violations_of(case)


# -- 14, 18: loops, and a second release ----------------------------------------


@pytest.mark.django_db
def test_second_release_of_a_wait_is_409(world, clock):
    case = bring(world, world.start(), Status.ELIGIBLE, clock)
    operator = world.one("operator")
    body = ACTIONS["open_review"].example(world.round, operator)
    told = attempt("open_review", world.round, by=operator, body=body)
    assert told == "done"
    again = attempt("open_review", world.round, by=operator, body=body)
    assert again == "409 wrong_state"
    case.refresh_from_db()
    assert case.status == Status.UNDER_REVIEW
    assert case.seats.count() == 5
    assert violations_of(case) == []


@pytest.mark.django_db
def test_second_completion_of_a_step_is_409(world, clock):
    case = world.start()
    by = world.one(MembershipRole.APPLICANT)
    item = WorkItem.objects.get(case=case, closed_at=None)
    assert attempt("submit_application", case, by=by, item=item) == "done"
    assert attempt("submit_application", case, by=by, item=item) == "409 wrong_state"


@pytest.mark.django_db
def test_reopened_step_is_a_new_attempt(world, clock):
    """A send-back is an edge of the flow: the open task wins, the loop counts."""
    case = bring(world, world.start(), Status.SCREENING, clock)
    operator, applicant = world.one("operator"), world.one(MembershipRole.APPLICANT)
    body = {"outcome": "CORRECTION", "fields": ["title"], "reason": "名称不规范"}
    assert attempt("screen", case, by=operator, body=body) == "done"
    case.refresh_from_db()
    assert attempt("resubmit", case, by=applicant) == "done"
    case.refresh_from_db()
    assert case.status == Status.SCREENING
    tasks = Task.objects.filter(case=case).order_by("pk")
    screenings = [t for t in tasks if t.flow_task.name == "screen_application"]
    assert [t.status for t in screenings] == [STATUS.DONE, STATUS.NEW]
    item = WorkItem.objects.get(task=screenings[-1])
    assert item.holder == operator  # the same person gets it back
