"""Closing: audit, refund, package, band, archive, and what stands against it."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.utils.timezone import now

from audit.testing import ambient_event
from grants.calendar import today
from grants.errors import Invalid, NotYours, WrongState
from grants.models import HoldKind, Status, TrancheStatus
from grants.selectors import returned_of
from grants.services.closing import is_settled, refund_due
from tests.clock import Clock
from tests.factories.running import (
    Running,
    bring_to_audit,
    bring_to_closing,
    make_running_case,
)

pytestmark = [pytest.mark.once, pytest.mark.django_db]


@pytest.fixture
def project(db: Any, clock: Clock) -> Running:
    """A project that begins on 1 July 2021, award 100,000.00."""
    clock.to("2021-07-01 09:00")
    return make_running_case()


def refusal_to_close(project: Running) -> str:
    """The code with which closing is refused."""
    with pytest.raises(WrongState) as refusal:
        project.do("close_project", outcome="ACCEPT")
    return refusal.value.code


# -- the straight way ---------------------------------------------------------


def test_examples_take_a_project_from_audit_to_the_archive(project, clock):
    bring_to_audit(project, clock)
    project.do("file_audit_report")
    assert project.status() == Status.CLOSING
    project.do("submit_closure")
    project.do("close_project")
    assert project.status() == Status.CLOSED
    last = project.tranche(3)
    assert (last.status, last.amount) == (TrancheStatus.OPEN, Decimal("10000.00"))
    assert project.case.project.band == "A"
    project.pay(3)
    project.do("archive")
    assert project.status() == Status.ARCHIVED
    project.case.project.refresh_from_db()
    assert project.case.project.file_number
    assert project.case.project.archived_at is not None


@pytest.mark.parametrize(("score", "band"), [("85", "A"), ("84.99", "B"), ("60", "B")])
def test_band_comes_from_the_final_score(project, clock, score, band):
    bring_to_closing(project, clock, score=score)
    project.do("close_project")
    project.case.refresh_from_db()
    assert project.case.project.band == band


# -- the audit report ---------------------------------------------------------


@pytest.mark.parametrize(
    ("accepted", "last", "status"),
    [
        ("100000.00", "10000.00", "OPEN"),
        ("130000.00", "10000.00", "OPEN"),
        ("95000.01", "5000.01", "OPEN"),
        ("90000.00", "0.00", "SETTLED"),
    ],
)
def test_last_tranche_is_what_is_accepted_and_not_paid(
    project, clock, accepted, last, status
):
    bring_to_closing(project, clock, accepted_expenditure=accepted)
    assert refund_due(project.case) == 0
    project.do("close_project")
    tranche = project.tranche(3)
    assert (tranche.amount, tranche.status) == (Decimal(last), status)
    assert is_settled(project.case) == (status == "SETTLED")


@pytest.mark.parametrize("accepted", ["-0.01", "many"])
def test_accepted_expenditure_is_an_amount(project, clock, accepted):
    bring_to_audit(project, clock)
    with pytest.raises(Invalid) as refusal:
        project.do("file_audit_report", accepted_expenditure=accepted)
    assert "accepted_expenditure" in refusal.value.errors


def test_audit_report_is_the_audit_firms_and_filed_once(project, clock):
    bring_to_audit(project, clock)
    with pytest.raises(NotYours):
        project.do("file_audit_report", by=project.auditor)
    project.do("file_audit_report")
    with pytest.raises(WrongState):
        project.do("file_audit_report")


# -- the refund ---------------------------------------------------------------


def test_what_was_paid_and_not_accepted_comes_back(project, clock):
    bring_to_closing(project, clock, accepted_expenditure="82000.50")
    assert refund_due(project.case) == Decimal("7999.50")
    assert refusal_to_close(project) == "refund_due"
    project.do("record_refund")
    assert refund_due(project.case) == 0
    assert returned_of(type(project.case).objects.get(pk=project.case.pk)) == Decimal(
        "7999.50"
    )
    project.do("close_project")
    assert project.tranche(3).status == TrancheStatus.SETTLED
    project.do("archive")
    assert project.status() == Status.ARCHIVED


@pytest.mark.parametrize("amount", ["7999.49", "7999.51", "0"])
def test_refund_of_another_amount_is_refused(project, clock, amount):
    bring_to_closing(project, clock, accepted_expenditure="82000.50")
    with pytest.raises(Invalid) as refusal:
        project.do("record_refund", amount=amount)
    assert "7999.50" in refusal.value.errors["amount"][0]


def test_refund_of_tomorrow_is_refused(project, clock):
    bring_to_closing(project, clock, accepted_expenditure="82000.50")
    tomorrow = today(now()) + dt.timedelta(days=1)
    with pytest.raises(Invalid) as refusal:
        project.do("record_refund", returned_on=tomorrow.isoformat())
    assert "returned_on" in refusal.value.errors


def test_refund_is_refused_when_none_is_due(project, clock):
    bring_to_closing(project, clock)
    with pytest.raises(WrongState) as refusal:
        project.do("record_refund", amount="1.00")
    assert refusal.value.code == "no_refund_due"


def test_refund_is_not_recorded_twice(project, clock):
    bring_to_closing(project, clock, accepted_expenditure="82000.50")
    project.do("record_refund")
    with pytest.raises(WrongState):
        project.do("record_refund", amount="7999.50")


# -- the package and the closing ----------------------------------------------


def test_package_is_the_legal_representatives(project, clock):
    bring_to_audit(project, clock)
    project.do("file_audit_report")
    with pytest.raises(NotYours):
        project.do("submit_closure", by=project.applicant)


def test_returned_package_is_handed_in_again(project, clock):
    bring_to_closing(project, clock)
    with pytest.raises(WrongState):
        project.do("submit_closure")
    project.do("close_project", outcome="RETURN", remarks="缺照片")
    assert project.status() == Status.CLOSING
    with pytest.raises(WrongState):
        project.do("close_project")
    project.do("submit_closure")
    project.do("close_project")
    closures = project.case.closures.order_by("pk")
    assert [c.outcome for c in closures] == ["RETURN", "ACCEPT"]
    assert closures[0].remarks == "缺照片"


def test_package_is_not_returned_without_a_reason(project, clock):
    bring_to_closing(project, clock)
    with pytest.raises(Invalid) as refusal:
        project.do("close_project", outcome="RETURN", remarks="")
    assert "remarks" in refusal.value.errors


def test_closing_needs_three_visits(project, clock):
    bring_to_closing(project, clock)
    with ambient_event():
        visit = project.case.visits.first()
        visit.cancelled_at = now()
        visit.save()
    assert refusal_to_close(project) == "TRACKING_MIN_3"
    with ambient_event():
        visit.cancelled_at = None
        visit.save()
    project.do("close_project")


def test_closing_waits_for_an_open_question(project, clock):
    bring_to_closing(project, clock)
    with ambient_event():
        project.case.holds.create(kind=HoldKind.FINDING, reason="审计问题")
    assert refusal_to_close(project) == "on_hold"


def test_closing_waits_for_a_tranche_that_was_opened(project, clock):
    bring_to_closing(project, clock)
    with ambient_event():
        tranche = project.tranche(2)
        tranche.status = TrancheStatus.APPROVED
        tranche.save()
    assert refusal_to_close(project) == "unpaid_tranche"
    project.do("close_project")  # the example returns the package meanwhile
    assert project.status() == Status.CLOSING


# -- the archive --------------------------------------------------------------


def test_archive_waits_for_the_last_tranche(project, clock):
    bring_to_closing(project, clock)
    project.do("close_project")
    with pytest.raises(WrongState) as refusal:
        project.do("archive")
    assert refusal.value.code == "unpaid_tranche"


def test_file_number_is_used_once(project, clock):
    settled = {"accepted_expenditure": "90000.00"}
    bring_to_closing(project, clock, **settled)
    project.do("close_project")
    project.do("archive", file_number="DA-1")
    clock.to("2021-07-01 09:00")
    other = make_running_case(with_case=project)
    bring_to_closing(other, clock, **settled)
    other.do("close_project")
    with pytest.raises(Invalid) as refusal:
        other.do("archive", file_number="da-1")
    assert "file_number" in refusal.value.errors


def test_archived_case_is_read_only(project, clock):
    bring_to_closing(project, clock, accepted_expenditure="90000.00")
    project.do("close_project")
    project.do("archive")
    for name in ("archive", "close_project", "submit_closure", "record_refund"):
        with pytest.raises(WrongState):
            project.do(name, body={"file_number": "X", "outcome": "RETURN"})
