"""Paying: a record of what the treasury did (OFFICER §0.5), in tranches.

Receipt (票据) → registered → approved in a batch → paid, by the finance
contact and three different officers. Amounts are CNY. Paid is never more than
the award, and nothing moves towards payment while a hold is open.
"""

from collections.abc import Iterable
from datetime import date
from itertools import pairwise
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.timezone import now
from django.utils.translation import gettext as _

from attachments.models import Document
from grants.calendar import today
from grants.errors import Invalid, NotYours, WrongState
from grants.models import (
    Case,
    PaymentBatch,
    Recusal,
    Role,
    Round,
    Seat,
    SeatStatus,
    Stage,
    StageKind,
    StageStatus,
    Tranche,
    TrancheStatus,
)
from grants.models.contract import ReceiptOutcome
from grants.numbers import plain_number
from grants.payable import facts_of, stop_of
from grants.permissions import roles_of
from grants.rules import APPROVERS, rules_of
from grants.services.gate import gate, lock_cases, move_case, round_gate
from organisations.models import User


def require(tranche: Tranche, status: TrancheStatus) -> None:
    """WrongState unless the tranche is in that status."""
    if tranche.status != status:
        raise WrongState()


def require_free(tranche: Tranche) -> None:
    """WrongState while something stops every payment of the case."""
    if stop := stop_of(facts_of([tranche])[tranche.pk]):
        raise WrongState(stop.text, code=stop.code)


def refuse_repeated(tranche: Tranche, field: str) -> None:
    """Invalid, naming the other case, when a number was used elsewhere."""
    others = Tranche.objects.exclude(pk=tranche.pk).select_related("case")
    other = others.filter(**{field: getattr(tranche, field)}).first()
    if other is not None:
        message = _("This number was used in case %(code)s, tranche %(seq)s.")
        values = {"code": other.case.code, "seq": other.seq}
        raise Invalid({field: [message % values]})


def save_with_number(tranche: Tranche, field: str) -> None:
    """Save a tranche whose number must be the only one, whatever runs beside.

    Two cases are locked apart, so the constraint has the last word.
    """
    if not getattr(tranche, field):
        raise Invalid({field: [_("This is not a number.")]})
    refuse_repeated(tranche, field)
    try:
        with transaction.atomic():
            tranche.save()
    except IntegrityError:
        refuse_repeated(tranche, field)
        raise


def open_due_tranches(case: Case) -> list[Tranche]:
    """Open what is due: the middle one, once MID passed and the first is paid.

    The first is opened by countersigning, the last by closing the project. A
    helper inside the caller's event; the case is locked.
    """
    tranches = list(case.tranches.order_by("seq"))
    passed = Stage.objects.filter(
        case=case, kind=StageKind.MID, status=StageStatus.PASSED
    ).exists()
    opened = []
    for before, tranche in pairwise(tranches[:-1]):
        due = passed and before.status == TrancheStatus.PAID
        if due and tranche.status == TrancheStatus.PLANNED:
            tranche.status = TrancheStatus.OPEN
            tranche.save()
            opened.append(tranche)
    return opened


@gate("request_payment")
def request_payment(
    tranche: Tranche,
    *,
    by: User,
    receipt_number: str,
    receipt: Document,
    receipt_kind: str = "",
    receipt_date: Any = None,
    bank: str = "",
    account: str = "",
) -> Tranche:
    """The organisation's finance contact hands in the receipt of a tranche.

    Invalid, naming the other case, when the receipt's number was used in any
    project (OFFICER §0b.6). bank, account: where the money is to go.
    """
    require(tranche, TrancheStatus.OPEN)
    require_free(tranche)
    tranche.receipt_number = plain_number(receipt_number)
    tranche.receipt = receipt
    tranche.receipt_kind = receipt_kind
    tranche.receipt_date = receipt_date
    tranche.bank = bank
    tranche.account = "".join(account.split())
    tranche.requested_by = by
    tranche.remarks = ""
    tranche.status = TrancheStatus.REQUESTED
    save_with_number(tranche, "receipt_number")
    return tranche


@gate("register_receipt")
def register_receipt(
    tranche: Tranche, *, by: User, outcome: str, remarks: str = ""
) -> Tranche:
    """A finance officer checks the receipt, or returns it with the reason.

    A returned number is free again; the record keeps it.
    """
    require(tranche, TrancheStatus.REQUESTED)
    tranche.remarks = remarks
    if outcome == ReceiptOutcome.RETURN:
        if not remarks.strip():
            raise Invalid({"remarks": [_("Say why.")]})
        tranche.receipt_number, tranche.receipt = "", None
        tranche.status = TrancheStatus.OPEN
    else:
        tranche.registered_by = by
        tranche.registered_at = now()
        tranche.status = TrancheStatus.REGISTERED
    tranche.save()
    return tranche


# -- the batch --------------------------------------------------------------------


