"""The traps of viewflow that PARTS.md lists, each held by a test (their numbers).

Here those that the code and the tables show; test_viewflow_alive.py has those
that only a case on its way shows.
"""

import ast
import re
from collections.abc import Iterator

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.fields import GenericForeignKey
from django.db import models
from django.db.models import ProtectedError
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils.timezone import now
from guardian.models import GroupObjectPermission, UserObjectPermission
from viewflow.workflow.models import AbstractProcess, AbstractTask
from viewflow.workflow.nodes import View

from audit.testing import ambient_event
from grants.actions import ACTIONS
from grants.lifecycle import MOVES
from grants.models import RoleGroup, Status
from organisations.models import MembershipRole
from tests.guards.traps import IDS, NODES, SOURCES, STEPS, sources
from tests.guards.world import START, World, attempt, bring, make_world
from workflows import services
from workflows.models import Process, Task, WorkItem
from workflows.nodes import Await, Step
from workflows.open import OPEN, SIDE
from workflows.selectors import inbox_for

pytestmark = pytest.mark.once

#: Generic keys that Task inherits.
UNUSED_KEYS = {"seed", "artifact", "owner_permission_obj"}


@pytest.fixture
def world(clock, db) -> World:
    clock.to(START)
    return make_world(organisations=2)


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
    named |= {"withdraw", "decline", "object", "decide_list", "close_round"}
    named |= {"reopen_score", "vacate_seat", "record_minutes"}
    named |= {"request_change", "suspend", "terminate", "reopen"}
    named |= {"record_service", "correct_service", "void_service"}
    named |= {"record_expense", "correct_expense", "void_expense"}
    named |= {"raise_finding", "refer_finding", "hold_documents"}
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


# -- the table of open nodes ----------------------------------------------------


def test_open_names_known_nodes_and_live_statuses():
    names = {node.name for _flow, node in NODES}
    for status, allowed in (*OPEN.items(), *SIDE.items()):
        assert allowed <= names, status
    waiting = {n.name for _f, n in NODES if isinstance(n, Step | Await)}
    assert waiting <= set().union(*OPEN.values(), *SIDE.values())
    assert not {"ARCHIVED", "WITHDRAWN", "EXPIRED", "TERMINATED"} & set(OPEN)
