"""Roads are watched: see tests/factories/healing.py."""

from tests.factories.healing import unseen_steps

__all__ = ["unseen_steps"]
