"""Words for the rows of the record: what a table, a field and a value are called.

The record keeps tables, columns and canonical values; people read the names of
the forms, money with two decimals, days and moments as everywhere else.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import models
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from audit.asof import ERASED, Row, Rows
from audit.canon import decode
from audit.tables import tables
from desk.record_labels import HIDDEN, LABELS, TITLES
from desk.wording import (
    DOCUMENT_KINDS,
    action_label,
    document_kind,
    group_label,
    role_label,
)
from grants.accounts import masked
from grants.models import Case, ProgrammeRules, StageKind
from grants.paper_rules import requirement_of
from grants.rules import in_language, required_papers
from grants.services.eligibility import label_of

#: Columns whose choices are not declared on the field.
ORGANISATIONS = "organisations_organisation"
DOCUMENTS = "attachments_document"
ROLES = get_user_model().groups.through._meta.db_table
#: Numbers of accounts: of these, who oversees reads the last figures (grants.accounts).
ACCOUNTS = ("account", "bank_account")
STATUS_COLUMNS = ("ended_as", "back_to")


def table_label(table: str) -> str:
    """What a row of a table is called: "tranche" for "grants_tranche"."""
    if table == ROLES:
        return _("Role of a person")
    known = tables().get(table)
    return capfirst(str(known.model._meta.verbose_name)) if known else table


def field_label(table: str, column: str) -> str:
    """What a column is called in the reader's language."""
    known = tables().get(table)
    field = known.fields.get(column) if known else None
    if field is None:
        return column
    named = LABELS.get(f"{table}.{field.name}")
    if named is None and isinstance(field.verbose_name, Promise):
        named = field.verbose_name
    if named is None:
        named = LABELS.get(field.name, field.verbose_name)
    return capfirst(str(named))


@cache
def shown_columns(table: str) -> tuple[str, ...]:
    """The columns of a table that mean something to people, in their order."""
    known = tables()[table]
    return tuple(
        column
        for column, field in known.fields.items()
        if not field.primary_key
        and field.name not in HIDDEN
        and column not in known.secret
    )


class Words:
    """Values of rows as words; names behind keys are fetched once for all.

    rules: the versions under which the cases among them run.
    known: names that the caller has; people_only: only people are looked up.
    sides: everything that will be shown, so that one query per table finds the
    names; keys of rows that are among them are called by their own titles.
    """

    def __init__(
        self,
        rules: Iterable[ProgrammeRules],
        *sides: Rows,
        known: dict[tuple[str, Any], str] | None = None,
        people_only: bool = False,
    ) -> None:
        self.rows: Rows = {}
        for side in sides:
            self.rows |= side
        self.names = dict(known or {})
        self.names |= self._names(people_only)
        self.codes: dict[tuple[str, str, Any], str] = {}
        for version in rules:
            self.codes |= codes_of(version.data)

    def _names(self, people_only: bool) -> dict[tuple[str, Any], str]:
        wanted: dict[type[models.Model], set[Any]] = defaultdict(set)
        for (table, _pk), row in self.rows.items():
            for column, model in foreign_keys(table).items():
                key = row.get(column)
                place = model._meta.db_table, key
                if key is None or self._is_here(place) or place in self.names:
                    continue
                if model is get_user_model() or not people_only:
                    wanted[model].add(key)
        return {
            (model._meta.db_table, pk): name_of(found)
            for model, keys in wanted.items()
            for pk, found in model._base_manager.in_bulk(list(keys)).items()
        }

    def _is_here(self, place: tuple[str, Any]) -> bool:
        """Whether a row is among those shown, and is called by what stands in it."""
        return place in self.rows and place[0] in (*TITLES, ORGANISATIONS)

    def person(self, pk: int) -> str:
        """A person's name, of those whom the rows name."""
        return self.names.get((get_user_model()._meta.db_table, pk), f"{pk}")

    def title(self, table: str, row: Row) -> str:
        """What a row is called among those of its table; "" for a lone one."""
        named = [self.value(table, column, row) for column in TITLES.get(table, ())]
        return " · ".join(word for word in named if word != "–")

    def value(self, table: str, column: str, row: Row) -> str:
        """One value of a row in words; "–" for none."""
        return self.word(table, column, row.get(column))

    def word(self, table: str, column: str, value: Any) -> str:
        """A canonical value of a column in words."""
        if value is ERASED:
            return _("erased")
        if value in (None, "", [], {}):
            return "–"
        field = tables()[table].fields.get(column)
        if field is None:
            return str(value)
        if column in ACCOUNTS:
            return masked(str(value))
        if field.remote_field:
            return self._name(field, value)
        coded = self._coded(table, column, value)
        return plain_word(field, value) if coded is None else coded

    def _name(self, field: models.Field, key: Any) -> str:
        table = field.related_model._meta.db_table
        if self._is_here((table, key)):
            row = self.rows[table, key]
            return row["name"] if table == ORGANISATIONS else self.title(table, row)
        return self.names.get((table, key), f"{table_label(table)} {key}")

    def _coded(self, table: str, column: str, value: Any) -> str | None:
        """Codes whose words stand in the rules or in the desk's own lists."""
        if column == "action":
            return action_label(value)
        if column in ("role", "membership_role") and table != "grants_teammember":
            return role_label(value)
        if table == DOCUMENTS and column == "kind":
            return self.codes.get((table, column, value)) or document_kind(value)
        if column in STATUS_COLUMNS:
            field = Case._meta.get_field("status")
            return dict(field.flatchoices).get(value, value)
        return self.codes.get((table, column, value)) if is_code(value) else None


