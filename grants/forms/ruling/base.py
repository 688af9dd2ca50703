"""Rules as form fields: each field names the path of its rule.

`RulesForm` shows the rules of one version and gives the data of the next. A
path that the version and the default programme both lack is not shown. What
a form does not show stays as it is, also in the rows of its tables.
"""

import copy
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from grants.forms.base import ActionForm
from grants.forms.fields import RowsField
from grants.rules import default_data
from grants.services.rule_checks import MISSING, rule_at, rules_errors


class PercentField(forms.DecimalField):
    """A share of one, shown and typed as per cent."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=5, decimal_places=2, **kwargs)


class AmountField(forms.DecimalField):
    """CNY, kept as a text with two places."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=14, decimal_places=2, **kwargs)


class PointsField(forms.DecimalField):
    """Points; whole ones are kept as whole numbers."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=5, decimal_places=2, **kwargs)


class WholeField(forms.IntegerField):
    """A count; its bounds are those of rule_checks."""


def shown(made: forms.Field, value: Any) -> Any:
    """A rule as its field shows it."""
    if value is None or value == "":
        return value
    if isinstance(made, RowsField):
        columns = made.row_form.base_fields
        if made_of_one(made) and not any(isinstance(row, dict) for row in value):
            value = [{next(iter(columns)): item} for item in value]
        return [
            {name: shown(cell, row.get(name, "")) for name, cell in columns.items()}
            for row in value
        ]
    if isinstance(made, PercentField):
        return f"{(Decimal(str(value)) * 100).normalize():f}"
    return value


def kept(made: forms.Field, value: Any, before: Any = None) -> Any:
    """What a field says, as the rules keep it."""
    if isinstance(made, RowsField):
        return kept_rows(made, value or [], before)
    if isinstance(made, PercentField) and value is not None:
        return share_text(value / 100)
    if isinstance(made, AmountField) and value is not None:
        return f"{value:.2f}"
    if isinstance(made, PointsField) and value is not None:
        return int(value) if value == int(value) else str(value)
    return value


def kept_rows(made: RowsField, rows: list[dict[str, Any]], before: Any) -> list[Any]:
    """A table's rows; what a row of the same code held beside them stays."""
    columns = made.row_form.base_fields
    out = [{n: kept(cell, row.get(n)) for n, cell in columns.items()} for row in rows]
    if made_of_one(made):
        (only,) = columns
        return [row[only] for row in out]
    old = {row.get("code"): row for row in before or [] if isinstance(row, dict)}
    return [old.get(row.get("code"), {}) | row for row in out]


def made_of_one(made: RowsField) -> bool:
    """Whether a table has one column: then the rules hold a plain list."""
    return len(made.row_form.base_fields) == 1


def share_text(share: Decimal) -> str:
    """A share with two to four places: "0.50", "0.125"."""
    text = f"{share:.4f}".rstrip("0")
    whole, _dot, places = text.partition(".")
    return f"{whole}.{places.ljust(2, '0')}"


def put(data: dict[str, Any], path: str, value: Any) -> None:
    """Set the value at a dotted path, making the sections it needs."""
    *sections, last = path.split(".")
    for part in sections:
        data = data.setdefault(part, {})
    data[last] = value


class RulesForm(ActionForm):
    """One subject; `target` is the version that it starts from.

    `reason` and `base` are of the act: why, and which version one saw.
    """

    subject: Any = ""
    intro: Any = ""
    #: field → path of the rule
    paths: dict[str, str] = {}

    def prepare(self) -> None:
        self.fields["reason"] = forms.CharField(
            label=_("Why the rules change"), max_length=200
        )
        self.fields["base"] = forms.IntegerField(widget=forms.HiddenInput())
        self.topics = [
            (self.subject, list(self.paths)),
            (_("This change"), ["reason", "base"]),
        ]
        values: dict[str, Any] = {"base": self.target.version}
        for name, path in self.paths.items():
            value = rule_at(self.target.data, path)
            if value is MISSING:
                value = rule_at(default_data(), path)
            if value is MISSING and self.fields[name].required:
                del self.fields[name]
            elif value is not MISSING:
                values[name] = shown(self.fields[name], value)
        self.initial = values

    def data_after(self) -> dict[str, Any]:
        """The data of the next version; valid forms only."""
        data = copy.deepcopy(self.target.data)
        for name, path in self.paths.items():
            if name not in self.cleaned_data:
                continue
            before = rule_at(data, path, rule_at(default_data(), path, None))
            value = kept(self.fields[name], self.cleaned_data[name], before)
            if same(before, value) or (before is None and value in (None, "", [])):
                continue
            section = path.split(".")[0]  # one that is new comes whole
            if section not in data and section in default_data():
                data[section] = copy.deepcopy(default_data()[section])
            put(data, path, value)
        return data

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        mine = {path: name for name, path in self.paths.items()}
        found = {}
        for path, messages in rules_errors(self.data_after()).items():
            owner = next((p for p in mine if path == p or path.startswith(f"{p}.")), "")
            if owner and mine[owner] not in self.errors:
                found[mine[owner] + path[len(owner) :]] = messages
        self.add_paths(found)
        return cleaned


def same(before: Any, after: Any) -> bool:
    """Equal, or the same number written in another way."""
    if before == after:
        return True
    numbers = (int, str)
    if isinstance(before, numbers) and isinstance(after, numbers):
        try:
            return Decimal(str(before)) == Decimal(str(after))
        except ArithmeticError:
            return False
    if isinstance(before, list) and isinstance(after, list):
        pairs = zip(before, after, strict=False)
        return len(before) == len(after) and all(same(b, a) for b, a in pairs)
    return False
