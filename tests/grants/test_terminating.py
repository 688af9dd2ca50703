"""Termination, settlement, exclusion, clawback: money paid back to the fen."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils.timezone import now

from grants.calendar import today
from grants.errors import Invalid, NotYours, WrongState
from grants.models import HoldKind, Status, TerminationStatus
from grants.selectors import returned_of
from grants.services.closing import facts_of
from grants.services.programmes import grant_role
from grants.services.terminating import settlement_of
from tests.factories.running import (
    Running,
    bring_to_closing,
    make_running_case,
    open_next,
)

pytestmark = [
    pytest.mark.once,
    pytest.mark.django_db,
    pytest.mark.usefixtures("ambient_events"),
]
D = Decimal
SPENT = {"accepted_expenditure": "12345.67", "accepted_because": "凭证核对"}


@pytest.fixture
def project(clock) -> Running:
    clock.to("2026-07-01 09:00")
    return make_running_case()


@pytest.fixture
def paid(project) -> Running:
    """50,000.00 yuan were paid."""
    project.pass_stage("INITIAL")
    project.pay(1)
    return project


def termination(project: Running):
    return project.case.terminations.get()


# -- the settlement ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("ground", "accepted", "to_return"),
    [
        ("AGREEMENT", "50000.00", "0.00"),
        ("AGREEMENT", "49999.99", "0.01"),
        ("CAUSE", "12345.67", "37654.33"),
        ("CAUSE", "0.00", "50000.00"),
        ("CAUSE", "70000.00", "0.00"),  # what was spent of one's own is not paid
        ("FRAUD", "50000.00", "50000.00"),
        ("FRAUD", "0.00", "50000.00"),
    ],
)
def test_settlement_is_paid_minus_accepted_and_all_of_it_for_fraud(
    paid, ground, accepted, to_return
):
    figures = settlement_of(paid.case, ground, D(accepted))
    assert figures.to_return == D(to_return)
    assert (figures.award, figures.paid, figures.returned) == (
        D("100000.00"),
        D("50000.00"),
        D("0.00"),
    )


def test_termination_without_payment_claims_nothing(project):
    project.do("terminate", ground="FRAUD", **SPENT)
    project.do("confirm_termination")
    assert project.status() == Status.TERMINATED
    assert termination(project).to_return == 0
    assert termination(project).return_due is None


# -- proposed by one, confirmed by another -------------------------------------------


def test_proposal_stops_the_money_and_moves_nothing(paid):
    paid.do("terminate", ground="CAUSE", reason="挪用设备", **SPENT)
    assert paid.status() == Status.RUNNING_INITIAL
    assert [h.kind for h in paid.case.holds.filter(lifted_at=None)] == [
        HoldKind.TERMINATION
    ]
    with pytest.raises(WrongState):
        paid.do("terminate")


def test_confirmed_termination_is_settled_and_claimed_back(paid, clock):
    paid.do("suspend")
    paid.do("request_change")
    paid.do("terminate", ground="CAUSE", reason="违约", **SPENT)
    paid.do("confirm_termination")
    assert paid.status() == Status.CLAWBACK
    told = termination(paid)
    assert told.status == TerminationStatus.CONFIRMED
    assert told.to_return == D("37654.33")
    assert told.return_due.isoformat() == "2026-08-12T16:00:00+00:00"  # 30 days
    assert not paid.case.holds.filter(lifted_at=None).exists()
    assert paid.case.changes.get().status == "OVERTAKEN"
    assert paid.case.application.end_reason == "违约"


def test_refused_termination_lets_the_project_go_on(paid):
    paid.do("terminate")
    with pytest.raises(Invalid) as refused:
        paid.do("confirm_termination", outcome="REJECT", reason="")
    assert set(refused.value.errors) == {"reason"}
    paid.do("confirm_termination", outcome="REJECT", reason="证据不足")
    assert paid.status() == Status.RUNNING_INITIAL
    assert not paid.case.holds.filter(lifted_at=None).exists()
    assert termination(paid).status == TerminationStatus.REFUSED
    with pytest.raises(WrongState):
        paid.do("confirm_termination")
    paid.do("terminate")  # once more


def test_who_proposed_does_not_confirm(paid):
    grant_role(paid.programme, "head", paid.people["funder"], by="system:test")
    paid.do("terminate")
    with pytest.raises(NotYours):
        paid.do("confirm_termination", by=paid.funder)
    paid.do("confirm_termination")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"ground": "FAILURE"}, "ground"),
        ({"reason": " "}, "reason"),
        ({"accepted_expenditure": "-1"}, "accepted_expenditure"),
        ({"accepted_because": ""}, "accepted_because"),
    ],
)
def test_bad_proposals_are_refused_by_field(paid, body, field):
    with pytest.raises(Invalid) as refused:
        paid.do("terminate", **body)
    assert set(refused.value.errors) == {field}
    assert not paid.case.terminations.exists()


def test_proposal_holds_payment_and_closing(project, clock):
    bring_to_closing(project, clock)
    project.do("terminate")
    with pytest.raises(WrongState) as held:
        project.do("close_project", outcome="ACCEPT")
    assert held.value.code == "on_hold"
    other = make_running_case(with_case=project)
    other.do("terminate")
    with pytest.raises(WrongState) as held:
        other.do("request_payment", other.tranche(1))
    assert held.value.code == "on_hold"


def test_audited_expenditure_settles_a_project_that_ends_in_closing(project, clock):
    bring_to_closing(project, clock, accepted_expenditure="80000.00")
    project.do("record_refund")  # 10,000.00 of 90,000.00 came back already
    project.do("terminate", ground="CAUSE", **SPENT)
    project.do("confirm_termination")
    told = termination(project)
    assert (told.paid, told.returned) == (D("90000.00"), D("10000.00"))
    assert told.to_return == D("67654.33")
    project.do("submit_repayment")
    project.do("record_repayment")
    assert project.status() == Status.CLAWBACK_DONE
    assert returned_of(project.case) == D("77654.33")


# -- a failed stage ends in the same settlement ---------------------------------------


def test_failed_stage_settles_the_same_way(paid, clock):
    open_next(paid, clock, "MID")
    for name in ("report_stage", "check_materials", "visit_site"):
        paid.do(name, paid.stage("MID"))
    paid.do(
        "grade_stage", paid.stage("MID"), outcome="FAIL", score="40", remarks="未开展"
    )
    body = {"outcome": "TERMINATE", "reason": "中期评估不合格"}
    with pytest.raises(Invalid) as refused:
        paid.do("decide_on_failure", paid.stage("MID"), body=body)
    assert set(refused.value.errors) == {"accepted_expenditure"}
    paid.do(
        "decide_on_failure",
        paid.stage("MID"),
        body=body | {"accepted_expenditure": "20000.00"},
    )
    assert paid.status() == Status.CLAWBACK
    assert termination(paid).ground == "FAILURE"
    assert termination(paid).to_return == D("30000.00")
    paid.case.organisation.refresh_from_db()
    assert paid.case.organisation.excluded_until is None


# -- exclusion -----------------------------------------------------------------------


@pytest.mark.parametrize("ground", ["CAUSE", "FRAUD"])
def test_breach_and_fraud_exclude_for_three_years(paid, ground):
    paid.do("terminate", ground=ground)
    organisation = paid.case.organisation
    organisation.refresh_from_db()
    assert organisation.excluded_until is None  # not before it is confirmed
    paid.do("confirm_termination")
    organisation.refresh_from_db()
    assert organisation.excluded_until == date(2029, 7, 1)
    assert paid.case.code in organisation.exclusion_reason


def test_agreement_excludes_nobody_and_the_years_are_a_rule(clock):
    clock.to("2026-07-01 09:00")
    rules = {"termination": {"clawback_working_days": 5, "excluded_years": 1}}
    project = make_running_case(rules=rules)
    project.do("terminate")
    project.do("confirm_termination")
    project.case.organisation.refresh_from_db()
    assert project.case.organisation.excluded_until is None
    other = make_running_case(with_case=project)
    other.do("terminate", ground="FRAUD")
    other.do("confirm_termination")
    other.case.organisation.refresh_from_db()
    assert other.case.organisation.excluded_until == date(2027, 7, 1)


# -- clawback ------------------------------------------------------------------------


@pytest.fixture
def claimed(paid) -> Running:
    """37,654.33 yuan are to come back."""
    paid.do("terminate", ground="CAUSE", **SPENT)
    paid.do("confirm_termination")
    return paid


def test_repayment_in_one_settles_the_clawback(claimed):
    claimed.do("submit_repayment")
    claimed.do("record_repayment")
    assert claimed.status() == Status.CLAWBACK_DONE
    assert returned_of(claimed.case) == D("37654.33")
    assert facts_of(claimed.case).returned == D("37654.33")


def test_instalments_add_up_in_the_refund(claimed):
    claimed.do("submit_repayment", amount="30000.00")
    with pytest.raises(WrongState):
        claimed.do("submit_repayment", amount="1.00")
    claimed.do("record_repayment", amount="29999.99")  # what arrived
    assert claimed.status() == Status.CLAWBACK
    assert returned_of(claimed.case) == D("29999.99")
    claimed.do("submit_repayment")
    assert claimed.case.repayments.last().claimed == D("7654.34")
    claimed.do("record_repayment")
    assert claimed.status() == Status.CLAWBACK_DONE
    claimed.case.refund.refresh_from_db()
    assert claimed.case.refund.amount == D("37654.33")
    assert claimed.case.repayments.count() == 2


def test_returned_proof_is_asked_for_again(claimed):
    claimed.do("submit_repayment")
    with pytest.raises(Invalid):
        claimed.do("record_repayment", outcome="RETURN", remarks="")
    claimed.do("record_repayment", outcome="RETURN", remarks="账户未到款")
    assert claimed.status() == Status.CLAWBACK
    assert returned_of(claimed.case) == 0
    claimed.do("submit_repayment")
    claimed.do("record_repayment")
    assert claimed.status() == Status.CLAWBACK_DONE


@pytest.mark.parametrize("amount", ["0.00", "37654.34"])
def test_more_than_is_claimed_or_nothing_is_refused(claimed, amount):
    with pytest.raises(Invalid) as refused:
        claimed.do("submit_repayment", amount=amount)
    assert set(refused.value.errors) == {"amount"}
    claimed.do("submit_repayment")
    with pytest.raises(Invalid) as refused:
        claimed.do("record_repayment", amount=amount)
    assert set(refused.value.errors) == {"amount"}


def test_voucher_counts_once_and_the_day_has_come(claimed):
    tomorrow = today(now()) + timedelta(days=1)
    with pytest.raises(Invalid) as refused:
        claimed.do("submit_repayment", paid_on=tomorrow.isoformat())
    assert set(refused.value.errors) == {"paid_on"}
    claimed.do("submit_repayment", amount="1.00")
    claimed.do("record_repayment", amount="1.00", voucher_number="ＪＫ 1")
    claimed.do("submit_repayment", amount="1.00")
    with pytest.raises(Invalid) as refused:
        claimed.do("record_repayment", amount="1.00", voucher_number="jk1")
    assert set(refused.value.errors) == {"voucher_number"}
    assert claimed.case.repayments.last().status == "SUBMITTED"


def test_older_rules_know_the_terms_of_a_termination(clock):
    clock.to("2026-07-01 09:00")
    project = make_running_case(rules={"termination": None, "change": None})
    project.do("request_change")
    project.do("terminate", ground="CAUSE")
    project.do("confirm_termination")
    project.case.organisation.refresh_from_db()
    assert project.case.organisation.excluded_until == date(2029, 7, 1)