def codes_of(data: dict[str, Any]) -> dict[tuple[str, str, Any], str]:
    """Codes of a programme's rules with their words: criteria, rules, papers."""
    found: dict[tuple[str, str, Any], str] = {}
    for rule in data.get("eligibility", []):
        found["grants_eligibilitycheck", "rule", rule["code"]] = label_of(rule)
    for criterion in data.get("review", {}).get("criteria", []):
        key = "grants_score", "criterion", criterion["code"]
        found[key] = in_language(criterion)
    for category in data.get("call", {}).get("categories", []):
        key = "grants_application", "category", category["code"]
        found[key] = in_language(category)
    for paper in map(requirement_of, required_papers(data)):
        if paper.kind not in DOCUMENT_KINDS:
            called = in_language({"zh": paper.zh, "en": paper.en})
            found[DOCUMENTS, "kind", paper.kind] = called
    for kind in StageKind.values:
        for dimension in (data.get("evaluation") or {}).get(kind, []):
            key = "grants_stagescore", "dimension", dimension["code"]
            found[key] = in_language(dimension)
    return found


def is_code(value: Any) -> bool:
    return isinstance(value, str | int)


def name_of(row: models.Model) -> str:
    """What a row is called elsewhere; a group by its programme and role."""
    return group_label(row.name) if isinstance(row, Group) else str(row)


@cache
def foreign_keys(table: str) -> dict[str, type[models.Model]]:
    """The columns of a table that name rows of others, with their models."""
    known = tables().get(table)
    if known is None:
        return {}
    return {
        column: field.related_model
        for column, field in known.fields.items()
        if field.remote_field and field.name not in HIDDEN
    }


def plain_word(field: models.Field, value: Any) -> str:
    """A value by the kind of its field: choices, money, days, moments."""
    found = decode(field, value)
    if isinstance(field, models.JSONField):
        return words_of_json(found)
    choices = dict(field.flatchoices)
    if value in choices:
        return str(choices[value])
    if isinstance(found, bool):
        return _("Yes") if found else _("No")
    if isinstance(field, models.DecimalField):
        is_money = field.max_digits == 14
        return f"{found:,.2f}" if is_money else f"{found.normalize():f}"
    if isinstance(found, dt.datetime):
        return localtime(found).strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(found, dt.date):
        return found.isoformat()
    return str(found)


def words_of_json(value: Any) -> str:
    """A JSON value as lines of plain text."""
    if isinstance(value, dict):
        return "\n".join(f"{key}: {words_of_json(v)}" for key, v in value.items())
    if isinstance(value, Iterable) and not isinstance(value, str):
        return ", ".join(words_of_json(v) for v in value)
    return "–" if value in (None, "") else str(value)