def refusals(tranches: Iterable[Tranche], by: User) -> dict[int, str]:
    """Why this person may not approve some of these tranches, by id.

    The chain says whose approval an amount needs; a higher office may give it
    too (CONV). Who registered the receipt does not approve it.
    """
    tranches = list(tranches)
    ids = [tranche.case_id for tranche in tranches]
    facts = facts_of(tranches)
    seats = Seat.objects.filter(
        case__in=ids, reviewer=by, status=SeatStatus.CONFLICT
    ).order_by()
    left = Recusal.objects.filter(case__in=ids, reviewer=by)
    mine = set(
        left.values_list("case_id")
        .union(seats.values_list("case_id"))
        .values_list("case_id", flat=True)
    )
    roles = roles_of(by)
    out = {}
    for tranche in tranches:
        case = tranche.case
        needed = rules_of(case).approver_of(tranche.amount)
        offices = APPROVERS[APPROVERS.index(needed) :]
        if tranche.status != TrancheStatus.REGISTERED:
            out[tranche.pk] = _("Its receipt is not registered.")
        elif stop := stop_of(facts[tranche.pk]):
            out[tranche.pk] = stop.text
        elif case.pk in mine:
            out[tranche.pk] = _("You declared a conflict of interest in this case.")
        elif tranche.registered_by_id == by.pk:
            out[tranche.pk] = _("You registered this receipt yourself.")
        elif not any((case.round.programme_id, r) in roles for r in offices):
            text = _("This amount is approved by: %(role)s.")
            out[tranche.pk] = text % {"role": needed.label}
    return out


def case_ids(rows: Any) -> set[int]:
    """The cases that some rows belong to."""
    return set(rows.values_list("case_id", flat=True))


def payable_tranches(round_: Round, by: User) -> list[Tranche]:
    """The registered tranches that this person may approve now."""
    return payable_by_round([round_], by)[round_.pk]


def payable_by_round(rounds: Iterable[Round], by: User) -> dict[int, list[Tranche]]:
    """The same of several rounds, by their ids.

    The queries are three, besides the person's roles, however many the rounds.
    """
    found: dict[int, list[Tranche]] = {round_.pk: [] for round_ in rounds}
    tranches = list(
        Tranche.objects.filter(
            case__round__in=list(found), status=TrancheStatus.REGISTERED
        )
        .select_related("case__round", "case__organisation__custodian", "case__project")
        .order_by("case_id", "seq")
    )
    refused = refusals(tranches, by)
    for tranche in tranches:
        if tranche.pk not in refused:
            found[tranche.case.round_id].append(tranche)
    return found


def batch_number(round_: Round, number: str) -> str:
    """The approval form's number: as entered, or the round's next one."""
    if not number.strip():
        count = round_.payment_batches.count() + 1
        return f"{round_.code}-P{count:03d}"
    number = plain_number(number)
    if PaymentBatch.objects.filter(number=number).exists():
        raise Invalid({"number": [_("There is a batch with this number.")]})
    return number


def budget_of(round_: Round) -> dict[str, Any]:
    """Which money a payment is booked on, where its line does not say otherwise.

    A last tranche often falls in the next budget year (OFFICER §0.5).
    """
    return {
        "budget_year": round_.year,
        "budget_document": round_.budget_document,
        "functional_class": round_.functional_class,
        "economic_class": round_.economic_class,
    }


def require_office(round_: Round, by: User) -> None:
    """NotYours where the chain leaves a person's offices no amount at all."""
    held = {r for r in APPROVERS if (round_.programme_id, r) in roles_of(by)}
    if held == {Role.FUNDER} and not rules_of(round_).officer_up_to:
        raise NotYours()


@round_gate("approve_payment")
def approve_payment(
    round_: Round, *, by: User, tranches: list[dict[str, Any]], number: str = ""
) -> PaymentBatch:
    """Approve several payments at once (拨付审批表): all of them or none.

    Invalid, located by row, for a tranche that this person may not approve. A row
    may name budget year, document and classes; the round's count otherwise.
    NotYours for the officer where the chain leaves that office no amount.
    """
    require_office(round_, by)
    ids = [row["tranche"] for row in tranches]
    mine = Tranche.objects.filter(pk__in=ids, case__round=round_)
    cases = lock_cases(sorted(case_ids(mine)))
    found = {tranche.pk: tranche for tranche in mine}
    for tranche in found.values():
        tranche.case = cases[tranche.case_id]
    refused = refusals(found.values(), by)
    errors = {}
    for index, pk in enumerate(ids):
        reason = refused.get(pk)
        if pk not in found:
            reason = _("There is no such tranche in this round.")
        elif pk in ids[:index]:
            reason = _("This tranche stands here twice.")
        if reason:
            errors[f"tranches.{index}.tranche"] = [reason]
    if errors:
        raise Invalid(errors)
    batch = PaymentBatch.objects.create(
        round=round_, number=batch_number(round_, number), approved_by=by
    )
    for row in tranches:
        tranche = found[row["tranche"]]
        for name, value in budget_of(round_).items():
            setattr(tranche, name, row.get(name) or value)
        tranche.batch = batch
        tranche.status = TrancheStatus.APPROVED
        tranche.save()
    for case in cases.values():
        move_case("approve_payment", case)
    return batch


def wrong_day(tranche: Tranche, paid_on: date) -> str:
    """Why the treasury cannot have paid on this day, "" where it can."""
    if paid_on > today(now()):
        return _("This day has not come yet.")
    approved = today(tranche.batch.approved_at) if tranche.batch else paid_on
    if paid_on < approved:
        text = _("The payment was approved on %(day)s and not paid before.")
        return text % {"day": approved}
    return ""


@gate("record_payment")
def record_payment(
    tranche: Tranche, *, by: User, voucher_number: str, paid_on: date
) -> Tranche:
    """Another finance officer enters the treasury's voucher number and date."""
    require(tranche, TrancheStatus.APPROVED)
    require_free(tranche)
    if reason := wrong_day(tranche, paid_on):
        raise Invalid({"paid_on": [reason]})
    tranche.voucher_number = plain_number(voucher_number)
    tranche.paid_on = paid_on
    tranche.recorded_by = by
    tranche.status = TrancheStatus.PAID
    save_with_number(tranche, "voucher_number")
    open_due_tranches(tranche.case)
    return tranche
