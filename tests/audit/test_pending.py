"""What an open event has changed can be asked before it is written."""

import pytest
from django.contrib.auth.models import Group

from audit.models import Journal
from audit.pending import pending_changes
from audit.record import record
from organisations.models import Organisation

pytestmark = pytest.mark.django_db


def test_changes_of_the_open_events_in_order(hospice, readers) -> None:
    with record("outer", by="system:test"):
        Organisation.objects.filter(pk=hospice.pk).update(name="House")
        with record("inner", by="system:test"):
            made = Organisation.objects.create(name="New", legal_form="ASSOC")
        readers.name = "other"
        readers.save()
        found = list(pending_changes(Organisation))
        assert Journal.objects.filter(tbl="organisations_organisation").count() == 2
    names = [(b and b["name"], a and a["name"]) for _model, b, a in found]
    assert names == [("Hospice", "House"), (None, "New")]
    assert found[1][2]["id"] == made.pk
    assert {model for model, _before, _after in found} == {Organisation}


def test_what_was_removed_or_rolled_back(hospice, readers) -> None:
    with record("outer", by="system:test"):
        pk = readers.pk
        readers.delete()
        try:
            with record("inner", by="system:test"):
                Organisation.objects.filter(pk=hospice.pk).update(name="House")
                raise ValueError
        except ValueError:
            pass
        ((model, before, after),) = pending_changes(Group, Organisation)
    assert (model, before["id"], after) == (Group, pk, None)


def test_it_takes_one_query_and_an_open_event(
    hospice, django_assert_num_queries
) -> None:
    with record("outer", by="system:test"), django_assert_num_queries(1):
        assert list(pending_changes(Organisation, Group)) == []
    with pytest.raises(RuntimeError, match="no event"):
        list(pending_changes(Organisation))
