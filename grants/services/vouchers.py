"""Voucher numbers that come back from the treasury, matched with payments.

Nothing is written here: each line that fits is recorded by `record_payment`, in
an act of its own, so that a wrong line holds up no other and a file that comes
twice changes nothing.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from grants.models import Case, Tranche, TrancheStatus
from grants.payable import PaymentFacts, facts_of, stop_of
from grants.permissions import can_take
from grants.services.paying import wrong_day
from grants.voucher_file import Line
from organisations.models import User


class Verdict(Enum):
    """What becomes of a line."""

    MATCH = "match"
    DONE = "done"
    WRONG = "wrong"


@dataclass(frozen=True)
class Matched:
    """A line of the file with its payment, its verdict and, if wrong, why."""

    line: Line
    tranche: Tranche | None
    verdict: Verdict
    why: str = ""


def match(lines: Iterable[Line], cases: QuerySet[Case], by: User) -> list[Matched]:
    """Say of each line what recording it would do; six queries and permissions.

    cases: those whose payments the person may record. A line names its payment by
    award number (and tranche, where several await their voucher) or by number.
    """
    lines = list(lines)
    found = _Found(lines, cases)
    return [found.judge(line, by) for line in lines]


class _Found:
    """The payments that the lines name, and what is known of them."""

    def __init__(self, lines: list[Line], cases: QuerySet[Case]) -> None:
        named = Tranche.objects.select_related(
            "case__round", "case__project", "batch"
        ).filter(case__in=cases)
        awards = {line.award_no for line in lines if line.award_no}
        ids = {line.tranche for line in lines if line.tranche is not None}
        self.by_award: dict[str, list[Tranche]] = defaultdict(list)
        rows = named.filter(case__project__award_no__in=awards).order_by("case", "seq")
        for tranche in rows:
            self.by_award[tranche.case.project.award_no].append(tranche)
        self.by_id = {t.pk: t for t in named.filter(pk__in=ids)}
        every = {t.pk: t for group in self.by_award.values() for t in group}
        self.facts: dict[int, PaymentFacts] = facts_of((every | self.by_id).values())
        self.vouchers = {line.voucher for line in lines if line.voucher}
        used = Tranche.objects.filter(voucher_number__in=self.vouchers)
        self.used = {t.voucher_number: t for t in used.select_related("case")}
        self.vouchers_here = Counter(line.voucher for line in lines)
        self.seen: set[int] = set()

    def judge(self, line: Line, by: User) -> Matched:
        if line.problems:
            return Matched(line, None, Verdict.WRONG, " ".join(line.problems))
        tranche, why = self.tranche_of(line)
        if tranche is None:
            return Matched(line, None, Verdict.WRONG, why)
        if self.is_recorded(line, tranche):
            return Matched(line, tranche, Verdict.DONE)
        why = self.mismatch(line, tranche) or self.refusal(line, tranche, by)
        if why:
            return Matched(line, tranche, Verdict.WRONG, why)
        self.seen.add(tranche.pk)
        return Matched(line, tranche, Verdict.MATCH)

    def tranche_of(self, line: Line) -> tuple[Tranche | None, str]:
        """The payment that a line names, or why none is."""
        if line.tranche is not None:
            tranche = self.by_id.get(line.tranche)
            if tranche is None:
                return None, _("No payment has this number.")
            award_no = tranche.case.project.award_no
            if line.award_no and line.award_no != award_no:
                text = _("This payment belongs to %(award)s.")
                return None, text % {"award": award_no}
            return tranche, ""
        group = self.by_award.get(line.award_no)
        if not group:
            return None, _("No project has this award number.")
        if line.seq is not None:
            chosen = [t for t in group if t.seq == line.seq]
            return (chosen[0], "") if chosen else (None, _("There is no such tranche."))
        done = [t for t in group if t.voucher_number == line.voucher]
        waiting = [t for t in group if t.status == TrancheStatus.APPROVED]
        if chosen := done or waiting:
            return chosen[0], ""
        return None, _("No payment of this project awaits its voucher.")

    def is_recorded(self, line: Line, tranche: Tranche) -> bool:
        kept = (tranche.voucher_number, tranche.amount, tranche.paid_on)
        return tranche.status == TrancheStatus.PAID and kept == (
            line.voucher,
            line.amount,
            line.paid_on,
        )

    def mismatch(self, line: Line, tranche: Tranche) -> str:
        """What of the line contradicts what is known, "" for nothing."""
        values: dict[str, Any] = {"amount": f"{tranche.amount:,.2f}"}
        if line.amount != tranche.amount:
            return _("The amount is not that of the payment: %(amount)s.") % values
        if tranche.status == TrancheStatus.PAID:
            values = {"voucher": tranche.voucher_number, "day": tranche.paid_on}
            text = _("It is recorded otherwise: %(voucher)s on %(day)s.")
            return text % values
        if tranche.status != TrancheStatus.APPROVED:
            return _("This payment is not approved.")
        other = self.used.get(line.voucher)
        if other is not None and other.pk != tranche.pk:
            message = _("This number was used in case %(code)s, tranche %(seq)s.")
            return message % {"code": other.case.code, "seq": other.seq}
        if self.vouchers_here[line.voucher] > 1:
            return _("This voucher number stands in the file twice.")
        if tranche.pk in self.seen:
            return _("This payment stands in the file twice.")
        return ""

    def refusal(self, line: Line, tranche: Tranche, by: User) -> str:
        """Why this person may not record it now, "" where they may."""
        if line.paid_on is not None and (day := wrong_day(tranche, line.paid_on)):
            return day
        if stop := stop_of(self.facts[tranche.pk]):
            return stop.text
        if not can_take("record_payment", tranche, by):
            return _("You registered or approved this payment: a colleague records it.")
        return ""
