"""Random histories, rebuilt at random moments: equal to what stood there then."""

import datetime as dt
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit import schema
from audit.asof import ERASED, Rows, then_and_now
from audit.capture import live_rows
from audit.erasure import erase_disclosures
from audit.models import Disclosure, Event, Head
from audit.record import record
from audit.tables import tables
from organisations.models import LegalForm, Membership, Organisation

from .conftest import stream_of

pytestmark = pytest.mark.django_db
BY = "system:test"


def everything() -> Rows:
    """Every row of every audited table, as it stands now."""
    return {
        (name, row[table.pk]): row
        for name, table in tables().items()
        for row in map(table.row, live_rows(connection, table))
    }


def streams() -> list[str]:
    """All streams that hold rows."""
    return list(Head.objects.values_list("stream", flat=True))


class History:
    """What random steps do: each is an event with changes of several sorts."""

    def __init__(self) -> None:
        self.number = 0

    def step(self, kind: str, pick: int, text: str) -> None:
        self.number += 1
        getattr(self, kind)(pick, text)

    def some(self, model: Any, pick: int) -> Any:
        rows = list(model.objects.order_by("pk"))
        return rows[pick % len(rows)] if rows else None

    def found(self, pick: int, text: str) -> None:
        with record("found", by=BY):
            Organisation.objects.create(
                name=f"{text} {self.number}",
                legal_form=LegalForm.ASSOCIATION,
                bank_account=text,
            )

    def rename(self, pick: int, text: str) -> None:
        row = self.some(Organisation, pick)
        if row is not None:
            with record("rename", by=BY, reason=text):
                row.bank_account = text
                row.name = f"{self.number} {text}"
                row.save()

    def in_bulk(self, pick: int, text: str) -> None:
        with record("bulk", by=BY):
            Organisation.objects.update(bank=text)
            get_user_model().objects.update(phone=text)

    def person(self, pick: int, text: str) -> None:
        with record("person", by=BY):
            get_user_model().objects.create(username=f"u{self.number}", phone=text)

    def join(self, pick: int, text: str) -> None:
        user, group = self.some(get_user_model(), pick), self.some(Group, pick)
        with record("join", by=BY):
            if group is None:
                group = Group.objects.create(name=f"{self.number} {text}"[:150])
            if user is not None:
                user.groups.set([] if pick % 2 else [group])

    def member(self, pick: int, text: str) -> None:
        user, row = self.some(get_user_model(), pick), self.some(Organisation, pick)
        if user is not None and row is not None:
            with record("member", by=BY):
                old = Membership.objects.filter(user=user, organisation=row)
                if not old.delete()[0]:
                    Membership.objects.create(
                        user=user,
                        organisation=row,
                        role="applicant",
                        since=timezone.now(),
                    )

    def half_undone(self, pick: int, text: str) -> None:
        """An outer event that goes on after an inner one, and one undone."""
        row = self.some(Organisation, pick)
        if row is None:
            return
        with record("outer", by=BY):
            Organisation.objects.filter(pk=row.pk).update(bank="outer")
            with record("inner", by=BY):
                Organisation.objects.filter(pk=row.pk).update(bank=text)
            try:
                with record("undone", by=BY):
                    Organisation.objects.filter(pk=row.pk).update(bank="undone")
                    raise LookupError
            except LookupError:
                pass
            Organisation.objects.filter(pk=row.pk).update(exclusion_reason=text)

    def close(self, pick: int, text: str) -> None:
        row = self.some(Organisation, pick)
        if row is not None and not row.memberships.exists():
            with record("close", by=BY):
                row.delete()


STEPS = st.tuples(
    st.sampled_from(
        [
            "found",
            "rename",
            "in_bulk",
            "person",
            "join",
            "member",
            "half_undone",
            "close",
        ]
    ),
    st.integers(0, 5),
    st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=20),
)


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=st.lists(STEPS, min_size=3, max_size=12))
def test_any_moment_of_any_history_is_rebuilt_exactly(db, steps) -> None:
    with transaction.atomic():
        history, moments = History(), []
        for step in steps:
            history.step(*step)
            moments.append((timezone.now(), everything()))
        for at, stood in moments:
            then, now = then_and_now(streams(), at)
            assert then == stood
            assert now == moments[-1][1]
        transaction.set_rollback(True)


def test_before_its_birth_nothing_stands(hospice) -> None:
    before = timezone.now() - dt.timedelta(days=1)
    then, now = then_and_now([stream_of(hospice)], before)
    assert then == {}
    assert now["organisations_organisation", hospice.pk]["name"] == "Hospice"


def test_the_moment_of_an_event_is_after_it(hospice) -> None:
    with record("rename", by=BY):
        Organisation.objects.update(name="New")
    at = Event.objects.get(verb="rename").at
    key = "organisations_organisation", hospice.pk
    assert then_and_now([stream_of(hospice)], at)[0][key]["name"] == "New"
    just = at - dt.timedelta(microseconds=1)
    assert then_and_now([stream_of(hospice)], just)[0][key]["name"] == "Hospice"


def test_an_erased_value_stands_as_erased_at_every_moment(alice) -> None:
    key, stream = ("organisations_user", alice.pk), stream_of(alice)
    at = timezone.now()
    erased = Disclosure.objects.get(stream=stream, value='"13800000000"').digest
    with record("leave", by=BY):
        get_user_model().objects.filter(pk=alice.pk).update(phone="")
        erase_disclosures([erased], by=BY, stream=stream, reason_code="PIPL-47")
    then, now = then_and_now([stream], at)
    assert then[key]["phone"] is ERASED
    assert then[key]["email"] == "alice@example.org"
    assert now[key]["phone"] == ""


def test_a_row_older_than_a_column_has_what_that_began_with(hospice) -> None:
    table, at = "organisations_organisation", timezone.now()
    later = {"table": table, "added": {"colour": "blue"}, "removed": []}
    with record(schema.VERB, by=BY, stream=f"schema:{table}", data=later):
        pass
    then, now = then_and_now([stream_of(hospice)], at)
    assert "colour" not in then[table, hospice.pk]
    assert now[table, hospice.pk]["colour"] == "blue"


def test_verbs_left_aside_are_not_read(alice) -> None:
    with record("noise", by=BY):
        get_user_model().objects.update(unit="elsewhere")
    stream, key = stream_of(alice), ("organisations_user", alice.pk)
    _then, now = then_and_now([stream], timezone.now(), without=["noise"])
    assert now[key]["unit"] == ""


@pytest.mark.parametrize("people", [1, 6])
def test_it_takes_three_queries(db, people, django_assert_num_queries) -> None:
    history = History()
    for number in range(people):
        history.step("person", number, "13800000000")
        history.step("found", number, "6222")
    ours = [stream for stream in streams() if stream.startswith("organisations_")]
    with django_assert_num_queries(3):
        then, _now = then_and_now(ours, timezone.now())
    assert len([key for key in then if key[0] == "organisations_user"]) == people
