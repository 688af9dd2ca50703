"""Budgets: of a request, and of the plan after the award (DOMAIN §8)."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from grants.models import BudgetLine
from grants.money import fen
from grants.rules import Rules

GRANT = BudgetLine.FundedBy.GRANT


def granted_sum(rows: Iterable[dict[str, Any]], head: str | None = None) -> Decimal:
    """CNY that the grant pays, of one head or of all."""
    return sum(
        (
            row["amount"]
            for row in rows
            if row["funded_by"] == GRANT and head in (None, row["head"])
        ),
        Decimal("0.00"),
    )


def budget_errors(
    rules: Rules, rows: list[dict[str, Any]], *, grant: Decimal
) -> dict[str, list[str]]:
    """What is wrong with a budget for a grant in CNY, by path.

    Forbidden heads at any amount (X32), rows that do not add up to the grant,
    staff (X34) and administration above their share, where the rule blocks.
    """
    errors: dict[str, list[str]] = {}
    labels = dict(BudgetLine.Head.choices)
    for index, row in enumerate(rows):
        if row["head"] in rules.forbidden_heads:
            errors[f"budget.{index}.head"] = [
                _("This programme does not pay for: %(head)s.")
                % {"head": labels[row["head"]]}
            ]
        if row["amount"] <= 0:
            errors[f"budget.{index}.amount"] = [_("Enter an amount above zero.")]
    totals = []
    if difference := sum_difference(rows, grant):
        totals.append(difference)
    if rules.staff_share_mode == "block" and (over := staff_over(rules, rows, grant)):
        totals.append(over)
    if rules.admin_share_mode == "block" and (over := admin_over(rules, rows, grant)):
        totals.append(over)
    if totals:
        errors["budget"] = totals
    return errors


def budget_warnings(
    rules: Rules, rows: list[dict[str, Any]], *, grant: Decimal
) -> list[str]:
    """What is worth a second look but blocks nothing (OFFICER §0.12)."""
    found = []
    if rules.staff_share_mode == "warn":
        found.append(staff_over(rules, rows, grant))
    if rules.admin_share_mode == "warn":
        found.append(admin_over(rules, rows, grant))
    return [over for over in found if over]


def sum_difference(rows: list[dict[str, Any]], grant: Decimal) -> str | None:
    """Says by how much the rows paid by the grant miss it, or None."""
    total = granted_sum(rows)
    if total == grant:
        return None
    facts = {
        "total": f"{total:,.2f}",
        "grant": f"{grant:,.2f}",
        "difference": f"{abs(total - grant):,.2f}",
    }
    if total > grant:
        return (
            _(
                "The rows paid by the grant add up to %(total)s yuan: "
                "%(difference)s yuan more than %(grant)s yuan."
            )
            % facts
        )
    return (
        _(
            "The rows paid by the grant add up to %(total)s yuan: "
            "%(difference)s yuan less than %(grant)s yuan."
        )
        % facts
    )


def share_limit(grant: Decimal, share: Decimal) -> Decimal:
    """CNY that a head may take of a grant."""
    return fen(grant * share)


def staff_over(rules: Rules, rows: list[dict[str, Any]], grant: Decimal) -> str | None:
    """Says that staff takes more of the grant than its share allows."""
    most = share_limit(grant, rules.staff_share_max)
    staff = granted_sum(rows, BudgetLine.Head.STAFF)
    if staff <= most:
        return None
    return _(
        "Staff takes %(staff)s yuan of the grant; the rule allows %(most)s yuan."
    ) % {"staff": f"{staff:,.2f}", "most": f"{most:,.2f}"}


def admin_over(rules: Rules, rows: list[dict[str, Any]], grant: Decimal) -> str | None:
    """Says that administration takes more of the grant than its share allows."""
    most = share_limit(grant, rules.admin_share_max)
    admin = granted_sum(rows, BudgetLine.Head.ADMIN)
    if admin <= most:
        return None
    return _(
        "Administration takes %(admin)s yuan of the grant; "
        "the rule allows %(most)s yuan."
    ) % {"admin": f"{admin:,.2f}", "most": f"{most:,.2f}"}
