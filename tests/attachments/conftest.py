"""A folder of "letters": Alice writes, Bob reads, Mallory does neither."""

import pytest
from django.contrib.auth import get_user_model
from django.core.cache import cache

from attachments import registry
from attachments.models import Folder
from attachments.services import open_folder
from attachments.storage import LocalStorage
from audit.record import record


@pytest.fixture(autouse=True)
def storage(settings, tmp_path) -> LocalStorage:
    settings.MEDIA_ROOT = tmp_path / "documents"
    cache.clear()
    return LocalStorage(settings.MEDIA_ROOT)


@pytest.fixture
def person(db):
    def make(name):
        with record("make_person", by="system:tests"):
            return get_user_model().objects.create_user(name)

    return make


@pytest.fixture
def alice(person):
    return person("alice")


@pytest.fixture
def bob(person):
    return person("bob")


@pytest.fixture
def mallory(person):
    return person("mallory")


@pytest.fixture(autouse=True)
def letters(monkeypatch):
    """The owner of the folders in these tests."""
    monkeypatch.setattr(registry, "_owners", {})
    registry.register(
        "letters",
        can_read=lambda user, folder: user.username in ("alice", "bob"),
        can_write=lambda user, folder: user.username == "alice",
    )


@pytest.fixture
def folder(db) -> Folder:
    with record("open_folder", by="system:tests"):
        return open_folder("letters", stream="case:17")
