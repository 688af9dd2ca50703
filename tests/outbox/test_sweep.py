"""Every message leaves once, whatever fails, and a failure is seen."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db import transaction
from django.utils import timezone, translation

from audit.record import record
from outbox import channels, registry, selectors, services
from outbox.models import Message

pytestmark = pytest.mark.usefixtures("words")


@pytest.fixture
def dead_server(monkeypatch):
    """A mail server that refuses, until ``revive`` is called."""

    def refuse(self, message):
        raise ConnectionRefusedError("no answer")

    with monkeypatch.context() as patched:
        patched.setattr(channels.Mail, "send", refuse)
        yield patched.undo


def due_again(message):
    Message.objects.filter(pk=message.pk).update(next_attempt_at=timezone.now())


def test_sweep_sends_a_mail_once(alice, letter):
    [message] = services.queue([letter(alice)])

    assert services.sweep() == 1
    assert services.sweep() == 0

    assert [m.to for m in mail.outbox] == [["alice@example.org"]]
    message.refresh_from_db()
    assert message.channel == "mail"
    assert message.sent_at is not None
    assert (message.lease_token, message.lease_until) == (None, None)


def test_mail_speaks_the_language_of_its_recipient(alice, bob, letter):
    services.queue([letter(alice), letter(bob)])
    with translation.override("en"):
        services.sweep()

    assert {m.to[0]: m.subject for m in mail.outbox} == {
        "alice@example.org": "screened [zh-hans]",
        "bob@example.org": "screened [en]",
    }


def test_mail_links_to_the_site(alice, letter, settings):
    settings.SITE_URL = "https://gongyi.example.org/"
    services.queue([letter(alice, url="/cases/GY-1/")])
    services.sweep()

    assert mail.outbox[0].body == (
        "about {}\n\nhttps://gongyi.example.org/cases/GY-1/\n"
    )


def test_subject_of_several_lines_becomes_one(alice, letter):
    registry.set_renderer(lambda message, language: ("a\nBcc: eve@example.org", "b"))
    services.queue([letter(alice)])
    services.sweep()

    assert mail.outbox[0].subject == "a Bcc: eve@example.org"


def test_person_without_an_address_is_told_in_the_application(person, letter):
    carol = person("carol", email="")
    [message] = services.queue([letter(carol)])

    assert services.sweep() == 1

    message.refresh_from_db()
    assert message.channel == "in_app"
    assert message.sent_at is not None
    assert mail.outbox == []


def test_person_deactivated_meanwhile_gets_no_mail(alice, letter):
    services.queue([letter(alice)])
    with record("deactivate_person", by="system:tests"):
        alice.is_active = False
        alice.save()
    services.sweep()

    assert mail.outbox == []


def test_failure_is_noted_and_tried_again_later(alice, letter, dead_server):
    [message] = services.queue([letter(alice)])

    assert services.sweep() == 0
    assert services.sweep() == 0  # not due yet

    message.refresh_from_db()
    assert message.attempts == 1
    assert message.last_error == "ConnectionRefusedError: no answer"
    assert message.next_attempt_at > timezone.now()
    assert selectors.queue_state().failing == 1

    dead_server()
    due_again(message)
    assert services.sweep() == 1
    message.refresh_from_db()
    assert message.last_error == ""


def test_one_failure_does_not_stop_the_others(alice, bob, letter, monkeypatch):
    send = channels.Mail.send

    def refuse_alice(self, message):
        if message.recipient == alice:
            raise ConnectionRefusedError
        send(self, message)

    monkeypatch.setattr(channels.Mail, "send", refuse_alice)
    services.queue([letter(alice), letter(bob)])

    assert services.sweep() == 1
    assert mail.outbox[0].to == ["bob@example.org"]


def test_server_that_is_down_ends_the_turn(alice, letter, dead_server):
    services.queue(letter(alice, template=f"t{number}") for number in range(9))
    services.sweep()

    assert Message.objects.filter(attempts=1).count() == 5
    assert selectors.queue_state().waiting == 9


def test_message_is_given_up_after_eight_failures_and_that_is_seen(
    alice, letter, dead_server, caplog
):
    [message] = services.queue([letter(alice)])
    for _attempt in range(8):
        due_again(message)
        services.sweep()

    message.refresh_from_db()
    assert message.attempts == 8
    assert message.given_up_at is not None
    state = selectors.queue_state()
    assert (state.waiting, state.given_up) == (0, 1)
    assert "given up" in caplog.text
    due_again(message)
    assert services.sweep() == 0


def test_pauses_grow(alice, letter, dead_server):
    [message] = services.queue([letter(alice)])
    pauses = []
    for _attempt in range(3):
        due_again(message)
        services.sweep()
        message.refresh_from_db()
        pauses.append(round((message.next_attempt_at - timezone.now()).seconds / 60))

    assert pauses == [1, 3, 9]


def test_message_held_by_another_worker_is_left_alone(alice, letter):
    [message] = services.queue([letter(alice)])
    assert services._claim_next() == message

    assert services.sweep() == 0
    assert mail.outbox == []


def test_message_of_a_killed_worker_is_sent_when_its_lease_ends(alice, letter):
    [message] = services.queue([letter(alice)])
    services._claim_next()
    Message.objects.update(lease_until=timezone.now() - timedelta(seconds=1))

    assert services.sweep() == 1
    message.refresh_from_db()
    assert message.attempts == 2


def test_message_whose_workers_were_killed_every_time_is_given_up(alice, letter):
    [message] = services.queue([letter(alice)])
    Message.objects.update(
        attempts=8, lease_until=timezone.now() - timedelta(seconds=1)
    )

    assert services.sweep() == 0
    message.refresh_from_db()
    assert message.given_up_at is not None


def test_worker_that_lost_its_lease_changes_nothing(alice, letter):
    services.queue([letter(alice)])
    slow = services._claim_next()
    Message.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    quick = services._claim_next()

    services._note_failure(slow, ConnectionRefusedError())

    quick.refresh_from_db()
    assert quick.last_error == ""
    assert quick.lease_token is not None


def test_repeat_of_a_mail_carries_the_same_message_id(alice, letter):
    [message] = services.queue([letter(alice)])
    channels.Mail().send(message)
    channels.Mail().send(message)

    first, second = (m.message()["Message-ID"] for m in mail.outbox)
    assert first == second


def test_sweep_refuses_to_send_inside_a_transaction(alice, letter):
    services.queue([letter(alice)])
    with transaction.atomic(), pytest.raises(RuntimeError):
        services.sweep()
    assert mail.outbox == []


def test_sweep_without_a_renderer_says_so_and_claims_nothing(
    alice, letter, monkeypatch
):
    monkeypatch.setattr(registry, "_renderer", None)
    [message] = services.queue([letter(alice)])
    with pytest.raises(LookupError):
        services.sweep()
    message.refresh_from_db()
    assert message.attempts == 0


def test_sweep_stops_at_its_limit(alice, letter):
    services.queue(letter(alice, template=f"t{number}") for number in range(3))

    assert services.sweep(limit=2) == 2
    assert selectors.queue_state().waiting == 1


@pytest.mark.parametrize("waiting", [1, 3])
def test_sweep_costs_four_queries_a_message(
    alice, letter, waiting, django_assert_num_queries
):
    services.queue(letter(alice, template=f"t{number}") for number in range(waiting))

    with django_assert_num_queries(2 + 4 * waiting):
        services.sweep()
