"""What may be paid now and what holds the rest, with reasons (OFFICER §0.5).

`reasons(facts)` is pure: pages show what it says and services refuse by it, so
that the two cannot differ. `facts_of` reads the facts of many payments at once.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from grants.lifecycle import PAYABLE
from grants.models import (
    Case,
    Hold,
    HoldKind,
    Stage,
    StageKind,
    StageStatus,
    Tranche,
    TrancheStatus,
)

NOTHING = Decimal("0.00")
OVER = (TrancheStatus.PAID, TrancheStatus.SETTLED)
#: Waits for an officer only: nothing of the project holds it.
AT_OFFICE = (TrancheStatus.REGISTERED, TrancheStatus.APPROVED)
#: What refuses any step of a payment, whatever else is missing.
STOPS = ("on_hold", "moved_on", "over_award")


@dataclass(frozen=True)
class PaymentFacts:
    """One payment of an award and what it depends on; amounts in CNY.

    paid: of the case, all payments together. unpaid_before: numbers of earlier
    payments that are not paid. holds: kinds of the open holds.
    """

    status: str
    amount: Decimal
    awarded: Decimal
    paid: Decimal
    case_status: str
    countersigned: bool = True
    first: bool = False
    last: bool = False
    mid_passed: bool = False
    unpaid_before: tuple[int, ...] = ()
    holds: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reason:
    """One thing that holds a payment: a code for programs, a text for people."""

    code: str
    text: str

    @property
    def stops(self) -> bool:
        return self.code in STOPS


def reasons(facts: PaymentFacts) -> list[Reason]:
    """What holds a payment, the gravest first; nothing for one that may be paid.

    A payment may be paid when its receipt is registered and nothing is listed
    here; one that is paid or settled is held by nothing.
    """
    if facts.status in OVER:
        return []
    return [*_stops(facts), *_not_yet(facts)]


def _stops(facts: PaymentFacts) -> list[Reason]:
    found = []
    if facts.holds:
        kinds = ", ".join(str(HoldKind(kind).label) for kind in facts.holds)
        text = _("An open question on this case holds the money.")
        found.append(Reason("on_hold", f"{text} ({kinds})"))
    if facts.countersigned and facts.case_status not in PAYABLE:
        found.append(Reason("moved_on", _("The case has moved on.")))
    planned = facts.status == TrancheStatus.PLANNED
    if not planned and facts.paid + facts.amount > facts.awarded:
        text = _("More would be paid than was awarded.")
        found.append(Reason("over_award", text))
    return found


def _not_yet(facts: PaymentFacts) -> list[Reason]:
    """What has still to happen before the office may pay."""
    if not facts.countersigned:
        text = _("The agreement is not countersigned.")
        return [Reason("not_countersigned", text)]
    if facts.status == TrancheStatus.OPEN:
        return [Reason("no_receipt", _("The organisation's receipt is missing."))]
    if facts.status == TrancheStatus.REQUESTED:
        return [Reason("receipt_unchecked", _("The receipt is not registered yet."))]
    if facts.status != TrancheStatus.PLANNED:
        return []
    found = []
    if facts.unpaid_before:
        numbers = ", ".join(map(str, facts.unpaid_before))
        text = _("An earlier tranche is not paid: %(numbers)s.") % {"numbers": numbers}
        found.append(Reason("earlier_unpaid", text))
    if facts.last and not facts.first:
        text = _("The project is not closed: audit and closing set the last tranche.")
        found.append(Reason("project_not_closed", text))
    elif not facts.mid_passed:
        text = _("The mid-term evaluation is not passed.")
        found.append(Reason("stage_not_passed", text))
    return found


# -- reading ----------------------------------------------------------------------


def facts_of(tranches: Iterable[Tranche]) -> dict[int, PaymentFacts]:
    """The facts of some tranches by id, read afresh: three queries.

    The tranches' cases must be loaded.
    """
    tranches = list(tranches)
    ids = {tranche.case_id for tranche in tranches}
    siblings: dict[int, list[Any]] = defaultdict(list)
    rows = Tranche.objects.filter(case__in=ids).order_by("case", "seq")
    for case_id, *row in rows.values_list("case_id", "seq", "status", "amount"):
        siblings[case_id].append(row)
    holds: dict[int, list[str]] = defaultdict(list)
    open_holds = Hold.objects.filter(case__in=ids, lifted_at=None).order_by("pk")
    for case_id, kind in open_holds.values_list("case_id", "kind"):
        holds[case_id].append(kind)
    passed = set(
        Stage.objects.filter(
            case__in=ids, kind=StageKind.MID, status=StageStatus.PASSED
        ).values_list("case_id", flat=True)
    )
    return {
        tranche.pk: _facts(
            tranche, siblings[tranche.case_id], holds[tranche.case_id], passed
        )
        for tranche in tranches
    }


def _facts(
    tranche: Tranche, siblings: list[Any], holds: list[str], passed: set[int]
) -> PaymentFacts:
    case = tranche.case
    numbers = [seq for seq, _status, _amount in siblings]
    return PaymentFacts(
        status=tranche.status,
        amount=tranche.amount,
        awarded=case.awarded or NOTHING,
        paid=sum((a for _n, s, a in siblings if s == TrancheStatus.PAID), NOTHING),
        case_status=case.status,
        first=tranche.seq == min(numbers),
        last=tranche.seq == max(numbers),
        mid_passed=case.pk in passed,
        unpaid_before=tuple(
            n for n, s, _a in siblings if n < tranche.seq and s not in OVER
        ),
        holds=tuple(dict.fromkeys(holds)),
    )


def before_agreement(case: Case) -> PaymentFacts:
    """Of an award without a countersigned agreement: its first payment."""
    return PaymentFacts(
        status=TrancheStatus.PLANNED,
        amount=NOTHING,
        awarded=case.awarded or NOTHING,
        paid=NOTHING,
        case_status=case.status,
        countersigned=False,
        first=True,
    )


def stop_of(facts: PaymentFacts) -> Reason | None:
    """What refuses any step of this payment now, or None."""
    return next((reason for reason in reasons(facts) if reason.stops), None)
