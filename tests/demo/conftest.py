"""The whole demo, built once a run by the program that `make demo` starts."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connections
from django.db.utils import load_backend

from tests.demo.serving import demo


@dataclass(frozen=True)
class Demo:
    """A demo that is served: its folder, its address, and what it printed."""

    var: Path
    address: str
    printed: str


@pytest.fixture(scope="session")
def whole_demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    var = tmp_path_factory.mktemp("demo")
    with demo(var) as (address, printed):
        yield Demo(var, address, printed)


@pytest.fixture
def in_demo(whole_demo: Demo, django_db_blocker: Any, settings: Any) -> Iterator[Demo]:
    """The models of this process read the demo's database; not together with `db`."""
    settings.DEBUG = True
    settings.MEDIA_ROOT = whole_demo.var / "documents"
    own = connections["default"]
    named = dict(
        django_settings.DATABASES["default"],
        ENGINE="django.db.backends.sqlite3",
        NAME=str(whole_demo.var / "weigong.sqlite3"),
    )
    filled = connections.configure_settings({"default": named})["default"]
    backend = load_backend(filled["ENGINE"])
    connections["default"] = backend.DatabaseWrapper(filled, "default")
    with django_db_blocker.unblock():
        yield whole_demo
    connections["default"].close()
    connections["default"] = own
