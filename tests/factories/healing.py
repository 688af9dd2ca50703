"""A fixture for roads: no step leaves anything for the sweep to heal.

After a step that the rules of the round are said not to see, the tasks of the
round are worked out all the same, and must be those that are open.
"""

from collections.abc import Callable

import pytest

from grants.models import Round
from workflows import services
from workflows.models import WorkItem
from workflows.rounds import rules_see_a_change, sync_round


def open_tasks(round_: Round) -> list[tuple[int, str, str, int | None]]:
    found = WorkItem.objects.filter(round=round_, case=None, closed_at=None)
    return sorted(found.values_list("pk", "action", "role", "excluded_id"))


@pytest.fixture
def unseen_steps(monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """How many steps were left out so far; each is looked at afterwards."""
    left_out: list[Round] = []

    def watched(round_: Round) -> None:
        if rules_see_a_change():
            sync_round(round_)
            return
        before = open_tasks(round_)
        sync_round(round_)
        assert open_tasks(round_) == before
        left_out.append(round_)

    monkeypatch.setattr(services, "sync_round_if_seen", watched)
    return lambda: len(left_out)
