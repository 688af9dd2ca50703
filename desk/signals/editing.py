"""What changed after it was locked: scores, reported figures, payments, the ledger."""

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from audit.actors import user_key
from audit.models import Event
from desk.oversight.scope import keyed
from desk.signals.base import Facts, Finding, Row
from desk.signals.timing import case_key, clock
from desk.wording import verb_label
from grants.lifecycle import MOVES
from grants.models import (
    Case,
    Expense,
    IndicatorResult,
    Review,
    Score,
    ServiceRecord,
    Stage,
    Tranche,
    TrancheStatus,
)


def edits_after_locking(facts: Facts) -> list[Finding]:
    """Scores that changed by way of a reopening; figures that changed at all after
    their stage was checked or ended, or their payment approved."""
    return [*_scores(facts), *_figures(facts), *_entries(facts)]


# -- scores -------------------------------------------------------------------------


def _scores(facts: Facts) -> Iterator[Finding]:
    """Sheets of one seat, each beside the one that was reopened before it."""
    seats = Review.objects.filter(case__in=facts.keys).exclude(reopened_at=None)
    sheets = Review.objects.filter(seat__in=seats.order_by().values("seat"))
    criteria: dict[int, dict[str, Any]] = defaultdict(dict)
    scores = Score.objects.filter(review__in=sheets.order_by().values("pk"))
    for pk, criterion, score in scores.values_list("review", "criterion", "score"):
        criteria[pk][criterion] = score
    found = sheets.select_related("reviewer", "reopened_by").order_by("seat", "pk")
    for _seat, group in groupby(found, key=lambda review: review.seat_id):
        for before, after in pairwise(group):
            old, new = criteria[before.pk], criteria[after.pk]
            moved = [c for c in {**old, **new} if old.get(c) != new.get(c)]
            same = before.total == after.total
            if moved or not same or before.recommended != after.recommended:
                yield _score(facts, before, after, len(moved) if same else 0)


def _score(facts: Facts, before: Review, after: Review, moved: int) -> Finding:
    """moved: criteria that changed while the total stayed."""
    case = facts.cases[before.case_id]
    text = _(
        "%(who)s's score of %(case)s went from %(old)s to %(new)s after it had been "
        "locked; %(by)s reopened it: %(why)s"
    )
    if moved:
        text = _(
            "%(who)s's score of %(case)s stayed %(old)s, but %(n)s of its criteria "
            "changed after it had been locked; %(by)s reopened it: %(why)s"
        )
    named = {
        "who": before.reviewer,
        "case": case.code,
        "old": before.total,
        "new": after.total,
        "n": moved,
        "by": before.reopened_by,
        "why": before.reopen_reason,
    }
    rows = [
        Row(
            f"{clock(sheet.locked_at)} · {sheet.total} · {sheet.recommended:,.2f}",
            case,
            "reviews",
            sheet.locked_at,
        )
        for sheet in (before, after)
    ]
    return Finding(text % named, rows)


# -- rows with a history ------------------------------------------------------------


@dataclass(frozen=True)
class Locked:
    """Columns of a model that stay as they are once a row is locked."""

    model: type[Any]
    columns: tuple[str, ...]
    lock: Q
    tab: str


LOCKED = (
    Locked(
        Stage,
        ("beneficiaries_served", "money_used"),
        Q(checked_at__isnull=False),
        "tracking",
    ),
    Locked(
        Stage,
        ("score", "adjustment", "satisfaction"),
        Q(ended_at__isnull=False),
        "tracking",
    ),
    Locked(
        Tranche,
        ("amount",),
        Q(status__in=(TrancheStatus.APPROVED, TrancheStatus.PAID)),
        "money",
    ),
)


def _figures(facts: Facts) -> Iterator[Finding]:
    """Rows whose versions from the lock on differ."""
    for locked in LOCKED:
        model: Any = locked.model
        history = model.history.filter(locked.lock, case__in=facts.keys)
        kinds = {f"_{c}": Count(c, distinct=True) for c in locked.columns}
        several = Q()
        for name in kinds:
            several |= Q(**{f"{name}__gt": 1})
        changed = history.order_by().values("id").annotate(**kinds).filter(several)
        rows = history.filter(id__in=changed.values("id")).order_by("id", "history_id")
        yield from _changed(facts, locked, rows)


