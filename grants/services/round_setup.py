"""What a round may be: its calendar, pools, caps, places and questions."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from grants.calendar import end_of
from grants.models import FundPool, Round
from grants.services.questions import question_errors
from organisations.models import LegalForm, Organisation

#: The calendar of a round: each moment lies after the one before it.
MOMENTS = ("opens_at", "closes_at", "review_ends_at", "ends_at")
MIN_NOTICE_DAYS, MAX_NOTICE_DAYS = 5, 15  # X13 and DOMAIN §14.5
TOO_EARLY = {
    "closes_at": gettext_lazy("The call must close after it opens."),
    "review_ends_at": gettext_lazy("The review must end after the call closes."),
    "ends_at": gettext_lazy("The round must end after the review."),
}
POOL_COLUMNS = (
    "source",
    "amount",
    "budget_year",
    "document_no",
    "functional_class",
    "economic_class",
)
#: What a round repeats of its first pool.
OF_FIRST = {
    "fund_source": "source",
    "budget_document": "document_no",
    "functional_class": "functional_class",
    "economic_class": "economic_class",
}
Rows = list[dict[str, Any]]


def round_errors(values: dict[str, Any]) -> dict[str, list[str]]:
    """What is wrong with a round's values, by field; a value may be missing."""
    errors: dict[str, list[str]] = {}
    for before, after in pairwise(MOMENTS):
        if not _ordered(values.get(before), values.get(after)):
            errors[after] = [str(TOO_EARLY[after])]
    errors |= _money_errors(values)
    errors |= _window_errors(values)
    days = values.get("notice_working_days")
    if days is not None and not MIN_NOTICE_DAYS <= days <= MAX_NOTICE_DAYS:
        errors["notice_working_days"] = [
            _("A notice lasts %(min)s to %(max)s working days.")
            % {"min": MIN_NOTICE_DAYS, "max": MAX_NOTICE_DAYS}
        ]
    return errors | question_errors(values.get("questions") or [])


def _money_errors(values: dict[str, Any]) -> dict[str, list[str]]:
    errors: dict[str, list[str]] = {}
    pool, cap, filed = (values.get(n) for n in ("pool", "cap", "cap_filed"))
    if pool is not None and pool <= 0:
        errors["pool"] = [_("The pool must be more than nothing.")]
    if cap is not None and cap <= 0:
        errors["cap"] = [_("The cap must be more than nothing.")]
    elif cap is not None and pool is not None and cap > pool:
        errors["cap"] = [_("The cap of one project is more than the whole pool.")]
    if filed is not None and filed <= 0:
        errors["cap_filed"] = [_("The cap must be more than nothing.")]
    elif filed is not None and cap is not None and filed > cap:
        errors["cap_filed"] = [_("This is more than the cap of the round.")]
    pools = values.get("pools") or []
    for index, row in enumerate(pools):
        if row["amount"] <= 0 and (len(pools) > 1 or "pool" not in errors):
            errors[f"pools.{index}.amount"] = [_("Enter an amount above zero.")]
    return errors


def _window_errors(values: dict[str, Any]) -> dict[str, list[str]]:
    starts: date | None = values.get("project_starts_on")
    ends: date | None = values.get("project_ends_on")
    closes: datetime | None = values.get("closes_at")
    errors = {}
    if starts and closes and end_of(starts) <= closes:
        errors["project_starts_on"] = [_("Projects must start after the call closes.")]
    if starts and ends and ends <= starts:
        errors["project_ends_on"] = [_("Projects must end after they start.")]
    return errors


def _ordered(earlier: datetime | None, later: datetime | None) -> bool:
    return earlier is None or later is None or earlier < later


# -- pools -----------------------------------------------------------------------


def pool_rows(round_: Round) -> Rows:
    """The pools of a round, by column."""
    return [
        {column: getattr(pool, column) for column in POOL_COLUMNS}
        for pool in round_.pools.all()
    ]


def sum_of(rows: Iterable[dict[str, Any]]) -> Decimal:
    """CNY of several pools together."""
    return sum((Decimal(row["amount"]) for row in rows), Decimal("0.00"))


def spread_pools(fields: dict[str, Any], round_: Round | None = None) -> Rows | None:
    """Take the pools out of a round's fields, and fill in what it repeats of them.

    Without any, `pool`, `fund_source` and `budget_document` make the one pool
    that a new round has, or change the only one; None changes nothing.
    """
    rows = fields.pop("pools", None)
    if rows:
        fields["pool"] = sum_of(rows)
        fields |= {n: rows[0].get(c, "") for n, c in OF_FIRST.items()}
        return rows
    if round_ is not None and (round_.pools.count() != 1 or not set(fields) & ONE_POOL):
        return None
    old = pool_rows(round_)[0] if round_ is not None else {}
    new = {c: fields[n] for n, c in OF_FIRST.items() if fields.get(n) is not None}
    if fields.get("pool") is not None:
        new["amount"] = fields["pool"]
    year = {"budget_year": fields["year"]} if "year" in fields and not old else {}
    return [old | year | new]


ONE_POOL = {"pool", *OF_FIRST}


def write_pools(round_: Round, rows: Rows | None) -> None:
    """Write a round's pools anew, in their order; None leaves them."""
    if rows is None or rows == pool_rows(round_):
        return
    round_.pools.all().delete()
    FundPool.objects.bulk_create(
        FundPool(round=round_, position=position, **row)
        for position, row in enumerate(rows, start=1)
    )


def cap_of(round_: Round, organisation: Organisation | None) -> Decimal:
    """CNY that one project may ask for: filed organisations may have less (X38)."""
    filed = organisation is not None and organisation.legal_form == LegalForm.FILED
    return round_.cap_filed if filed and round_.cap_filed is not None else round_.cap


# -- last year's round -----------------------------------------------------------


def a_year_later(moment: Any) -> Any:
    """The same day and time of the next year; 28 February for the 29th."""
    try:
        return moment.replace(year=moment.year + 1)
    except ValueError:
        return moment.replace(year=moment.year + 1, day=28)


def copied_values(round_: Round, names: Iterable[str]) -> dict[str, Any]:
    """A round's values for the next year: dates shifted, the year in its names."""
    old, new = str(round_.year), str(round_.year + 1)
    out: dict[str, Any] = {}
    for name in names:
        value = getattr(round_, name)
        if isinstance(value, datetime | date):
            value = a_year_later(value)
        elif name in ("code", "title_zh", "title_en"):
            value = value.replace(old, new)
        out[name] = value
    if out.get("code") == round_.code:
        out["code"] = ""
    out["year"] = round_.year + 1
    return out
