"""Tracking: what each step of a stage does, and what it refuses."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.utils.timezone import now

from audit.testing import ambient_event
from grants.calendar import add_working_days, end_of, today
from grants.errors import Invalid, Late, NotYours, WrongState
from grants.models import HoldKind, Role, StageStatus, Status
from grants.selectors import has_open_hold
from grants.services.programmes import grant_role
from grants.services.tracking import (
    close_stage,
    fail_rectification,
    mark_report_late,
    open_stage,
    report_grace_ends,
    report_stage,
)
from tests.attachments.sending import half_sent, send_rest
from tests.clock import Clock
from tests.factories.running import (
    BY,
    Running,
    close_current,
    make_running_case,
    open_next,
)

pytestmark = [pytest.mark.once, pytest.mark.django_db]
MORNING = "2021-07-01 09:00"


@pytest.fixture
def project(db: Any, clock: Clock) -> Running:
    """A project that begins on 1 July 2021, award 100,000.00."""
    clock.to(MORNING)
    return make_running_case()


def upto(project: Running, last: str, kind: str = "INITIAL", **fields: Any) -> None:
    """Take a stage's steps up to one of them, which gets the fields."""
    steps = ["report_stage", "check_materials", "visit_site", "grade_stage"]
    steps += ["submit_rectification", "recheck"]
    for name in steps[: steps.index(last)]:
        changes = {}
        if name == "grade_stage":
            changes = {"outcome": "RECTIFY", "score": "50", "remarks": "缺签到表"}
        project.do(name, project.stage(kind), **changes)
    project.do(last, project.stage(kind), **fields)


def open_holds(project: Running) -> list[str]:
    return list(
        project.case.holds.filter(lifted_at=None).values_list("kind", flat=True)
    )


# -- the straight way ---------------------------------------------------------


def test_examples_take_a_stage_from_report_to_pass(project):
    seen = []
    for name in ("report_stage", "check_materials", "visit_site", "grade_stage"):
        seen.append(project.stage("INITIAL").status)
        project.do(name, project.stage("INITIAL"))
    stage = project.stage("INITIAL")
    assert [*seen, stage.status] == ["REPORT", "CHECK", "VISIT", "GRADE", "PASSED"]
    assert stage.ended_at is not None
    assert stage.score == Decimal("88.00")
    assert stage.visits.count() == 1
    assert project.status() == Status.RUNNING_INITIAL


def test_the_stages_follow_each_other_to_the_audit(project, clock):
    project.pass_stage("INITIAL")
    statuses = [project.status()]
    for kind in ("MID", "FINAL"):
        open_next(project, clock, kind)
        statuses.append(project.status())
        project.pass_stage(kind)
        close_current(project)
        statuses.append(project.status())
    assert statuses == [
        "RUNNING_INITIAL",
        "MID_EVAL",
        "RUNNING_FINAL",
        "FINAL_EVAL",
        "AUDIT",
    ]


def test_every_step_counts_the_version_of_the_case(project):
    before = project.case.version
    project.do("report_stage", project.stage("INITIAL"))
    project.case.refresh_from_db()
    assert project.case.version == before + 1


# -- who ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("step", "stranger"),
    [
        ("report_stage", "org_finance"),
        ("report_stage", "operator"),
        ("check_materials", "applicant"),
        ("check_materials", "funder"),
        ("visit_site", "evaluator"),
        ("grade_stage", "supervisor"),
        ("submit_rectification", "supervisor"),
        ("recheck", "evaluator"),
    ],
)
def test_a_step_is_refused_to_others(project, step, stranger):
    with pytest.raises(NotYours):
        upto(project, step, by=getattr(project, stranger))


def test_another_organisation_cannot_report(project):
    other = make_running_case(with_case=project)
    with pytest.raises(NotYours):
        project.do("report_stage", project.stage("INITIAL"), by=other.applicant)


def test_who_visited_does_not_grade(project):
    with ambient_event():
        grant_role(project.programme, Role.EVALUATOR, project.supervisor, by=BY)
    upto(project, "visit_site")
    with pytest.raises(NotYours):
        project.do("grade_stage", project.stage("INITIAL"), by=project.supervisor)
    project.do("grade_stage", project.stage("INITIAL"), by=project.evaluator)


def test_the_systems_steps_are_not_for_people(project):
    with pytest.raises(NotYours):
        mark_report_late(project.stage("INITIAL"), by=project.funder)


# -- report -------------------------------------------------------------------


def test_report_keeps_what_was_said(project):
    project.do(
        "report_stage",
        project.stage("INITIAL"),
        text="已开展两次活动",
        beneficiaries_served=37,
        money_used="1234.56",
    )
    stage = project.stage("INITIAL")
    assert stage.report == "已开展两次活动"
    assert (stage.beneficiaries_served, stage.money_used) == (37, Decimal("1234.56"))
    assert stage.report_file is not None
    assert stage.reported_by == project.applicant


