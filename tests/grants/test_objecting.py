"""Anybody objects; accepting holds the case, the committee rules."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils.timezone import now

from grants.calendar import end_of
from grants.errors import Invalid, Late, NotYours, WrongState
from grants.models import Case, Hold, ObjectionStatus, Status
from grants.selectors import has_open_hold
from grants.services.deciding import awardable_cases, notice_of
from tests.factories import (
    act_on,
    end_notice,
    make_case,
    make_round,
    member,
    person,
)

pytestmark = pytest.mark.django_db
ANYBODY = AnonymousUser()


@pytest.fixture
def case(clock):
    """A case whose notice runs from Wednesday 2 June to Tuesday 8 June 2021."""
    clock.to("2021-06-01 10:00")
    case = make_case(until=Status.IN_NOTICE)
    clock.to("2021-06-02 09:00")
    return case


def object_to(case, **changes):
    return act_on("object", case, by=ANYBODY, **changes)


def answer(objection, **changes):
    by = person("funder", objection.case.round)
    return act_on("accept_objection", objection, by=by, **changes)


def rule(objection, **changes):
    by = person("committee", objection.case.round)
    return act_on("rule_on_objection", objection, by=by, **changes)


def status(case):
    return Case.objects.get(pk=case.pk).status


def test_anybody_objects_without_an_account(case):
    objection = object_to(case)
    assert objection.status == ObjectionStatus.RECEIVED
    assert objection.number == f"{case.code}-Y1"
    assert objection.notice == notice_of(case)
    assert object_to(case).number == f"{case.code}-Y2"


def test_arriving_holds_nothing_yet_but_the_award_waits(case, clock):
    object_to(case)
    assert not has_open_hold(case)
    end_notice(case, clock)
    assert not awardable_cases(case.round).exists()


def test_anonymous_objection_is_a_lead_and_stops_nothing(case, clock):
    lead = object_to(case, anonymous=True, name="", contact="")
    assert lead.status == ObjectionStatus.LEAD
    with pytest.raises(WrongState):
        answer(lead)
    end_notice(case, clock)
    assert awardable_cases(case.round).exists()


def test_name_given_with_an_anonymous_objection_is_not_kept(case):
    lead = object_to(case, anonymous=True)
    assert (lead.name, lead.contact) == ("", "")


def test_objection_needs_text_and_name_and_contact(case):
    with pytest.raises(Invalid) as caught:
        object_to(case, text=" ", name="", contact="")
    assert set(caught.value.errors) == {"text", "name", "contact"}


def test_objection_before_the_first_day_and_after_the_last(case, clock):
    notice = notice_of(case)
    clock.to("2021-06-01 23:59")
    with pytest.raises(WrongState):
        object_to(case)
    clock.to(end_of(notice.ends_on) - timedelta(seconds=5))
    object_to(case)
    clock.to(end_of(notice.ends_on))
    with pytest.raises(Late):
        object_to(case)


def test_objection_to_a_case_that_is_not_in_notice():
    with pytest.raises(WrongState):
        object_to(make_case(until=Status.SCREENING))


def test_accepting_holds_and_dismissing_lifts(case):
    objection = answer(object_to(case))
    assert objection.status == ObjectionStatus.ACCEPTED
    assert has_open_hold(case)
    rule(objection)
    assert not has_open_hold(case)
    assert status(case) == Status.IN_NOTICE
    objection.refresh_from_db()
    assert objection.status == ObjectionStatus.DISMISSED


def test_refusing_needs_a_reason_and_holds_nothing(case):
    objection = object_to(case)
    with pytest.raises(Invalid):
        answer(objection, outcome="REFUSE", reason="")
    answer(objection, outcome="REFUSE", reason="与公示内容无关")
    assert not has_open_hold(case)
    with pytest.raises(WrongState):
        answer(objection)


def test_upholding_cancels_the_award_and_lifts(case):
    objection = answer(object_to(case))
    rule(objection, outcome="UPHOLD", findings="情况属实")
    assert status(case) == Status.CANCELLED
    assert not has_open_hold(case)
    case.application.refresh_from_db()
    assert case.application.end_reason == "情况属实"


def test_two_accepted_objections_share_a_hold_until_the_last_ruling(case):
    first, second = answer(object_to(case)), answer(object_to(case))
    assert Hold.objects.count() == 1
    rule(first)
    assert has_open_hold(case)
    rule(second)
    assert not has_open_hold(case)


def test_ruling_waits_for_the_acceptance_and_needs_findings(case):
    objection = object_to(case)
    with pytest.raises(WrongState):
        rule(objection)
    answer(objection)
    with pytest.raises(Invalid):
        rule(objection, findings="")


def test_answering_is_the_bureaus_and_ruling_the_committees(case):
    objection = object_to(case)
    for role in ("operator", "committee", "head"):
        with pytest.raises(NotYours):
            act_on("accept_objection", objection, by=person(role, case.round))
    answer(objection)
    for who in (person("funder", case.round), person("committee", make_round())):
        with pytest.raises(NotYours):
            act_on("rule_on_objection", objection, by=who)
    with pytest.raises(NotYours):
        act_on("rule_on_objection", objection, by=member(case.organisation))


def test_award_waits_for_the_answer_after_the_notice(case, clock):
    objection = object_to(case)
    end_notice(case, clock)
    assert not awardable_cases(case.round).exists()
    answer(objection)
    assert not awardable_cases(case.round).exists()
    rule(objection)
    assert awardable_cases(case.round).exists()
    assert now() > end_of(notice_of(case).ends_on)
