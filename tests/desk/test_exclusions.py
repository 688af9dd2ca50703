"""Lifting an exclusion before its day: one proposes, another decides, on record."""

import datetime as dt

import pytest
from django.utils import translation

from audit.models import Event
from audit.testing import ambient_event
from desk.words import words_of
from grants.models import ExclusionLift, Role
from grants.services.applying import months_after
from grants.services.lifting import propose_lift
from grants.services.programmes import grant_role
from organisations.models import Organisation, User
from outbox.models import Message
from tests.costs import queries_of
from tests.desk.test_finance import enter
from tests.factories.running import BY, Running, make_running_case

pytestmark = pytest.mark.once

WHY = {
    "ground": "CAUSE",
    "reason": "未按协议实施",
    "accepted_expenditure": "0.00",
    "accepted_because": "",
}


def excluded(with_case: Running | None = None) -> Running:
    """A project that was terminated for breach."""
    project = make_running_case(with_case=with_case)
    project.do("terminate", **WHY)
    project.do("confirm_termination")
    return project


@pytest.fixture
def project(db, clock) -> Running:
    clock.to("2026-03-02 09:00")
    return excluded()


def address(project: Running) -> str:
    return f"/exclusions/{project.case.terminations.get().pk}/"


def organisation(project: Running) -> Organisation:
    return Organisation.objects.get(pk=project.case.organisation_id)


def told(template: str) -> set[User]:
    """Who has a message of this kind, each with its words in both languages."""
    found = Message.objects.filter(template=template).select_related("recipient")
    for message in found:
        for language in ("en", "zh-hans"):
            with translation.override(language):
                subject, body = words_of(message, language)
                assert "2029-03-02" in body
                assert message.params["code"] in subject
    return {message.recipient for message in found}


def test_officer_proposes_and_head_lifts_it(project):
    assert organisation(project).excluded_until == dt.date(2029, 3, 2)
    funder, head = enter(project.funder), enter(project.head)
    assert address(project) in funder.get("/exclusions/").content.decode()
    answer = funder.post(address(project), {"reason": "已整改并退还款项"})
    assert answer["Location"] == "/exclusions/"
    assert organisation(project).excluded_until  # proposed only
    assert funder.get(address(project)).status_code == 403  # not by the same person
    assert told("propose_lift") == {project.head}
    page = head.get(address(project)).content.decode()
    assert "已整改并退还款项" in page
    assert str(project.funder) in page
    assert head.post(address(project), {"outcome": "LIFT"})["Location"]
    assert organisation(project).excluded_until is None
    lift = ExclusionLift.objects.get()
    assert (lift.status, lift.proposed_by, lift.decided_by) == (
        "CONFIRMED",
        project.funder,
        project.head,
    )
    verbs = Event.objects.filter(stream=f"case:{project.case.pk}")
    assert {"propose_lift", "decide_lift"} <= set(verbs.values_list("verb", flat=True))
    members = {project.applicant, project.legal_rep, project.org_finance}
    assert told("decide_lift") == {project.funder} | members
    assert head.get(address(project)).status_code == 404
    assert "No organisation is excluded" in head.get("/exclusions/").content.decode()


def test_it_stands_with_a_reason_and_may_be_proposed_again(project):
    funder, head = enter(project.funder), enter(project.head)
    funder.post(address(project), {"reason": "已整改"})
    for body in ({}, {"outcome": "STAND"}, {"outcome": "x", "remarks": "y"}):
        answer = head.post(address(project), body)
        assert answer.status_code == 422
        assert "-error" in answer.content.decode()
    assert head.post(address(project), {"outcome": "STAND", "remarks": "证据不足"})
    assert organisation(project).excluded_until
    assert ExclusionLift.objects.get().remarks == "证据不足"
    assert funder.post(address(project), {"reason": "补充材料"}).status_code == 302


def test_nobody_decides_on_their_own_proposal(project):
    funder = project.funder
    enter(funder).post(address(project), {"reason": "已整改"})
    with ambient_event():
        grant_role(project.programme, Role.HEAD, funder, by=BY)
    again = enter(funder).post(address(project), {"outcome": "LIFT"})
    assert again.status_code == 403
    assert organisation(project).excluded_until


def test_a_reason_is_needed_and_others_do_not_take_part(project):
    funder = enter(project.funder)
    for body in ({}, {"reason": "  "}):
        assert funder.post(address(project), body).status_code == 422
    for name in ("head", "operator", "auditor"):
        client = enter(getattr(project, name))
        assert client.post(address(project), {"reason": "x"}).status_code == 403
    for name in ("applicant", "reviewer", "supervisor"):
        client = enter(getattr(project, name))
        assert client.get("/exclusions/").status_code == 404
        assert client.post(address(project), {"reason": "x"}).status_code == 404
    stranger = make_running_case()
    assert enter(stranger.funder).get(address(project)).status_code == 404
    assert not ExclusionLift.objects.exists()


def test_another_exclusion_that_still_runs_takes_over(project):
    until = months_after(dt.date(2026, 3, 2), 12)
    other = excluded(project)
    with ambient_event():
        termination = other.case.terminations.get()
        termination.excluded_until = until
        termination.save()
        other.case.organisation = project.case.organisation
        other.case.save()
    funder, head = enter(project.funder), enter(project.head)
    funder.post(address(project), {"reason": "已整改"})
    head.post(address(project), {"outcome": "LIFT"})
    assert organisation(project).excluded_until == until


def test_list_costs_the_same_at_one_and_three(project):
    client = enter(project.funder)
    one = queries_of(client, "/exclusions/")
    for number in range(2):
        other = excluded(project)
        if number:
            propose_lift(other.case.terminations.get(), by=other.funder, reason="整改")
    three = queries_of(enter(project.funder), "/exclusions/")
    assert (one, three) == (8, 9)  # one more reads who proposed, however many
