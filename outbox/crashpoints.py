"""Named points at which a test may kill the process.

The promise "a worker killed in the middle loses nothing" is tested by killing
one: ``WEIGONG_CRASH_AT=attachments.stored`` makes the process that reaches this
point die as by a power cut, without clean-up. Only with DEBUG on.
"""

import os
import signal

from django.conf import settings


def reach(name: str) -> None:
    """Kill this process when the environment asks for a crash at ``name``."""
    if settings.DEBUG and os.environ.get("WEIGONG_CRASH_AT") == name:
        os.kill(os.getpid(), signal.SIGKILL)
