"""Two versions of the rules side by side: rule, before, after."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from grants.application_sheet import text_of
from grants.forms.fields import RowsField
from grants.forms.ruling import SUBJECTS, RulesForm
from grants.forms.ruling.base import PercentField, made_of_one, same, shown
from grants.services.rule_checks import rule_at


@dataclass(frozen=True)
class Difference:
    """One rule that differs; texts as people read them, "" where there is none."""

    subject: str
    rule: str
    before: str
    after: str


def differences(before: dict[str, Any], after: dict[str, Any]) -> list[Difference]:
    """Every rule that differs, in the order of the subjects; nothing is left out."""
    found, known = [], set()
    for form in SUBJECTS.values():
        for name, path in form.paths.items():
            known.add(path)
            old, new = rule_at(before, path, None), rule_at(after, path, None)
            if not same(old, new):
                found += _of_field(form, form.base_fields[name], old, new)
    for path in sorted(leaves(before) | leaves(after)):
        if any(path == k or path.startswith(f"{k}.") for k in known):
            continue
        old, new = rule_at(before, path, None), rule_at(after, path, None)
        if old != new:
            found.append(Difference(_("Other"), path, plain(old), plain(new)))
    return found


def leaves(data: dict[str, Any], prefix: str = "") -> set[str]:
    """The paths of all values that are not sections."""
    paths: set[str] = set()
    for key, value in data.items():
        path = f"{prefix}{key}"
        paths |= leaves(value, f"{path}.") if isinstance(value, dict) else {path}
    return paths


def plain(value: Any) -> str:
    """A value that no form knows."""
    if value is None:
        return ""
    if isinstance(value, list):
        return "; ".join(plain(item) for item in value)
    if isinstance(value, dict):
        return ", ".join(f"{key}: {plain(item)}" for key, item in value.items())
    return str(value)


def _of_field(
    form: type[RulesForm], made: forms.Field, old: Any, new: Any
) -> Iterable[Difference]:
    subject, label = str(form.subject), str(made.label)
    if isinstance(made, RowsField):
        yield from _of_rows(subject, label, made, old or [], new or [])
    else:
        yield Difference(subject, label, words(made, old), words(made, new))


def words(made: forms.Field, value: Any) -> str:
    """A rule's value in the reader's words."""
    text = text_of(made, shown(made, value))
    return f"{text}%" if text and isinstance(made, PercentField) else text


def _of_rows(
    subject: str, label: str, made: RowsField, old: list[Any], new: list[Any]
) -> Iterable[Difference]:
    columns = made.row_form.base_fields
    olds, news = keyed(made, old), keyed(made, new)
    for key in [*olds, *(k for k in news if k not in olds)]:
        was, now_ = olds.get(key), news.get(key)
        if was is None or now_ is None:
            yield Difference(
                subject, f"{label}: {key}", line(columns, was), line(columns, now_)
            )
            continue
        for name, cell in columns.items():
            if not same(was.get(name, ""), now_.get(name, "")):
                yield Difference(
                    subject,
                    f"{label}: {key}, {cell.label}",
                    words(cell, was.get(name)),
                    words(cell, now_.get(name)),
                )
    kept = [key for key in olds if key in news]
    if kept != [key for key in news if key in olds]:
        yield Difference(
            subject,
            _("%(list)s: order") % {"list": label},
            ", ".join(kept),
            ", ".join(news),
        )


def keyed(made: RowsField, rows: list[Any]) -> dict[str, dict[str, Any]]:
    """Rows by their code, source or number."""
    (first, *_others) = made.row_form.base_fields
    if made_of_one(made):
        return {str(n): {first: item} for n, item in enumerate(rows, start=1)}
    return {str(row.get(first, n)): row for n, row in enumerate(rows, start=1)}


def line(columns: dict[str, forms.Field], row: dict[str, Any] | None) -> str:
    """A whole row in one line."""
    if row is None:
        return ""
    return " · ".join(
        text for name, cell in columns.items() if (text := words(cell, row.get(name)))
    )
