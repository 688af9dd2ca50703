"""What the finance desk reads: payments by what holds them, batches, vouchers.

The database sorts payments into "now" and "held" so that a page costs the same
whatever their number; grants.payable says why, and a test that both agree.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.core import signing
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum

from desk.wording import role_label
from grants.actions import ACTIONS
from grants.errors import ActionError
from grants.lifecycle import PAYABLE
from grants.models import (
    Case,
    Hold,
    PaymentBatch,
    Role,
    Round,
    Status,
    Tranche,
    TrancheStatus,
)
from grants.payable import AT_OFFICE, OVER, Reason, before_agreement, facts_of, reasons
from grants.permissions import programmes_with
from grants.rules import rules_of
from grants.selectors import cases_visible_to
from grants.services.vouchers import Matched, Verdict, match
from grants.voucher_file import Line
from organisations.models import User
from workflows.services import perform

NOTHING = Decimal("0.00")
NOW, HELD, PAID = "now", "held", "paid"
SALT = "weigong.vouchers"
#: Seconds that a preview may be confirmed.
PREVIEW_LASTS = 3600
#: Awards without an agreement that one page names.
MOST_AWARDS = 50


def desk_cases(user: User) -> QuerySet[Case]:
    """Cases whose money this person reads on the finance desk."""
    offices = programmes_with(user, "view_cases")
    return cases_visible_to(user).filter(round__programme__in=offices)


def may_use_desk(user: User) -> bool:
    """Who registers, approves, records or may read all cases of a programme."""
    return bool(programmes_with(user, "view_cases"))


def payments_of(user: User, round_: Round) -> QuerySet[Tranche]:
    return Tranche.objects.filter(
        case__in=desk_cases(user).filter(round=round_).values("pk")
    )


def in_state(state: str) -> Q:
    """The payments of one tab, as the database knows them."""
    paid = Q(status=TrancheStatus.PAID)
    if state == PAID:
        return paid
    held = Exists(Hold.objects.filter(case=OuterRef("case"), lifted_at=None))
    now = Q(~held, status__in=AT_OFFICE, case__status__in=PAYABLE)
    return now if state == NOW else ~now & ~Q(status__in=OVER)


def sums_of(payments: QuerySet[Tranche]) -> dict[str, tuple[int, Decimal]]:
    """How many payments are in each state, and CNY: one query."""
    states = (NOW, HELD, PAID)
    wanted: dict[str, Any] = {}
    for state in states:
        wanted[f"{state}_count"] = Count("pk", filter=in_state(state))
        wanted[f"{state}_sum"] = Sum("amount", filter=in_state(state))
    found = payments.order_by().aggregate(**wanted)
    return {s: (found[f"{s}_count"], found[f"{s}_sum"] or NOTHING) for s in states}


@dataclass(frozen=True)
class PaymentRow:
    """One payment as the desk shows it."""

    tranche: Tranche
    reasons: list[Reason]


def rows_of(
    payments: QuerySet[Tranche], state: str, start: int, size: int
) -> list[PaymentRow]:
    """A page of payments with what holds each; one more row than `size`."""
    found = list(
        payments.filter(in_state(state))
        .select_related("case__organisation", "case__project", "batch")
        .order_by("case__project__award_no", "seq", "pk")[start : start + size + 1]
    )
    facts = facts_of(found)
    return [PaymentRow(tranche, reasons(facts[tranche.pk])) for tranche in found]


def unsigned_awards(user: User, round_: Round) -> list[tuple[Case, list[Reason]]]:
    """Awards that have no payments yet: the agreement is not countersigned."""
    cases = desk_cases(user).filter(
        round=round_, status__in=(Status.REVISION, Status.AGREEMENT)
    )
    found = cases.select_related("organisation", "project").order_by("code")
    return [(case, reasons(before_agreement(case))) for case in found[:MOST_AWARDS]]


# -- batches ----------------------------------------------------------------------


def batches_of(round_: Round) -> QuerySet[PaymentBatch]:
    """The round's payment batches with their sums, the latest first."""
    return (
        PaymentBatch.objects.filter(round=round_)
        .select_related("approved_by")
        .annotate(
            lines=Count("tranches"),
            total=Sum("tranches__amount"),
            paid=Count("tranches", filter=Q(tranches__status=TrancheStatus.PAID)),
        )
        .order_by("-pk")
    )


