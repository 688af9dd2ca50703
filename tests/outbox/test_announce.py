"""Messages are written with the act they tell about, or not at all."""

from decimal import Decimal

import pytest
from django.db import transaction

from outbox import registry, selectors, services
from outbox.models import Message

pytestmark = pytest.mark.usefixtures("empty_registry")


def test_announce_writes_what_the_handlers_of_the_verb_name(alice, bob, letter):
    registry.register("screen", lambda verb, *, case: [letter(alice, case_code=case)])
    registry.register("*", lambda verb, **facts: [letter(bob, template=verb)])
    registry.register("lock_score", lambda verb, **facts: [letter(bob)])

    services.announce("screen", case="GY-1")

    assert [(m.recipient, m.template, m.case_code) for m in Message.objects.all()] == [
        (alice, "screened", "GY-1"),
        (bob, "screen", ""),
    ]


def test_announce_writes_nothing_where_nobody_listens(db):
    assert services.announce("screen") == []


def test_register_twice_counts_once(alice, letter):
    def handler(verb, **facts):
        return [letter(alice)]

    registry.register("screen", handler)
    registry.register("screen", handler)

    assert len(services.announce("screen")) == 1


def test_announce_same_letter_from_two_handlers_is_one_message(alice, letter):
    registry.register("screen", lambda verb, **facts: [letter(alice), letter(alice)])
    registry.register("*", lambda verb, **facts: [letter(alice)])

    assert len(services.announce("screen")) == 1


def test_announce_does_not_write_to_deactivated_people(person, letter):
    gone = person("gone", is_active=False)
    registry.register("screen", lambda verb, **facts: [letter(gone)])

    assert services.announce("screen") == []


def test_announce_error_of_a_handler_stops_the_act(db):
    def broken(verb, **facts):
        raise ZeroDivisionError

    registry.register("screen", broken)
    with pytest.raises(ZeroDivisionError):
        services.announce("screen")


def test_message_of_an_act_that_is_rolled_back_does_not_exist(alice, letter):
    with transaction.atomic():
        services.queue([letter(alice)])
        transaction.set_rollback(True)

    assert not Message.objects.exists()


def test_amounts_in_a_letter_are_kept_as_text(alice, letter):
    services.queue([letter(alice, params={"amount": Decimal("300000.00")})])

    assert Message.objects.get().params == {"amount": "300000.00"}


def test_messages_for_shows_only_ones_own_newest_first(alice, bob, letter):
    services.queue([letter(alice, template="first"), letter(bob)])
    services.queue([letter(alice, template="second")])

    assert [m.template for m in selectors.messages_for(alice)] == ["second", "first"]
    assert selectors.unread_count_for(alice) == 2


def test_mark_read_counts_ones_own_messages_only(alice, bob, letter):
    first, second, others = services.queue(
        [letter(alice), letter(alice, template="second"), letter(bob)]
    )

    assert services.mark_read(alice, [first.pk, others.pk]) == 1
    assert list(services.unread_for(alice)) == [second]
    assert services.mark_read(alice) == 1
    assert services.mark_read(alice) == 0
    assert selectors.unread_count_for(bob) == 1
