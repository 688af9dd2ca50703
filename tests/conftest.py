"""What every test gets: a quick hasher, files of its own, a clock that can move.

Services that a machine may lack are declared with tests/services.py.
"""

import gc
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from _pytest.nodeid import NodeId
from django.conf import settings as django_settings
from django.db import transaction

from tests.clock import Clock, moved_clock
from tests.services import chromium_path, missing, no_skips

# Lets TransactionTestCase empty tables that triggers guard, and brings the
# fixtures `ambient_events` and `verified_record`.
pytest_plugins = ["audit.testing"]


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "needs(service): see tests/services.py")
    # argon2 takes 50 ms a password, and thousands of accounts are made here
    django_settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    # every test client builds the middleware anew: no list of static files for each
    django_settings.WHITENOISE_AUTOREFRESH = True
    # a process of tests keeps much and drops little: the collector finds nothing
    gc.set_threshold(100_000, 50, 50)


def _in_another_run(item: pytest.Item) -> bool:
    """Whether scripts/test.sh runs this test in the other of its two runs."""
    if os.environ.get("WEIGONG_POSTGRES_FOLLOWS") == "1" and missing("postgres"):
        return any("postgres" in mark.args for mark in item.iter_markers("needs"))
    if os.environ.get("WEIGONG_SQLITE_RAN") == "1":
        return item.get_closest_marker("once") is not None
    return False


def _turn(item: pytest.Item) -> tuple[bool, int]:
    """Tests that empty the tables come last, as pytest-django has it; within both
    parts the longest first, so that no worker is left alone with one."""
    database = item.get_closest_marker("django_db")
    empties = bool(database and database.kwargs.get("transaction"))
    empties |= bool(
        {"transactional_db", "live_server"} & set(getattr(item, "fixturenames", ()))
    )
    slow = item.get_closest_marker("slow")
    return empties, -slow.args[0] if slow else 0


def _name_group(item: pytest.Item) -> None:
    """Tests of an xdist_group run in one worker.

    xdist 3.8 writes the group where pytest 9 no longer keeps a test's name.
    """
    mark = item.get_closest_marker("xdist_group")
    if mark is not None and "@" not in item.nodeid:
        item._id = NodeId.parse(f"{item.nodeid}@{mark.args[0]}")


def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    items.sort(key=_turn)
    if hasattr(config, "workerinput"):
        for item in items:
            _name_group(item)
    left = [item for item in items if _in_another_run(item)]
    if left:
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if item not in left]


def pytest_runtest_setup(item: pytest.Item) -> None:
    for mark in item.iter_markers("needs"):
        if reason := missing(mark.args[0]):
            pytest.skip(reason)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """With WEIGONG_NO_SKIPS=1 a skipped test has failed."""
    outcome = yield
    report = outcome.get_result()
    if report.skipped and no_skips() and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skips are forbidden here: {report.longrepr[2]}"


@pytest.hookimpl(hookwrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Iterator[None]:
    """The same for a module that skips itself while it is collected."""
    outcome = yield
    report = outcome.get_result()
    if report.skipped and no_skips():
        report.outcome = "failed"
        report.longrepr = f"skips are forbidden here: {report.longrepr[2]}"


@pytest.fixture(autouse=True, scope="session")
def _files_of_the_run(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Documents of tests go to a folder of the run, never to var/."""
    django_settings.MEDIA_ROOT = tmp_path_factory.mktemp("documents")
    django_settings.CHECKPOINT_FOLDER = tmp_path_factory.mktemp("checkpoints")


@pytest.fixture
def clock() -> Iterator[Clock]:
    """The moved clock: `clock.to(moment)`, `clock.forward(days=5)`."""
    with moved_clock() as moved:
        yield moved


@pytest.fixture(scope="module")
def shared_db(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """A transaction around a module: what is arranged in it, each test finds again.

    Not for modules with tests that empty the tables.
    """
    with django_db_blocker.unblock():
        around = transaction.atomic()
        around._from_testcase = True  # what is durable may be nested in it
        with around:
            yield
            transaction.set_rollback(True)


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, object]:
    """Debian's Chromium, kept from calling anywhere (pytest-playwright)."""
    return {
        "executable_path": chromium_path(),
        "args": [
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ],
    }


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder of the project."""
    return django_settings.BASE_DIR


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    """Each test numbers its rows anew, and no test speaks the language of the last:
    what a process remembers is forgotten."""
    from django.core.cache import cache
    from django.utils import translation

    from grants import rules

    rules._parsed.cache_clear()
    cache.clear()
    yield
    translation.deactivate()
