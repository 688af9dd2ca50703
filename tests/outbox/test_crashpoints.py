"""The crash point kills only where a developer asked for it."""

import os
import signal
import subprocess
import sys

import pytest

from outbox import crashpoints

REACH = """
from django.conf import settings
settings.configure(DEBUG={debug})
from outbox import crashpoints
crashpoints.reach("here")
"""


@pytest.mark.parametrize(
    ("debug", "named", "ends_with"),
    [
        (True, "here", -signal.SIGKILL),
        (True, "elsewhere", 0),
        (False, "here", 0),
    ],
)
def test_process_dies_at_the_named_point(root, debug, named, ends_with):
    ended = subprocess.run(
        [sys.executable, "-c", REACH.format(debug=debug)],
        cwd=root,
        env={**os.environ, "WEIGONG_CRASH_AT": named},
        check=False,
    )
    assert ended.returncode == ends_with


def test_reach_does_nothing_without_the_variable(settings):
    settings.DEBUG = True
    crashpoints.reach("here")
