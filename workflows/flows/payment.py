"""One tranche (拨付): receipt, approval in a batch, voucher."""

from django.utils.translation import gettext_lazy as _
from viewflow import this

from grants.models import Role
from organisations.models import MembershipRole
from workflows.facts import payment_approved, status
from workflows.flows.base import CaseFlow, begin
from workflows.nodes import Await, End, Enter, Step, Switch, by, member


class PaymentFlow(CaseFlow):
    process_title = _("Payment")

    enter = begin(this.take).Next(this.where)
    where = (
        Enter(status)
        .At(
            OPEN=this.request_payment,
            REQUESTED=this.register_receipt,
            REGISTERED=this.await_approval,
            APPROVED=this.record_payment,
        )
        .Title(_("Where the payment stands"))
    )
    request_payment = (
        Step("request_payment", member(MembershipRole.FINANCE_CONTACT))
        .Next(this.register_receipt)
        .Title(_("Request the payment"))
    )
    register_receipt = (
        Step("register_receipt", by(Role.FINANCE))
        .Next(this.registered)
        .Title(_("Register the receipt"))
    )
    registered = (
        Switch(status)
        .To(OPEN=this.request_payment, REGISTERED=this.await_approval)
        .Title(_("Receipt in order?"))
    )
    await_approval = (
        Await("approve_payment", until=payment_approved)
        .Next(this.record_payment)
        .Title(_("Payment approved"))
    )
    record_payment = (
        Step("record_payment", by(Role.FINANCE), not_by=this.register_receipt)
        .Next(this.closed)
        .Title(_("Record the payment"))
    )
    closed = End().Title(_("End"))
