"""What is wrong with a programme's rules, by path of the rule.

    rules_errors(data) -> {"review.criteria.2.weight": ["…"]}

The pages of the rules and the service that makes a version ask the same.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from grants.models import BudgetLine, Tier
from grants.services.paper_checks import paper_errors

Errors = dict[str, list[str]]
#: Bounds of whole numbers: path → (least, most).
WHOLE: dict[str, tuple[int, int]] = {
    "call.correction_times": (0, 5),
    "call.correction_working_days": (1, 60),
    "call.screening_working_days": (1, 120),
    "call.max_applications_per_org": (1, 20),
    "call.team_min": (1, 50),
    "call.cycle_months.min": (1, 60),
    "call.cycle_months.max": (1, 60),
    "review.panel_size": (1, 15),
    "review.min_finance_experts": (0, 15),
    "review.trim_high_low_when_at_least": (0, 15),
    "review.alternates": (0, 10),
    "notice.working_days": (5, 15),
    "revision.working_days": (1, 120),
    "agreement.working_days": (1, 120),
    "tracking.min_visits": (0, 50),
    "tracking.report_grace_working_days": (0, 60),
    "tracking.rectify_working_days": (1, 120),
    "termination.clawback_working_days": (1, 250),
    "termination.excluded_years": (0, 10),
    "change.extension_months_max": (0, 24),
    "change.extensions_max": (0, 5),
}
#: Shares of one, written as texts ("0.30").
SHARES = (
    "ring_fence.share",
    "budget.staff_share_of_grant_max",
    "budget.admin_share_max",
    "change.budget_free_share",
    "evaluation.comment_below",
    "evaluation.satisfaction_min",
)
#: Points of a hundred.
POINTS = ("review.pass_mark", "tracking.pass", "evaluation.adjustment_max")
AMOUNTS = ("disbursement.officer_up_to", "disbursement.leader_above")
MODES = ("block", "warn", "off")
#: What becomes of office files with macros.
MACROS = ("refuse", "accept")
STAGES = ("INITIAL", "MID", "FINAL")
#: Stages that may be evaluated by dimensions.
EVALUATED = ("MID", "FINAL")
#: Came after the first versions: who has none is not wrong.
LATER = (
    "call.team_min",
    "call.screening_working_days",
    "review.alternates",
    "evaluation",
    "disbursement.officer_up_to",
    "ring_fence",
    "termination",
    "change",
)
MISSING = object()


def rule_at(data: Any, path: str, default: Any = MISSING) -> Any:
    """The value at a dotted path, or the default."""
    for part in path.split("."):
        if not isinstance(data, dict) or part not in data:
            return default
        data = data[part]
    return data


def rules_errors(data: dict[str, Any]) -> Errors:
    """Everything that is wrong with a version's data; nothing is changed."""
    found = _Findings(data)
    for path, bounds in WHOLE.items():
        found.number(path, *bounds, whole=True)
    for path in POINTS:
        found.number(path, 0, 100)
    for path in SHARES:
        found.number(path, 0, 1, shown=percent)
    for path in AMOUNTS:
        found.number(path, 0, 10**11)
    for check in (
        _call,
        _fence,
        _panel,
        _criteria,
        _shares,
        _chain,
        _stages,
        _dimensions,
        _budget,
        _sources,
        _bands,
        _checklist,
        _documents,
    ):
        check(found)
    return found.errors


def percent(share: Any) -> str:
    """A share of one as people read it: 0.3 is 30."""
    return f"{(Decimal(share) * 100).normalize():f}"


@dataclass
class _Findings:
    """Errors so far, and safe ways to read the data."""

    data: dict[str, Any]

    def __post_init__(self) -> None:
        self.errors: Errors = {}

    def add(self, path: str, message: str) -> None:
        self.errors.setdefault(path, []).append(message)

    def get(self, path: str) -> Any:
        return rule_at(self.data, path, None)

    def right(self, *paths: str) -> bool:
        """Whether none of these is known to be wrong, and all are there."""
        return all(p not in self.errors and self.get(p) is not None for p in paths)

    def rows(self, path: str) -> list[dict[str, Any]]:
        value = self.get(path)
        if isinstance(value, list) and all(isinstance(row, dict) for row in value):
            return value
        self.add(path, _("Enter a list of rows."))
        return []

    def number(
        self,
        path: str,
        least: int,
        most: int,
        *,
        whole: bool = False,
        shown: Callable[[Any], str] = str,
    ) -> None:
        value = rule_at(self.data, path)
        if value is MISSING:
            if not any(path == p or path.startswith(f"{p}.") for p in LATER):
                self.add(path, _("This rule is missing."))
            return
        if message := number_error(value, least, most, whole=whole, shown=shown):
            self.add(path, message)


