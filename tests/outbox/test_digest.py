"""At once, in the daily digest, or no mail: each as chosen, each exactly once."""

import threading

import pytest
from django.core import mail
from django.db import connection

from audit.models import Event
from outbox import registry, selectors, services
from outbox.models import DIGEST, MailChoice, Mailing, Message
from tests.outbox.processes import run
from tests.outbox.test_workers import KILLED, SWEEP, end_leases

pytestmark = pytest.mark.usefixtures("words")


@pytest.fixture
def digester(alice, clock):
    """Alice wants "screened" once a day; it is Monday afternoon."""
    clock.to("2026-03-02 15:00")
    services.choose_mail(alice, {"screened": Mailing.DIGEST})
    return alice


def subjects():
    return [message.subject for message in mail.outbox]


def test_digest_leaves_once_at_its_hour_with_everything_since(digester, letter, clock):
    services.queue([letter(digester), letter(digester, template="other")])
    clock.forward(hours=2)
    services.queue([letter(digester, url="/cases/GY-2/")])

    assert services.sweep() == 1
    assert subjects() == ["other [zh-hans]"]
    clock.to("2026-03-03 07:59")
    assert services.sweep() == 0
    clock.to("2026-03-03 08:00")
    assert services.sweep() == 1
    assert services.sweep() == 0

    [digest] = mail.outbox[1:]
    assert "2" in digest.subject
    assert digest.body.index("1. screened [zh-hans]") < digest.body.index("2. screened")
    assert "http://127.0.0.1:8000/cases/GY-2/" in digest.body
    gathered = Message.objects.filter(template="screened")
    assert {m.channel for m in gathered} == {"digest"}
    assert all(m.sent_at for m in gathered)


def test_messages_of_the_hour_itself_wait_for_the_next_day(digester, letter, clock):
    clock.to("2026-03-03 08:00")
    services.queue([letter(digester)])
    clock.to("2026-03-03 23:00")
    assert services.sweep() == 0
    clock.to("2026-03-04 08:00")
    assert services.sweep() == 1


def test_digest_is_no_message_of_the_list_and_nobody_waits_for_it(
    digester, letter, clock
):
    services.queue([letter(digester)])
    assert selectors.queue_state().waiting == 0
    clock.to("2026-03-03 09:00")
    services.sweep()

    assert [m.template for m in selectors.messages_for(digester)] == ["screened"]
    assert selectors.unread_count_for(digester) == 1
    assert selectors.queue_state().oldest_waiting is None


def test_digest_of_many_names_how_many_more_there_are(
    digester, letter, clock, monkeypatch
):
    monkeypatch.setattr(selectors, "LINES", 2)
    services.queue(letter(digester, url=f"/{number}/") for number in range(5))
    clock.to("2026-03-03 09:00")
    services.sweep()
    [digest] = mail.outbox
    assert "2. screened" in digest.body
    assert "3. screened" not in digest.body
    assert "3" in digest.body.split("screened")[-1]


def test_digest_that_fails_is_tried_again_and_not_gathered_twice(
    digester, letter, clock, monkeypatch
):
    from outbox import channels

    def refuse(self, message):
        raise ConnectionRefusedError("no answer")

    services.queue([letter(digester)])
    clock.to("2026-03-03 08:00")
    with monkeypatch.context() as patched:
        patched.setattr(channels.Mail, "send", refuse)
        assert services.sweep() == 0
    clock.forward(minutes=2)
    assert services.sweep() == 1
    assert Message.objects.filter(template=DIGEST).count() == 1


def test_no_mail_means_the_application_only(alice, letter):
    services.choose_mail(alice, {"screened": Mailing.NONE})
    [message] = services.queue([letter(alice)])

    assert services.sweep() == 0
    assert mail.outbox == []
    assert message.sent_at is not None
    assert [m.template for m in services.unread_for(alice)] == ["screened"]


def test_binding_letter_is_mailed_at_once_whatever_was_chosen(alice, letter):
    services.choose_mail(alice, {"screened": Mailing.NONE})
    services.queue([letter(alice, binding=True)])
    assert services.sweep() == 1
    assert subjects() == ["screened [zh-hans]"]


def test_own_choice_counts_more_than_what_is_said_for_everybody(alice, bob, letter):
    registry.set_mailings(lambda letters: ["none"] * len(letters))
    services.choose_mail(alice, {"screened": Mailing.NOW})
    services.queue([letter(alice), letter(bob)])
    services.sweep()
    assert [m.to for m in mail.outbox] == [["alice@example.org"]]


def test_choice_is_on_record_and_a_repeat_is_none(alice):
    before = Event.objects.count()
    services.choose_mail(alice, {"screened": "digest", "paid": ""})
    services.choose_mail(alice, {"screened": "digest"})
    assert Event.objects.count() == before + 1
    event = Event.objects.latest("pk")
    assert event.verb == "choose_mail"
    services.choose_mail(alice, {"screened": ""})
    assert not MailChoice.objects.exists()


@pytest.mark.parametrize("waiting", [1, 3])
def test_writing_costs_two_queries(
    alice, bob, letter, waiting, django_assert_num_queries
):
    letters = [letter(alice, template=f"t{n}") for n in range(waiting)]
    with django_assert_num_queries(2):
        services.queue([*letters, letter(bob)])


@pytest.mark.django_db(transaction=True)
def test_worker_killed_while_gathering_loses_nothing_and_repeats_nothing(
    digester, letter, tmp_path
):
    services.queue([letter(digester), letter(digester, url="/b/")])
    Message.objects.update(next_attempt_at="2026-03-02T00:00:00Z")
    program = MOVED + SWEEP

    assert run(program, mails=tmp_path, crash_at="outbox.gathered") == KILLED
    assert not Message.objects.filter(template=DIGEST).exists()
    end_leases()
    assert services.sweep() == 1
    assert services.sweep() == 0
    assert len(mail.outbox) == 1
    assert list(tmp_path.iterdir()) == []


#: The other process lives at the time of the test, too.
MOVED = """
import time_machine
time_machine.travel("2026-03-02T07:00:00Z", tick=True).start()
"""


@pytest.mark.django_db(transaction=True)
def test_workers_at_once_make_one_digest(digester, letter, clock):
    services.queue(letter(digester, url=f"/{number}/") for number in range(12))
    clock.to("2026-03-03 08:00")

    def work():
        try:
            services.sweep()
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _number in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert len(mail.outbox) == 1
    assert Message.objects.get(template=DIGEST).gathered.count() == 12
