"""What a page says while somebody types: sums, shares and months so far.

The same rules as at submitting (services.applying, services.budget), worded as
facts. Values may be incomplete; what cannot be said yet is left out. CNY.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from grants.models import BudgetLine, Case
from grants.rules import Rules, budget_rules_of, rules_of
from grants.services.applying import amount_error, months_after, period_errors
from grants.services.budget import granted_sum, share_limit
from grants.services.proposal import link_gaps
from grants.services.round_setup import cap_of

OK, WARN, WRONG = "ok", "warn", "wrong"


@dataclass(frozen=True)
class Check:
    """One line: what was found, and whether it is right (ok, warn, wrong)."""

    text: str
    state: str


def running_checks(case: Case, values: dict[str, Any]) -> list[Check]:
    """Everything that can be said of what is typed so far."""
    found = [
        *_amount(case, values.get("amount")),
        *_period(case, values.get("period_start"), values.get("period_end")),
    ]
    if rows := values.get("budget"):
        found += _budget(budget_rules_of(case), rows, values.get("amount"))
    if activities := values.get("activities"):
        found += _activities(activities)
        if rows:
            found += _links(rows, activities)
    return found


def months_between(start: date, end: date) -> tuple[int, int]:
    """Whole months and days left over, the last day counted (DOMAIN §5.5).

    From the first of a month to the last of the next are two months; from
    1 February to 1 March is one, and a day.
    """
    after = end + timedelta(days=1)
    months = 0
    while months_after(start, months + 1) <= after:
        months += 1
    return months, (after - months_after(start, months)).days


def _amount(case: Case, amount: Decimal | None) -> Iterable[Check]:
    if amount is None:
        return
    cap = cap_of(case.round, case.organisation)
    if error := amount_error(cap, amount):
        yield Check(error, WRONG)
        return
    facts = {"amount": f"{amount:,.2f}", "cap": f"{cap:,.2f}"}
    yield Check(_("%(amount)s yuan of at most %(cap)s yuan.") % facts, OK)


def _period(case: Case, start: date | None, end: date | None) -> Iterable[Check]:
    if start is None or end is None or end < start:
        return
    months, days = months_between(start, end)
    text = ngettext("%(count)s month", "%(count)s months", months) % {"count": months}
    if days:
        text += " " + ngettext("%(count)s day", "%(count)s days", days) % {
            "count": days
        }
    facts = {
        "length": text,
        "first": start.isoformat(),
        "last": end.isoformat(),
    }
    said = _("%(first)s to %(last)s, both days counted: %(length)s.") % facts
    errors = period_errors(
        case.round, rules_of(case), {"period_start": start, "period_end": end}
    )
    yield Check(said, WRONG if errors else OK)
    for message in {m for found in errors.values() for m in found}:
        yield Check(message, WRONG)


def _budget(
    rules: Rules, rows: list[dict[str, Any]], amount: Decimal | None
) -> Iterable[Check]:
    granted = granted_sum(rows)
    total = sum((row["amount"] for row in rows), Decimal("0.00"))
    facts = {
        "granted": f"{granted:,.2f}",
        "own": f"{total - granted:,.2f}",
        "total": f"{total:,.2f}",
    }
    yield Check(
        _(
            "Paid by the grant %(granted)s yuan, self-raised %(own)s yuan, "
            "together %(total)s yuan."
        )
        % facts,
        OK,
    )
    if amount is None or amount <= 0:
        return
    if granted == amount:
        yield Check(_("The grant's rows equal the amount asked for."), OK)
    else:
        facts = {
            "difference": f"{abs(granted - amount):,.2f}",
            "amount": f"{amount:,.2f}",
        }
        text = (
            _("%(difference)s yuan more than the %(amount)s yuan asked for.")
            if granted > amount
            else _("%(difference)s yuan of the %(amount)s yuan asked for are missing.")
        )
        yield Check(text % facts, WRONG)
    heads = BudgetLine.Head
    states = {"block": WRONG, "warn": WARN, "off": OK}
    staff, admin = states[rules.staff_share_mode], states[rules.admin_share_mode]
    yield _share(rows, heads.STAFF, amount, _("Staff"), rules.staff_share_max, staff)
    yield _share(
        rows, heads.ADMIN, amount, _("Administration"), rules.admin_share_max, admin
    )


def _share(
    rows: list[dict[str, Any]],
    head: str,
    amount: Decimal,
    label: str,
    most: Decimal,
    over: str,
) -> Check:
    """One head's share of the grant against its limit."""
    spent, limit = granted_sum(rows, head), share_limit(amount, most)
    text = _(
        "%(head)s: %(spent)s yuan, %(share)s per cent of the grant; "
        "at most %(limit)s yuan (%(most)s per cent)."
    ) % {
        "head": label,
        "spent": f"{spent:,.2f}",
        "share": f"{spent * 100 / amount:.1f}",
        "limit": f"{limit:,.2f}",
        "most": f"{(most * 100).normalize():f}",
    }
    return Check(text, over if spent > limit else OK)


def _activities(rows: list[dict[str, Any]]) -> Iterable[Check]:
    facts = {
        "times": f"{sum(row['times'] for row in rows):,}",
        "persons": f"{sum(row['attendances'] for row in rows):,}",
    }
    yield Check(_("Together %(times)s times and %(persons)s person-times.") % facts, OK)


def _links(
    budget: list[dict[str, Any]], activities: list[dict[str, Any]]
) -> Iterable[Check]:
    """Which activities have no money, and which money no activity; warnings."""
    unpaid, loose = link_gaps(budget, activities)
    if unpaid:
        names = _("; ").join(unpaid)
        text = _("No line of the budget serves: %(names)s.")
        yield Check(text % {"names": names}, WARN)
    if loose:
        names = _("; ").join(loose)
        text = _("These lines of the budget name no activity: %(names)s.")
        yield Check(text % {"names": names}, WARN)
    if not unpaid and not loose:
        yield Check(_("Every activity has money, and every line an activity."), OK)
