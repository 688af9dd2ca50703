"""Thirty applications of one round: what is planned for each, and who is who."""

from decimal import Decimal
from functools import cached_property
from typing import Any

from django.utils.timezone import now
from playwright.sync_api import Page

from desk.demo.bodies import application_body
from desk.demo.data import awarded
from desk.demo.house import build_house
from desk.demo.plan import Plan
from grants.actions import ACTIONS
from grants.calendar import today
from grants.models import Case
from organisations.models import User
from tests.e2e.conftest import Windows
from tests.e2e.steps import do_task, open_round
from tests.workflows.driver import fresh, take
from workflows.models import WorkItem

POOL = Decimal("3150000.00")
#: What becomes of the thirty, by their numbers.
AWARDED, WAITING, BELOW = range(18), range(18, 23), range(23, 28)
#: Awarded what they asked for: their plan needs no revision.
IN_FULL = (11, 12)
GROUPS = (range(14), range(14, 28))


class Round30:
    """The round, what is planned for each application, and short words."""

    def __init__(self, windows: Windows) -> None:
        self.windows = windows
        rows = awarded()[:30]
        self.house = build_house(rows)
        self.round = open_round(self.house, pool=POOL)
        window = (self.round.project_starts_on, self.round.project_ends_on)
        self.plans = [Plan(row, now(), window) for row in rows]
        for number, plan in enumerate(self.plans):
            plan.group = next((g for g, of in enumerate(GROUPS) if number in of), None)
            if number in WAITING:
                plan.outcome, plan.merit = "WAITLIST", 0.72
            elif number in BELOW:
                plan.outcome, plan.merit = "REJECT", 0.50

    @cached_property
    def people(self) -> dict[str, User]:
        return {name: fresh(user) for name, user in self.house.people.items()}

    def case(self, number: int) -> Case:
        return Case.objects.get(pk=self.plans[number].case.pk)

    def award(self, number: int) -> Decimal:
        """CNY that the committee gives to an application."""
        row = self.plans[number].row
        return row.request if number in IN_FULL else row.amount

    def item(self, number: int | None, action: str) -> WorkItem:
        """The open task of an application, or of the round."""
        case = None if number is None else self.plans[number].case
        return WorkItem.objects.get(
            case=case, round=self.round, action=action, closed_at=None
        )

    def items(self, action: str) -> list[WorkItem]:
        found = WorkItem.objects.filter(round=self.round, closed_at=None)
        return list(found.filter(action=action).order_by("pk"))

    def member(self, item: WorkItem) -> User:
        by = self.house.member_of(item.organisation, item.membership_role)
        return self.people[by.username]

    def in_browser(
        self, item: WorkItem, who: str, body: dict[str, Any] | None = None
    ) -> Page:
        """Somebody does a task at the browser; the example where no body is given."""
        by = self.people[who]
        if body is None:
            body = ACTIONS[item.action].example(item.target, by)
        return do_task(self.windows, item, by, body)

    def by_services(self, action: str, who: str = "", **changes: Any) -> int:
        """The rest of a kind of task; how many were done."""
        items = self.items(action)
        for item in items:
            take(item, self.people[who] if who else self.member(item), **changes)
        return len(items)

    def application(self, number: int, case: Case, by: User) -> dict[str, Any]:
        example = ACTIONS["submit_application"].example(case, by)
        return application_body(self.plans[number], today(self.round.opens_at), example)
