"""Several connections append at once: the chains stay whole."""

import threading
from collections.abc import Callable

import pytest
from django.contrib.auth import get_user_model
from django.db import DatabaseError, connection

from audit.models import Event, Head
from audit.record import record
from audit.verify import verify
from organisations.models import Organisation

pytestmark = pytest.mark.django_db(transaction=True)
TIMES = 12


def at_once(*works: Callable[[], None]) -> list[BaseException]:
    """Run each in a thread of its own, all starting together."""
    barrier, errors = threading.Barrier(len(works)), []

    def run(work: Callable[[], None]) -> None:
        try:
            barrier.wait(10)
            work()
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[work]) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return errors


def rename(pk: int, actor: str) -> Callable[[], None]:
    def work() -> None:
        for n in range(TIMES):
            with record("rename", by=actor, stream="case:1"):
                Organisation.objects.filter(pk=pk).update(name=f"{actor} {n}")

    return work


def test_two_threads_append_to_one_stream(hospice) -> None:
    assert at_once(rename(hospice.pk, "system:a"), rename(hospice.pk, "system:b")) == []
    events = Event.objects.filter(stream="case:1").order_by("seq")
    assert [e.seq for e in events] == list(range(1, 2 * TIMES + 1))
    assert Head.objects.get(pk="case:1").seq == 2 * TIMES
    assert verify().findings == []


def test_events_over_several_streams_do_not_deadlock(db) -> None:
    def work(*names: str) -> Callable[[], None]:
        def run() -> None:
            for n in range(TIMES):
                with record("outer", by="system:test"):
                    for name in names:
                        with record("inner", by="system:test", stream=f"{name}:{n}"):
                            pass

        return run

    assert at_once(work("a", "b", "c"), work("c", "b", "a"), work("b", "c")) == []
    assert verify().findings == []


def test_one_stream_is_born_once(db) -> None:
    def sign_in() -> None:
        with record("sign_in", by="system:test", stream="user:4711"):
            pass

    assert at_once(*[sign_in] * 4) == []
    events = Event.objects.filter(stream="user:4711").order_by("seq")
    assert [e.seq for e in events] == [1, 2, 3, 4]
    births = Event.objects.filter(verb="stream.open", line__contains='"user:4711"')
    assert births.count() == 1
    assert verify().findings == []


def test_thread_is_outside_the_event_of_another(hospice) -> None:
    """An event belongs to one connection; nothing leaks into a worker."""
    said = []

    def sneak() -> None:
        try:
            Organisation.objects.filter(pk=hospice.pk).update(name="Sly")
        except DatabaseError as error:
            said.append(str(error))

    def hold() -> None:
        with record("hold", by="system:test"):
            get_user_model().objects.count()
            if connection.vendor == "postgresql":  # SQLite has one writer at a time
                assert at_once(sneak) == []

    hold()
    if connection.vendor == "sqlite":
        assert at_once(sneak) == []
    assert "change without an event" in said[0]


def test_verify_sees_one_state_while_others_write(hospice) -> None:
    reports = []

    def check() -> None:
        for _ in range(3):
            reports.append(verify())

    assert at_once(check, rename(hospice.pk, "system:a")) == []
    assert [r.findings for r in reports] == [[], [], []]
