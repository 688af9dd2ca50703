"""An early end (终止): the officer proposed it, the head of division decides."""

from django.utils.translation import gettext_lazy as _
from viewflow import this

from grants.models import Role
from workflows.facts import proposer_of_termination, where_termination_stands
from workflows.flows.base import CaseFlow, begin
from workflows.nodes import End, Enter, Step, by


class TerminationFlow(CaseFlow):
    process_title = _("Termination")

    enter = begin(this.take).Next(this.where)
    where = (
        Enter(where_termination_stands)
        .At(PROPOSED=this.confirm_termination, DECIDED=this.closed)
        .Title(_("Where the termination stands"))
    )
    confirm_termination = (
        Step("confirm_termination", by(Role.HEAD), asked_by=proposer_of_termination)
        .Next(this.closed)
        .Title(_("Decide on the termination"))
    )
    closed = End().Title(_("End"))
