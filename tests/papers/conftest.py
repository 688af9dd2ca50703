"""The house of the desk's tests: people who sign in, a round, cases on the road."""

from tests.desk.conftest import house_of_the_module, text, world

__all__ = ["house_of_the_module", "text", "world"]