def number_error(
    value: Any,
    least: int,
    most: int,
    *,
    whole: bool = False,
    shown: Callable[[Any], str] = str,
) -> str | None:
    """Why a value is no number between two others, or None."""
    number = decimal_of(value)
    if number is None or (whole and number != int(number)):
        return _("Enter a whole number.") if whole else _("Enter a number.")
    if not least <= number <= most:
        return _("Enter a number from %(least)s to %(most)s.") % {
            "least": shown(least),
            "most": shown(most),
        }
    return None


def decimal_of(value: Any) -> Decimal | None:
    """A finite number, or None."""
    if isinstance(value, bool) or value is None:
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def total(numbers: Iterable[Decimal]) -> Decimal:
    return sum(numbers, Decimal(0))


# -- rules across values -------------------------------------------------------------


def _call(found: _Findings) -> None:
    low, high = "call.cycle_months.min", "call.cycle_months.max"
    if found.right(low, high) and found.get(low) > found.get(high):
        found.add(high, _("The longest project is shorter than the shortest."))
    _coded_rows(found, "call.categories", required=("zh", "en"))


def _fence(found: _Findings) -> None:
    if not found.get("ring_fence"):
        return
    if found.get("ring_fence.tier") not in ("", *Tier.values):
        found.add("ring_fence.tier", _("Choose a tier."))


def _panel(found: _Findings) -> None:
    size, finance = "review.panel_size", "review.min_finance_experts"
    trim = "review.trim_high_low_when_at_least"
    if found.right(size, finance) and found.get(finance) > found.get(size):
        found.add(finance, _("These are more experts than a panel has."))
    if not found.right(size, trim):
        return
    least = found.get(trim)
    if 0 < least < 3:
        found.add(
            trim, _("Without the highest and the lowest, one score must be left: 3.")
        )
    elif least > found.get(size):
        found.add(
            trim,
            _("A panel has %(size)s scores: this would never happen. Enter 0 for that.")
            % {"size": found.get(size)},
        )


def _criteria(found: _Findings) -> None:
    _weighted_rows(found, "review.criteria")


def _dimensions(found: _Findings) -> None:
    """Weights of an evaluation; without rows a stage gets one plain score."""
    for stage in EVALUATED:
        if found.get(f"evaluation.{stage}"):
            _weighted_rows(found, f"evaluation.{stage}")


def _weighted_rows(found: _Findings, path: str) -> None:
    """Coded rows whose weights add up to a hundred."""
    rows = _coded_rows(found, path, required=("zh", "en"))
    weights: list[Decimal] = []
    for index, row in enumerate(rows):
        message = number_error(row.get("weight"), 1, 100)
        if message:
            found.add(f"{path}.{index}.weight", message)
        else:
            weights.append(Decimal(str(row["weight"])))
    if rows and len(weights) == len(rows) and total(weights) != 100:
        found.add(
            path,
            _("The weights add up to %(total)s; they must be 100.")
            % {"total": f"{total(weights).normalize():f}"},
        )


def _shares(found: _Findings) -> None:
    path = "disbursement.shares"
    shares = found.get(path)
    if not isinstance(shares, list) or not 2 <= len(shares) <= 6:
        found.add(path, _("Enter two to six payments."))
        return
    numbers = []
    for index, share in enumerate(shares):
        number = decimal_of(share)
        if number is None or not 0 < number < 1:
            found.add(
                f"{path}.{index}.share",
                _("Enter a share above 0 and below 100 per cent."),
            )
        else:
            numbers.append(number)
    if len(numbers) == len(shares) and total(numbers) != 1:
        found.add(
            path,
            _("The payments add up to %(total)s per cent; they must be 100.")
            % {"total": percent(total(numbers))},
        )


