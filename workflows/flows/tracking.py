"""Tracking and evaluation (督导与评估): the same steps, three times."""

from django.utils.translation import gettext_lazy as _
from viewflow import this

from grants.models import Role
from grants.services.tracking import (
    fail_rectification,
    mark_report_late,
    report_grace_ends,
)
from organisations.models import MembershipRole
from workflows.facts import rectify_ends, status
from workflows.flows.base import CaseFlow, begin
from workflows.nodes import Auto, End, Enter, Step, Switch, by, member

APPLICANT = MembershipRole.APPLICANT


class TrackingFlow(CaseFlow):
    process_title = _("Tracking and evaluation")

    enter = begin(this.take).Next(this.where)
    where = (
        Enter(status)
        .At(
            REPORT=this.report_stage,
            LATE=this.excuse_late,
            CHECK=this.check_materials,
            VISIT=this.visit_site,
            GRADE=this.grade_stage,
            RECTIFY=this.rectify,
            RECHECK=this.recheck,
            FAILED=this.decide_failure,
            PASSED=this.closed,
        )
        .Title(_("Where the stage stands"))
    )
    report_stage = (
        Step("report_stage", member(APPLICANT))
        .Due(report_grace_ends, this.mark_late)
        .Next(this.check_materials)
        .Title(_("Report on the stage"))
    )
    mark_late = Auto(mark_report_late).Next(this.excuse_late).Title(_("Report is late"))
    excuse_late = (
        Step("decide_on_failure", by(Role.FUNDER))
        .Next(this.went_on)
        .Title(_("Decide on the late report"))
    )
    check_materials = (
        Step("check_materials", by(Role.OPERATOR), same_as=this.check_materials)
        .Next(this.checked)
        .Title(_("Check the materials"))
    )
    checked = (
        Switch(status)
        .To(REPORT=this.report_stage, VISIT=this.visit_site)
        .Title(_("Materials in order?"))
    )
    visit_site = (
        Step("visit_site", by(Role.SUPERVISOR))
        .Next(this.grade_stage)
        .Title(_("Visit the project"))
    )
    grade_stage = (
        Step("grade_stage", by(Role.EVALUATOR), not_by=this.visit_site)
        .Next(this.graded)
        .Title(_("Grade the stage"))
    )
    graded = (
        Switch(status)
        .To(PASSED=this.closed, RECTIFY=this.rectify, FAILED=this.decide_failure)
        .Title(_("Grade"))
    )
    rectify = (
        Step("submit_rectification", member(APPLICANT))
        .Due(rectify_ends, this.fail_rectification)
        .Next(this.recheck)
        .Title(_("Rectify"))
    )
    fail_rectification = (
        Auto(fail_rectification)
        .Next(this.decide_failure)
        .Title(_("Not rectified in time"))
    )
    recheck = (
        Step("recheck", by(Role.SUPERVISOR)).Next(this.rechecked).Title(_("Re-check"))
    )
    rechecked = (
        Switch(status)
        .To(PASSED=this.closed, FAILED=this.decide_failure)
        .Title(_("Rectified?"))
    )
    decide_failure = (
        Step("decide_on_failure", by(Role.FUNDER))
        .Next(this.went_on)
        .Title(_("Decide on the failure"))
    )
    went_on = (
        Switch(status)
        .To(REPORT=this.report_stage, PASSED=this.closed)
        .Title(_("Goes on?"))
    )
    closed = End().Title(_("End"))
