"""Chinese is complete: every text that is looked up is translated."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from tests.services import needs

pytestmark = pytest.mark.once
CATALOGUE = Path("locale") / "zh_Hans" / "LC_MESSAGES" / "django.po"
OURS = [
    "config",
    "desk",
    "workflows",
    "grants",
    "organisations",
    "attachments",
    "outbox",
    "audit",
]


def catalogue(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale="zh_Hans")


def keys(found: Catalog) -> set[tuple[str, str]]:
    """(context, msgid), the singular where there are two."""
    out = set()
    for message in found:
        if message.id:
            msgid = message.id if isinstance(message.id, str) else message.id[0]
            out.add((message.context or "", msgid))
    return out


def test_every_message_is_translated_and_none_is_fuzzy(root):
    bad = []
    for message in catalogue(root / CATALOGUE):
        if not message.id:
            continue
        texts = [message.string] if isinstance(message.string, str) else message.string
        if message.fuzzy or not all(texts):
            bad.append(message.id)
    assert bad == []


def test_placeholders_are_kept(root):
    bad = []
    for message in catalogue(root / CATALOGUE):
        if message.id and message.python_format:
            bad += [(message.id, str(error)) for error in message.check()]
    assert bad == []


@needs("gettext")
def test_fresh_extraction_finds_nothing_new(root, tmp_path):
    """makemessages on a copy of the sources: every msgid is in the catalogue."""
    for name in (*OURS, "templates", "locale"):
        hidden = shutil.ignore_patterns("__pycache__", "*.mo")
        shutil.copytree(root / name, tmp_path / name, ignore=hidden)
    shutil.copy(root / "manage.py", tmp_path)
    subprocess.run(
        [
            sys.executable,
            *("-W", "ignore", "-m", "django", "makemessages"),
            *("--locale", "zh_Hans", "--no-location", "--no-wrap"),
        ],
        cwd=tmp_path,
        env={k: v for k, v in os.environ.items() if k != "DJANGO_SETTINGS_MODULE"},
        check=True,
        capture_output=True,
        timeout=300,
    )
    fresh = keys(catalogue(tmp_path / CATALOGUE))
    assert fresh - keys(catalogue(root / CATALOGUE)) == set()
