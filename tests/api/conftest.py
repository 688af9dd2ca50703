"""The API's world at a fixed moment."""

import pytest
from django.core.cache import cache

from tests.api import world as worlds
from tests.factories.healing import unseen_steps

__all__ = ["unseen_steps"]

START = "2025-03-03 09:00"


@pytest.fixture(autouse=True)
def _fresh_cache():
    """Counters of wrong tokens and objections live in the cache."""
    cache.clear()


@pytest.fixture
def at_start(clock):
    clock.to(START)
    worlds.CLOCK[:] = [clock]
    yield clock
    worlds.CLOCK.clear()


@pytest.fixture
def world(db, at_start):
    """One organisation, everybody's token, and an open round."""
    return worlds.make_world()