def test_report_of_more_money_than_the_award_is_refused(project):
    with pytest.raises(Invalid) as refusal:
        project.do("report_stage", project.stage("INITIAL"), money_used="100000.01")
    assert "100000.00" in refusal.value.errors["money_used"][0]
    with pytest.raises(Invalid):
        report_stage(
            project.stage("INITIAL"),
            by=project.applicant,
            text="…",
            beneficiaries_served=1,
            money_used=Decimal("100000.01"),
        )


def test_report_of_the_whole_award_is_accepted(project):
    project.do("report_stage", project.stage("INITIAL"), money_used="100000.00")


def test_report_is_not_taken_twice(project):
    project.do("report_stage", project.stage("INITIAL"))
    with pytest.raises(WrongState):
        project.do("report_stage", project.stage("INITIAL"))


def test_report_of_a_later_stage_is_not_open(project):
    with pytest.raises(WrongState):
        project.do("report_stage", project.stage("MID"))


def test_report_has_five_working_days_of_grace(project, clock):
    stage = project.stage("INITIAL")
    last_day = today(stage.report_due - dt.timedelta(microseconds=1))
    assert report_grace_ends(stage) == end_of(add_working_days(last_day, 5))
    clock.to(report_grace_ends(stage) - dt.timedelta(minutes=5))
    project.do("report_stage", project.stage("INITIAL"))


@pytest.mark.parametrize("step", ["report_stage", "submit_rectification"])
def test_file_that_was_on_its_way_gives_minutes(project, clock, step):
    """Beside the days of grace of a report; for a rectification likewise."""
    ends = report_grace_ends(project.stage("INITIAL"))
    if step == "submit_rectification":
        upto(project, "grade_stage", outcome="RECTIFY", score="70", remarks="账目不清")
        ends = project.stage("INITIAL").rectify_due
    clock.to(ends - dt.timedelta(minutes=1))
    upload = half_sent(project.applicant, project.case.folder_id)
    clock.to(ends + dt.timedelta(minutes=30))
    with pytest.raises(Late):
        project.do(step, project.stage("INITIAL"))
    clock.to(ends + dt.timedelta(minutes=29))
    send_rest(upload)
    project.do(step, project.stage("INITIAL"))


def test_report_after_the_grace_is_late(project, clock):
    clock.to(report_grace_ends(project.stage("INITIAL")) + dt.timedelta(seconds=1))
    with pytest.raises(Late):
        project.do("report_stage", project.stage("INITIAL"))
    mark_report_late(project.stage("INITIAL"), by=BY)
    with pytest.raises(Late):
        project.do("report_stage", project.stage("INITIAL"))


def test_report_is_not_marked_late_before_it_is_due(project):
    with pytest.raises(WrongState):
        mark_report_late(project.stage("INITIAL"), by=BY)


# -- check and visit ----------------------------------------------------------


def test_returned_report_comes_back_with_time_and_reason(project, clock):
    project.do("report_stage", project.stage("INITIAL"))
    clock.to(report_grace_ends(project.stage("INITIAL")) + dt.timedelta(days=3))
    remarks = "请补充签到表"
    project.do(
        "check_materials", project.stage("INITIAL"), outcome="RETURN", remarks=remarks
    )
    stage = project.stage("INITIAL")
    assert (stage.status, stage.remarks) == (StageStatus.REPORT, remarks)
    assert stage.report_due == end_of(add_working_days(today(now()), 5))
    project.do("report_stage", stage)
    project.do("check_materials", project.stage("INITIAL"))
    assert project.stage("INITIAL").status == StageStatus.VISIT


def test_return_without_a_reason_is_refused(project):
    project.do("report_stage", project.stage("INITIAL"))
    with pytest.raises(Invalid) as refusal:
        project.do(
            "check_materials", project.stage("INITIAL"), outcome="RETURN", remarks=" "
        )
    assert "remarks" in refusal.value.errors


def test_visit_of_tomorrow_is_refused(project):
    tomorrow = today(now()) + dt.timedelta(days=1)
    with pytest.raises(Invalid) as refusal:
        upto(project, "visit_site", visited_on=tomorrow.isoformat())
    assert "visited_on" in refusal.value.errors


def test_visit_needs_a_picture(project):
    with pytest.raises(Invalid) as refusal:
        upto(project, "visit_site", photo=None)
    assert "photo" in refusal.value.errors


# -- grade, rectify, re-check -------------------------------------------------


@pytest.mark.parametrize("score", ["59.99", "0"])
def test_pass_below_the_mark_is_refused(project, score):
    with pytest.raises(Invalid) as refusal:
        upto(project, "grade_stage", score=score)
    assert "60" in refusal.value.errors["score"][0]
    assert project.stage("INITIAL").status == StageStatus.GRADE


def test_pass_at_the_mark_is_accepted(project):
    upto(project, "grade_stage", score="60")
    assert project.stage("INITIAL").status == StageStatus.PASSED


@pytest.mark.parametrize("score", ["100.01", "-1", "abc"])
def test_score_outside_the_scale_is_refused(project, score):
    with pytest.raises(Invalid):
        upto(project, "grade_stage", score=score)


