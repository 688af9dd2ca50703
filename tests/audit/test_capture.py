"""Every way to write a row is refused outside an event and told inside one."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import DatabaseError, connection, models, transaction
from django.utils import timezone

from audit import capture
from audit.models import Checkpoint, CheckpointHead, CheckpointStamp, Event, Journal
from audit.record import record
from audit.tables import tables
from organisations.models import Membership, Organisation

User = get_user_model()
pytestmark = pytest.mark.django_db


class World:
    """The rows that the ways of writing write."""

    def __init__(self) -> None:
        with record("make_world", by="system:test"):
            self.alice = User.objects.create_user("alice", phone="1380000")
            self.bob = User.objects.create_user("bob")
            self.hospice = Organisation.objects.create(name="H", legal_form="ASSOC")
            self.school = Organisation.objects.create(
                name="S", legal_form="FILED", custodian=self.hospice
            )
            self.group = Group.objects.create(name="readers")
            self.other = Group.objects.create(name="writers")
            self.alice.groups.add(self.group)


@pytest.fixture
def world(db: None) -> World:
    return World()


def save_new(w: World) -> None:
    Organisation.objects.create(name="New", legal_form="ASSOC")


def save_changed(w: World) -> None:
    w.hospice.name = "Changed"
    w.hospice.save()


def save_some_fields(w: World) -> None:
    w.hospice.name = "not saved"
    w.hospice.legal_form = "FOUND"
    w.hospice.save(update_fields=["legal_form"])


def update(w: World) -> None:
    Organisation.objects.filter(pk=w.hospice.pk).update(name="Updated")


def bulk_create(w: World) -> None:
    Organisation.objects.bulk_create(
        Organisation(name=f"B{i}", legal_form="ASSOC") for i in range(3)
    )


def bulk_update(w: World) -> None:
    w.hospice.name, w.school.name = "H2", "S2"
    Organisation.objects.bulk_update([w.hospice, w.school], ["name"])


def many_to_many_add(w: World) -> None:
    w.bob.groups.add(w.group, w.other)


def many_to_many_other_side(w: World) -> None:
    w.other.user_set.add(w.alice)


def many_to_many_through(w: World) -> None:
    User.groups.through.objects.create(user_id=w.bob.pk, group=w.group)


def many_to_many_clear(w: World) -> None:
    w.alice.groups.clear()


def delete(w: World) -> None:
    w.school.delete()


def cascade(w: World) -> None:
    w.group.delete()


def set_null(w: World) -> None:
    relation = Organisation._meta.get_field("custodian").remote_field
    before, relation.on_delete = relation.on_delete, models.SET_NULL
    try:
        w.hospice.delete()
    finally:
        relation.on_delete = before


def raw_sql(w: World) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "/* sly */ UPDATE organisations_organisation SET name = 'SQL'"
            " WHERE id = %s",
            [w.hospice.pk],
        )


def raw_driver(w: World) -> None:
    cursor = connection.connection.cursor()
    try:
        cursor.execute("UPDATE organisations_organisation SET name = name || '!'")
    finally:
        cursor.close()


def upsert(w: World) -> None:
    Organisation.objects.bulk_create(
        [Organisation(name="H", legal_form="FOUND")],
        update_conflicts=True,
        unique_fields=["name"],
        update_fields=["legal_form"],
    )


ORG, USER, GROUP = "organisations_organisation", "organisations_user", "auth_group"
WAYS: dict[Callable[[World], None], list[tuple[str, str, set[str]]]] = {
    save_new: [(ORG, "+", set())],
    save_changed: [(ORG, "~", {"name"})],
    save_some_fields: [(ORG, "~", {"legal_form"})],
    update: [(ORG, "~", {"name"})],
    bulk_create: [(ORG, "+", set())] * 3,
    bulk_update: [(ORG, "~", {"name"})] * 2,
    upsert: [(ORG, "~", {"legal_form"})],
    many_to_many_add: [(f"{USER}_groups", "+", set())] * 2,
    many_to_many_other_side: [(f"{USER}_groups", "+", set())],
    many_to_many_through: [(f"{USER}_groups", "+", set())],
    many_to_many_clear: [(f"{USER}_groups", "-", set())],
    delete: [(ORG, "-", set())],
    cascade: [(f"{USER}_groups", "-", set()), (GROUP, "-", set())],
    set_null: [(ORG, "~", {"custodian_id"}), (ORG, "-", set())],
    raw_sql: [(ORG, "~", {"name"})],
    raw_driver: [(ORG, "~", {"name"})] * 2,
}


def refusals() -> tuple[type[Exception], ...]:
    """What Django and the bare driver raise."""
    return (DatabaseError, connection.Database.Error)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_write_refused_when_no_event_is_open(way, world) -> None:
    events = Event.objects.count()
    refused = pytest.raises(refusals(), match="change without an event")
    with refused, transaction.atomic():
        way(world)
    assert Event.objects.count() == events
    assert not Journal.objects.exists()


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_write_told_when_an_event_is_open(way, world, told) -> None:
    with record("act", by=world.alice, target="T-1"):
        way(world)
    found = sorted(
        (table, sign, set(fields) if sign == "~" else set())
        for table, pk, sign, fields in told("act")
    )
    assert found == sorted(WAYS[way])
    assert not Journal.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_other_connection_refused_while_an_event_is_open() -> None:
    """An event is open on one connection only: another driver's has none."""
    world = World()
    if connection.vendor == "postgresql":
        import psycopg

        params = connection.get_connection_params()
        params = {k: params[k] for k in ("dbname", "user", "password", "host", "port")}
        other = psycopg.connect(**params)
        refusal: type[Exception] = psycopg.Error
    else:
        import sqlite3

        other = sqlite3.connect(connection.settings_dict["NAME"])
        refusal = sqlite3.Error
    try:
        with pytest.raises(refusal, match=r"change without an event|audit_op"):
            other.execute(
                f"UPDATE organisations_organisation SET name = 'X'"
                f" WHERE id = {world.hospice.pk}"
            )
    finally:
        other.close()


