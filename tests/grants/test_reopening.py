"""Reopening: two people, a reason, back to where the case ended."""

import pytest

from grants.errors import Invalid, NotYours, WrongState
from grants.models import Case, Round, Status
from grants.services.gate import set_status
from grants.services.programmes import grant_role
from tests.factories.running import Running, make_running_case

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ambient_events")]


@pytest.fixture
def project(clock) -> Running:
    clock.to("2026-07-01 09:00")
    return make_running_case()


@pytest.fixture
def ended(project) -> Running:
    """Terminated for breach before anything was paid."""
    project.do("terminate", ground="CAUSE")
    project.do("confirm_termination")
    assert project.status() == Status.TERMINATED
    return project


def end(project: Running, *road: Status) -> Case:
    """Put a case where a service would have: through these statuses."""
    case = Case.objects.get(pk=project.case.pk)
    for status in road:
        set_status(case, status)
    case.save()
    return case


def test_terminated_project_goes_back_and_its_organisation_is_free(ended):
    ended.case.organisation.refresh_from_db()
    assert ended.case.organisation.excluded_until is not None
    asked = ended.do("reopen", reason="认定有误")
    assert (asked.ended_as, asked.back_to) == ("TERMINATED", "RUNNING_INITIAL")
    assert ended.status() == Status.TERMINATED
    ended.do("confirm_reopening")
    assert ended.status() == Status.RUNNING_INITIAL
    ended.case.organisation.refresh_from_db()
    assert ended.case.organisation.excluded_until is None
    assert ended.case.organisation.exclusion_reason == ""
    assert ended.case.terminations.get().status == "REVOKED"
    assert ended.case.application.end_reason == ""
    ended.do("report_stage", ended.stage("INITIAL"))
    ended.do("terminate", ground="CAUSE")  # and it can end again
    ended.do("confirm_termination")
    assert ended.status() == Status.TERMINATED


def test_longer_exclusion_for_another_reason_stays(ended):
    organisation = ended.case.organisation
    organisation.refresh_from_db()
    organisation.excluded_until = organisation.excluded_until.replace(year=2035)
    organisation.save()
    ended.do("reopen")
    ended.do("confirm_reopening")
    organisation.refresh_from_db()
    assert organisation.excluded_until.year == 2035


def test_one_person_cannot_reopen(ended):
    grant_role(ended.programme, "head", ended.people["funder"], by="system:test")
    ended.do("reopen")
    with pytest.raises(NotYours):
        ended.do("confirm_reopening", by=ended.funder)
    with pytest.raises(WrongState):
        ended.do("reopen")
    ended.do("confirm_reopening")


def test_refused_reopening_leaves_it_ended(ended):
    with pytest.raises(Invalid):
        ended.do("reopen", reason=" ")
    ended.do("reopen")
    with pytest.raises(Invalid):
        ended.do("confirm_reopening", outcome="REJECT", reason="")
    ended.do("confirm_reopening", outcome="REJECT", reason="理由不足")
    assert ended.status() == Status.TERMINATED
    with pytest.raises(WrongState):
        ended.do("confirm_reopening")
    ended.do("reopen")


def test_running_archived_and_clawed_back_cases_are_not_reopened(project):
    for status in (Status.RUNNING_INITIAL, Status.ARCHIVED, Status.CLAWBACK_DONE):
        end(project, status)
        with pytest.raises(WrongState):
            project.do("reopen")


def test_award_must_still_fit_into_the_pool(project):
    end(project, Status.AGREEMENT, Status.LAPSED)
    Round.objects.filter(pk=project.round.pk).update(pool="150000.00")
    project.do("reopen")
    make_running_case(with_case=project)  # takes 100,000.00 of 150,000.00
    with pytest.raises(WrongState) as refused:
        project.do("confirm_reopening", outcome="CONFIRM")
    assert refused.value.code == "pool_short"
    assert project.status() == Status.LAPSED
    project.do("confirm_reopening")  # the example says no, and why
    assert "50,000.00" in project.case.reopenings.get().remarks
    Round.objects.filter(pk=project.round.pk).update(pool="200000.00")
    project.do("reopen")
    project.do("confirm_reopening")
    assert project.status() == Status.AGREEMENT


def test_terminated_award_is_in_the_pool_already(ended):
    Round.objects.filter(pk=ended.round.pk).update(pool="100000.00")
    ended.do("reopen")
    ended.do("confirm_reopening")
    assert ended.status() == Status.RUNNING_INITIAL


@pytest.mark.parametrize(
    ("road", "code"),
    [
        ((Status.WAITLISTED, Status.REJECTED), "wrong_state"),
        ((Status.SCREENING, Status.WITHDRAWN), "one_application"),
        ((Status.SCORED, Status.REJECTED), "one_application"),
    ],
)
def test_what_stands_against_reopening(project, clock, road, code):
    """The wait list ended with the round; the organisation applied again."""
    if code == "one_application":
        again = Case.objects.get(pk=project.case.pk)
        again.pk, again.code, again.folder = None, "GYCT-AGAIN", None
        again.save()
    else:
        clock.to(project.round.ends_at)
    end(project, *road)
    with pytest.raises(WrongState) as refused:
        project.do("reopen")
    assert refused.value.code == code


def test_closed_round_is_closed(project):
    end(project, Status.SCREENING, Status.INELIGIBLE)
    Round.objects.filter(pk=project.round.pk).update(closed_at="2026-06-30T00:00Z")
    with pytest.raises(WrongState) as refused:
        project.do("reopen")
    assert refused.value.code == "round_closed"


def test_terms_that_passed_begin_anew(project, clock):
    clock.to("2026-12-01 09:00")
    case = end(project, Status.CORRECTION, Status.INELIGIBLE)
    case.application.correction_due = project.round.closes_at
    case.application.save()
    project.do("reopen")
    project.do("confirm_reopening")
    case.application.refresh_from_db()
    assert case.application.correction_due.isoformat() == "2026-12-08T16:00:00+00:00"
    end(project, Status.DRAFT, Status.EXPIRED)
    project.do("reopen")
    project.do("confirm_reopening")
    case.application.refresh_from_db()
    assert case.application.term_ends.isoformat() == "2026-12-08T16:00:00+00:00"