def test_rectification_holds_the_money_until_rechecked(project):
    upto(project, "grade_stage", outcome="RECTIFY", score="70", remarks="账目不清")
    stage = project.stage("INITIAL")
    assert stage.status == StageStatus.RECTIFY
    assert stage.rectify_due == end_of(add_working_days(today(now()), 15))
    assert open_holds(project) == [HoldKind.RECTIFICATION]
    project.do("submit_rectification", stage)
    assert has_open_hold(project.case)
    project.do("recheck", project.stage("INITIAL"))
    assert project.stage("INITIAL").status == StageStatus.PASSED
    assert open_holds(project) == []


def test_rectification_needs_a_reason(project):
    with pytest.raises(Invalid) as refusal:
        upto(project, "grade_stage", outcome="RECTIFY", score="70", remarks="")
    assert "remarks" in refusal.value.errors


def test_failed_recheck_keeps_the_hold_until_decided(project):
    upto(project, "recheck", outcome="FAIL", remarks="仍未补齐")
    assert project.stage("INITIAL").status == StageStatus.FAILED
    assert open_holds(project) == [HoldKind.RECTIFICATION]
    project.do("decide_on_failure", project.stage("INITIAL"))
    assert open_holds(project) == []


def test_rectification_after_its_time_fails(project, clock):
    upto(project, "grade_stage", outcome="RECTIFY", score="70", remarks="账目不清")
    with pytest.raises(WrongState):
        fail_rectification(project.stage("INITIAL"), by=BY)
    clock.to(project.stage("INITIAL").rectify_due + dt.timedelta(seconds=1))
    with pytest.raises(Late):
        project.do("submit_rectification", project.stage("INITIAL"))
    fail_rectification(project.stage("INITIAL"), by=BY)
    assert project.stage("INITIAL").status == StageStatus.FAILED
    assert has_open_hold(project.case)


# -- failure ------------------------------------------------------------------


def test_failed_stage_holds_the_money_and_may_go_on(project):
    upto(project, "grade_stage", outcome="FAIL", score="40", remarks="未开展")
    assert has_open_hold(project.case)
    project.do("decide_on_failure", project.stage("INITIAL"), reason="不可抗力")
    stage = project.stage("INITIAL")
    assert (stage.status, stage.excused) == (StageStatus.PASSED, True)
    assert not has_open_hold(project.case)


@pytest.mark.parametrize("officer", ["funder", "head"])
def test_failed_stage_may_end_the_project(project, officer):
    upto(project, "grade_stage", outcome="FAIL", score="40", remarks="未开展")
    project.do(
        "decide_on_failure",
        project.stage("INITIAL"),
        by=getattr(project, officer),
        outcome="TERMINATE",
        reason="无法继续",
    )
    assert project.status() == Status.TERMINATED
    with pytest.raises(WrongState):
        project.do("request_payment", project.tranche(1))


def test_failure_is_not_decided_without_a_reason(project):
    upto(project, "grade_stage", outcome="FAIL", score="40", remarks="未开展")
    with pytest.raises(Invalid):
        project.do("decide_on_failure", project.stage("INITIAL"), reason=" ")


def test_only_a_late_report_gets_another_time(project):
    upto(project, "grade_stage", outcome="FAIL", score="40", remarks="未开展")
    with pytest.raises(Invalid) as refusal:
        project.do("decide_on_failure", project.stage("INITIAL"), outcome="REPORT")
    assert "outcome" in refusal.value.errors


def test_late_report_may_get_another_time(project, clock):
    clock.to(report_grace_ends(project.stage("INITIAL")) + dt.timedelta(hours=9))
    mark_report_late(project.stage("INITIAL"), by=BY)
    project.do("decide_on_failure", project.stage("INITIAL"), outcome="REPORT")
    stage = project.stage("INITIAL")
    assert stage.status == StageStatus.REPORT
    assert stage.report_due == end_of(add_working_days(today(now()), 5))
    project.do("report_stage", stage)


def test_nothing_is_decided_while_nothing_failed(project):
    with pytest.raises(WrongState):
        project.do(
            "decide_on_failure",
            project.stage("INITIAL"),
            body={"outcome": "TERMINATE", "reason": "…"},
        )


# -- opening and closing ------------------------------------------------------


def test_stage_does_not_open_before_its_time(project):
    project.pass_stage("INITIAL")
    with pytest.raises(WrongState):
        open_stage(project.case, by=BY)


def test_stage_does_not_open_before_the_one_before_passed(project, clock):
    with pytest.raises(WrongState):
        open_next(project, clock, "MID")


def test_stage_that_opens_late_leaves_time_for_its_report(project, clock):
    clock.to(project.stage("INITIAL").report_due - dt.timedelta(hours=9))
    project.pass_stage("INITIAL")
    clock.to(project.stage("MID").report_due + dt.timedelta(days=30))
    open_next(project, clock, "MID")
    assert project.stage("MID").report_due == end_of(add_working_days(today(now()), 5))
    project.do("report_stage", project.stage("MID"))


def test_stage_does_not_close_before_it_passed(project, clock):
    project.pass_stage("INITIAL")
    open_next(project, clock, "MID")
    with pytest.raises(WrongState):
        close_stage(project.case, by=BY)
