"""What other tests rely on: ambient events, recorded factories, a flush."""

import json

import factory
import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from audit import capture
from audit.context import open_of
from audit.models import Event
from audit.record import record
from audit.testing import RecordedFactory, ambient_event
from audit.verify import verify

pytestmark = pytest.mark.once


class GroupFactory(RecordedFactory, factory.django.DjangoModelFactory):
    class Meta:
        model = Group
        skip_postgeneration_save = True

    name = factory.Sequence("group {}".format)

    @factory.post_generation
    def renamed(self, create: bool, extracted: str | None, **kwargs: object) -> None:
        if extracted:
            self.name = extracted
            self.save()


def test_ambient_event_lets_a_test_arrange(db) -> None:
    with ambient_event():
        Group.objects.create(name="a")
    assert Event.objects.filter(verb="arrange", actor="system:test").exists()


def test_recorded_factory_with_its_post_generation(db) -> None:
    assert GroupFactory(renamed="after").name == "after"
    GroupFactory.create_batch(2)
    assert Group.objects.count() == 3
    assert GroupFactory.build().pk is None
    assert verify().findings == []


def test_ambient_events_let_a_test_write(ambient_events) -> None:
    group = Group.objects.create(name="a")
    with record("rename", by="system:x"):
        Group.objects.filter(pk=group.pk).update(name="b")
    Group.objects.filter(pk=group.pk).update(name="c")
    with record("rename", by="system:x"):
        Group.objects.filter(pk=group.pk).update(name="d")
    events = Event.objects.filter(stream=f"auth_group:{group.pk}").order_by("seq")
    assert [e.verb for e in events] == ["arrange", "rename", "arrange", "rename"]
    renames = [json.loads(e.line)["changes"][0][4] for e in events[1:]]
    assert renames == [{"name": [a, b]} for a, b in ("ab", "bc", "cd")]
    assert verify().findings == []


@pytest.mark.django_db(transaction=True)
def test_ambient_events_outside_a_transaction(ambient_events) -> None:
    Group.objects.create(name="a")
    with record("rename", by="system:x"):
        Group.objects.update(name="b")
    Group.objects.update(name="c")
    assert Event.objects.filter(verb="arrange").exists()


@pytest.mark.django_db(transaction=True)
def test_flush_after_a_transactional_test_puts_triggers_back() -> None:
    """The two tests before this one were flushed; nothing is left open."""
    assert open_of(connection).op is None
    assert capture.install() == 0
    with pytest.raises(IntegrityError), transaction.atomic():
        Group.objects.create(name="a")
    assert verify().findings == []


@pytest.mark.django_db(transaction=True)
def test_flush_by_command_refused(db) -> None:
    """Emptying the database is no command of ours: the triggers forbid it."""
    with ambient_event():
        Group.objects.create(name="a")
    with pytest.raises(Exception, match=r"append-only|without an event|flush"):
        call_command("flush", interactive=False, verbosity=0)
    assert Group.objects.count() == 1


def test_verified_record_is_a_check(verified_record) -> None:
    with ambient_event():
        Group.objects.create(name="a")
