"""Power cuts at the named points: nothing is lost, nothing is doubled.

Killed before the commit, an act has not happened and can be done; killed
after it, it has, with its flow, its event and its messages. A restart needs
no clean-up: the next click, the next sweep simply goes on.
"""

import os
import signal
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils.timezone import now

from attachments.models import Document, Version
from attachments.services import open_version, remove_orphans
from attachments.storage import get_storage
from audit.models import Event
from audit.testing import ambient_event
from audit.verify import verify
from grants.models import Case, Status, Tranche
from organisations.models import MembershipRole, User
from outbox.models import Message
from tests.attachments.files import PDF
from tests.clock import Clock
from tests.factories.running import Running, make_running_case
from tests.guards.world import START, World, attempt, make_world, walk
from tests.outbox.processes import run
from workflows import engine, services
from workflows.models import Task, WorkItem
from workflows.open import violations_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow(10)]
KILLED = -signal.SIGKILL
BEFORE_THE_COMMIT = ("service.before", "service.after", "record.after")
#: Where an upload may die before its commit, and how many files that leaves.
UPLOAD_POINTS = (
    (0, "attachments.before"),
    (1, "attachments.stored"),
    (1, "attachments.named"),
    (1, "attachments.recorded"),
)
ANY_AGE = timedelta(0)
Kill = Callable[..., int]


@pytest.fixture
def world(clock) -> World:
    clock.to(START)
    return make_world()


@pytest.fixture
def kill(tmp_path: Path) -> Kill:
    """Run a function of crashing.py elsewhere; `at` is where it dies, "" nowhere."""

    def in_another_process(what: str, *args: object, at: str = "") -> int:
        given = ", ".join(map(repr, (now().isoformat(), *args)))
        program = f"from tests.guards import crashing\ncrashing.{what}({given})\n"
        return run(program, mails=tmp_path, crash_at=at)

    return in_another_process


def state(case: Case) -> dict[str, object]:
    """Everything that an act changes."""
    case.refresh_from_db()
    return {
        "status": case.status,
        "version": case.version,
        "events": Event.objects.count(),
        "tasks": list(Task.objects.order_by("pk").values_list("pk", "status")),
        "items": list(WorkItem.objects.order_by("pk").values_list("pk", "closed_at")),
        "messages": Message.objects.count(),
    }


def dies_thrice_then_happens(
    case: Case, kill: Kill, what: str, *args: object
) -> dict[str, object]:
    """Killed before its commit an act leaves no trace; after it, all of it."""
    before = state(case)
    for point in BEFORE_THE_COMMIT:
        assert kill(what, *args, at=point) == KILLED, point
        assert state(case) == before, point
    assert kill(what, *args, at="commit.after") == KILLED
    after = state(case)
    assert after["events"] > before["events"]
    assert violations_of(case) == []
    return after


def goes_on(case: Case, after: dict[str, object], world: World, clock: Clock) -> None:
    """What happened stays as it is, the record is clean, somebody can act."""
    assert services.sweep()["fired"] == 0
    assert state(case)["tasks"] == after["tasks"]
    assert verify().findings == []
    assert next(walk(world, case, clock))
    assert violations_of(case) == []


def content_of(version: Version, by: User) -> bytes:
    with open_version(version, by) as file:
        return file.read()


def test_submitting_killed_anywhere_happens_once(world, kill, clock):
    case = world.start()
    by = world.one(MembershipRole.APPLICANT)
    after = dies_thrice_then_happens(
        case, kill, "act", "submit_application", "case", case.pk, by.pk
    )
    assert case.status == Status.SCREENING
    assert attempt("submit_application", case, by=by) == "409 wrong_state"
    goes_on(case, after, world, clock)


def test_locking_a_score_killed_anywhere_happens_once(world, kill, clock):
    case = world.start()
    for action in walk(world, case, clock):
        if action == "lock_score":
            break
    seat = case.seats.filter(status="CLEAR").first()
    after = dies_thrice_then_happens(
        case, kill, "act", "lock_score", "seat", seat.pk, seat.reviewer_id
    )
    assert case.reviews.filter(seat=seat).count() == 1
    assert case.scores.filter(review__seat=seat).count() == 6
    assert attempt("lock_score", seat, by=seat.reviewer) == "409 wrong_state"
    goes_on(case, after, world, clock)


