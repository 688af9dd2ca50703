"""Names that are stored: flows and nodes in the database, actions in the record.

A renamed node becomes `Obsolete` and a renamed flow loads as None, without an
error. Whoever renames one writes a data migration and changes the list by hand.
"""

from pathlib import Path

import pytest
from viewflow.workflow.fields import get_flow_ref, get_task_ref

from grants.actions import ACTIONS
from grants.lifecycle import MOVES
from grants.models import Role, SeatStatus, StageStatus, Status, TrancheStatus
from organisations.models import MembershipRole
from workflows.flows import FLOWS

pytestmark = pytest.mark.once

FILE = Path(__file__).with_name("frozen_names.txt")


def names() -> list[str]:
    """Every name that is kept somewhere, one a line."""
    out = []
    for flow in FLOWS:
        out.append(f"flow {get_flow_ref(flow)}")
        out += [f"node {get_task_ref(node)}" for node in flow.instance.nodes()]
    out += [f"move {name}" for name in MOVES]
    out += [f"action {name}" for name in ACTIONS]
    for words in (Role, MembershipRole, Status, StageStatus, SeatStatus, TrancheStatus):
        out += [f"{words.__name__} {value}" for value in words]
    return sorted(out)


def test_stored_names_are_the_frozen_ones():
    assert names() == FILE.read_text(encoding="utf-8").splitlines()


def test_frozen_list_is_in_order_and_names_nothing_twice():
    frozen = FILE.read_text(encoding="utf-8").splitlines()
    assert frozen == sorted(set(frozen))
    assert len(frozen) > 150
