"""A project's payments are suspended (暂停拨款) until an officer resumes them."""

from django.utils.translation import gettext_lazy as _
from viewflow import this

from grants.models import Role
from workflows.facts import where_suspension_stands
from workflows.flows.base import CaseFlow, begin
from workflows.nodes import End, Enter, Step, by


class SuspensionFlow(CaseFlow):
    process_title = _("Suspension")

    enter = begin(this.take).Next(this.where)
    where = (
        Enter(where_suspension_stands)
        .At(SUSPENDED=this.resume, RESUMED=this.closed)
        .Title(_("Where the suspension stands"))
    )
    resume = (
        Step("resume", by(Role.FUNDER))
        .Next(this.closed)
        .Title(_("Resume the payments"))
    )
    closed = End().Title(_("End"))
