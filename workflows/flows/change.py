"""A change to a running project (项目变更): minor ones and major ones."""

from django.utils.translation import gettext_lazy as _
from viewflow import this

from grants.models import Role
from workflows.facts import where_change_stands
from workflows.flows.base import CaseFlow, begin
from workflows.nodes import End, Enter, Step, Switch, by


class ChangeFlow(CaseFlow):
    process_title = _("Change")

    enter = begin(this.take).Next(this.where)
    where = (
        Enter(where_change_stands)
        .At(MINOR=this.weight, MAJOR=this.weight, DECIDED=this.closed)
        .Title(_("Where the change stands"))
    )
    weight = (
        Switch(where_change_stands)
        .To(MINOR=this.decide_minor, MAJOR=this.decide_major)
        .Title(_("Minor or major?"))
    )
    decide_minor = (
        Step("decide_change", by(Role.FUNDER))
        .Next(this.closed)
        .Title(_("Decide on a minor change"))
    )
    decide_major = (
        Step("decide_change", by(Role.HEAD))
        .Next(this.closed)
        .Title(_("Decide on a major change"))
    )
    closed = End().Title(_("End"))
