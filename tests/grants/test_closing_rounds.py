"""A round is closed once all its cases have ended."""

import pytest

from grants.errors import Late, NotYours, WrongState
from grants.models import Round, Status
from grants.services.applying import create_draft
from grants.services.programmes import update_round
from tests.factories import (
    act_on,
    make_case,
    make_organisation,
    make_round,
    member,
    person,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def round_(clock):
    clock.to("2021-05-01 10:00")
    return make_round()


def close(round_, role="funder"):
    return act_on("close_round", round_, by=person(role, round_))


def withdrawn(round_):
    case = make_case(round_)
    act_on("withdraw", case, by=member(case.organisation))
    return case


def refusal(round_):
    with pytest.raises(WrongState) as caught:
        close(round_)
    assert Round.objects.get(pk=round_.pk).closed_at is None
    return caught.value


def test_refused_while_the_call_runs_and_while_cases_are_unfinished(round_, clock):
    make_case(round_, until=Status.ELIGIBLE)
    make_case(round_, until=Status.ELIGIBLE)
    withdrawn(round_)
    assert refusal(round_).code == "call_open"
    clock.to(round_.closes_at)
    refused = refusal(round_)
    assert refused.code == "cases_unfinished"
    assert str(Status.WITHDRAWN.label) not in str(refused.message)
    assert f"{Status.ELIGIBLE.label}: 2" in str(refused.message)


def test_closed_for_good(round_, clock):
    withdrawn(round_)
    clock.to(round_.closes_at)
    closed = close(round_, "operator")
    assert Round.objects.get(pk=round_.pk).closed_at == closed.closed_at is not None
    assert refusal_code(round_) == "closed"
    with pytest.raises(WrongState):
        update_round(closed, by=person("funder", round_), ends_at=closed.ends_at)
    organisation = make_organisation()
    with pytest.raises((Late, WrongState)):
        create_draft(closed, organisation, by=member(organisation))


def refusal_code(round_):
    with pytest.raises(WrongState) as caught:
        close(round_)
    return caught.value.code


@pytest.mark.parametrize("role", ["head", "leader", "committee", "auditor"])
def test_who_sets_up_rounds_closes_them(round_, clock, role):
    clock.to(round_.closes_at)
    with pytest.raises(NotYours):
        close(round_, role)
