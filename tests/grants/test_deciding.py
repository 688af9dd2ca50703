"""Committee list, bureau meeting, notice, award, wait list."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils.timezone import now

from audit.testing import ambient_event
from grants.actions import ACTIONS
from grants.calendar import end_of, today
from grants.errors import Invalid, NotYours, WrongState
from grants.models import (
    BudgetLine,
    Case,
    Decision,
    Hold,
    Notice,
    Objection,
    Project,
    Round,
    Status,
)
from grants.ranking import ranked_cases
from grants.selectors import committed_of, pool_free
from grants.services.deciding import close_notice, notice_of, release_waitlist
from organisations.models import MembershipRole
from tests.factories import (
    BY,
    act_on,
    bring,
    end_notice,
    make_case,
    make_round,
    make_user,
    member,
    person,
)

pytestmark = [pytest.mark.once, pytest.mark.django_db]


def scored(round_, need="17", **application):
    """A scored case; its score is 68 plus the points for need."""
    steps = {"submit_application": application} if application else {}
    case = make_case(round_, until=Status.ELIGIBLE, **steps)
    mark = {"score_need": need, "comment_need": "见评语"}
    return bring(case, Status.SCORED, lock_score=mark)


def asking(amount):
    row = {"head": "ACTIVITY", "item": "活动", "amount": amount, "funded_by": "GRANT"}
    return {"amount": amount, "budget": [row]}


def line(case, outcome="AWARD", amount=None, reason=""):
    row = {"case": case.code, "outcome": outcome, "reason": reason}
    return row | ({"amount": amount} if amount else {})


def decide(round_, *lines):
    changes = {"lines": list(lines)} if lines else {}
    return act_on("decide_list", round_, by=person("committee", round_), **changes)


def confirm(round_, **changes):
    second = person("committee", round_, another=True)
    return act_on("confirm_decision", round_, by=second, **changes)


def refused(round_, *lines):
    with pytest.raises(Invalid) as caught:
        decide(round_, *lines)
    assert not Decision.objects.filter(confirmed_at=None, sent_back_at=None).exists()
    return caught.value.errors


def statuses(*cases):
    return [Case.objects.get(pk=case.pk).status for case in cases]


# -- ranking ---------------------------------------------------------------------


def test_ranking_by_score_then_amount_then_time():
    round_ = make_round()
    low = scored(round_, need="12")
    late = scored(round_, need="17")
    cheap = scored(round_, **asking("90000.00"))
    best = scored(round_, need="20")
    cases = round_.cases.select_related("application")
    assert ranked_cases(cases) == [best, cheap, late, low]


# -- the list --------------------------------------------------------------------


def test_list_moves_nothing_before_a_second_member_confirms():
    round_ = make_round()
    best, middle, last = (scored(round_, need=n) for n in ("20", "17", "12"))
    decision = decide(
        round_,
        line(best, amount="90000.00"),
        line(middle, "WAITLIST"),
        line(last, "REJECT"),
    )
    assert statuses(best, middle, last) == [Status.SCORED] * 3
    assert decision.is_open
    confirm(round_)
    assert statuses(best, middle, last) == [
        Status.PROPOSED,
        Status.WAITLISTED,
        Status.REJECTED,
    ]
    best.refresh_from_db()
    assert best.awarded == Decimal("90000.00")
    assert committed_of(round_) == Decimal("90000.00")


def test_list_is_never_confirmed_by_its_proposer():
    round_ = make_round()
    scored(round_)
    decide(round_)
    with pytest.raises(NotYours):
        act_on("confirm_decision", round_, by=person("committee", round_))


def test_list_denied_to_others():
    round_ = make_round()
    scored(round_)
    for role in ("operator", "funder", "leader", "reviewer", "auditor"):
        with pytest.raises(NotYours):
            act_on("decide_list", round_, by=person(role, round_))
    with pytest.raises(NotYours):
        act_on("decide_list", round_, by=person("committee", make_round()))


def test_list_sent_back_may_be_proposed_anew():
    round_ = make_round()
    case = scored(round_)
    decide(round_)
    with pytest.raises(WrongState):
        decide(round_)
    with pytest.raises(Invalid):
        confirm(round_, outcome="SEND_BACK")
    confirm(round_, outcome="SEND_BACK", reason="金额需再议")
    assert statuses(case) == [Status.SCORED]
    decide(round_)
    confirm(round_)
    assert statuses(case) == [Status.PROPOSED]
    with pytest.raises(WrongState):
        confirm(round_)


def test_list_has_a_line_for_every_scored_case_and_no_other():
    round_ = make_round()
    first, second = scored(round_), scored(round_)
    eligible = make_case(round_, until=Status.ELIGIBLE)
    assert list(refused(round_, line(first, amount="1.00"))) == ["lines"]
    errors = refused(
        round_,
        line(first, amount="1.00"),
        line(second, amount="1.00"),
        line(eligible, amount="1.00"),
    )
    assert list(errors) == ["lines.2.case"]
    errors = refused(
        round_,
        line(first, amount="1.00"),
        line(first, amount="1.00"),
        line(second, amount="1.00"),
    )
    assert list(errors) == ["lines.1.case"]


@pytest.mark.parametrize("amount", ["100000.01", "0.00", None])
def test_award_is_above_zero_and_at_most_the_request(amount):
    round_ = make_round()
    case = scored(round_, **asking("100000.00"))
    assert list(refused(round_, line(case, amount=amount))) == ["lines.0.amount"]


def test_award_keeps_the_cap_that_was_lowered_since():
    round_ = make_round()
    case = scored(round_)
    with ambient_event():
        Round.objects.filter(pk=round_.pk).update(cap=Decimal("50000.00"))
    errors = refused(Round.objects.get(pk=round_.pk), line(case, amount="50000.01"))
    assert list(errors) == ["lines.0.amount"]


def test_awards_keep_the_pool_to_the_fen():
    round_ = make_round(pool=Decimal("150000.00"), cap=Decimal("100000.00"))
    first, second = scored(round_, need="20"), scored(round_)
    over = [line(first, amount="100000.00"), line(second, amount="50000.01")]
    errors = refused(round_, *over)
    assert list(errors) == ["lines"]
    assert "0.01" in errors["lines"][0]
    decide(round_, over[0], line(second, amount="50000.00"))
    confirm(round_)
    assert pool_free(round_) == 0


def test_pool_counts_what_is_committed_already():
    round_ = make_round(pool=Decimal("150000.00"), cap=Decimal("100000.00"))
    bring(scored(round_), Status.PROPOSED)
    later = scored(round_)
    assert list(refused(round_, line(later, amount="50000.01"))) == ["lines"]
    decide(round_, line(later, amount="50000.00"))


def test_confirming_asks_the_pool_again():
    round_ = make_round(pool=Decimal("150000.00"), cap=Decimal("100000.00"))
    case = scored(round_)
    decide(round_, line(case, amount="100000.00"))
    with ambient_event():
        Round.objects.filter(pk=round_.pk).update(pool=Decimal("99999.99"))
    with pytest.raises(Invalid) as caught:
        confirm(round_)
    assert list(caught.value.errors) == ["outcome"]
    assert statuses(case) == [Status.SCORED]


def test_below_the_pass_mark_nothing_but_rejecting_is_possible():
    round_ = make_round()
    marks = {
        f"score_{c}": "1" for c in ("need", "plan", "innovation", "team", "budget")
    }
    weak = make_case(round_, until=Status.ELIGIBLE)
    weak = bring(weak, Status.SCORED, lock_score=marks)
    assert weak.application.score < 60
    for outcome in ("AWARD", "WAITLIST"):
        errors = refused(round_, line(weak, outcome, amount="1.00"))
        assert list(errors) == ["lines.0.outcome"]
    decide(round_)  # the example rejects it
    confirm(round_)
    assert statuses(weak) == [Status.REJECTED]


def test_leap_in_the_ranking_needs_a_reason_on_either_side():
    round_ = make_round()
    better, worse = scored(round_, need="20"), scored(round_, need="17")
    leap = [line(worse, amount="90000.00"), line(better, "WAITLIST")]
    assert list(refused(round_, *leap)) == ["lines.0.reason"]
    decide(round_, leap[0], line(better, "WAITLIST", reason="与在研项目重复"))
    confirm(round_, outcome="SEND_BACK", reason="x")
    decide(round_, line(worse, amount="90000.00", reason="山区唯一"), leap[1])


def test_case_that_left_meanwhile_is_not_moved():
    round_ = make_round()
    stays, leaves = scored(round_, need="20"), scored(round_)
    decide(round_)
    by = member(leaves.organisation, MembershipRole.LEGAL_REP)
    act_on("decline", leaves, by=by)
    confirm(round_)
    assert statuses(stays, leaves) == [Status.PROPOSED, Status.LAPSED]


def test_example_awards_by_rank_while_the_pool_lasts():
    round_ = make_round(pool=Decimal("250000.00"), cap=Decimal("100000.00"))
    cases = [scored(round_, need=n) for n in ("20", "17", "15")]
    decide(round_)
    confirm(round_)
    assert statuses(*cases) == [Status.PROPOSED, Status.PROPOSED, Status.WAITLISTED]


# -- the meeting -----------------------------------------------------------------


def test_meeting_takes_all_proposed_cases_with_number_date_and_scan():
    round_ = make_round()
    cases = [scored(round_, need=n) for n in ("20", "17")]
    bring(cases[0], Status.PROPOSED)
    decision = act_on("record_meeting", round_, by=person("funder", round_))
    assert decision.kind == Decision.Kind.MEETING
    assert decision.scan.folder == round_.folder
    assert decision.lines.count() == 2
    assert statuses(*cases) == [Status.DECIDED] * 2


@pytest.mark.parametrize("field", ["number", "held_on", "scan"])
def test_meeting_needs_number_date_and_scan(field):
    round_ = make_round()
    bring(scored(round_), Status.PROPOSED)
    by = person("funder", round_)
    action = ACTIONS["record_meeting"]
    body = {k: v for k, v in action.example(round_, by).items() if k != field}
    with pytest.raises(Invalid) as caught:
        action.clean(action.bind_json(round_, by=by, body=body))
    assert list(caught.value.errors) == [field]


def test_meeting_is_refused_in_the_future_without_cases_and_to_others():
    round_ = make_round()
    funder = person("funder", round_)
    with pytest.raises(WrongState):
        act_on("record_meeting", round_, by=funder)
    bring(scored(round_), Status.PROPOSED)
    tomorrow = (today(now()) + timedelta(days=1)).isoformat()
    with pytest.raises(Invalid):
        act_on("record_meeting", round_, by=funder, held_on=tomorrow)
    with pytest.raises(NotYours):
        act_on("record_meeting", round_, by=person("head", round_))


# -- the notice ------------------------------------------------------------------


def decided(clock, moment="2021-08-16 10:00"):
    clock.to(moment)
    round_ = make_round()
    return round_, bring(scored(round_), Status.DECIDED)


def publish(round_, **changes):
    return act_on("publish_notice", round_, by=person("head", round_), **changes)


def test_notice_runs_from_the_next_working_day_for_five(clock):
    round_, case = decided(clock, "2021-06-01 10:00")
    notice = publish(round_, starts_on="", ends_on="")
    assert (notice.starts_on, notice.ends_on) == (date(2021, 6, 2), date(2021, 6, 8))
    assert list(notice.cases.all()) == [case]
    assert statuses(case) == [Status.IN_NOTICE]


def test_notice_counts_working_days_with_both_ends(clock):
    round_, _case = decided(clock)
    with pytest.raises(Invalid) as caught:
        publish(round_, starts_on="2021-08-18", ends_on="2021-08-23")
    assert list(caught.value.errors) == ["ends_on"]
    publish(round_, starts_on="2021-08-18", ends_on="2021-08-24")


def test_notice_cannot_start_in_the_past_nor_end_before_it_starts(clock):
    round_, _case = decided(clock)
    with pytest.raises(Invalid) as caught:
        publish(round_, starts_on="2021-08-13", ends_on="2021-08-31")
    assert list(caught.value.errors) == ["starts_on"]
    with pytest.raises(Invalid) as caught:
        publish(round_, starts_on="2021-08-18", ends_on="2021-08-17")
    assert list(caught.value.errors) == ["ends_on"]


def test_notice_denied_to_others_and_without_cases(clock):
    round_, _case = decided(clock)
    with pytest.raises(NotYours):
        act_on("publish_notice", round_, by=person("funder", round_))
    with pytest.raises(WrongState):
        publish(make_round())


def test_notice_ends_with_its_last_day_once(clock):
    round_, case = decided(clock)
    notice = publish(round_)
    clock.to(end_of(notice.ends_on) - timedelta(seconds=5))
    case = Case.objects.get(pk=case.pk)
    with pytest.raises(WrongState):
        close_notice(case, by=BY)
    clock.to(end_of(notice.ends_on))
    close_notice(case, by=BY)
    first = Notice.objects.get().over_at
    clock.forward(days=1)
    close_notice(case, by=BY)
    assert Notice.objects.get().over_at == first
    assert statuses(case) == [Status.IN_NOTICE]


# -- the award -------------------------------------------------------------------


def award(round_, **changes):
    return act_on("award_list", round_, by=person("leader", round_), **changes)


def test_award_below_the_request_leads_to_revision(clock):
    clock.to("2021-05-10 09:00")
    round_ = make_round()
    case = scored(round_, **asking("100000.00"))
    decide(round_, line(case, amount="80000.00"))
    confirm(round_)
    bring(case, Status.REVISION, clock=clock)
    project = Project.objects.get()
    code = round_.programme.code.upper()
    assert project.award_no == f"{code}-LX-2021-CITY-001"
    assert project.plan_submitted_at is None
    assert project.revision_due > now()
    assert not case.budget_lines.filter(kind=BudgetLine.Kind.PLAN).exists()


def test_award_of_the_request_leads_to_the_agreement(clock):
    case = make_case(until=Status.AGREEMENT, clock=clock)
    request = case.budget_lines.filter(kind=BudgetLine.Kind.REQUEST)
    plan = case.budget_lines.filter(kind=BudgetLine.Kind.PLAN)
    columns = ("position", "head", "item", "amount", "funded_by")
    assert list(plan.values(*columns)) == list(request.values(*columns))
    assert case.project.signing_due > now()


def test_award_numbers_are_consecutive(clock):
    clock.to("2021-05-10 09:00")
    round_ = make_round()
    cases = [scored(round_) for _ in range(3)]
    bring(cases[0], Status.IN_NOTICE)
    for case in cases:
        end_notice(case, clock)
    award(round_)
    numbers = [Project.objects.get(case=c).award_no[-3:] for c in cases]
    assert numbers == ["001", "002", "003"]


def test_award_waits_for_the_end_of_the_notice(clock):
    clock.to("2021-05-10 09:00")
    case = make_case(until=Status.IN_NOTICE)
    with pytest.raises(WrongState):
        award(case.round)
    end_notice(case, clock)
    award(case.round)


def test_award_waits_for_unanswered_objections_and_open_holds(clock):
    clock.to("2021-05-10 09:00")
    round_ = make_round()
    free, asked, held = (scored(round_) for _ in range(3))
    bring(free, Status.IN_NOTICE)
    for case in (free, asked, held):
        end_notice(case, clock)
    with ambient_event():
        objection = Objection.objects.create(
            number="Y1", case=asked, notice=notice_of(asked), text="x"
        )
        hold = Hold.objects.create(case=held, kind="finding")
    award(round_)
    assert statuses(free, asked, held) == [
        Status.AGREEMENT,
        Status.IN_NOTICE,
        Status.IN_NOTICE,
    ]
    with ambient_event():
        objection.status = "DISMISSED"
        objection.save()
        hold.lifted_at = now()
        hold.save()
    award(round_)
    assert statuses(asked, held) == [Status.AGREEMENT] * 2


def test_award_denied_to_others_and_with_a_date_in_the_future(clock):
    clock.to("2021-05-10 09:00")
    case = make_case(until=Status.IN_NOTICE)
    end_notice(case, clock)
    for role in ("funder", "head", "committee"):
        with pytest.raises(NotYours):
            act_on("award_list", case.round, by=person(role, case.round))
    with pytest.raises(Invalid):
        award(case.round, letter_date="2031-01-01")


# -- the wait list ---------------------------------------------------------------


def waiting(round_):
    """Two cases of 100,000 and a pool for one: the second waits."""
    first, second = scored(round_, need="20"), scored(round_)
    bring(first, Status.PROPOSED)
    return first, Case.objects.get(pk=second.pk)


@pytest.fixture
def tight():
    return make_round(pool=Decimal("100000.00"), cap=Decimal("100000.00"))


def test_place_becomes_free_when_an_award_is_declined(tight):
    first, second = waiting(tight)
    assert second.status == Status.WAITLISTED
    funder = person("funder", tight)
    with pytest.raises(Invalid) as caught:
        act_on("offer_place", tight, by=funder, amount="0.01")
    assert list(caught.value.errors) == ["amount"]
    by = member(first.organisation, MembershipRole.LEGAL_REP)
    act_on("decline", first, by=by)
    with pytest.raises(Invalid):
        act_on("offer_place", tight, by=funder, amount="100000.01")
    act_on("offer_place", tight, by=funder)
    second.refresh_from_db()
    assert (second.status, second.awarded) == (Status.PROPOSED, Decimal("100000.00"))


def test_place_is_offered_to_waiting_cases_only(tight):
    first, _second = waiting(tight)
    with pytest.raises(Invalid) as caught:
        act_on("offer_place", tight, by=person("funder", tight), case=first.code)
    assert list(caught.value.errors) == ["case"]
    with pytest.raises(NotYours):
        act_on("offer_place", tight, by=person("committee", tight))


def test_wait_list_is_released_when_the_round_is_over(tight, clock):
    _first, second = waiting(tight)
    with pytest.raises(WrongState):
        release_waitlist(second, by=BY)
    clock.to(tight.ends_at)
    release_waitlist(second, by=BY)
    assert second.status == Status.REJECTED


# -- declining -------------------------------------------------------------------


def test_decline_is_the_legal_representatives_and_needs_a_declaration():
    case = make_case(until=Status.SCORED)
    for who in (member(case.organisation), make_user("mallory")):
        with pytest.raises(NotYours):
            act_on("decline", case, by=who)
    by = member(case.organisation, MembershipRole.LEGAL_REP)
    action = ACTIONS["decline"]
    with pytest.raises(Invalid) as caught:
        action.clean(action.bind_json(case, by=by, body={}))
    assert list(caught.value.errors) == ["declaration"]
    act_on("decline", case, by=by)
    assert statuses(case) == [Status.LAPSED]
    assert case.folder.documents.get().kind == "declaration"


def test_decline_is_no_withdrawal():
    case = make_case(until=Status.SCREENING)
    with pytest.raises(WrongState):
        act_on("decline", case, by=member(case.organisation, MembershipRole.LEGAL_REP))
