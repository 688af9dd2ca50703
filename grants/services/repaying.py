"""Clawback (追缴): the organisation proves what it paid back, finance records it.

The claim is the settlement's `to_return`; it may come in instalments, each with
a proof and a voucher. Amounts are CNY. The case's `Refund` keeps the sum, so
that every figure of money counts it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.db.models import Sum
from django.utils.timezone import now
from django.utils.translation import gettext as _

from attachments.models import Document
from grants.errors import Invalid, WrongState
from grants.models import (
    Case,
    Refund,
    Repayment,
    RepaymentStatus,
    Status,
    Termination,
)
from grants.services.closing import NOTHING, refuse_future
from grants.services.gate import gate, set_status
from grants.services.paying import plain_number
from grants.services.terminating import terminations_of
from organisations.models import User

RECORD, RETURN = "RECORD", "RETURN"


@dataclass(frozen=True)
class Claim:
    """What a case still has to return, in CNY, and the proof to be examined."""

    termination: Termination
    outstanding: Decimal
    submitted: Repayment | None


def claims_of(cases: Iterable[Case]) -> dict[int, Claim]:
    """The claims on cases, by id; three queries. A case without one is left out."""
    cases = list(cases)
    terminations = terminations_of(cases)
    ids = [termination.pk for termination in terminations.values()]
    mine = Repayment.objects.filter(termination__in=ids)
    received = dict(
        mine.filter(status=RepaymentStatus.RECORDED)
        .order_by()
        .values_list("termination_id")
        .annotate(Sum("amount"))
    )
    waiting = {
        repayment.termination_id: repayment
        for repayment in mine.filter(status=RepaymentStatus.SUBMITTED)
    }
    return {
        pk: Claim(
            termination=termination,
            outstanding=termination.to_return - received.get(termination.pk, NOTHING),
            submitted=waiting.get(termination.pk),
        )
        for pk, termination in terminations.items()
    }


def claim_of(case: Case) -> Claim:
    """The claim on a case; WrongState where nothing is claimed."""
    claim = claims_of([case]).get(case.pk)
    if claim is None:
        raise WrongState(_("Nothing is to be paid back."), code="no_refund_due")
    return claim


def amount_errors(amount: Decimal, outstanding: Decimal) -> dict[str, list[str]]:
    """Why an instalment cannot be right: nothing, or more than is open."""
    if amount <= 0:
        return {"amount": [_("Enter an amount above zero.")]}
    if amount > outstanding:
        message = _("Only %(amount)s yuan are still to be paid back.")
        return {"amount": [message % {"amount": f"{outstanding:,.2f}"}]}
    return {}


@gate("submit_repayment")
def submit_repayment(
    case: Case, *, by: User, amount: Decimal, paid_on: date, proof: Document
) -> Repayment:
    """The finance contact proves a repayment, all of it or an instalment."""
    claim = claim_of(case)
    if claim.submitted is not None:
        raise WrongState(_("A proof is being examined."))
    if errors := amount_errors(amount, claim.outstanding):
        raise Invalid(errors)
    refuse_future("paid_on", paid_on)
    return Repayment.objects.create(
        case=case,
        termination=claim.termination,
        claimed=amount,
        paid_on=paid_on,
        proof=proof,
        submitted_by=by,
        submitted_at=now(),
    )


@gate("record_repayment")
def record_repayment(
    case: Case,
    *,
    by: User,
    outcome: str,
    amount: Decimal | None = None,
    voucher_number: str = "",
    remarks: str = "",
) -> Repayment:
    """Finance records what arrived, or sends the proof back with the reason.

    The case is CLAWBACK_DONE once everything has come; else the next
    instalment is asked for.
    """
    claim = claim_of(case)
    repayment = claim.submitted
    if repayment is None:
        raise WrongState(_("No proof was handed in."))
    repayment.remarks = remarks
    repayment.recorded_by, repayment.recorded_at = by, now()
    if outcome == RETURN:
        if not remarks.strip():
            raise Invalid({"remarks": [_("Say why.")]})
        repayment.status = RepaymentStatus.RETURNED
        repayment.save()
        return repayment
    if outcome != RECORD:
        raise Invalid({"outcome": [_("Choose an outcome.")]})
    if amount is None:
        raise Invalid({"amount": [_("Enter an amount above zero.")]})
    if errors := amount_errors(amount, claim.outstanding):
        raise Invalid(errors)
    repayment.amount = amount
    repayment.voucher_number = plain_number(voucher_number)
    repayment.status = RepaymentStatus.RECORDED
    save_with_voucher(repayment)
    add_to_refund(repayment)
    if amount == claim.outstanding:
        set_status(case, Status.CLAWBACK_DONE)
    return repayment


def save_with_voucher(repayment: Repayment) -> None:
    """Save a repayment whose voucher number was used nowhere else."""
    number = repayment.voucher_number
    refusal = Invalid({"voucher_number": [_("This number cannot be used.")]})
    if not number or Refund.objects.filter(voucher_number=number).exists():
        raise refusal
    try:
        with transaction.atomic():
            repayment.save()
    except IntegrityError as error:
        raise refusal from error


def add_to_refund(repayment: Repayment) -> Refund:
    """Count an instalment in the case's refund; the last voucher stands there."""
    refund = Refund.objects.filter(case=repayment.case_id).first()
    if refund is None:
        refund = Refund(case_id=repayment.case_id, amount=NOTHING)
    refund.amount += repayment.amount or NOTHING
    refund.returned_on = repayment.paid_on
    refund.voucher_number = repayment.voucher_number
    refund.proof = repayment.proof
    refund.recorded_by = repayment.recorded_by
    refund.save()
    return refund
