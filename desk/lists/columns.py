"""One column of a list."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Any

from django.db.models import DecimalField, F, QuerySet, Value
from django.db.models.functions import Coalesce

from grants.money import fen

#: Yuan in a wan (万元).
WAN = Decimal(10_000)


class Kind(Enum):
    """How a column is written and lined up."""

    TEXT = "text"
    MONEY = "money"
    NUMBER = "number"
    DATE = "date"


class Unit(Enum):
    """What amounts are shown in; both lose nothing."""

    YUAN = "yuan"
    WAN = "wan"

    def of(self, amount: Decimal) -> Decimal:
        """An amount of CNY in this unit: 160,675.68 → 16.067568."""
        return amount / WAN if self is Unit.WAN else amount


@dataclass(frozen=True)
class Column:
    """Header, kind and where the value comes from.

    ``value`` reads it from a row. With an ``expression`` the database computes
    it (and sums it, for MONEY), and ``value`` only puts it into words.
    ``select`` names what ``value`` follows, so that a list costs the same
    whatever its length.
    """

    key: str
    label: Any
    kind: Kind = Kind.TEXT
    value: Callable[[Any], Any] | None = None
    expression: Any = None
    select: tuple[str, ...] = ()
    #: Who may read it must hold one of these on every programme of the list.
    permissions: tuple[str, ...] = ()

    @property
    def alias(self) -> str:
        """The name of the annotation."""
        return f"col_{self.key}"

    @property
    def sums(self) -> bool:
        return self.kind is Kind.MONEY

    def of(self, row: Any) -> Any:
        """The value for a row: str, Decimal, int, date or None."""
        found = row if self.expression is None else getattr(row, self.alias)
        if self.kind is Kind.MONEY and isinstance(found, Decimal):
            found = fen(found)  # SQLite computes in floats
        return self.value(found) if self.value else found


def money(key: str, label: Any, expression: Any, *, none: bool = False) -> Column:
    """An amount of CNY that the database knows; ``none`` keeps empty ones empty."""
    if isinstance(expression, str):
        expression = F(expression)
    if not none:
        expression = Coalesce(expression, Value(Decimal("0.00")), output_field=AMOUNT)
    return Column(key, label, Kind.MONEY, expression=expression)


AMOUNT: DecimalField = DecimalField(max_digits=14, decimal_places=2)


@dataclass(frozen=True)
class ListKind:
    """One list: its columns and the rows that a person may see in it.

    ``rows`` gets the reader's visible cases; ``default`` names the columns
    that are shown until the reader chooses.
    """

    code: str
    title: Any
    about: Any
    columns: tuple[Column, ...]
    rows: Callable[[QuerySet[Any]], QuerySet[Any]]
    order: tuple[str, ...] = ("pk",)
    hidden: tuple[str, ...] = ()
    #: The list's path to the case, "" where rows are cases.
    case: str = ""

    @property
    def default(self) -> list[str]:
        return [c.key for c in self.columns if c.key not in self.hidden]

    def column(self, key: str) -> Column:
        return next(c for c in self.columns if c.key == key)

    def case_of(self, row: Any) -> Any:
        return getattr(row, self.case) if self.case else row
