"""Builds the whole demo."""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db.models import F
from django.test.utils import override_settings
from django.utils import translation
from django.utils.timezone import now

from desk.demo.clock import clock_from, days
from desk.demo.driver import Office
from desk.demo.house import PROGRAMME, build_house
from desk.demo.stories import all_rounds
from grants.calendar import today
from grants.models import Programme
from outbox.models import Message

#: Messages of the last days are still unread.
UNREAD = days(4)


def is_seeded() -> bool:
    return Programme.objects.filter(code=PROGRAMME).exists()


def seed(*, tell: Callable[[str], None], small: bool = False) -> tuple[int, int]:
    """Build the demo as of now; the numbers of cases and of steps taken."""
    present = now()
    rounds = all_rounds(today(present), small=small)
    rows = [plan.row for round_plan in rounds for plan in round_plan.plans]
    begin = min(round_plan.opens_at for round_plan in rounds) - days(60)
    with quickly(), translation.override("zh-hans"), clock_from(begin) as clock:
        tell("== People, organisations, programme")
        house = build_house(rows)
        office = Office(house, clock, until=present, tell=tell)
        office.run(rounds)
    deliver_messages()
    return len(office.plans), office.steps


@contextmanager
def quickly() -> Iterator[None]:
    """Without DEBUG's list of statements, and with few rounds of the collector."""
    before = gc.get_threshold()
    gc.set_threshold(100_000, 50, 50)
    try:
        with override_settings(DEBUG=False):
            yield
    finally:
        gc.set_threshold(*before)


def deliver_messages() -> None:
    """Mails of the past are not sent today; older messages have been read."""
    waiting = Message.objects.waiting()
    waiting.update(sent_at=F("created_at"), channel="in_app", attempts=0)
    old = Message.objects.filter(created_at__lt=now() - UNREAD, read_at=None)
    old.update(read_at=F("created_at"))
