"""Help for tests: events for factories, and a database that can be emptied.

For ``tests/conftest.py``::

    pytest_plugins = ["audit.testing"]

which does the following.

* ``flush`` works in tests that use ``transactional_db`` or ``live_server``:
  the triggers are taken off before it and put back after it.
* ``with ambient_event():`` opens an event for what a test arranges by itself.
* ``RecordedFactory`` is a mix-in for factory_boy: each call of a factory,
  post-generation included, runs in such an event.
* The fixture ``ambient_events`` lets a whole test write outside of events, for
  tests in which the record is not the point. What is written so becomes an
  event of "system:test" as soon as the code under test opens one of its own
  (or at the end of the fixture), so the order of the record stays true. Make
  it autouse for a folder with::

      @pytest.fixture(autouse=True)
      def _ambient(ambient_events): ...

  Mind the cost: in such a test a service that forgets ``record`` is not refused.
* The fixture ``verified_record`` fails a test whose record does not verify.
* ``as_administrator()`` is the database administrator who takes the triggers
  off, changes something, and puts them back: for tests of tampering.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import DEFAULT_DB_ALIAS, connection, transaction
from django.test import TransactionTestCase

from . import append, capture, schema
from .context import Act, Open, open_of
from .record import record

BY = "system:test"


@contextmanager
def ambient_event() -> Iterator[Act]:
    """An event for what a test arranges by itself."""
    with record("arrange", by=BY) as act:
        yield act


class RecordedFactory:
    """Mix-in before ``DjangoModelFactory``: every creation is an event."""

    @classmethod
    def _generate(cls, strategy: str, params: dict[str, Any]) -> Any:
        if strategy != "create":
            return super()._generate(strategy, params)  # type: ignore[misc]
        with ambient_event():
            return super()._generate(strategy, params)  # type: ignore[misc]


@contextmanager
def as_administrator() -> Iterator[Any]:
    """A cursor without triggers around it; they are back afterwards."""
    connection.check_constraints()  # PostgreSQL alters no table with checks to come
    capture.uninstall()
    try:
        with connection.cursor() as cursor:
            yield cursor
    finally:
        capture.install()


class Ambient:
    """A lasting event of a connection, outside of which nothing is refused."""

    def __init__(self) -> None:
        self.state: Open = open_of(connection)
        self.act = Act("arrange", BY)

    def open(self) -> None:
        self.state.before_outermost = self.flush
        capture.set_op(connection, self.act.id, local=False)

    def flush(self) -> None:
        """Make an event of what was written so far, before another begins."""
        if connection.needs_rollback:
            return
        before = self.act
        with transaction.atomic():
            append.append(connection, [before])
            self.act = Act("arrange", BY)
            capture.set_op(connection, self.act.id, local=False)

    def close(self) -> None:
        self.state.before_outermost = None
        if not connection.needs_rollback:
            self.flush()
            capture.set_op(connection, None, local=False)
        self.state.op = None


@pytest.fixture
def ambient_events(request: pytest.FixtureRequest) -> Iterator[None]:
    """Writes outside of events become events of "system:test" by themselves."""
    transactional = {"transactional_db", "live_server"} & set(request.fixturenames)
    marker = request.node.get_closest_marker("django_db")
    if marker and marker.kwargs.get("transaction"):
        transactional.add("marker")
    request.getfixturevalue("transactional_db" if transactional else "db")
    ambient = Ambient()
    ambient.open()
    yield
    ambient.close()


@pytest.fixture
def verified_record(db: None) -> Iterator[None]:
    """The record must verify when the test has ended."""
    from .verify import verify

    yield
    findings = verify().findings
    if findings:
        pytest.fail(f"the record does not verify: {findings}")


class Emptied:
    """The emptied database on SQLite, kept in memory: putting it back takes
    milliseconds, where emptying each table and booking the schema takes half a
    second."""

    def __init__(self) -> None:
        self.copy: sqlite3.Connection | None = None

    def keep(self) -> None:
        if connection.vendor == "sqlite":
            self.copy = sqlite3.connect(":memory:")
            connection.connection.backup(self.copy)

    def put_back(self) -> bool:
        """Whether there was one, and the database is that again."""
        if self.copy is None:
            return False
        connection.ensure_connection()
        self.copy.backup(connection.connection)
        ContentType.objects.clear_cache()
        return True


def allow_flush() -> None:
    """Let TransactionTestCase empty the tables (in tests only)."""
    case = cast(Any, TransactionTestCase)
    teardown = case._fixture_teardown
    if getattr(teardown, "without_triggers", False):
        return

    empty = Emptied()

    def _fixture_teardown(self: TransactionTestCase) -> None:
        state = open_of(connection)
        state.acts.clear()
        state.op = None
        if empty.put_back():
            return
        capture.uninstall(DEFAULT_DB_ALIAS)
        try:
            teardown(self)
        finally:
            if capture.install(DEFAULT_DB_ALIAS):
                schema.book()
        empty.keep()

    _fixture_teardown.without_triggers = True  # type: ignore[attr-defined]
    case._fixture_teardown = _fixture_teardown


def pytest_configure(config: pytest.Config) -> None:
    allow_flush()