def test_reopening_a_score_killed_anywhere_happens_once(world, kill, clock):
    case = world.start()
    for action in walk(world, case, clock):
        if action == "lock_score":
            break
    seat = case.seats.get(status="LOCKED")
    by = world.one("operator")
    after = dies_thrice_then_happens(
        case, kill, "act", "reopen_score", "case", case.pk, by.pk
    )
    assert case.reviews.filter(seat=seat, reopened_by=by).count() == 1
    mine = WorkItem.objects.filter(task__seat=seat, closed_at=None)
    assert [item.action for item in mine] == ["lock_score"]
    assert attempt("reopen_score", case, by=by).startswith("422")
    goes_on(case, after, world, clock)


def test_freeing_a_seat_killed_anywhere_happens_once(world, kill, clock):
    case = world.start()
    for action in walk(world, case, clock):
        if action == "lock_score":
            break
    by = world.one("operator")
    after = dies_thrice_then_happens(
        case, kill, "act", "vacate_seat", "case", case.pk, by.pk
    )
    seat = case.seats.get(status="CONFLICT")
    mine = WorkItem.objects.filter(task__seat=seat, closed_at=None)
    assert [item.action for item in mine] == ["replace_reviewer"]
    assert Message.objects.filter(recipient=seat.reviewer, template="vacate_seat").get()
    told = attempt("vacate_seat", case, by=by, seat=str(seat.number))
    assert told.startswith("422")
    goes_on(case, after, world, clock)


def test_timer_killed_anywhere_fires_once(world, kill, clock):
    case = world.start()
    clock.to(world.round.closes_at)
    dies_thrice_then_happens(case, kill, "sweep")
    assert case.status == Status.EXPIRED
    assert services.sweep() == {"fired": 0, "failed": 0, "reminded": 0}
    told = [e for e in Event.objects.all() if "fire_timer" in str(vars(e))]
    assert len(told) == 1
    assert verify().findings == []


def test_recording_a_payment_killed_anywhere_pays_once(world, kill, clock):
    case = world.start()
    for action in walk(world, case, clock):
        if action == "approve_payment":
            break
    tranche = Tranche.objects.get(case=case, seq=1)
    by = world.people["finance"][-1]
    after = dies_thrice_then_happens(
        case, kill, "act", "record_payment", "tranche", tranche.pk, by.pk
    )
    tranche.refresh_from_db()
    assert tranche.status == "PAID"
    assert Tranche.objects.filter(case=case, status="PAID").count() == 1
    assert attempt("record_payment", tranche, by=by) == "409 wrong_state"
    goes_on(case, after, world, clock)


def test_upload_killed_anywhere_happens_once(world, kill, clock, settings, tmp_path):
    """A paper, then its second version; what the dead left on disk is swept."""
    settings.MEDIA_ROOT = tmp_path / "documents"
    case, by = world.start(), world.one(MembershipRole.APPLICANT)
    storage, expected = get_storage(), []
    for second in (False, True):
        content = PDF + b"\n" * second
        document = Document.objects.get().pk if second else 0
        args = ("upload", case.pk, document, by.pk, content)
        before, versions = state(case), Version.objects.count()
        for left_over, point in UPLOAD_POINTS:
            files = set(storage.keys(min_age=ANY_AGE))
            assert kill(*args, at=point) == KILLED, point
            assert state(case) == before, point
            assert Version.objects.count() == versions, point
            assert len(set(storage.keys(min_age=ANY_AGE)) - files) == left_over, point
        assert kill(*args, at="attachments.committed") == KILLED
        assert state(case)["events"] == before["events"] + 1
        expected.append(content)
    found = Version.objects.order_by("number")
    assert [version.number for version in found] == [1, 2]
    assert [content_of(version, by) for version in found] == expected
    for key in storage.keys(min_age=ANY_AGE):
        then = time.time() - 2 * 86400
        os.utime(storage.root / key, (then, then))
    report = remove_orphans()
    assert (report.checked, report.deleted) == (8, 6)
    kept = {version.storage_key for version in found}
    assert set(storage.keys(min_age=ANY_AGE)) == kept
    assert [content_of(version, by) for version in found] == expected
    assert verify().findings == []


