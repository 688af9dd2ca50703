"""What a report says of the indicators, beside what the ledger counts."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from grants.errors import Invalid
from grants.ledger import Ledger, ledgers_of
from grants.models import Indicator, IndicatorResult, Stage


def keep_results(stage: Stage, rows: Iterable[dict[str, Any]]) -> None:
    """What was reached of each indicator; Invalid, by row, for another's."""
    known = {i.pk: i for i in stage.case.indicators.filter(kind="PLAN")}
    rows = list(rows)
    ledger = ledgers_of([stage.case_id], indicators=False)[stage.case_id]
    if errors := unexplained(ledger, known, rows):
        raise Invalid(errors)
    for number, row in enumerate(rows):
        if row["indicator"] not in known:
            message = _("There is no such indicator in the plan.")
            raise Invalid({f"indicators.{number}.indicator": [message]})
        IndicatorResult.objects.update_or_create(
            stage=stage,
            indicator=known[row["indicator"]],
            defaults={
                "case": stage.case,
                "actual": row["actual"],
                "counted": ledger.counted(known[row["indicator"]]),
                "reason": row.get("reason", ""),
            },
        )


def unexplained(
    ledger: Ledger, known: dict[int, Indicator], rows: Iterable[dict[str, Any]]
) -> dict[str, list[str]]:
    """Figures that differ from the ledger without a reason; by path."""
    errors = {}
    for number, row in enumerate(rows):
        indicator = known.get(row["indicator"])
        counted = ledger.counted(indicator) if indicator else None
        reason = (row.get("reason") or "").strip()
        if counted is not None and row["actual"] != counted and not reason:
            message = _("The ledger counts %(counted)s: say why it is another number.")
            errors[f"indicators.{number}.reason"] = [
                message % {"counted": f"{counted.normalize():f}"}
            ]
    return errors
