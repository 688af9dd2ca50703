"""One list for one reader: the chosen columns, a page of rows, the sums."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet, Sum
from django.http import QueryDict

from desk.forms import CaseFilter
from desk.lists.cases import APPLICATIONS, PROPOSED, REGISTER, SETTLEMENT
from desk.lists.columns import Column, ListKind, Unit
from desk.lists.overdue import OVERDUE
from desk.lists.payments import PAYMENTS
from desk.lists.screening import SCREENING
from desk.models import ListChoice
from grants.money import fen
from grants.permissions import programmes_with
from grants.selectors import cases_visible_to, rounds_visible_to
from organisations.models import User

LISTS: dict[str, ListKind] = {
    kind.code: kind
    for kind in (
        REGISTER,
        APPLICATIONS,
        SCREENING,
        PROPOSED,
        PAYMENTS,
        SETTLEMENT,
        OVERDUE,
    )
}
#: Rows that are read at a time.
CHUNK = 500


def may_read_lists(user: User) -> bool:
    """Offices read lists; applicants and experts have their own cases."""
    return bool(programmes_with(user, "view_cases"))


@dataclass(frozen=True)
class Table:
    """A list as one person sees it now."""

    user: User
    kind: ListKind
    columns: list[Column]
    unit: Unit
    #: The rows before anything was computed for the columns.
    plain: QuerySet[Any]

    @property
    def rows(self) -> QuerySet[Any]:
        return with_columns(self.plain, self.columns).order_by(*self.kind.order)

    def page(self, start: int, size: int) -> list[Any]:
        """Rows from a position on; one more than ``size`` says there is a next."""
        return list(self.rows[start : start + size + 1])

    def all_rows(self) -> Iterator[Any]:
        """Every row, read in chunks so that memory stays bounded."""
        return self.rows.iterator(chunk_size=CHUNK)

    def totals(self) -> dict[str, Decimal]:
        """The sum of each summed column over all rows, CNY: one query."""
        summed = [c for c in self.columns if c.sums]
        if not summed:
            return {}
        found = (
            with_columns(self.plain, summed)
            .order_by()
            .aggregate(**{f"sum_{c.key}": Sum(c.alias) for c in summed})
        )
        return {c.key: fen(found[f"sum_{c.key}"] or Decimal(0)) for c in summed}

    def count(self) -> int:
        return self.plain.order_by().count()


def table_for(
    user: User, kind: ListKind, asked: QueryDict | dict[str, Any]
) -> tuple[Table, CaseFilter]:
    """The list for a reader, cut down by the filters in ``asked``."""
    rounds = list(rounds_visible_to(user)[:200])
    form = CaseFilter(asked or None, rounds=rounds)
    offices = programmes_with(user, "view_cases")
    visible = cases_visible_to(user).filter(round__programme_id__in=offices)
    kind = kind_for(user, kind, set(offices))
    choice = ListChoice.objects.filter(user=user, list=kind.code).first()
    columns = chosen_columns(kind, choice.columns if choice else kind.default)
    unit = Unit(choice.unit) if choice else Unit.YUAN
    return Table(user, kind, columns, unit, kind.rows(form.cut(visible))), form


def kind_for(user: User, kind: ListKind, programmes: set[int]) -> ListKind:
    """The list with those columns that this person may read."""
    asked = {name for c in kind.columns for name in c.permissions}
    held = {name: set(programmes_with(user, name)) for name in asked}

    def may_read(column: Column) -> bool:
        return not column.permissions or programmes <= set().union(
            *(held[name] for name in column.permissions)
        )

    return replace(kind, columns=tuple(c for c in kind.columns if may_read(c)))


def chosen_columns(kind: ListKind, keys: list[str]) -> list[Column]:
    """The columns named, in that order; unknown names are left out."""
    known = {c.key: c for c in kind.columns}
    return [known[k] for k in dict.fromkeys(keys) if k in known] or [
        known[k] for k in kind.default
    ]


def with_columns(rows: QuerySet[Any], columns: list[Column]) -> QuerySet[Any]:
    """Rows with what these columns need, in a fixed number of queries."""
    select = {path for c in columns for path in c.select}
    if select:
        rows = rows.select_related(*sorted(select))
    return rows.annotate(
        **{c.alias: c.expression for c in columns if c.expression is not None}
    )


def save_choice(user: User, kind: ListKind, columns: list[str], unit: Unit) -> None:
    """Keep what this person wants to see of a list."""
    keys = [c.key for c in chosen_columns(kind, columns)]
    ListChoice.objects.update_or_create(
        user=user, list=kind.code, defaults={"columns": keys, "unit": unit.value}
    )


def case_ids(table: Table) -> list[int]:
    """The cases of all rows, in their order, each once."""
    name = f"{table.kind.case}_id" if table.kind.case else "pk"
    return list(dict.fromkeys(table.rows.values_list(name, flat=True)))
