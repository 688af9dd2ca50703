"""Works cases as their people would, knowing only each inbox and its examples."""

from datetime import timedelta
from typing import Any

from django.utils.timezone import now

from grants.models import Case
from organisations.models import User
from tests.clock import Clock
from tests.factories.asking import who_could
from workflows.models import WorkItem
from workflows.open import violations_of
from workflows.selectors import inbox_for
from workflows.services import sweep
from workflows.walking import fresh, next_timer, take

__all__ = ["fresh", "next_item", "next_timer", "road", "take"]


def next_item(people: list[User]) -> tuple[WorkItem, User] | None:
    """An open item that one of these people finds in an inbox."""
    for user in who_could(people):
        item = inbox_for(user).first()
        if item is not None:
            return item, user
    return None


def road(
    case: Case,
    people: list[User],
    clock: Clock,
    *,
    until: str = "ARCHIVED",
    choose: dict[str, dict[str, Any]] | None = None,
    steps: int = 200,
) -> list[str]:
    """Work everything that opens until the case has the status; what was done.

    `choose` maps an action to fields that replace its example's, used once.
    """
    choices = {name: dict(body) for name, body in (choose or {}).items()}
    done = []
    people = [fresh(person) for person in people]
    for _step in range(steps):
        case.refresh_from_db()
        assert violations_of(case) == [], (case.status, violations_of(case), done)
        if case.status == until:
            return done
        found = next_item(people)
        if found is None:
            due = next_timer()
            assert due is not None, (case.status, done)
            clock.to(max(due, now()) + timedelta(seconds=1))
            assert sweep()["failed"] == 0
            done.append("(time)")
            continue
        item, user = found
        take(item, user, **choices.pop(item.action, {}))
        done.append(item.action)
    raise AssertionError(f"not {until} after {steps} steps: {case.status} {done}")
