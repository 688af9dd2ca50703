"""Alice and Bob, and words for their messages."""

from collections.abc import Callable

import pytest
from django.contrib.auth import get_user_model

from audit.record import record
from outbox import registry
from outbox.models import Message
from outbox.registry import Letter


@pytest.fixture
def person(db: None) -> Callable[..., object]:
    """Make a person: ``person("alice", email="", language="en")``."""

    def make(name: str, **fields: object) -> object:
        with record("make_person", by="system:tests"):
            return get_user_model().objects.create_user(
                name, **{"email": f"{name}@example.org", **fields}
            )

    return make


@pytest.fixture
def alice(person):
    return person("alice")


@pytest.fixture
def bob(person):
    return person("bob", language="en")


@pytest.fixture
def empty_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_handlers", {})
    monkeypatch.setattr(registry, "_renderer", None)
    monkeypatch.setattr(registry, "_gatherer", None)
    monkeypatch.setattr(registry, "_mailings", None)
    monkeypatch.setattr(registry, "_page", None)


@pytest.fixture
def words(empty_registry: None) -> None:
    """A renderer that shows which words, for whom, in which language."""

    def render(message: Message, language: str) -> tuple[str, str]:
        return f"{message.template} [{language}]", f"about {message.params}"

    registry.set_renderer(render)


@pytest.fixture
def letter() -> Callable[..., Letter]:
    def make(to: object, **fields: object) -> Letter:
        return Letter(
            **{"to": to, "template": "screened", "url": "/cases/GY-1/", **fields}
        )

    return make
