"""Plan revision, signatures, and the stages and tranches that come of them."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils.timezone import now
from django.utils.translation import override

from grants.calendar import end_of, end_of_working_day, start_of
from grants.errors import Invalid, Late, NotYours, WrongState
from grants.models import Agreement, BudgetLine, Case, StageKind, Status
from grants.services.contracting import lapse
from organisations.models import MembershipRole
from tests.attachments.sending import half_sent, send_rest
from tests.factories import (
    BY,
    act_on,
    bring,
    make_case,
    make_programme,
    make_round,
    make_user,
    member,
    person,
)

pytestmark = [pytest.mark.once, pytest.mark.django_db]
LEGAL_REP = MembershipRole.LEGAL_REP


def rows(*amounts, head="ACTIVITY"):
    return [
        {"head": head, "item": "活动", "amount": amount, "funded_by": "GRANT"}
        for amount in amounts
    ]


def awarded(clock, amount="80000.00", **fields):
    """A case that asked for 100,000 and got less."""
    clock.to("2021-05-10 09:00")
    case = make_case(make_round(**fields), until=Status.SCORED)
    line = {"case": case.code, "outcome": "AWARD", "amount": amount, "reason": ""}
    return bring(case, Status.REVISION, clock=clock, decide_list={"lines": [line]})


def revise(case, **changes):
    return act_on("revise_plan", case, by=member(case.organisation), **changes)


def accept(case, **changes):
    by = person("funder", case.round)
    return act_on("accept_plan", case, by=by, **changes)


def sign(case, **changes):
    return act_on("sign", case, by=member(case.organisation, LEGAL_REP), **changes)


def countersign(case, **changes):
    by = person("funder", case.round)
    return act_on("countersign", case, by=by, **changes)


def status(case):
    return Case.objects.get(pk=case.pk).status


# -- the plan --------------------------------------------------------------------


def test_budget_that_misses_the_award_names_the_difference(clock):
    case = awarded(clock)
    with override("en"), pytest.raises(Invalid) as caught:
        revise(case, budget=rows("79999.99"))
    assert caught.value.errors == {
        "budget": [
            "The rows paid by the grant add up to 79,999.99 yuan: "
            "0.01 yuan less than 80,000.00 yuan."
        ]
    }
    with override("en"), pytest.raises(Invalid) as caught:
        revise(case, budget=rows("80000.00", "500.00"))
    assert "500.00 yuan more than" in caught.value.errors["budget"][0]


def test_every_rule_runs_again(clock):
    case = awarded(clock)
    budget = rows("79000.00") + rows("1000.00", head="FIXED_ASSET")
    with pytest.raises(Invalid) as caught:
        revise(case, budget=budget)
    assert list(caught.value.errors) == ["budget.1.head"]
    budget = rows("71999.99") + rows("8000.01", head="ADMIN")
    with pytest.raises(Invalid) as caught:
        revise(case, budget=budget)
    assert list(caught.value.errors) == ["budget"]


def test_plan_keeps_the_request_beside_it(clock):
    case = awarded(clock)
    revise(case, budget=rows("80000.00"))
    kinds = case.budget_lines.values_list("kind", "amount")
    assert (BudgetLine.Kind.PLAN, Decimal("80000.00")) in kinds
    request = case.budget_lines.filter(kind=BudgetLine.Kind.REQUEST)
    assert sum(line.amount for line in request) == Decimal("100000.00")


def test_plan_is_handed_in_once_and_waits_for_the_officer(clock):
    case = awarded(clock)
    with pytest.raises(WrongState):
        accept(case)
    revise(case)
    assert status(case) == Status.REVISION
    with pytest.raises(WrongState):
        revise(case)


def test_plan_is_late_after_its_working_days(clock):
    case = awarded(clock)
    due = case.project.revision_due
    assert due == end_of_working_day(now(), 10)
    clock.to(due)
    with pytest.raises(Late):
        revise(case)


def test_plan_denied_to_mallory_and_accepting_to_the_applicant(clock):
    case = awarded(clock)
    with pytest.raises(NotYours):
        act_on("revise_plan", case, by=make_user("mallory"))
    revise(case)
    for who in (member(case.organisation), person("head", case.round)):
        with pytest.raises(NotYours):
            act_on("accept_plan", case, by=who)


def test_returned_plan_gets_remarks_and_a_new_term(clock):
    case = awarded(clock)
    first_due = case.project.revision_due
    revise(case)
    with pytest.raises(Invalid):
        accept(case, outcome="RETURN")
    clock.forward(days=7)
    accept(case, outcome="RETURN", remarks="人员补贴过高")
    case.project.refresh_from_db()
    assert case.project.revision_due > first_due
    assert case.project.plan_remarks == "人员补贴过高"
    revise(case, budget=rows("80000.00"))
    plan = case.budget_lines.filter(kind=BudgetLine.Kind.PLAN)
    assert [line.amount for line in plan] == [Decimal("80000.00")]
    accept(case)
    assert status(case) == Status.AGREEMENT


# -- signatures ------------------------------------------------------------------


def test_only_the_legal_representative_signs_and_once(clock):
    case = make_case(until=Status.AGREEMENT, clock=clock)
    with pytest.raises(NotYours):
        act_on("sign", case, by=member(case.organisation))
    agreement = sign(case)
    assert agreement.applicant_copy.kind == "agreement_applicant"
    with pytest.raises(WrongState):
        sign(case)


def test_signature_is_not_dated_in_the_future_nor_given_late(clock):
    case = make_case(until=Status.AGREEMENT, clock=clock)
    with pytest.raises(Invalid):
        sign(case, signed_on="2099-01-01")
    clock.to(case.project.signing_due)
    with pytest.raises(Late):
        sign(case)


def test_signature_may_follow_a_file_that_was_on_its_way(clock):
    case = make_case(until=Status.AGREEMENT, clock=clock)
    due = case.project.signing_due
    clock.to(due - timedelta(minutes=1))
    upload = half_sent(member(case.organisation), case.folder_id)
    clock.to(due + timedelta(minutes=30))
    with pytest.raises(Late):
        sign(case)
    clock.to(due + timedelta(minutes=29))
    with pytest.raises(Late):
        sign(case)  # it is not whole yet
    send_rest(upload)
    assert sign(case).applicant_copy


def test_file_of_the_office_gives_no_minutes_for_a_signature(clock):
    case = make_case(until=Status.AGREEMENT, clock=clock)
    due = case.project.signing_due
    clock.to(due - timedelta(minutes=1))
    office = person("funder", case.round)
    upload = half_sent(office, case.folder_id)
    clock.to(due + timedelta(minutes=1))
    send_rest(upload)
    with pytest.raises(Late):
        sign(case)


def test_countersigning_waits_for_the_other_side(clock):
    case = make_case(until=Status.AGREEMENT, clock=clock)
    with pytest.raises(WrongState):
        countersign(case)
    sign(case)
    yesterday = (Agreement.objects.get().signed_on - timedelta(days=1)).isoformat()
    with pytest.raises(Invalid):
        countersign(case, countersigned_on=yesterday)
    with pytest.raises(NotYours):
        act_on("countersign", case, by=member(case.organisation, LEGAL_REP))
    countersign(case)
    assert status(case) == Status.RUNNING_INITIAL
    with pytest.raises(WrongState):
        countersign(case)


def test_agreement_number_is_used_once(clock):
    programme = make_programme()
    first = make_case(make_round(programme), until=Status.RUNNING_INITIAL, clock=clock)
    second = make_case(make_round(programme), until=Status.AGREEMENT, clock=clock)
    sign(second)
    with pytest.raises(Invalid) as caught:
        countersign(second, number=first.agreement.number)
    assert list(caught.value.errors) == ["number"]


def test_countersigning_makes_the_tranches(clock):
    case = awarded(clock, "99999.99")
    case = bring(case, Status.RUNNING_INITIAL)
    tranches = case.tranches.order_by("seq").values_list("seq", "amount", "status")
    assert list(tranches) == [
        (1, Decimal("50000.00"), "OPEN"),
        (2, Decimal("40000.00"), "PLANNED"),
        (3, Decimal("9999.99"), "PLANNED"),
    ]


def test_countersigning_makes_three_stages_over_the_projects_time(clock):
    case = make_case(until=Status.RUNNING_INITIAL, clock=clock)
    application = case.application
    begins, ends = application.period_start, application.period_end
    stages = {stage.kind: stage for stage in case.stages.all()}
    assert set(stages) == set(StageKind.values)
    assert stages["INITIAL"].opens_at == start_of(begins)
    assert stages["FINAL"].opens_at == end_of(ends)
    half = start_of(begins) + (end_of(ends) - start_of(begins)) / 2
    assert stages["MID"].opens_at == half
    for stage in stages.values():
        assert stage.status == "REPORT"
        assert stage.report_due > stage.opens_at


# -- lapsing ---------------------------------------------------------------------


def test_revision_lapses_when_nothing_came(clock):
    case = awarded(clock)
    with pytest.raises(WrongState):
        lapse(case, by=BY)
    clock.to(case.project.revision_due)
    lapse(case, by=BY)
    assert case.status == Status.LAPSED


def test_revision_does_not_lapse_while_the_officer_reads_it(clock):
    case = awarded(clock)
    revise(case)
    clock.to(case.project.revision_due)
    with pytest.raises(WrongState):
        lapse(Case.objects.get(pk=case.pk), by=BY)


def test_agreement_lapses_unless_it_was_signed(clock):
    round_ = make_round()
    signed = make_case(round_, until=Status.ELIGIBLE)
    unsigned = make_case(round_, until=Status.ELIGIBLE)
    bring(signed, Status.SCORED)
    bring(unsigned, Status.SCORED)
    bring(signed, Status.IN_NOTICE)
    for case in (signed, unsigned):
        bring(case, Status.AGREEMENT, clock=clock)
    sign(signed)
    due = Case.objects.get(pk=signed.pk).project.signing_due
    clock.to(due + timedelta(days=5))
    with pytest.raises(WrongState):
        lapse(Case.objects.get(pk=signed.pk), by=BY)
    lapse(Case.objects.get(pk=unsigned.pk), by=BY)
    assert status(unsigned) == Status.LAPSED
