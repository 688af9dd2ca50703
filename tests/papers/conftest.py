"""The house of the desk's tests: people who sign in, a round, cases on the road."""

from tests.desk.conftest import text, world

__all__ = ["text", "world"]
