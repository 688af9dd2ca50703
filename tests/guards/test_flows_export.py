"""Exported BPMN that others open, and a check that names what is not current."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from workflows.diagram import flow_bpmn
from workflows.flows import FLOWS
from workflows.management.commands import export_flows

pytestmark = pytest.mark.once

SCRIPT = Path(__file__).with_name("parse_bpmn.mjs")


def test_check_names_what_is_not_current(monkeypatch):
    monkeypatch.setattr(
        export_flows.Command, "files", lambda self: {"none.en.svg": "<svg/>"}
    )
    with pytest.raises(CommandError, match=r"none\.en\.svg"):
        call_command("export_flows", check=True)


@pytest.mark.once
def test_bpmn_of_every_flow_is_parsed_without_warnings(root, tmp_path):
    files = {}
    for flow in FLOWS:
        path = tmp_path / f"{flow.__name__}.bpmn"
        path.write_text(flow_bpmn(flow), encoding="utf-8")
        files[str(path)] = flow
    node = shutil.which("node")
    assert node, "node comes with npm, which `make install` needs"
    done = subprocess.run(
        [node, str(SCRIPT), *files],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    told = json.loads(done.stdout)
    assert {file: one["warnings"] for file, one in told.items()} == {
        file: [] for file in files
    }
    for file, flow in files.items():
        kinds = told[file]["elements"]
        human = sum(n.task_type == "HUMAN" for n in flow.instance.nodes())
        assert kinds.count("bpmn:UserTask") == human, flow
        assert "bpmn:EndEvent" in kinds
        assert "bpmn:SequenceFlow" in kinds
