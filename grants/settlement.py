"""The settlement of a project (结算表): figures that sum exactly, CNY.

due = paid + to_pay - to_return, award = due + left, and reported less cut is what
was accepted, wherever the audit accepted no more than was reported.
"""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Sum

from grants.models import BudgetLine, Case, Expense, StageKind
from grants.selectors import paid_of, returned_of

NOTHING = Decimal("0.00")


@dataclass(frozen=True)
class FinalSettlement:
    """What an award comes to after its audit (OFFICER §0.6)."""

    award: Decimal
    self_raised: Decimal
    paid: Decimal
    returned: Decimal
    reported: Decimal
    accepted: Decimal

    @property
    def due(self) -> Decimal:
        """The grant as settled: the lower of award and accepted expenditure."""
        return min(self.award, self.accepted)

    @property
    def cut(self) -> Decimal:
        """Reported, but not accepted (核减)."""
        return max(NOTHING, self.reported - self.accepted)

    @property
    def left(self) -> Decimal:
        """Of the award, not needed (结余)."""
        return self.award - self.due

    @property
    def to_pay(self) -> Decimal:
        return max(NOTHING, self.due - self.paid)

    @property
    def to_return(self) -> Decimal:
        """To be paid back in all; `returned` of it is back."""
        return max(NOTHING, self.paid - self.due)


def settlement_sheet_of(case: Case) -> FinalSettlement | None:
    """The settlement of a case, None before its audit report is filed.

    Reported is what the final report says was used of the grant, and what the
    ledger says was spent of the organisation's own.
    """
    report = getattr(case, "audit_report", None)
    if report is None:
        return None
    own = BudgetLine.FundedBy.SELF
    spent = Expense.objects.filter(case=case, funded_by=own, voided_at=None)
    self_raised = spent.aggregate(s=Sum("amount"))["s"] or NOTHING
    final = case.stages.filter(kind=StageKind.FINAL).first()
    used = final.money_used if final is not None else None
    return FinalSettlement(
        award=case.awarded or NOTHING,
        self_raised=self_raised,
        paid=paid_of(case),
        returned=returned_of(case),
        reported=(used or NOTHING) + self_raised,
        accepted=report.accepted_expenditure,
    )