def test_save_without_a_change_needs_no_event(world) -> None:
    world.hospice.save()


def test_every_value_is_canonical(world, told) -> None:
    at = dt.datetime(2026, 3, 1, 9, 30, tzinfo=dt.timezone(dt.timedelta(hours=8)))
    with record("admit", by=world.alice):
        Organisation.objects.filter(pk=world.school.pk).update(
            admitted_at=at, excluded_until=dt.date(2027, 1, 1)
        )
    assert told("admit") == [
        [
            ORG,
            world.school.pk,
            "~",
            {
                "admitted_at": [None, "2026-03-01T01:30:00.000000Z"],
                "excluded_until": [None, "2027-01-01"],
            },
        ]
    ]


def test_secret_column_left_out(world, told) -> None:
    with record("set_password", by=world.alice):
        world.alice.set_password("a long new password")
        world.alice.save(update_fields=["password"])
    event = Event.objects.get(verb="set_password")
    assert event.stream == f"{USER}:{world.alice.pk}"
    assert told("set_password") == []
    assert not Event.objects.filter(line__contains='password":').exists()


def test_membership_goes_to_the_stream_of_its_organisation(world) -> None:
    with record("join", by=world.alice):
        Membership.objects.create(
            user=world.bob,
            organisation=world.hospice,
            role="applicant",
            since=timezone.now(),
        )
    assert Event.objects.get(verb="join").stream == f"{ORG}:{world.hospice.pk}"


def test_row_that_would_change_its_stream_refused(world) -> None:
    with record("join", by=world.alice):
        member = Membership.objects.create(
            user=world.bob,
            organisation=world.hospice,
            role="applicant",
            since=timezone.now(),
        )
    refused = pytest.raises(ValueError, match="may not move")
    with refused, record("move", by=world.alice):
        Membership.objects.filter(pk=member.pk).update(organisation=world.school)
    member.refresh_from_db()
    assert member.organisation == world.hospice


@pytest.mark.parametrize("table", capture.APPEND_ONLY)
@pytest.mark.parametrize(
    "rewrite", ["UPDATE {0} SET {1} = {1}", "DELETE FROM {0}", "TRUNCATE {0}"]
)
def test_record_is_append_only(rewrite, table, world) -> None:
    Checkpoint(1, "", "", "", 0, 0, "", "", "").save(force_insert=True)
    CheckpointHead.objects.create(checkpoint=1, stream="x", seq=1, hash="")
    CheckpointStamp.objects.create(checkpoint=1, at="", answer="")
    named = {"audit_checkpoint": "number", "audit_checkpoint_stamp": "checkpoint"}
    column = named.get(table, "stream")
    if connection.vendor == "sqlite":  # has no other way to empty a table
        rewrite = rewrite.replace("TRUNCATE", "DELETE FROM")
    refused = pytest.raises(DatabaseError, match="append-only")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(rewrite.format(table, column))


def test_every_table_is_decided_about(settings) -> None:
    """A table is audited, or the settings say why not, or it is the record's."""
    names = "event head journal disclosure checkpoint checkpoint_head checkpoint_stamp"
    ours = {f"audit_{name}" for name in names.split()}
    found = capture.existing_tables(connection)
    decided = ours | set(tables()) | set(settings.AUDIT_EXEMPT)
    assert found - decided == set(capture.history_tables())
    assert all(settings.AUDIT_EXEMPT.values())


def test_telephones_and_addresses_are_personal_everywhere() -> None:
    """Third parties' tables too: an erased person leaves none in a line."""
    private = {"email", "phone", "contact"}
    open_ = [
        f"{table.name}.{column}"
        for table in tables().values()
        for column in private & table.fields.keys()
        if column not in table.personal
    ]
    assert open_ == []


def test_every_trigger_is_installed(db) -> None:
    there = capture.installed(connection)
    expected = {key: t.shape for key, t in capture.expected(connection).items()}
    assert there == expected
    assert capture.install() == 0
