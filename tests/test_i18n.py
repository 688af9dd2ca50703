"""The interface is complete in Chinese; English is the source."""

import ast
import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from django.conf import settings
from django.utils import translation

pytestmark = pytest.mark.once

CATALOGUES = sorted(Path(settings.LOCALE_PATHS[0]).glob("*/LC_MESSAGES/*.po"))
TRANSLATION = "django.utils.translation"
GETTEXT = {"_"} | {
    f"{kind}gettext{lazy}" for kind in ("", "n", "p", "np") for lazy in ("", "_lazy")
}
PLACEHOLDER = re.compile(r"%\(\w+\)[sdf]|\{\w*\}")


def read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, abort_invalid=True)


def texts(value: str | tuple[str, ...]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def hidden_messages(path: Path) -> list[str]:
    """Where a message stands that the collecting of messages does not see."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.JoinedStr):
            calls = [n.func for n in ast.walk(node) if isinstance(n, ast.Call)]
            names = {f.id for f in calls if isinstance(f, ast.Name)}
            if names & GETTEXT:
                found.append(f"{path}:{node.lineno}: inside of an f-string")
        elif isinstance(node, ast.ImportFrom) and node.module == TRANSLATION:
            for alias in node.names:
                if alias.name in GETTEXT and alias.asname not in (None, "_"):
                    found.append(f"{path}:{node.lineno}: under the name {alias.asname}")
    return found


def test_every_message_is_collected():
    apps = "desk", "workflows", "grants", "organisations", "attachments", "outbox"
    files = [f for app in (*apps, "audit", "config") for f in Path(app).rglob("*.py")]
    assert len(files) > 300
    assert [place for file in files for place in hidden_messages(file)] == []


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
