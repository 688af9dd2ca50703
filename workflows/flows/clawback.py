"""Money comes back (追缴): proved by the organisation, recorded by finance."""

from django.utils.translation import gettext_lazy as _
from viewflow import this

from grants.models import Role
from organisations.models import MembershipRole
from workflows.facts import return_due, where_clawback_stands
from workflows.flows.base import CaseFlow, begin
from workflows.nodes import End, Enter, Step, Switch, by, member


class ClawbackFlow(CaseFlow):
    process_title = _("Clawback")

    enter = begin(this.take).Next(this.where)
    where = (
        Enter(where_clawback_stands)
        .At(DUE=this.submit_repayment, PROVED=this.record_repayment, DONE=this.closed)
        .Title(_("Where the clawback stands"))
    )
    submit_repayment = (
        Step("submit_repayment", member(MembershipRole.FINANCE_CONTACT))
        .Remind(return_due)
        .Next(this.record_repayment)
        .Title(_("Pay back and prove it"))
    )
    record_repayment = (
        Step("record_repayment", by(Role.FINANCE))
        .Next(this.all_returned)
        .Title(_("Record the repayment"))
    )
    all_returned = (
        Switch(where_clawback_stands)
        .To(DUE=this.submit_repayment, DONE=this.closed)
        .Title(_("All returned?"))
    )
    closed = End().Title(_("End"))
