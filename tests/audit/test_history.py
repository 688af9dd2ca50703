"""simple-history's rows come from the record, whatever wrote the rows."""

import datetime as dt

import pytest
from django.db import DatabaseError, connection, transaction

from audit.models import Event
from audit.record import record
from audit.verify import verify
from organisations.models import Organisation

pytestmark = pytest.mark.django_db


def test_history_of_an_update_has_actor_reason_and_moment(alice, hospice) -> None:
    with record("rename", by=alice, reason="it moved"):
        Organisation.objects.filter(pk=hospice.pk).update(name="New")
    row = hospice.history.latest()
    assert (row.history_type, row.name) == ("~", "New")
    assert row.history_user == alice
    assert row.history_change_reason == "it moved"
    assert row.history_date - Event.objects.get(verb="rename").at < dt.timedelta(
        milliseconds=1
    )


def test_history_of_a_system_has_no_user(hospice) -> None:
    with record("rename", by="system:timers", reason_code="moved"):
        Organisation.objects.update(name="New")
    row = hospice.history.latest()
    assert (row.history_user, row.history_change_reason) == (None, "moved")


def test_history_of_bulk_statements_sql_and_deletion(alice) -> None:
    with record("import", by=alice):
        made = Organisation.objects.bulk_create(
            Organisation(name=f"O{i}", legal_form="ASSOC") for i in range(3)
        )
    with record("rename", by=alice), connection.cursor() as cursor:
        cursor.execute("UPDATE organisations_organisation SET legal_form = 'FOUND'")
    with record("remove", by=alice):
        Organisation.objects.filter(name="O0").delete()
    found = {o.name: [h.history_type for h in rows(o)] for o in made}
    assert found == {"O0": ["+", "~", "-"], "O1": ["+", "~"], "O2": ["+", "~"]}
    assert verify().findings == []


def rows(organisation: Organisation) -> list:
    history = Organisation.history.filter(name=organisation.name)
    return list(history.order_by("history_id"))


def test_as_of_is_exact_within_a_transaction(alice, hospice) -> None:
    with record("rename", by=alice):
        for name in ("A", "B", "C"):
            Organisation.objects.filter(pk=hospice.pk).update(name=name)
    history = list(hospice.history.order_by("history_date"))
    assert [h.name for h in history] == ["Hospice", "A", "B", "C"]
    for row in history:
        assert hospice.history.as_of(row.history_date).name == row.name


def test_history_rolled_back_with_its_event(alice, hospice) -> None:
    def fail() -> None:
        with record("rename", by=alice):
            Organisation.objects.update(name="New")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert hospice.history.count() == 1


@pytest.mark.parametrize("inside", [False, True])
def test_history_is_written_by_the_record_only(inside, alice, hospice) -> None:
    around = record("forge", by=alice) if inside else transaction.atomic()
    refused = pytest.raises(DatabaseError, match="history is written by the record")
    with refused, around:
        hospice.history.update(name="Sly")


def test_history_differences_are_readable(alice, hospice) -> None:
    with record("rename", by=alice):
        Organisation.objects.update(name="New")
    new, old = hospice.history.order_by("-history_date")
    (change,) = new.diff_against(old).changes
    assert (change.field, change.old, change.new) == ("name", "Hospice", "New")
