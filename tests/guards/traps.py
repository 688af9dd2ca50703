"""What the tests of viewflow's traps look through: the nodes and the sources."""

from collections.abc import Iterator
from pathlib import Path

from workflows.flows import FLOWS
from workflows.nodes import Step

NODES = [(flow, node) for flow in FLOWS for node in flow.instance.nodes()]
STEPS = [(flow, node) for flow, node in NODES if isinstance(node, Step)]
IDS = [f"{flow.__name__}.{node.name}" for flow, node in STEPS]
SOURCES = ["workflows", "grants", "organisations", "attachments", "outbox", "audit"]


def sources(root: Path, *apps_: str) -> Iterator[tuple[Path, str]]:
    """The Python files of some apps."""
    for app in apps_:
        for path in sorted((root / app).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path, path.read_text(encoding="utf-8")
