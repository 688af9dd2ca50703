"""A moved clock: the demo's past rounds and rehearsals of rounds to come.

It moves the time of the whole process, for every thread of it. So it runs in a
process that does nothing else (a management command), never in a web worker.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import time_machine
from django.utils.timezone import now


class Clock:
    """The time of the process; it ticks on from where it was put."""

    def __init__(self, traveller: time_machine.Traveller) -> None:
        self._traveller = traveller

    def to(self, moment: datetime) -> None:
        """Go to a moment, never back."""
        if moment > now():
            self._traveller.move_to(moment)


@contextmanager
def clock_from(moment: datetime) -> Iterator[Clock]:
    """Travel for a while; the real time comes back at the end.

    RuntimeError in any thread but the first: others would travel along.
    """
    if threading.current_thread() is not threading.main_thread():
        raise RuntimeError("the clock is moved in a process of its own only")
    with time_machine.travel(moment, tick=True) as traveller:
        yield Clock(traveller)
