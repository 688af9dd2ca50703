"""An objection to a case in notice (异议): accepted, then ruled on."""

from django.utils.translation import gettext_lazy as _
from viewflow import this

from grants.models import Role
from workflows.facts import objection_answer_due, status
from workflows.flows.base import CaseFlow, begin
from workflows.nodes import End, Enter, Step, Switch, by


class ObjectionFlow(CaseFlow):
    process_title = _("Objection")

    enter = begin(this.take).Next(this.where)
    where = (
        Enter(status)
        .At(RECEIVED=this.accept_objection, ACCEPTED=this.rule_on_objection)
        .Title(_("Where the objection stands"))
    )
    accept_objection = (
        Step("accept_objection", by(Role.FUNDER))
        .Remind(objection_answer_due)
        .Next(this.accepted)
        .Title(_("Accept or refuse the objection"))
    )
    accepted = (
        Switch(status)
        .To(ACCEPTED=this.rule_on_objection, REFUSED=this.closed)
        .Title(_("Objection accepted?"))
    )
    rule_on_objection = (
        Step("rule_on_objection", by(Role.COMMITTEE))
        .Remind(objection_answer_due)
        .Next(this.closed)
        .Title(_("Investigate and rule"))
    )
    closed = End().Title(_("End"))