def test_signing_with_its_paper_killed_anywhere_happens_once(world, kill, clock):
    case = world.start()
    for action in walk(world, case, clock):
        if action == "award_list":
            break
    by = world.one(MembershipRole.LEGAL_REP)
    documents = Document.objects.count()
    args = ("act", "sign", "case", case.pk, by.pk)
    assert kill(*args, at="attachments.committed") == KILLED
    assert Document.objects.count() == documents + 1  # the paper waits for its act
    after = dies_thrice_then_happens(case, kill, *args)
    assert case.agreement.signed_by_id == by.pk
    assert Document.objects.count() == documents + 1
    assert attempt("sign", case, by=by) == "409 wrong_state"
    goes_on(case, after, world, clock)


def test_upload_killed_after_storing_leaves_nothing_and_can_be_repeated(
    world, kill, clock
):
    """The sealed agreement: first the file is stored, then named, then signed."""
    case = world.start()
    for action in walk(world, case, clock):
        if action == "award_list":
            break
    by = world.one(MembershipRole.LEGAL_REP)
    before, documents = state(case), Document.objects.count()
    args = ("act", "sign", "case", case.pk, by.pk)
    assert kill(*args, at="attachments.stored") == KILLED
    assert state(case) == before
    assert (Document.objects.count(), Version.objects.count()) == (
        documents,
        documents,
    )
    assert kill(*args) == 0
    after = state(case)
    assert case.agreement.signed_by_id == by.pk
    assert Document.objects.count() == documents + 1
    assert attempt("sign", case, by=by) == "409 wrong_state"
    goes_on(case, after, world, clock)


# -- side ways --------------------------------------------------------------------


def make_paid_project(clock: Clock) -> Running:
    """A project with its flows, to which the first tranche was paid."""
    clock.to("2026-07-01 09:00")
    project = make_running_case()
    project.pass_stage("INITIAL")
    project.pay(1)
    with ambient_event():
        engine.ensure_flows(project.case)
    return project


def test_confirming_a_termination_killed_anywhere_settles_once(kill, clock):
    project = make_paid_project(clock)
    case = Case.objects.get(pk=project.case.pk)
    changes = {"ground": "FRAUD", "accepted_expenditure": "0.00"}
    assert attempt("terminate", case, by=project.funder, **changes) == "done"
    args = ("act", "confirm_termination", "case", case.pk, project.head.pk)
    after = dies_thrice_then_happens(case, kill, *args)
    assert case.status == Status.CLAWBACK
    settled = case.terminations.get()
    assert settled.to_return == settled.paid > 0
    assert case.organisation.excluded_until == settled.excluded_until
    told = attempt("confirm_termination", case, by=project.head)
    assert told == "409 wrong_state"
    assert services.sweep()["fired"] == 0
    assert state(case)["tasks"] == after["tasks"]
    assert verify().findings == []
    for name, by in (
        ("submit_repayment", project.org_finance),
        ("record_repayment", project.finance),
    ):
        assert attempt(name, case, by=by) == "done"
        case.refresh_from_db()
    assert case.status == Status.CLAWBACK_DONE
    assert violations_of(case) == []


def test_deciding_on_a_change_killed_anywhere_amends_once(kill, clock):
    project = make_paid_project(clock)
    case = Case.objects.get(pk=project.case.pk)
    body = {"kind": "PERIOD", "reason": "招募缓慢", "period_end": "2027-09-30"}
    told = attempt("request_change", case, by=project.applicant, body=body)
    assert told == "done"
    args = ("act", "decide_change", "case", case.pk, project.funder.pk)
    after = dies_thrice_then_happens(case, kill, *args)
    assert case.application.period_end.isoformat() == "2027-09-30"
    timer = Task.objects.get(case=case, status="SCHEDULED")
    assert timer.scheduled == project.stage("MID").opens_at
    assert attempt("decide_change", case, by=project.funder) == "409 wrong_state"
    assert services.sweep()["fired"] == 0
    assert state(case)["tasks"] == after["tasks"]
    assert verify().findings == []
    clock.to(timer.scheduled + timedelta(minutes=1))
    assert services.sweep()["fired"] == 1
    case.refresh_from_db()
    assert case.status == Status.MID_EVAL
    assert violations_of(case) == []
