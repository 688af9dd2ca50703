"""Paying: receipts, the batch, the voucher, and three different officers."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError
from django.utils.timezone import now

from audit.record import record
from audit.testing import ambient_event
from grants.actions import ACTIONS
from grants.calendar import today
from grants.errors import Invalid, NotYours, WrongState
from grants.models import HoldKind, PaymentBatch, Role, TrancheStatus
from grants.rules import default_data
from grants.selectors import paid_of
from grants.services.paying import payable_tranches
from grants.services.programmes import grant_role
from tests.clock import Clock
from tests.factories.running import (
    BY,
    Running,
    close_current,
    make_running_case,
    open_next,
)
from workflows.rounds import facts_of, payment_role

pytestmark = pytest.mark.django_db
TO_REGISTERED = ("request_payment", "register_receipt")


@pytest.fixture
def project(db: Any, clock: Clock) -> Running:
    """A project that begins on 1 July 2021, award 100,000.00."""
    clock.to("2021-07-01 09:00")
    return make_running_case()


def register(project: Running, seq: int = 1) -> int:
    """Bring a tranche up to the batch; its id."""
    for name in TO_REGISTERED:
        project.do(name, project.tranche(seq))
    return project.tranche(seq).pk


def approve(project: Running, *ids: int, **changes: Any) -> PaymentBatch:
    return project.do(
        "approve_payment", tranches=[{"tranche": pk} for pk in ids], **changes
    )


def hold(project: Running) -> Any:
    with ambient_event():
        return project.case.holds.create(kind=HoldKind.FINDING, reason="审计问题")


def statuses(project: Running) -> list[str]:
    return list(project.case.tranches.order_by("seq").values_list("status", flat=True))


# -- the straight way ---------------------------------------------------------


def test_examples_take_a_tranche_from_open_to_paid(project):
    seen = [project.tranche(1).status]
    project.do("request_payment", project.tranche(1))
    seen.append(project.tranche(1).status)
    project.do("register_receipt", project.tranche(1))
    seen.append(project.tranche(1).status)
    project.do("approve_payment")
    seen.append(project.tranche(1).status)
    project.do("record_payment", project.tranche(1))
    tranche = project.tranche(1)
    assert [*seen, tranche.status] == [
        "OPEN",
        "REQUESTED",
        "REGISTERED",
        "APPROVED",
        "PAID",
    ]
    assert paid_of(project.case) == tranche.amount == Decimal("50000.00")
    officers = {tranche.registered_by, tranche.batch.approved_by, tranche.recorded_by}
    assert len(officers) == 3


def test_second_tranche_needs_mid_passed_and_the_first_paid(project, clock):
    project.pass_stage("INITIAL")
    project.pay(1)
    assert statuses(project) == ["PAID", "PLANNED", "PLANNED"]
    open_next(project, clock, "MID")
    project.pass_stage("MID")
    assert statuses(project) == ["PAID", "PLANNED", "PLANNED"]
    close_current(project)
    assert statuses(project) == ["PAID", "OPEN", "PLANNED"]


def test_second_tranche_opens_when_the_first_is_paid_last(project, clock):
    project.pass_stage("INITIAL")
    open_next(project, clock, "MID")
    project.pass_stage("MID")
    close_current(project)
    assert statuses(project) == ["OPEN", "PLANNED", "PLANNED"]
    project.pay(1)
    assert statuses(project) == ["PAID", "OPEN", "PLANNED"]


def test_planned_tranche_cannot_be_requested(project):
    with pytest.raises(WrongState):
        project.do("request_payment", project.tranche(2))


# -- receipts -----------------------------------------------------------------


@pytest.mark.parametrize("spelling", ["No. 00123", "no.00123", "ＮＯ．００１２３"])
def test_receipt_number_used_in_another_project_is_refused(project, spelling):
    other = make_running_case()
    other.do("request_payment", other.tranche(1), receipt_number="NO.00123")
    with pytest.raises(Invalid) as refusal:
        project.do("request_payment", project.tranche(1), receipt_number=spelling)
    assert other.case.code in refusal.value.errors["receipt_number"][0]
    assert project.tranche(1).status == TrancheStatus.OPEN


def test_database_refuses_a_repeated_receipt_number(project):
    other = make_running_case()
    other.do("request_payment", other.tranche(1), receipt_number="NO.00123")
    tranche = project.tranche(1)
    tranche.receipt_number = "NO.00123"
    with pytest.raises(IntegrityError), record("test", by=BY):
        tranche.save()


@pytest.mark.parametrize("number", ["", "   "])
def test_receipt_needs_a_number(project, number):
    with pytest.raises(Invalid) as refusal:
        project.do("request_payment", project.tranche(1), receipt_number=number)
    assert "receipt_number" in refusal.value.errors


def test_returned_receipt_frees_its_number_and_says_why(project):
    project.do("request_payment", project.tranche(1), receipt_number="NO.1")
    project.do(
        "register_receipt", project.tranche(1), outcome="RETURN", remarks="抬头有误"
    )
    tranche = project.tranche(1)
    assert (tranche.status, tranche.remarks) == (TrancheStatus.OPEN, "抬头有误")
    other = make_running_case()
    other.do("request_payment", other.tranche(1), receipt_number="NO.1")
    project.do("request_payment", tranche)
    assert project.tranche(1).remarks == ""


def test_receipt_is_not_returned_without_a_reason(project):
    project.do("request_payment", project.tranche(1))
    with pytest.raises(Invalid) as refusal:
        project.do("register_receipt", project.tranche(1), outcome="RETURN", remarks="")
    assert "remarks" in refusal.value.errors


@pytest.mark.parametrize("stranger", ["applicant", "legal_rep", "finance", "funder"])
def test_only_the_finance_contact_requests(project, stranger):
    with pytest.raises(NotYours):
        project.do("request_payment", project.tranche(1), by=getattr(project, stranger))


# -- holds --------------------------------------------------------------------


def test_no_request_while_a_hold_is_open(project):
    hold(project)
    with pytest.raises(WrongState) as refusal:
        project.do("request_payment", project.tranche(1))
    assert refusal.value.code == "on_hold"


def test_no_approval_while_a_hold_is_open(project):
    pk = register(project)
    open_hold = hold(project)
    assert payable_tranches(project.round, project.head) == []
    with pytest.raises(Invalid) as refusal:
        approve(project, pk)
    assert "tranches.0.tranche" in refusal.value.errors
    with ambient_event():
        open_hold.lifted_at = now()
        open_hold.save()
    approve(project, pk)


def test_no_payment_while_a_hold_is_open(project):
    approve(project, register(project))
    hold(project)
    with pytest.raises(WrongState) as refusal:
        project.do("record_payment", project.tranche(1))
    assert refusal.value.code == "on_hold"


# -- the batch ----------------------------------------------------------------


def test_example_lists_all_that_this_person_may_approve(project):
    cheap = register(project)
    dear = make_running_case(with_case=project, award="500000.00")
    costly = register(dear)
    body = ACTIONS["approve_payment"].example
    assert body(project.round, project.head)["tranches"] == [{"tranche": cheap}]
    assert body(project.round, project.leader)["tranches"] == [
        {"tranche": cheap},
        {"tranche": costly},
    ]


def test_head_does_not_approve_above_the_limit(project):
    dear = make_running_case(with_case=project, award="400000.02")
    pk = register(dear)
    assert dear.tranche(1).amount == Decimal("200000.01")
    with pytest.raises(Invalid) as refusal:
        approve(dear, pk)
    assert "tranches.0.tranche" in refusal.value.errors
    approve(dear, pk, by=dear.leader)
    assert dear.tranche(1).status == TrancheStatus.APPROVED


def test_head_approves_up_to_the_limit(project):
    dear = make_running_case(with_case=project, award="400000.00")
    approve(dear, register(dear))


def test_limit_is_the_programmes(db):
    rules = {
        "disbursement": default_data()["disbursement"] | {"leader_above": "100.00"}
    }
    project = make_running_case(rules=rules)
    with pytest.raises(Invalid):
        approve(project, register(project))


def test_officer_approves_what_the_chain_leaves_to_the_office(db):
    disbursement = default_data()["disbursement"]
    rules = {"disbursement": disbursement | {"officer_up_to": "50000.00"}}
    project = make_running_case(rules=rules)
    pk = register(project)
    assert payment_role(facts_of(project.round)) == Role.FUNDER
    approve(project, pk, by=project.people["funder"])
    assert project.tranche(1).status == TrancheStatus.APPROVED


def test_officer_leaves_larger_amounts_to_the_head(db):
    disbursement = default_data()["disbursement"]
    rules = {"disbursement": disbursement | {"officer_up_to": "49999.99"}}
    project = make_running_case(rules=rules)
    pk = register(project)
    with pytest.raises(Invalid) as refusal:
        approve(project, pk, by=project.people["funder"])
    assert list(refusal.value.errors) == ["tranches.0.tranche"]
    assert str(Role.HEAD.label) in str(refusal.value.errors)


def test_batch_is_approved_as_a_whole_or_not_at_all(project):
    other = make_running_case(with_case=project)
    pk = register(project)
    other.do("request_payment", other.tranche(1))
    with pytest.raises(Invalid) as refusal:
        approve(project, pk, other.tranche(1).pk)
    assert list(refusal.value.errors) == ["tranches.1.tranche"]
    assert project.tranche(1).status == TrancheStatus.REGISTERED
    assert not project.round.payment_batches.exists()


def test_batch_of_two_cases_moves_both(project):
    other = make_running_case(with_case=project)
    batch = approve(project, register(project), register(other))
    assert batch.tranches.count() == 2
    assert batch.number == f"{project.round.code}-P001"
    for running in (project, other):
        assert running.tranche(1).status == TrancheStatus.APPROVED
        before = running.case.version
        running.case.refresh_from_db()
        assert running.case.version > before


def test_batch_takes_no_tranche_twice_and_none_of_another_round(project):
    elsewhere = make_running_case()
    pk, foreign = register(project), register(elsewhere)
    with pytest.raises(Invalid) as refusal:
        approve(project, pk, pk, foreign, 999_999)
    assert list(refusal.value.errors) == [
        "tranches.1.tranche",
        "tranches.2.tranche",
        "tranches.3.tranche",
    ]


def test_batch_needs_a_row(project):
    register(project)
    with pytest.raises(Invalid):
        approve(project)


def test_batch_keeps_the_forms_own_number_once(project):
    other = make_running_case(with_case=project)
    one, two = register(project), register(other)
    assert approve(project, one, number="拨付〔2021〕3号").number == "拨付〔2021〕3号"
    with pytest.raises(Invalid) as refusal:
        approve(project, two, number="拨付〔2021〕3号")
    assert "number" in refusal.value.errors


@pytest.mark.parametrize("stranger", ["funder", "finance", "org_finance", "auditor"])
def test_others_do_not_approve(project, stranger):
    pk = register(project)
    with pytest.raises(NotYours):
        approve(project, pk, by=getattr(project, stranger))


# -- three officers -----------------------------------------------------------


def test_who_registered_does_not_approve(project):
    with ambient_event():
        grant_role(project.programme, Role.HEAD, project.registrar, by=BY)
    pk = register(project)
    assert payable_tranches(project.round, project.registrar) == []
    with pytest.raises(Invalid) as refusal:
        approve(project, pk, by=project.registrar)
    assert "tranches.0.tranche" in refusal.value.errors


@pytest.mark.parametrize("officer", ["registrar", "head"])
def test_who_registered_or_approved_does_not_record(project, officer):
    with ambient_event():
        grant_role(project.programme, Role.FINANCE, project.head, by=BY)
    approve(project, register(project))
    with pytest.raises(NotYours):
        project.do("record_payment", project.tranche(1), by=getattr(project, officer))


# -- the voucher --------------------------------------------------------------


def test_payment_of_tomorrow_is_refused(project):
    approve(project, register(project))
    tomorrow = today(now()) + dt.timedelta(days=1)
    with pytest.raises(Invalid) as refusal:
        project.do("record_payment", project.tranche(1), paid_on=tomorrow.isoformat())
    assert "paid_on" in refusal.value.errors


def test_payment_before_its_approval_is_refused(project):
    approve(project, register(project))
    yesterday = today(now()) - dt.timedelta(days=1)
    with pytest.raises(Invalid) as refusal:
        project.do("record_payment", project.tranche(1), paid_on=yesterday.isoformat())
    assert today(now()).isoformat() in refusal.value.errors["paid_on"][0]
    assert project.tranche(1).status == "APPROVED"


def test_voucher_entered_twice_is_refused(project):
    other = make_running_case(with_case=project)
    approve(project, register(project), register(other))
    project.do("record_payment", project.tranche(1), voucher_number="PZ-1")
    with pytest.raises(Invalid) as refusal:
        other.do("record_payment", other.tranche(1), voucher_number="pz-1 ")
    assert project.case.code in refusal.value.errors["voucher_number"][0]
    with pytest.raises(WrongState):
        project.do("record_payment", project.tranche(1), voucher_number="PZ-2")


def test_never_more_is_paid_than_awarded(project):
    approve(project, register(project))
    with ambient_event():
        tranche = project.tranche(1)
        tranche.amount = Decimal("100000.01")
        tranche.save()
    with pytest.raises(WrongState) as refusal:
        project.do("record_payment", project.tranche(1))
    assert refusal.value.code == "over_award"


def test_payment_is_not_recorded_before_approval(project):
    register(project)
    with pytest.raises(WrongState):
        project.do("record_payment", project.tranche(1))