def _changed(facts: Facts, locked: Locked, rows: QuerySet) -> Iterator[Finding]:
    people = facts.people(row.history_user_id for row in rows if row.history_user_id)
    for before, after in pairwise(rows):
        if before.id != after.id:
            continue
        for column in locked.columns:
            old, new = getattr(before, column), getattr(after, column)
            if old != new:
                yield _edit(
                    facts.cases[after.case_id],
                    label_of(locked.model, column),
                    (old, new),
                    people.get(after.history_user_id, _("System")),
                    after.history_date,
                    locked.tab,
                )


def label_of(model: type[Any], column: str) -> str:
    return str(model._meta.get_field(column).verbose_name)


def _edit(
    case: Case,
    label: str,
    values: tuple[Any, Any],
    who: Any,
    at: dt.datetime,
    tab: str,
    *,
    said: str = "",
) -> Finding:
    text = _(
        "In %(case)s “%(label)s” went from %(old)s to %(new)s after it had been "
        "locked; it was changed by %(who)s."
    ) % {
        "case": case.code,
        "label": label,
        "old": "–" if values[0] is None else values[0],
        "new": "–" if values[1] is None else values[1],
        "who": who,
    }
    told = f"{clock(at)} · {who}"
    row = Row(f"{told} · {said}" if said else told, case, tab, at)
    return Finding(text, [row])


# -- rows without one: the ledger, the results of indicators --------------------------

#: Acts that change entries in the ordinary way, as long as none counted them.
CORRECTING = ("correct_expense", "void_expense", "correct_service", "void_service")
#: No other act of the table of moves comes near a checked entry.
ORDINARY = tuple(name for name in MOVES if name not in CORRECTING)
ENTRIES: dict[str, tuple[type[Any], tuple[str, ...], str]] = {
    model._meta.db_table: (model, columns, tab)
    for model, columns, tab in (
        (Expense, ("amount",), "ledger"),
        (ServiceRecord, ("persons", "volunteers", "hours"), "ledger"),
        (IndicatorResult, ("actual", "counted"), "tracking"),
    )
}
Change = tuple[Any, str, Any, dict[str, Any]]  # event, table, key, columns


def _entries(facts: Facts) -> list[Finding]:
    """Entries and results whose figures changed after a check had counted them."""
    changes = list(_changes(facts))
    checks = _checks(facts, {case_key(event[0]) for event, *_rest in changes})
    rows = {
        table: model.objects.in_bulk(
            {pk for _e, name, pk, _f in changes if name == table}
        )
        for table, (model, *_rest) in ENTRIES.items()
    }
    people = facts.people(
        key for event, *_rest in changes if (key := user_key(event[2])) is not None
    )
    out = []
    for (stream, verb, actor, at), table, pk, columns in changes:
        row, case = rows[table].get(pk), facts.cases.get(case_key(stream))
        if row is None or case is None or not _was_counted(row, checks[case.pk], at):
            continue
        model, _columns, tab = ENTRIES[table]
        key = user_key(actor)
        who = _("System") if key is None else people.get(key)
        for column, values in columns.items():
            out.append(
                _edit(
                    case,
                    label_of(model, column),
                    values,
                    who,
                    at,
                    tab,
                    said=verb_label(verb),
                )
            )
    return out


def _changes(facts: Facts) -> Iterator[Change]:
    """Changed figures of entries, by acts that are not the ordinary road."""
    near = Q()
    for table in ENTRIES:
        near |= Q(line__contains=f'"{table}"')
    events = Event.objects.filter(stream__in=keyed("case:", facts.overseen))
    told = events.exclude(verb__in=ORDINARY).filter(near).order_by("pk")
    for *event, line in told.values_list("stream", "verb", "actor", "at", "line"):
        for _number, table, pk, sign, fields in json.loads(line)["changes"]:
            if sign == "~" and table in ENTRIES:
                _model, columns, _tab = ENTRIES[table]
                moved = {c: tuple(fields[c]) for c in columns if c in fields}
                if moved:
                    yield tuple(event), table, pk, moved


def _checks(
    facts: Facts, cases: Iterable[int]
) -> dict[int, list[tuple[int, dt.datetime]]]:
    """When each stage of these cases was checked."""
    out: dict[int, list[tuple[int, dt.datetime]]] = defaultdict(list)
    checked = Stage.objects.filter(case__in=cases, checked_at__isnull=False)
    for pk, case, at in checked.values_list("pk", "case", "checked_at"):
        out[case].append((pk, at))
    return out


def _was_counted(
    row: Any, checks: list[tuple[int, dt.datetime]], at: dt.datetime
) -> bool:
    """Whether a check that counted the row was over when it was changed."""
    if isinstance(row, IndicatorResult):
        return any(pk == row.stage_id and checked < at for pk, checked in checks)
    return any(row.recorded_at <= checked < at for _pk, checked in checks)
