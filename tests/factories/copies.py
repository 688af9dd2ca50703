"""Many cases from one: copies of a case at every point of its road.

    road = walk_and_keep(case, people, clock)   # the case walks once
    copy_cases(road, upto=10_000)               # 10,000 cases stand along its road

A copy has the rows that the case had at that moment (application, seats, stages,
tranches, open tasks …) with keys of its own. They are written below the triggers:
no event tells of them, and no copy goes on by itself.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any

from django.db import connection, models
from django.db.models import Model
from django.utils.timezone import now

from audit.tables import is_history, managed_models
from audit.testing import as_administrator
from grants.models import Case, Panel
from organisations.models import User
from tests.clock import Clock
from tests.workflows.driver import next_item, next_timer, take
from workflows.models import Process, Task, WorkItem
from workflows.services import sweep

#: Between the keys of a copy and of the next one.
STRIDE = 100_000
#: Cases that one review group reads.
GROUP = 30
#: Links of which each row has its own: a copy has none.
KEPT_APART = ("folder_id", "parent_task_id")
#: Details of a case that no list reads.
LEFT_OUT = {
    "Activity",
    "EligibilityCheck",
    "Closure",
    "Indicator",
    "IndicatorResult",
    "Partner",
    "Score",
    "StageScore",
    "SubmittedForm",
    "TeamMember",
    "Visit",
    "VisitPicture",
}
Row = dict[str, Any]


@dataclass(frozen=True)
class Moment:
    """The rows of a case as they once were, by model."""

    rows: dict[type[Model], list[Row]]

    @cached_property
    def keys(self) -> set[tuple[str, int]]:
        """Table and key of each row."""
        return {
            (model._meta.db_table, row["id"])
            for model, rows in self.rows.items()
            for row in rows
        }


@dataclass
class Road:
    """Where a case has been, each combination of status and open steps once."""

    case: Case
    moments: dict[Any, Moment] = field(default_factory=dict)
    copies: int = 0

    def keep(self) -> None:
        items = WorkItem.objects.filter(case=self.case, closed_at=None)
        key = (self.case.status, frozenset(items.values_list("action", flat=True)))
        if key not in self.moments:
            self.moments[key] = Moment(rows_of(self.case))


def walk_and_keep(case: Case, people: Iterable[User], clock: Clock) -> Road:
    """Work the case until it is archived, and keep every moment on the way."""
    road, people = Road(case), list(people)
    road.keep()
    while case.status != "ARCHIVED":
        if found := next_item(people):
            take(*found)
        else:
            clock.to(max(next_timer(), now()) + dt.timedelta(seconds=1))
            assert sweep()["failed"] == 0
        case.refresh_from_db()
        road.keep()
    return road


# -- rows ----------------------------------------------------------------------------


def owned() -> Iterator[tuple[type[Model], str]]:
    """Every table of what belongs to a case, and its column that says so."""
    yield Case, "id"
    for model in managed_models():
        if is_history(model) or model.__name__ in LEFT_OUT:
            continue
        for each in model._meta.local_fields:
            if each.related_model is Case:
                yield model, each.column
                break


def rows_of(case: Case) -> dict[type[Model], list[Row]]:
    """What belongs to a case now; of the engine only what is open."""
    found = {model: read(model, f'"{name}" = %s', case.pk) for model, name in owned()}
    found[WorkItem] = [row for row in found[WorkItem] if row["closed_at"] is None]
    tasks = {row["task_id"] for row in found[WorkItem]}
    found[Task] = [row for row in found[Task] if row["id"] in tasks]
    processes = {row["process_id"] for row in found[Task]}
    found[Process] = [row for row in found[Process] if row["id"] in processes]
    return found


def read(model: type[Model], where: str, *values: Any) -> list[Row]:
    with connection.cursor() as cursor:
        table = connection.ops.quote_name(model._meta.db_table)
        cursor.execute(f"SELECT * FROM {table} WHERE {where}", values)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def write(model: type[Model], rows: list[Row]) -> None:
    if not rows:
        return
    quote = connection.ops.quote_name
    names = ", ".join(map(quote, rows[0]))
    places = ", ".join("%s" for _name in rows[0])
    table = quote(model._meta.db_table)
    sql = f"INSERT INTO {table} ({names}) VALUES ({places})"
    with connection.cursor() as cursor:
        cursor.executemany(sql, (tuple(map(plain, row.values())) for row in rows))


def plain(value: Any) -> Any:
    """A value as the database itself keeps it (SQLite has no times)."""
    return str(value) if isinstance(value, dt.date | dt.time) else value


# -- copies ----------------------------------------------------------------------------


def copy_cases(road: Road, upto: int) -> None:
    """Copy the kept moments in turn until there are so many cases."""
    moments = list(road.moments.values())
    out: dict[type[Model], list[Row]] = {model: [] for model, _column in owned()}
    panel = read(Panel, '"round_id" = %s', road.case.round_id)[0]
    groups = []
    for _copy in range(Case.objects.count(), upto):
        road.copies += 1
        number = road.copies
        group = panel["id"] + number // GROUP * STRIDE
        if number % GROUP == 0:
            groups.append(panel | {"id": group, "name": f"第{number // GROUP}组"})
        copy_of(moments[number % len(moments)], number, group, out)
    with as_administrator():
        write(Panel, groups)
        for model, rows in out.items():
            write(model, rows)


def copy_of(
    moment: Moment, number: int, group: int, out: dict[type[Model], list[Row]]
) -> None:
    """One more copy: new keys, links to its own rows, texts that differ."""
    shift = number * STRIDE
    for model, rows in moment.rows.items():
        for row in rows:
            new = row | {"id": row["id"] + shift}
            for column, table in links_of(model).items():
                if table == Panel._meta.db_table:
                    new[column] = group
                elif (table, row[column]) in moment.keys:
                    new[column] = row[column] + shift
                elif column in KEPT_APART:
                    new[column] = None
            for column in unique_texts(model):
                new[column] = row[column] and f"{row[column]}-{number}"
            out[model].append(new)


@cache
def links_of(model: type[Model]) -> dict[str, str]:
    """Columns that point at another row, with the table they point into."""
    return {
        f.column: f.related_model._meta.db_table
        for f in model._meta.local_fields
        if f.is_relation
    }


@cache
def unique_texts(model: type[Model]) -> set[str]:
    """Columns in which no two rows may say the same."""
    meta = model._meta
    text = (models.CharField, models.TextField)
    found = {f.column for f in meta.local_fields if f.unique and isinstance(f, text)}
    for rule in meta.constraints:
        if isinstance(rule, models.UniqueConstraint) and len(rule.fields) == 1:
            one = meta.get_field(rule.fields[0])
            found |= {one.column} if isinstance(one, text) else set()
    return found
