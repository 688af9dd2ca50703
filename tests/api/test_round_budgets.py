"""The inbox of who does a round's batches costs the same for many rounds."""

from decimal import Decimal

import pytest
from django.utils.timezone import now

from audit.testing import ambient_event
from grants.actions import ACTIONS
from grants.calendar import today
from grants.models import Application, Case, Round, Status, Tranche
from grants.rules import rules_of
from organisations.models import User
from organisations.services import issue_token
from tests.api.test_budgets import cost
from tests.api.world import BY, Person
from tests.factories.running import (
    make_case_at_agreement,
    make_organisation,
    make_programme,
    make_round,
)
from workflows.rounds import sync_round

pytestmark = [pytest.mark.once, pytest.mark.django_db]

#: What stands in whose inbox, and what that costs whatever the number of rounds.
COSTS = {
    "operator": ({"open_review"}, 5),
    "committee": ({"decide_list"}, 7),
    "funder": ({"record_meeting", "offer_place"}, 7),
    "head": ({"publish_notice", "approve_payment"}, 10),
    "leader": ({"approve_payment"}, 9),
}
#: A round has either a list to decide or, once it is decided, places to offer.
EARLY = (Status.ELIGIBLE, Status.SCORED, Status.PROPOSED, Status.DECIDED)
LATE = (Status.WAITLISTED,)


class Programme:
    """A programme whose rounds wait for every batch at once."""

    def __init__(self) -> None:
        with ambient_event():
            self.programme, self.people = make_programme()
        self.tokens = {
            role: issue_token(self.people[role], by=BY) for role in self.people
        }

    def person(self, role: str) -> Person:
        """Somebody as a new request finds them."""
        return Person(User.objects.get(pk=self.people[role].pk), self.tokens[role])

    def add_rounds(self) -> None:
        """An early and a late round, with what they wait for."""
        with ambient_event():
            early, late = (self.round_with(each) for each in (EARLY, LATE))
            limit = rules_of(early).leader_above
            self.add_payment(early, limit)
            self.add_payment(late, limit + 1)
        for round_ in (early, late):
            with ambient_event():
                sync_round(round_)

    def round_with(self, statuses: tuple[Status, ...]) -> Round:
        round_ = make_round(self.programme, day=today(now()))
        for status in statuses:
            for _number in range(2):
                self.add_case(round_, status)
        return round_

    def add_case(self, round_: Round, status: Status) -> Case:
        case = make_case_at_agreement(
            round_, make_organisation(), self.people["funder"], Decimal("20000.00")
        )
        case.status = status
        case.save()
        Application.objects.filter(case=case).update(score=Decimal("88.00"))
        return case

    def add_payment(self, round_: Round, amount: Decimal) -> None:
        case = self.add_case(round_, Status.RUNNING_INITIAL)
        Tranche.objects.create(case=case, seq=1, amount=amount, status="REGISTERED")


def test_tasks_of_rounds_cost_the_same_however_many_rounds(at_start) -> None:
    programme = Programme()
    found: dict[int, dict[str, int]] = {}
    for rounds in (2, 6):
        while Round.objects.count() < rounds:
            programme.add_rounds()
        found[rounds] = {r: cost(programme.person(r), "inbox") for r in COSTS}
        inboxes = {r: programme.person(r).inbox() for r in COSTS}
        actions = {r: {item["action"] for item in inboxes[r]} for r in COSTS}
        assert actions == {role: named for role, (named, _most) in COSTS.items()}
        assert len(inboxes["funder"]) == rounds
    assert (
        found[2] == found[6] == {role: most for role, (_named, most) in COSTS.items()}
    )


def test_examples_gathered_for_many_rounds_are_those_of_each(at_start) -> None:
    programme = Programme()
    for _time in range(2):
        programme.add_rounds()
    for role in COSTS:
        items = programme.person(role).inbox()
        assert items
        for item in items:
            round_ = Round.objects.get(pk=item["round"])
            by = programme.person(role).user
            assert item["example"] == ACTIONS[item["action"]].example(round_, by)
