"""Which acts ask for the second factor again: the intention, act by act.

second_factor.csv is written by hand, with a reason a line: yes for what decides or
lets money go or stop, no for what asks, prepares, checks, or notes what others did.
"""

import csv
from pathlib import Path

import pytest

from grants.actions import ACTIONS
from grants.lifecycle import MOVES

pytestmark = pytest.mark.once

FILE = Path(__file__).with_name("second_factor.csv")


def intended() -> list[dict[str, str]]:
    with FILE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_each_act_asks_as_intended():
    rows = intended()
    assert [row["action"] for row in rows] == sorted(ACTIONS)
    assert {row["action"]: row["asks"] for row in rows} == {
        name: "yes" if action.confirms else "no" for name, action in ACTIONS.items()
    }


def test_each_line_has_its_reason_and_only_offices_are_asked():
    for row in intended():
        assert row["because"], row
        if row["asks"] == "yes":
            move = MOVES[row["action"]]
            assert move.roles, f"{row['action']}: applicants have no second factor"
            assert not move.members, row
            assert not move.public, row


def test_whatever_ends_a_case_by_an_office_asks():
    """A status that no case leaves by itself is a decision, whoever adds the act."""
    last = {"INELIGIBLE", "REJECTED", "CANCELLED", "TERMINATED", "CLAWBACK", "CLOSED"}
    ends = {n for n, m in MOVES.items() if m.roles and last & {*m.targets}}
    assert ends
    assert [name for name in sorted(ends) if not ACTIONS[name].confirms] == []
