"""Every audited table and every history: whatever is altered, removed, added, swapped
or back-dated at random is named, and nothing else (tests/audit/tampering.py)."""

import datetime as dt
import io
from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.db import connection, models
from django.utils import translation

from audit import canon
from audit.models import Head
from audit.projection import history_models
from audit.tables import Table, history_tables, tables
from audit.verify import verify
from tests.audit.tampering import (
    Places,
    alter,
    another,
    arranged,
    chance,
    copy,
    found,
    image,
    named,
    places,
    put,
    rows_of,
    seen,
    swap,
    used,
    value,
)

pytestmark = pytest.mark.django_db
__all__ = ["arranged", "chance"]  # fixtures


# -- live tables --------------------------------------------------------------------


def test_untouched_it_verifies(arranged) -> None:
    report = verify()
    assert report.findings == []
    assert report.reach.number == 3
    assert report.counts["history"] > 200


def test_each_column_of_each_table_altered_is_named(chance) -> None:
    before, refused, altered = image(tables()), [], 0
    for name, table in used().items():
        for column in seen(table):
            if alter(table, column, chance) is None:
                refused.append(f"{name}.{column}")
            else:
                altered += 1
    print(refused)  # noqa: T201
    assert len(refused) < 12
    named(before, altered)


def test_a_row_of_each_table_removed_is_named(chance) -> None:
    before = image(tables())
    for table in used().values():
        gone = table.model._base_manager.filter(pk=rows_of(table.model, chance)[0])
        gone._raw_delete(connection.alias)
    named(before, len(used()))


def test_a_row_put_into_each_table_is_named(chance) -> None:
    before = image(tables())
    refused = [name for name, table in used().items() if not copy(table, chance)]
    assert refused == []
    named(before, len(used()))


def test_values_that_change_places_in_each_table_are_named(chance) -> None:
    before = image(tables())
    refused = [name for name, table in used().items() if not swap(table, chance)]
    assert refused == []
    named(before, 2 * len(used()))


def test_rows_of_each_table_dated_back_are_named(chance) -> None:
    before, dated = image(tables()), 0
    for table in used().values():
        for column in seen(table):
            if isinstance(canon.concrete(table.fields[column]), models.DateField):
                dated += alter(table, column, chance) is not None
    assert dated > 50
    named(before, dated // 2)


# -- histories ----------------------------------------------------------------------


def projected() -> Iterator[tuple[Table, str, Table]]:
    """Each history, its key of the row, and the table whose history it is."""
    for name, history in history_models().items():
        key = str(history.instance_type._meta.pk.column)
        yield history_tables()[history._meta.db_table], key, tables()[name]


def test_each_column_of_each_history_altered_is_named(chance) -> None:
    expected: Places = set()
    for table, key, _of in projected():
        for column in seen(table):
            if column not in (key, "history_date", "history_type"):
                pk = alter(table, column, chance)
                assert pk is not None, (table.name, column)
                expected.add(("history_changed", table.name, pk, column))
    report = found()
    assert places(report) == expected
    assert len(expected) > 250


@pytest.mark.parametrize("column", ["key", "history_date", "history_type"])
def test_a_row_of_each_history_put_elsewhere_is_named(column, chance) -> None:
    """Given to another row, dated back, or of another kind: there is a row too many,
    and one that is missing."""
    expected: Places = set()
    for table, key, _of in projected():
        name = key if column == "key" else column
        model, kind = table.model, table.fields[name]
        pk = rows_of(model, chance)[0]
        row, old = value(model, pk, key), value(model, pk, kind.attname)
        new = another(kind, old, chance)
        if name == "history_type":
            new = "-" if old != "-" else "~"
        assert put(model, pk, kind.attname, new)
        expected.add(("history_inserted", table.name, pk, ""))
        expected.add(("history_missing", table.name, row, ""))
    assert places(found()) == expected


def test_a_row_of_each_history_removed_added_and_swapped_is_named(chance) -> None:
    expected: Places = set()
    for table, key, _of in projected():
        model = table.model
        gone, one, *_ = rows_of(model, chance)
        row = model._base_manager.filter(pk=one).values().get()
        expected.add(("history_missing", table.name, value(model, gone, key), ""))
        model._base_manager.filter(pk=gone)._raw_delete(connection.alias)
        row |= {"history_id": 6_000_000, "history_date": dt.datetime.now(dt.UTC)}
        model(**row).save_base(raw=True, force_insert=True)
        expected.add(("history_inserted", table.name, 6_000_000, ""))
    assert places(found()) == expected


def test_values_that_change_places_in_each_history_are_named(chance) -> None:
    expected: set[str] = set()
    for table, _key, _of in projected():
        if swap(table, chance):
            expected.add(table.name)
    report = found()
    assert {f.table for f in report.findings} == expected
    assert len(expected) > 30


# -- trusting a checkpoint -----------------------------------------------------


def test_since_names_rows_of_no_known_stream_and_counts_the_rest(
    arranged, chance
) -> None:
    """What is not compared is said, to programs and to people."""
    whole, part = verify().counts, verify(since=3)
    assert {f.kind for f in part.findings} == {"trigger_missing"}
    for name in ("rows", "history"):
        compared, left = part.counts[name], part.counts[f"{name}_not_compared"]
        assert compared + left == whole[name]
        assert left > 100
    before = image(tables())
    for table in used().values():
        assert copy(table, chance)
    after, expected = image(tables()), set()
    known = set(Head.objects.values_list("stream", flat=True)) - {arranged}
    for name, table in used().items():
        for pk in after[name].keys() - before[name].keys():
            if table.stream(after[name][pk]) not in known:
                expected.add(("row_inserted", name, pk, ""))
    told = verify(since=3)
    triggers = {p for p in places(told) if p[0] == "trigger_missing"}
    assert places(told) - triggers == expected
    assert len(expected) > 20


def test_since_says_in_words_what_it_left_out(arranged) -> None:
    out = io.StringIO()
    with translation.override("en"):
        call_command("verify_audit", "--since", "3", stdout=out)
    counts = verify(since=3).counts
    left = f"rows: {counts['rows_not_compared']}, of histories:"
    assert left in out.getvalue()
    whole = io.StringIO()
    with translation.override("en"):
        call_command("verify_audit", stdout=whole)
    assert "Not compared" not in whole.getvalue()
