"""An ended case is to be reopened (重启): a second person decides."""

from django.utils.translation import gettext_lazy as _
from viewflow import this

from grants.models import Role
from workflows.facts import asker_of_reopening, where_reopening_stands
from workflows.flows.base import CaseFlow, begin
from workflows.nodes import End, Enter, Step, by


class ReopeningFlow(CaseFlow):
    process_title = _("Reopening")

    enter = begin(this.take).Next(this.where)
    where = (
        Enter(where_reopening_stands)
        .At(ASKED=this.confirm_reopening, ANSWERED=this.closed)
        .Title(_("Where the reopening stands"))
    )
    confirm_reopening = (
        Step("confirm_reopening", by(Role.HEAD), asked_by=asker_of_reopening)
        .Next(this.closed)
        .Title(_("Decide on the reopening"))
    )
    closed = End().Title(_("End"))
