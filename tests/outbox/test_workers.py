"""Several workers at once, and workers killed at their named points."""

import signal
import threading
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.utils import timezone

from outbox import services
from outbox.models import Message
from tests.outbox.processes import run

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("words"),
]
SWEEP = """
from outbox import registry, services
registry.set_renderer(lambda message, language: (message.template, ""))
services.sweep()
"""
KILLED = -signal.SIGKILL


def end_leases():
    Message.objects.update(lease_until=timezone.now() - timedelta(seconds=1))


def test_workers_at_once_send_every_message_once(alice, letter):
    services.queue(letter(alice, template=f"t{number}") for number in range(20))

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

    assert len(mail.outbox) == 20
    assert len({m.subject for m in mail.outbox}) == 20
    assert not Message.objects.waiting().exists()


def test_worker_killed_before_sending_loses_nothing(alice, letter, tmp_path):
    [message] = services.queue([letter(alice)])

    assert run(SWEEP, mails=tmp_path, crash_at="outbox.claimed") == KILLED

    assert list(tmp_path.iterdir()) == []
    assert services.sweep() == 0  # the lease of the dead worker
    end_leases()
    assert services.sweep() == 1
    assert len(mail.outbox) == 1
    message.refresh_from_db()
    assert message.sent_at is not None


def test_worker_killed_after_sending_repeats_a_mail_that_can_be_told(
    alice, letter, tmp_path
):
    """No queue in a database can do better: what left is recognisable."""
    services.queue([letter(alice)])

    assert run(SWEEP, mails=tmp_path, crash_at="outbox.sent") == KILLED

    [first] = tmp_path.iterdir()
    end_leases()
    assert services.sweep() == 1
    repeat = mail.outbox[0].message()["Message-ID"]
    assert f"Message-ID: {repeat}" in first.read_text()


def test_worker_that_is_not_killed_sends_once(alice, letter, tmp_path):
    services.queue([letter(alice)])

    assert run(SWEEP, mails=tmp_path) == 0
    assert run(SWEEP, mails=tmp_path) == 0

    assert len(list(tmp_path.iterdir())) == 1
    assert services.sweep() == 0
