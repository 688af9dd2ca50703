"""The operator screens and proposes; the bureau refuses."""

import pytest

from grants.actions import ACTIONS
from grants.errors import Invalid, NotYours, WrongState
from grants.models import Case, Role, Status
from grants.services.programmes import grant_role
from grants.services.screening import lapse_correction
from organisations.models import MembershipRole
from organisations.services import add_member
from tests.factories import (
    BY,
    act_on,
    make_case,
    make_round,
    make_user,
    member,
    person,
)

pytestmark = [pytest.mark.once, pytest.mark.django_db]


@pytest.fixture
def case():
    return make_case(until=Status.SCREENING)


def screen(case, *, by=None, **changes):
    act_on("screen", case, by=by or person("operator", case.round), **changes)
    case.refresh_from_db()
    return case


def refuse(case, *, rule="scope_matches_charter", by=None, **changes):
    """Propose a refusal: one rule is not met."""
    by = by or person("operator", case.round)
    rows = ACTIONS["screen"].example(case, by)["checks"]
    rows = [r | {"verdict": "FAIL"} if r["rule"] == rule else r for r in rows]
    return screen(case, by=by, outcome="REFUSE", checks=rows, **changes)


def test_passing_makes_eligible(case):
    screen(case)
    assert case.status == Status.ELIGIBLE
    assert case.application.screened_by == person("operator", case.round)


@pytest.mark.parametrize("role", ["funder", "head", "committee", "auditor"])
def test_screen_denied_to_other_roles(case, role):
    with pytest.raises(NotYours):
        screen(case, by=person(role, case.round))


def test_screen_denied_to_the_applicant_and_to_another_operator(case):
    other = make_round()
    for who in (member(case.organisation), person("operator", other)):
        with pytest.raises(NotYours):
            screen(case, by=who)


def test_screen_denied_to_an_operator_who_belongs_to_the_applicant(case):
    operator = person("operator", case.round)
    role = MembershipRole.FINANCE_CONTACT
    add_member(case.organisation, user=operator, role=role, by=BY)
    with pytest.raises(NotYours):
        screen(case)


def test_return_needs_fields_and_reason(case):
    with pytest.raises(Invalid) as caught:
        screen(case, outcome="CORRECTION")
    assert set(caught.value.errors) == {"fields", "reason"}
    with pytest.raises(Invalid) as caught:
        screen(case, outcome="CORRECTION", fields=["colour"], reason="x")
    assert set(caught.value.errors) == {"fields"}


def test_return_once_and_no_more(case):
    screen(case, outcome="CORRECTION", fields=["plan"], reason="请写明计划")
    assert case.status == Status.CORRECTION
    act_on("resubmit", case, by=member(case.organisation))
    operator = person("operator", case.round)
    case = Case.objects.get(pk=case.pk)
    schema = ACTIONS["screen"].schema(case, operator)
    assert schema["properties"]["outcome"]["enum"] == ["ELIGIBLE", "REFUSE"]
    with pytest.raises(Invalid) as caught:
        ACTIONS["screen"].service(
            case, by=operator, outcome="CORRECTION", fields=["plan"], reason="再补"
        )
    assert set(caught.value.errors) == {"outcome"}


def test_correction_lapses_when_its_time_is_over_and_not_before(case, clock):
    screen(case, outcome="CORRECTION", fields=["plan"], reason="请写明计划")
    with pytest.raises(WrongState):
        lapse_correction(case, by=BY)
    clock.to(case.application.correction_due)
    lapse_correction(case, by=BY)
    assert case.status == Status.INELIGIBLE


def test_proposed_refusal_stays_in_screening_until_confirmed(case):
    refuse(case, reason="超出章程范围")
    assert case.status == Status.SCREENING
    with pytest.raises(WrongState):
        screen(case)
    head = person("head", case.round)
    act_on("confirm_refusal", case, by=head, outcome="CONFIRM", reason="同意")
    case.refresh_from_db()
    assert case.status == Status.INELIGIBLE
    assert case.application.end_reason == "同意"


def test_rejected_refusal_gives_the_case_back_to_screening(case):
    refuse(case, reason="超出章程范围")
    act_on("confirm_refusal", case, by=person("funder", case.round))
    case.refresh_from_db()
    assert case.status == Status.SCREENING
    assert case.application.refusal_proposed_by is None
    screen(case)
    assert case.status == Status.ELIGIBLE


def test_refusal_needs_reasons(case):
    with pytest.raises(Invalid):
        refuse(case)
    refuse(case, reason="x")
    with pytest.raises(Invalid):
        act_on("confirm_refusal", case, by=person("head", case.round), reason="")


def test_refusal_that_nobody_proposed_cannot_be_confirmed(case):
    with pytest.raises(WrongState):
        act_on("confirm_refusal", case, by=person("head", case.round))


def test_refusal_is_never_confirmed_by_who_proposed_it(case):
    both = make_user("both")
    programme = case.round.programme
    for role in (Role.OPERATOR, Role.HEAD):
        grant_role(programme, role, both, by=BY)
    refuse(case, by=both, reason="x")
    with pytest.raises(NotYours):
        act_on("confirm_refusal", case, by=both)
    act_on("confirm_refusal", case, by=person("funder", case.round))


def test_refusal_denied_to_the_operator(case):
    refuse(case, reason="x")
    with pytest.raises(NotYours):
        act_on("confirm_refusal", case, by=person("operator", case.round))
