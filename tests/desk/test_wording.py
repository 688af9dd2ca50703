"""The record's verbs and the flows' nodes are read as words, in both languages."""

import ast
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import translation

from desk.wording import nodes_of_flows, verb_label

pytestmark = pytest.mark.once

APPS = (
    "attachments",
    "audit",
    "desk",
    "grants",
    "organisations",
    "outbox",
    "workflows",
)


def recorded_verbs() -> set[str]:
    """The first argument of every `record("…")` that is written out."""
    verbs = set()
    for app in APPS:
        for path in Path(settings.BASE_DIR, app).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") in (
                    "record",
                    "recording",
                ):
                    first = node.args[0] if node.args else None
                    if isinstance(first, ast.Constant):
                        verbs.add(str(first.value))
    return verbs


def test_verbs_of_the_record_are_words():
    verbs = recorded_verbs()
    assert {"fire_timer", "publish_round"} <= verbs
    with translation.override("zh-hans"):
        codes = {v for v in verbs if re.search("[A-Za-z]", verb_label(v))}
    assert not codes


def test_nodes_that_move_a_case_are_words():
    with translation.override("zh-hans"):
        labels = {n: verb_label(n) for n in nodes_of_flows()}
        passed = verb_label("report_stage__due")
    assert not {n for n, label in labels.items() if re.search("[A-Za-z]", label)}
    assert passed == "时限届满：提交阶段报告"
