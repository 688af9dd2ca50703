"""The traps of viewflow that PARTS.md lists, each held by a test (their numbers)."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.fields import GenericForeignKey
from django.db import connection, models
from django.db.models import ProtectedError
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils.timezone import now
from guardian.models import GroupObjectPermission, UserObjectPermission
from viewflow.workflow.models import AbstractProcess, AbstractTask
from viewflow.workflow.nodes import View
from viewflow.workflow.status import PROCESS, STATUS

from audit.testing import ambient_event
from grants.actions import ACTIONS
from grants.lifecycle import MOVES
from grants.models import Case, RoleGroup, Status
from organisations.models import MembershipRole
from tests.guards.world import START, World, attempt, make_world, walk
from workflows import engine, services
from workflows.flows import FLOWS
from workflows.flows.base import CaseLock
from workflows.models import Process, Task, WorkItem
from workflows.nodes import OPEN_STATUSES, Await, Step
from workflows.open import OPEN, violations_of
from workflows.selectors import inbox_for

NODES = [(flow, node) for flow in FLOWS for node in flow.instance.nodes()]
STEPS = [(flow, node) for flow, node in NODES if isinstance(node, Step)]
IDS = [f"{flow.__name__}.{node.name}" for flow, node in STEPS]
#: Generic keys that Task inherits.
UNUSED_KEYS = {"seed", "artifact", "owner_permission_obj"}
SOURCES = ["workflows", "grants", "organisations", "attachments", "outbox", "audit"]


def sources(root: Path, *apps_: str) -> Iterator[tuple[Path, str]]:
    """The Python files of some apps."""
    for app in apps_:
        for path in sorted((root / app).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path, path.read_text(encoding="utf-8")


@pytest.fixture
def world(clock, db) -> World:
    clock.to(START)
    return make_world(organisations=2)


def bring(world: World, case: Case, status: Status, clock: object) -> Case:
    """Take a case along the examples to a status."""
    for _action in walk(world, case, clock):
        if case.status == status:
            return case
    raise AssertionError(f"{case.status} is not {status}")


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


# -- 2: every human node has an audience ----------------------------------------


def test_steps_are_our_own_nodes_and_there_are_many():
    assert len(STEPS) > 25
    assert not [node for _flow, node in NODES if isinstance(node, View)]
    human = [node for _flow, node in NODES if node.task_type == "HUMAN"]
    assert human == [node for _flow, node in STEPS]


@pytest.mark.parametrize(("flow", "step"), STEPS, ids=IDS)
def test_step_has_one_audience_and_the_move_agrees(flow, step):
    audience, move = step.audience, MOVES[step.action]
    assert step.action in ACTIONS
    kinds = [audience.role, audience.member, audience.seat_holder or None]
    assert len([kind for kind in kinds if kind]) == 1
    if audience.role:
        assert audience.role in move.roles
        assert not move.members
    elif audience.member:
        assert audience.member in move.members
        assert not move.roles
    else:
        assert move.holder
    assert not move.public


def test_waits_are_for_actions_of_a_round():
    for _flow, node in NODES:
        if isinstance(node, Await):
            assert ACTIONS[node.action].of == "round"


def test_every_action_is_a_step_a_wait_or_free():
    named = {node.action for _flow, node in STEPS}
    named |= {node.action for _flow, node in NODES if isinstance(node, Await)}
    named |= {"withdraw", "decline", "object", "decide_list"}
    assert named == set(ACTIONS)


# -- 3, 4, 5: viewflow's permissions are not used, ours are ---------------------


def test_flows_name_no_permission_and_no_assignment(root):
    for path, text in sources(root, "workflows"):
        assert not re.search(r"\.(Permission|Assign)\(", text), path
        assert "auto_create" not in text, path


@pytest.mark.django_db
def test_roles_hold_object_permissions_only(world):
    """A model-wide permission would make every programme readable."""
    for group in RoleGroup.objects.select_related("group"):
        assert not group.group.permissions.exists()
    assert not get_user_model().objects.filter(user_permissions__isnull=False)
    assert not UserObjectPermission.objects.exists()
    assert GroupObjectPermission.objects.exists()


@pytest.mark.django_db
def test_leaving_a_role_or_an_organisation_releases_its_tasks(world, clock):
    from grants.services.programmes import revoke_role
    from organisations.models import Membership
    from organisations.services import end_membership

    case = world.start()
    applicant = world.one(MembershipRole.APPLICANT)
    draft = WorkItem.objects.get(case=case, closed_at=None)
    services.claim(draft, by=applicant)
    end_membership(Membership.objects.get(user=applicant), by="system:test")
    draft.refresh_from_db()
    assert draft.holder is None
    gone = get_user_model().objects.get(pk=applicant.pk)
    assert attempt("submit_application", case, by=gone) == "403 not_yours"
    assert not inbox_for(gone).exists()

    legal_rep = world.one(MembershipRole.LEGAL_REP)
    assert attempt("submit_application", case, by=legal_rep) == "done"
    operator = world.one("operator")
    screening = WorkItem.objects.get(case=case, closed_at=None)
    services.claim(screening, by=operator)
    revoke_role(world.programme, "operator", operator, by="system:test")
    screening.refresh_from_db()
    assert screening.holder is None
    assert attempt("screen", case, by=operator) == "403 not_yours"


# -- 6: people are never deleted ------------------------------------------------


@pytest.mark.django_db
def test_person_in_the_record_cannot_be_deleted(world, clock):
    case = bring(world, world.start(), Status.SCREENING, clock)
    with pytest.raises(ProtectedError), ambient_event():
        case.created_by.delete()


def test_nothing_of_ours_goes_with_a_person():
    """Every foreign key of ours to a person protects; none cascades."""
    for model in apps.get_models():
        if model._meta.app_label not in SOURCES:
            continue
        for field in model._meta.get_fields():
            if not isinstance(field, models.ForeignKey):
                continue
            if field.related_model is not get_user_model():
                continue
            inherited = model is Task and field.name == "owner"  # stays empty, above
            history = model.__name__.startswith("Historical")
            if inherited or history:
                continue
            assert field.remote_field.on_delete is models.PROTECT, (model, field)


def test_no_code_deletes_people_or_engine_rows(root):
    for path, text in sources(root, "workflows", "grants", "organisations"):
        deletes = re.findall(r"(user|User|Task|Process|WorkItem)\S*\.delete\(", text)
        assert not deletes, path


# -- 7, 8: our own inbox, our own indexes ---------------------------------------


def test_indexes_that_viewflow_lacks_are_there():
    indexed = {tuple(i.fields) for m in (Process, Task) for i in m._meta.indexes}
    assert {
        ("case", "flow_class"),
        ("flow_class", "status"),
        ("case", "status"),
        ("flow_task", "status"),
        ("scheduled",),
    } <= indexed
    assert len(WorkItem._meta.indexes) >= 3


@pytest.mark.django_db
def test_inbox_does_not_join_permissions(world, django_assert_max_num_queries):
    world.start()
    person = get_user_model().objects.get(pk=world.one(MembershipRole.APPLICANT).pk)
    with django_assert_max_num_queries(4) as captured:
        assert list(inbox_for(person))
    for query in captured.captured_queries:
        assert "auth_permission" not in query["sql"]


# -- 9: none of viewflow's pages ------------------------------------------------


def patterns(resolver: URLResolver) -> Iterator[URLPattern]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            yield from patterns(pattern)
        else:
            yield pattern


def test_no_page_of_viewflow_is_mounted():
    for pattern in patterns(get_resolver()):
        module = getattr(pattern.callback, "__module__", "")
        assert not module.startswith("viewflow"), pattern


def test_viewflow_is_not_imported_outside_of_workflows(root):
    others = [app for app in (*SOURCES, "desk") if app != "workflows"]
    for path, text in sources(root, *others):
        for node in ast.walk(ast.parse(text)):
            names = [getattr(node, "module", None) or ""]
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            if isinstance(node, ast.Import | ast.ImportFrom):
                assert not any(name.startswith("viewflow") for name in names), path


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
    assert not engine.open_tasks(case).exists()
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


# -- 15, 16, 17: messages, stamps, real foreign keys ----------------------------


def test_no_receiver_of_viewflow_signals(root):
    for path, text in sources(root, "workflows", "grants", "desk", "outbox"):
        assert not re.search(
            r"task_started|task_finished|flow_(started|finished)", text
        )
        assert "@receiver" not in text, path


@pytest.mark.django_db
def test_fields_of_viewflow_that_we_do_not_use_stay_empty(world, clock):
    """The nouns' rows are the facts, WorkItem the audience: the engine keeps none.

    Holds 3, 4 and 5, too: nobody is owner of a task, no permission is on one.
    """
    case = bring(world, world.start(), Status.CLOSING, clock)
    tasks = Task.objects.filter(case=case)
    assert tasks.count() > 40
    columns = {field.name for field in Task._meta.get_fields()}
    assert "data" not in columns | {f.name for f in Process._meta.get_fields()}
    for name in {"owner", "owner_permission", *UNUSED_KEYS} & columns:
        assert not [task for task in tasks if getattr(task, name)], name
    assert issubclass(Process, AbstractProcess)
    assert issubclass(Task, AbstractTask)
    assert not Process._meta.get_field("case").null


def test_nothing_of_ours_has_a_generic_key():
    for model in apps.get_models():
        if model._meta.app_label not in SOURCES:
            continue
        for field in model._meta.private_fields:
            if isinstance(field, GenericForeignKey):
                assert model is Task, model
                assert field.name in UNUSED_KEYS, model


@pytest.mark.django_db
def test_items_have_their_own_stamps(world):
    case = world.start()
    item = WorkItem.objects.get(case=case, closed_at=None)
    assert abs((item.opened_at - now()).total_seconds()) < 60
    assert item.claimed_at is None
    services.claim(item, by=world.one(MembershipRole.APPLICANT))
    item.refresh_from_db()
    assert item.claimed_at is not None


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


# -- the table of open nodes ----------------------------------------------------


def test_open_names_known_nodes_and_live_statuses():
    names = {node.name for _flow, node in NODES}
    for status, allowed in OPEN.items():
        assert allowed <= names, status
    waiting = {n.name for _f, n in NODES if isinstance(n, Step | Await)}
    assert waiting <= set().union(*OPEN.values())
    assert not {"ARCHIVED", "WITHDRAWN", "EXPIRED", "TERMINATED"} & set(OPEN)
