"""The interface is complete in Chinese; English is the source."""

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from django.conf import settings
from django.utils import translation

pytestmark = pytest.mark.once

CATALOGUES = sorted(Path(settings.LOCALE_PATHS[0]).glob("*/LC_MESSAGES/*.po"))
PLACEHOLDER = re.compile(r"%\(\w+\)[sdf]|\{\w*\}")


def read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, abort_invalid=True)


def texts(value: str | tuple[str, ...]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parts[-3])
def test_every_message_is_translated(path):
    empty = [m.id for m in read(path) if m.id and not all(texts(m.string))]
    fuzzy = [m.id for m in read(path) if m.id and m.fuzzy]
    assert (empty, fuzzy) == ([], [])


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parts[-3])
def test_placeholders_are_those_of_the_original(path):
    wrong = []
    for message in read(path):
        if not message.id:
            continue
        wanted = set(PLACEHOLDER.findall(texts(message.id)[-1]))
        for text in texts(message.string):
            if set(PLACEHOLDER.findall(text)) != wanted:
                wrong.append(message.id)
    assert wrong == []


def test_catalogues_are_compiled():
    with translation.override("zh-hans"):
        assert translation.gettext("Inbox") == "待办事项"
    with translation.override("en"):
        assert translation.gettext("Inbox") == "Inbox"


def test_gettext_is_called_by_names_that_makemessages_finds(root):
    """A call under another name works, and is never translated."""
    apps = ("desk", "workflows", "grants", "organisations", "attachments", "outbox")
    for path in (path for app in apps for path in (root / app).rglob("*.py")):
        names = re.findall(r"\w*gettext\w* as (\w+)", path.read_text(encoding="utf-8"))
        assert set(names) <= {"_"}, path