@dataclass(frozen=True)
class Link:
    """One office of the approval chain, and who acted for it and when."""

    office: str
    rule: Any
    people: list[str]


def chain_of(batch: PaymentBatch, lines: Iterable[Tranche]) -> list[Link]:
    """Who registered, approved and recorded a batch, by the rule of amounts.

    The largest payment says whose approval the batch needed.
    """
    lines = list(lines)
    rules = rules_of(batch.round)
    largest = max((line.amount for line in lines), default=Decimal(0))
    approver, limit = rules.approver_of(largest), rules.leader_above
    names = {
        "registered": {str(t.registered_by) for t in lines if t.registered_by_id},
        "recorded": {str(t.recorded_by) for t in lines if t.recorded_by_id},
    }
    return [
        Link(str(role_label(Role.FINANCE)), "register", sorted(names["registered"])),
        Link(str(role_label(approver)), limit, [str(batch.approved_by)]),
        Link(str(role_label(Role.FINANCE)), "record", sorted(names["recorded"])),
    ]


def lines_of(batch: PaymentBatch) -> list[Tranche]:
    return list(
        batch.tranches.select_related(
            "case__organisation__custodian",
            "case__project",
            "registered_by",
            "recorded_by",
        ).order_by(F("case__project__award_no"), "seq")
    )


# -- vouchers ---------------------------------------------------------------------


def recordable_cases(user: User) -> QuerySet[Case]:
    """Cases of the programmes in which this person records payments."""
    return cases_visible_to(user).filter(
        round__programme__in=programmes_with(user, "record_payment")
    )


def matched(lines: list[Line], user: User) -> list[Matched]:
    return match(lines, recordable_cases(user), user)


def sealed(lines: list[Line], user: User) -> str:
    """The lines of a preview, signed for the person who saw it."""
    rows = [
        [
            line.number,
            line.award_no,
            line.tranche,
            line.seq,
            str(line.amount),
            line.voucher,
            line.paid_on and line.paid_on.isoformat(),
        ]
        for line in lines
        if not line.problems
    ]
    return signing.dumps({"by": user.pk, "rows": rows}, salt=SALT, compress=True)


def unsealed(text: str, user: User) -> list[Line] | None:
    """The lines of a preview; None for one that is forged, old or another's."""
    try:
        kept = signing.loads(text, salt=SALT, max_age=PREVIEW_LASTS)
    except signing.BadSignature:
        return None
    if kept["by"] != user.pk:
        return None
    return [
        Line(n, award, tranche, seq, Decimal(amount), voucher, date.fromisoformat(day))
        for n, award, tranche, seq, amount, voucher, day in kept["rows"]
    ]


def record_lines(lines: list[Line], user: User) -> list[Matched]:
    """Record every line that still fits, each in an act of its own.

    What is answered says of each line what became of it: recorded now (MATCH),
    recorded before (DONE), or refused and why.
    """
    out = []
    for entry in matched(lines, user):
        if entry.verdict is not Verdict.MATCH or entry.tranche is None:
            out.append(entry)
            continue
        body = {
            "voucher_number": entry.line.voucher,
            "paid_on": entry.line.paid_on.isoformat() if entry.line.paid_on else "",
        }
        try:
            form = ACTIONS["record_payment"].bind_json(
                entry.tranche, by=user, body=body
            )
            perform("record_payment", entry.tranche, by=user, form=form)
        except ActionError as error:
            out.append(Matched(entry.line, entry.tranche, Verdict.WRONG, told(error)))
        else:
            out.append(entry)
    return out


def told(error: ActionError) -> str:
    """What an act's refusal says, its fields together."""
    errors = getattr(error, "errors", {})
    texts = [str(text) for messages in errors.values() for text in messages]
    return " ".join(texts) or str(error.message)
