"""From the agreement to the archive (实施)."""

from django.utils.translation import gettext_lazy as _
from viewflow import this

from grants.models import Case, Role, StageKind
from grants.services.closing import is_settled
from grants.services.tracking import close_stage, open_stage
from organisations.models import MembershipRole
from workflows.facts import (
    closure_due,
    final_stage_opens,
    mid_stage_opens,
    refund_is_due,
    status,
    where_running,
)
from workflows.flows.base import CaseFlow, begin
from workflows.flows.tracking import TrackingFlow
from workflows.nodes import (
    Auto,
    Call,
    End,
    Enter,
    Step,
    Switch,
    Until,
    When,
    by,
    member,
)

FUNDER, LEGAL_REP = Role.FUNDER, MembershipRole.LEGAL_REP


def initial(case: Case) -> dict:
    return {"stage": case.stages.get(kind=StageKind.INITIAL)}


def mid(case: Case) -> dict:
    return {"stage": case.stages.get(kind=StageKind.MID)}


def final(case: Case) -> dict:
    return {"stage": case.stages.get(kind=StageKind.FINAL)}


class ProjectFlow(CaseFlow):
    process_title = _("Project")

    enter = begin(this.take).Next(this.where)
    where = (
        Enter(where_running)
        .At(
            RUNNING_INITIAL=this.initial_stage,
            MID_EVAL=this.mid_stage,
            RUNNING_FINAL=this.final_opens,
            FINAL_EVAL=this.final_stage,
            AUDIT=this.audit_project,
            CLOSING=this.refund_asked,
            PACKAGE_HANDED_IN=this.close_project,
            CLOSED=this.await_settlement,
        )
        .Title(_("Where the case stands"))
    )
    initial_stage = (
        Call(TrackingFlow, initial).Next(this.mid_opens).Title(_("Initial tracking"))
    )
    mid_opens = (
        Until(mid_stage_opens).Next(this.open_mid).Title(_("Half of the time is over"))
    )
    open_mid = (
        Auto(open_stage).Next(this.mid_stage).Title(_("Mid-term evaluation opens"))
    )
    mid_stage = (
        Call(TrackingFlow, mid).Next(this.close_mid).Title(_("Mid-term evaluation"))
    )
    close_mid = (
        Auto(close_stage).Next(this.final_opens).Title(_("Mid-term evaluation ends"))
    )
    final_opens = (
        Until(final_stage_opens)
        .Next(this.open_final)
        .Title(_("The project's time ends"))
    )
    open_final = (
        Auto(open_stage).Next(this.final_stage).Title(_("Final evaluation opens"))
    )
    final_stage = (
        Call(TrackingFlow, final).Next(this.close_final).Title(_("Final evaluation"))
    )
    close_final = (
        Auto(close_stage).Next(this.audit_project).Title(_("Final evaluation ends"))
    )
    audit_project = (
        Step("file_audit_report", by(Role.CPA))
        .Next(this.refund_asked)
        .Title(_("Financial audit"))
    )
    refund_asked = (
        Switch(refund_is_due)
        .To(DUE=this.record_refund, NONE=this.submit_closure)
        .Title(_("Money to return?"))
    )
    record_refund = (
        Step("record_refund", by(Role.FINANCE))
        .Next(this.submit_closure)
        .Title(_("Record the refund"))
    )
    submit_closure = (
        Step("submit_closure", member(LEGAL_REP))
        .Remind(closure_due)
        .Next(this.close_project)
        .Title(_("Submit the closure package"))
    )
    close_project = (
        Step("close_project", by(FUNDER), same_as=this.close_project)
        .Next(this.project_closed)
        .Title(_("Close the project"))
    )
    project_closed = (
        Switch(status)
        .To(CLOSING=this.submit_closure, CLOSED=this.await_settlement)
        .Title(_("Package accepted?"))
    )
    await_settlement = (
        When(is_settled).Next(this.archive).Title(_("Last tranche is settled"))
    )
    archive = Step("archive", by(FUNDER)).Next(this.closed).Title(_("Archive"))
    closed = End().Title(_("End"))
