"""Facts of a case as lists need them: from its row, or computed by the database."""

from decimal import Decimal
from typing import Any

from django.db.models import Exists, F, OuterRef, Subquery, Sum, Value
from django.db.models.functions import Coalesce, JSONObject, Least
from django.utils.timezone import localtime
from django.utils.translation import pgettext

from desk.lists.columns import AMOUNT
from desk.wording import action_label, role_label
from grants.models import (
    BudgetLine,
    Case,
    Expense,
    Hold,
    HoldKind,
    Stage,
    StageKind,
    StageStatus,
    Tranche,
    TrancheStatus,
)
from grants.rules import category_label
from workflows.models import WorkItem

ZERO = Value(Decimal("0.00"))

# -- values ---------------------------------------------------------------------


def day_of(moment: Any) -> Any:
    return localtime(moment).date() if moment else None


def category_of(case: Case) -> str:
    """The service field in the reader's language."""
    return category_label(case, case.application.category)


def period_of(case: Case) -> str:
    start, end = case.application.period_start, case.application.period_end
    return f"{start:%Y-%m-%d} – {end:%Y-%m-%d}" if start and end else ""


def of_stage(kind: StageKind, field: str) -> Subquery:
    """A field of one stage of the case."""
    return Subquery(
        Stage.objects.filter(case=OuterRef("pk"), kind=kind).values(field)[:1]
    )


def of_tranche(seq: int, field: str) -> Subquery:
    """A field of one tranche of the case."""
    return Subquery(
        Tranche.objects.filter(case=OuterRef("pk"), seq=seq).values(field)[:1]
    )


def has_hold(kind: HoldKind) -> Exists:
    return Exists(Hold.objects.filter(case=OuterRef("pk"), kind=kind, lifted_at=None))


def is_open(found: bool) -> str:
    return str(pgettext("hold", "open")) if found else ""


def stage_result(status: str | None) -> str:
    return str(StageStatus(status).label) if status else ""


def next_step() -> Subquery:
    """The open step of the case that is due first, and whose it is."""
    fields = JSONObject(
        action="action",
        role="role",
        membership_role="membership_role",
        name="holder__name",
        username="holder__username",
    )
    return Subquery(
        WorkItem.objects.filter(case=OuterRef("pk"), closed_at=None)
        .order_by(F("due_at").asc(nulls_last=True), "pk")
        .values(step=fields)[:1]
    )


def step_of(step: dict[str, str] | None) -> str:
    return str(action_label(step["action"])) if step else ""


def holder_of(step: dict[str, str] | None) -> str:
    """The person who took the step, else the office that it waits for."""
    if not step:
        return ""
    person = step["name"] or step["username"]
    return person or str(role_label(step["membership_role"] or step["role"]))


# -- what the database computes ----------------------------------------------------


def sum_over(rows: Any) -> Subquery:
    """The sum of ``amount`` of rows that belong to the case; NULL for none."""
    return Subquery(
        rows.filter(case=OuterRef("pk"))
        .order_by()
        .values("case")
        .annotate(total=Sum("amount"))
        .values("total"),
        output_field=AMOUNT,
    )


def paid() -> Any:
    return Coalesce(
        sum_over(Tranche.objects.filter(status=TrancheStatus.PAID)),
        ZERO,
        output_field=AMOUNT,
    )


def budget(**filters: Any) -> Subquery:
    return sum_over(BudgetLine.objects.filter(**filters))


def self_raised() -> Any:
    """What the organisation spent of its own, by its ledger."""
    own = BudgetLine.FundedBy.SELF
    spent = Expense.objects.filter(funded_by=own, voided_at=None)
    return Coalesce(sum_over(spent), ZERO, output_field=AMOUNT)


def reported() -> Any:
    """Expenditure as reported: of the grant by the final report, and self-raised."""
    used = Coalesce(of_stage(StageKind.FINAL, "money_used"), ZERO, output_field=AMOUNT)
    return used + self_raised()


def due_sum() -> Any:
    """min(award, accepted expenditure): what the grant comes to (OFFICER §0.6)."""
    accepted = F("audit_report__accepted_expenditure")
    return Least(F("awarded"), accepted, output_field=AMOUNT)
