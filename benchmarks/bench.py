"""What the benchmarks share: a database of their own, medians, the machine."""

import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


@contextmanager
def database() -> Iterator[None]:
    """A database with the tables of the models, thrown away afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["WEIGONG_VAR"] = folder
        import django

        django.setup()
        from django.conf import settings
        from django.db import connection
        from django.test.utils import (
            setup_databases,
            setup_test_environment,
            teardown_databases,
            teardown_test_environment,
        )

        setup_test_environment(debug=False)
        settings.ALLOWED_HOSTS = ["*"]
        connection.settings_dict["TEST"]["MIGRATE"] = False
        made = setup_databases(verbosity=0, interactive=False)
        print(f"{machine()}, {connection.vendor}")
        try:
            yield
        finally:
            teardown_databases(made, verbosity=0)
            teardown_test_environment()


def machine() -> str:
    """What the figures were measured on."""
    return f"Python {platform.python_version()}, {os.cpu_count()} cores"


def seconds(work: Callable[[], Any], runs: int) -> float:
    """The median of several runs, after one that does not count."""
    work()
    found = []
    for _run in range(runs):
        began = time.perf_counter()
        work()
        found.append(time.perf_counter() - began)
    return statistics.median(found)
