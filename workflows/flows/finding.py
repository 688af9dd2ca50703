"""A finding of the auditor (审计发现): answered, resolved, or the inspector's."""

from django.utils.translation import gettext_lazy as _
from viewflow import this

from grants.models import Role
from organisations.models import MembershipRole
from workflows.facts import (
    finding_is_referred,
    referrer_of_finding,
    where_finding_stands,
)
from workflows.flows.base import CaseFlow, begin
from workflows.nodes import End, Enter, Step, Switch, by, member


class FindingFlow(CaseFlow):
    process_title = _("Audit finding")

    enter = begin(this.take).Next(this.where)
    where = (
        Enter(where_finding_stands)
        .At(
            OFFICE=this.answer_finding,
            ORGANISATION=this.explain_finding,
            ANSWERED=this.resolve_finding,
            REFERRED=this.close_accountability,
            OVER=this.closed,
        )
        .Title(_("Where the finding stands"))
    )
    answer_finding = (
        Step("answer_finding", by(Role.OPERATOR))
        .Moot(finding_is_referred)
        .Next(this.stands)
        .Title(_("Answer the finding"))
    )
    explain_finding = (
        Step("explain_finding", member(MembershipRole.APPLICANT))
        .Moot(finding_is_referred)
        .Next(this.stands)
        .Title(_("Answer the auditor"))
    )
    resolve_finding = (
        Step("resolve_finding", by(Role.AUDITOR))
        .Moot(finding_is_referred)
        .Next(this.stands)
        .Title(_("Decide on the answer"))
    )
    stands = (
        Switch(where_finding_stands)
        .To(
            OFFICE=this.answer_finding,
            ORGANISATION=this.explain_finding,
            ANSWERED=this.resolve_finding,
            REFERRED=this.close_accountability,
            OVER=this.closed,
        )
        .Title(_("Answered, resolved or referred?"))
    )
    close_accountability = (
        Step("close_accountability", by(Role.INSPECTOR), asked_by=referrer_of_finding)
        .Next(this.closed)
        .Title(_("Close the accountability case"))
    )
    closed = End().Title(_("End"))