def _chain(found: _Findings) -> None:
    """Each office of the approval has amounts of its own above the one before."""
    low, high = "disbursement.officer_up_to", "disbursement.leader_above"
    if found.right(low, high):
        if Decimal(str(found.get(low))) > Decimal(str(found.get(high))):
            found.add(high, _("This is less than the amount of the officer."))


def _stages(found: _Findings) -> None:
    before = Decimal(-1)
    for stage in STAGES:
        path = f"tracking.opens_at_share.{stage}"
        found.number(path, 0, 1, shown=percent)
        if not found.right(path):
            return
        share = Decimal(str(found.get(path)))
        if share <= before:
            found.add(path, _("A stage opens after the one before it."))
        before = share


def _budget(found: _Findings) -> None:
    if found.get("budget.staff_share_mode") not in MODES:
        found.add("budget.staff_share_mode", _("Choose what happens."))
    heads = found.get("budget.forbidden_heads")
    if not isinstance(heads, list) or set(heads) - set(BudgetLine.Head.values):
        found.add("budget.forbidden_heads", _("Choose budget heads."))
    elif len(set(heads)) == len(BudgetLine.Head.values):
        found.add("budget.forbidden_heads", _("Something must be allowed."))


def _sources(found: _Findings) -> None:
    path = "budget.sources"
    if found.get(path) is None:
        return
    rows = found.rows(path)
    names = Counter(str(row.get("source", "")).strip() for row in rows)
    for index, row in enumerate(rows):
        name = str(row.get("source", "")).strip()
        if not name:
            found.add(f"{path}.{index}.source", _("Name the fund source."))
        elif names[name] > 1:
            found.add(f"{path}.{index}.source", _("This fund source stands twice."))
        for column in ("staff_share_of_grant_max", "admin_share_max"):
            message = number_error(row.get(column), 0, 1, shown=percent)
            if message:
                found.add(f"{path}.{index}.{column}", message)
        for column in ("staff_share_mode", "admin_share_mode"):
            if row.get(column, "block") not in MODES:
                found.add(f"{path}.{index}.{column}", _("Choose what happens."))


def _bands(found: _Findings) -> None:
    path = "closing.bands"
    rows = _coded_rows(found, path, required=("zh", "en"))
    marks = []
    for index, row in enumerate(rows):
        if message := number_error(row.get("min"), 0, 100):
            found.add(f"{path}.{index}.min", message)
        else:
            marks.append(Decimal(str(row["min"])))
    if not rows or len(marks) < len(rows):
        return
    for index in range(1, len(marks)):
        if marks[index] >= marks[index - 1]:
            found.add(
                f"{path}.{index}.min", _("The bands go down from the highest mark.")
            )
    if marks[-1] != 0:
        found.add(f"{path}.{len(marks) - 1}.min", _("The lowest band begins at 0."))


def _checklist(found: _Findings) -> None:
    if found.get("eligibility") is not None:
        _coded_rows(found, "eligibility", required=("zh", "en"))


def _coded_rows(
    found: _Findings, path: str, *, required: Iterable[str]
) -> list[dict[str, Any]]:
    """Rows with a code each, once, and with their words in both languages."""
    rows = found.rows(path)
    if not rows and path not in found.errors:
        found.add(path, _("Enter at least one row."))
    codes = Counter(str(row.get("code", "")) for row in rows)
    for index, row in enumerate(rows):
        code = str(row.get("code", ""))
        if not code:
            found.add(f"{path}.{index}.code", _("This field is required."))
        elif codes[code] > 1:
            found.add(f"{path}.{index}.code", _("This code stands twice."))
        for column in required:
            if not str(row.get(column, "")).strip():
                found.add(f"{path}.{index}.{column}", _("This field is required."))
    return rows


def _documents(found: _Findings) -> None:
    """Not in older rules, where macros are refused."""
    macros = rule_at(found.data, "documents.macros", MACROS[0])
    if macros not in MACROS:
        found.add("documents.macros", _("Choose one of the answers."))
    path = "documents.required"
    if found.get(path):
        rows = _coded_rows(found, path, required=("zh", "en"))
        for index, row in enumerate(rows):
            for column, message in paper_errors(row).items():
                found.add(f"{path}.{index}.{column}", message)
