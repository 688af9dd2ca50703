"""Before and after: what a correction or the revised plan changed.

Compared in the words of the application sheet, so that both sides read alike.
"""

import json
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any

from django import forms

from grants.application_sheet import SheetTable, answer_of, plan_sheet
from grants.forms.applying import ApplicationForm
from grants.models import BudgetLine, Case
from grants.services.applying import stored_values
from grants.services.proposal import PLAN, as_typed

SAME, ADDED, REMOVED = "same", "added", "removed"


@dataclass(frozen=True)
class Difference:
    """One corrected field: two texts, or a table's rows with what became of each."""

    label: str
    before: str = ""
    after: str = ""
    columns: list[str] = field(default_factory=list)
    rows: list[tuple[str, list[str]]] = field(default_factory=list)

    @property
    def is_unchanged(self) -> bool:
        changed = any(state != SAME for state, _cells in self.rows)
        return not changed if self.columns else self.before == self.after


def differences_of(case: Case) -> list[Difference]:
    """What the last correction changed, field by field, in the form's order."""
    kept = case.application.handed_in_before
    if not kept or case.application.fields_to_correct:
        return []
    before = json.loads(kept)
    form = ApplicationForm(target=case, by=None)
    after = stored_values(case)
    after["district"] = case.district.code if case.district else ""
    return [
        difference_of(made, name, before[name], as_typed(after[name]))
        for name, made in form.fields.items()
        if name in before
    ]


def plan_differences(case: Case) -> list[Difference]:
    """What the revised plan changes of what was asked for, table by table."""
    asked = dict(plan_sheet(case, BudgetLine.Kind.REQUEST))
    return [
        Difference(label, columns=new.columns, rows=row_changes(asked[label], new))
        for label, new in plan_sheet(case, PLAN)
    ]


def difference_of(made: forms.Field, name: str, before: Any, after: Any) -> Difference:
    """One field before and after, both as typed values."""
    label, old = answer_of(made, name, before)
    _label, new = answer_of(made, name, after)
    if isinstance(old, SheetTable) and isinstance(new, SheetTable):
        return Difference(label, columns=old.columns, rows=row_changes(old, new))
    return Difference(label, before=str(old), after=str(new))


def row_changes(old: SheetTable, new: SheetTable) -> list[tuple[str, list[str]]]:
    """The rows of both tables in order: the same, taken away, added."""
    matcher = SequenceMatcher(
        a=[tuple(r) for r in old.rows], b=[tuple(r) for r in new.rows], autojunk=False
    )
    found: list[tuple[str, list[str]]] = []
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag == "equal":
            found += [(SAME, row) for row in old.rows[i1:i2]]
            continue
        found += [(REMOVED, row) for row in old.rows[i1:i2]]
        found += [(ADDED, row) for row in new.rows[j1:j2]]
    return found
