"""Power cuts in the flow of a finding: raised, answered, referred, closed once each."""

import pytest

from audit.testing import ambient_event
from audit.verify import verify
from grants.models import Case, Finding, FindingStatus
from outbox.models import Message
from tests.factories.running import Running, make_running_case
from tests.guards.test_crash import Kill, attempt, dies_thrice_then_happens, kill, state
from workflows import engine, services
from workflows.models import Process, WorkItem
from workflows.open import violations_of

__all__ = ["kill"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow(10)]


@pytest.fixture
def project(clock) -> Running:
    clock.to("2026-07-01 09:00")
    running = make_running_case()
    with ambient_event():
        engine.ensure_flows(running.case)
    return running


def steps(case: Case) -> list[tuple[str, str]]:
    """The open steps of its findings, and whose they are."""
    items = WorkItem.objects.filter(case=case, closed_at=None)
    found = items.exclude(task__process__finding=None).order_by("pk")
    return [(item.action, item.role) for item in found]


def held(case: Case) -> int:
    return case.holds.filter(lifted_at=None).count()


def test_raising_and_referring_killed_anywhere_happen_once(project, kill: Kill):
    """One finding, one flow of its own, one hold of the money; and the closing of
    the accountability case lifts it once."""
    case = Case.objects.get(pk=project.case.pk)
    args = ("act", "raise_finding", "case", case.pk, project.auditor.pk)
    dies_thrice_then_happens(case, kill, *args)
    finding = Finding.objects.get(case=case)
    assert Process.objects.filter(finding=finding).count() == 1
    assert steps(case) == [("answer_finding", "operator")]
    asked = Message.objects.filter(recipient=project.operator)
    told = asked.filter(template__contains="finding").count()

    args = ("act", "refer_finding", "case", case.pk, project.auditor.pk)
    after = dies_thrice_then_happens(case, kill, *args)
    finding.refresh_from_db()
    assert finding.status == FindingStatus.REFERRED
    assert steps(case) == [("close_accountability", "inspector")]
    assert held(case) == 1
    assert attempt("refer_finding", case, by=project.auditor).startswith(("409", "422"))

    args = (
        "act",
        "close_accountability",
        "finding",
        finding.pk,
        project.inspector.pk,
    )
    after = dies_thrice_then_happens(case, kill, *args)
    finding.refresh_from_db()
    assert finding.status == FindingStatus.CLOSED
    assert (steps(case), held(case)) == ([], 0)
    assert asked.filter(template__contains="finding").count() == told
    again = attempt("close_accountability", finding, by=project.inspector)
    assert again == "409 wrong_state"
    assert services.sweep()["fired"] == 0
    assert state(case)["tasks"] == after["tasks"]
    assert violations_of(case) == []
    assert verify().findings == []


def test_answering_and_resolving_killed_anywhere_happen_once(project, kill: Kill):
    case = Case.objects.get(pk=project.case.pk)
    assert attempt("raise_finding", case, by=project.auditor) == "done"
    finding = Finding.objects.get(case=case)
    args = ("act", "answer_finding", "finding", finding.pk, project.operator.pk)
    dies_thrice_then_happens(case, kill, *args)
    assert steps(case) == [("resolve_finding", "auditor")]
    args = ("act", "resolve_finding", "finding", finding.pk, project.auditor.pk)
    after = dies_thrice_then_happens(case, kill, *args)
    finding.refresh_from_db()
    assert finding.status == FindingStatus.RESOLVED
    assert (steps(case), held(case)) == ([], 0)
    assert attempt("resolve_finding", finding, by=project.auditor) == "409 wrong_state"
    assert state(case)["tasks"] == after["tasks"]
    assert verify().findings == []
