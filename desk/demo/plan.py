"""What the demo wants of a round and of each of its cases.

A plan says only what differs from the ordinary: people otherwise do what their
form's example says, a few days after the task was opened.
"""

import copy
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from desk.demo.data import ProjectRow
from grants.models import Case, Round


@dataclass
class Plan:
    """One case. Keys of tasks are actions, or "grade_stage:MID", "declare:2"."""

    row: ProjectRow
    starts: datetime  # when the draft is begun
    period: tuple[date, date]
    title: str = ""
    group: int | None = 0  # which of the round's review groups; None: no group
    outcome: str = "AWARD"  # of the committee
    place: bool = False  # offered one when it stands on the wait list
    merit: float = 0.86  # what reviewers and evaluators give, of 1
    leave: frozenset[str] = frozenset()  # tasks that stay open
    changes: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    instead: dict[str, str] = field(default_factory=dict)  # withdraw, decline
    moments: dict[str, datetime] = field(default_factory=dict)  # not before
    #: Acts that are no step: moment, action, who (account or role of a member), what.
    asides: list[tuple[datetime, str, str, dict[str, Any]]] = field(
        default_factory=list
    )
    splits: bool = False  # pays the printer in parts, for an auditor to find
    objection: str = ""  # who objects while the notice runs
    case: Case | None = None

    def __post_init__(self) -> None:
        self.changes = copy.deepcopy(self.changes)  # they are used up

    @property
    def name(self) -> str:
        return self.title or self.row.title

    @property
    def award(self) -> Decimal:
        return self.row.amount


@dataclass
class RoundPlan:
    """One round: its fields, the days of its batches, and its cases."""

    fields: dict[str, Any]
    batches: dict[str, list[datetime]]
    plans: list[Plan]
    round: Round | None = None
    keeps_ledger: bool = False  # the cases record activities and expenses
    brings_papers: bool = False  # the drafts get the papers of an application

    @property
    def opens_at(self) -> datetime:
        return self.fields["opens_at"]
