"""A programme with all its people, and the ways the guards act in it.

    world = make_world(organisations=3)
    case = world.start(0)                      # a draft of the first organisation
    world.step(case)                           # whatever is open, by whoever may
    attempt("screen", case, by=world.one("operator"))   # "done", or the refusal

Everything goes through `workflows.services`, with an action's own example or
a body that the guard gives. People keep what they cache (roles, memberships):
nobody changes roles here.
"""

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.timezone import make_aware, now

from audit.testing import ambient_event
from grants.actions import ACTIONS
from grants.errors import ActionError
from grants.forms.base import ActionForm
from grants.models import Case, District, Programme, Role, Round, Status, Tier
from grants.services.programmes import (
    create_programme,
    create_round,
    grant_role,
    publish_round,
)
from organisations.credit_code import check_character
from organisations.models import LegalForm, MembershipRole, Organisation, User
from organisations.services import add_member
from workflows import services
from workflows.models import WorkItem
from workflows.selectors import inbox_for
from workflows.walking import next_timer

BY = "system:test"
START = "2026-03-02 09:00"
count = itertools.count(1)

#: How many people hold a programme role here; one where nothing is said.
HOW_MANY = {
    Role.OPERATOR: 2,
    Role.FUNDER: 2,
    Role.HEAD: 2,
    Role.COMMITTEE: 3,
    Role.REVIEWER: 9,
    Role.FINANCE: 3,
    Role.SUPERVISOR: 2,
    Role.EVALUATOR: 2,
}
FINANCE_EXPERTS = 4


@dataclass
class World:
    """One programme, its people by role, its applicants, and a round."""

    programme: Programme
    people: dict[str, list[User]]
    organisations: list[Organisation]
    members: dict[int, dict[str, User]]
    round: Round
    everybody: list[User] = field(default_factory=list)

    def one(self, role: str) -> User:
        """The first person of a programme role, or of the first organisation."""
        if role in self.people:
            return self.people[role][0]
        return self.members[self.organisations[0].pk][role]

    def start(self, index: int = 0) -> Case:
        """A draft of an organisation in the round."""
        organisation = self.organisations[index]
        by = self.members[organisation.pk][MembershipRole.APPLICANT]
        return services.start_case(self.round, organisation, by=by)

    def who_may(self, item: WorkItem) -> list[User]:
        """The people who could complete an item now.

        An approval stands in the inbox of one office, though others may approve too.
        """
        return [
            user
            for user in self.everybody
            if item.holder_id in (None, user.pk)
            and services.may_hold(item, user)
            and (item.case_id or inbox_for(user).filter(pk=item.pk).exists())
        ]

    def open_items(self) -> list[WorkItem]:
        """Everything that is open in the round, the round's own items last."""
        rows = WorkItem.objects.filter(round=self.round, closed_at=None)
        rows = rows.select_related(*ITEM_PARTS).order_by("case_id", "pk")
        return sorted(rows, key=lambda item: item.case_id is None)

    def step(self, case: Case) -> str:
        """Do one open thing of the case or of its round, as its example says.

        Returns the action's name, "" when nobody has anything to do.
        """
        for item in self.open_items():
            if item.case_id not in (None, case.pk):
                continue
            people = self.who_may(item)
            if not people:
                continue
            outcome = attempt(item.action, item.target, by=people[0], item=item)
            if outcome.startswith("409"):  # waits for another step, as archiving
                continue
            assert outcome == "done", f"{item.action}: {outcome}"
            return item.action
        return ""


ITEM_PARTS = (
    "case__round",
    "case__rules",
    "case__organisation",
    "case__application",
    "round",
    "holder",
    "task__seat__case",
    "task__process__stage",
    "task__process__tranche__batch",
    "task__process__objection",
)


def attempt(
    name: str,
    target: Any,
    *,
    by: User | None,
    body: dict[str, Any] | None = None,
    item: WorkItem | None = None,
    version: int | None = None,
    **changes: Any,
) -> str:
    """Try an action as the API does; "done", or "403 not_yours" and the like.

    `changes` go into the body, which is the action's example if none is given.
    """
    action = ACTIONS[name]
    try:
        services.check(action, target, by)
    except ActionError:
        form: ActionForm = ActionForm(data={}, target=target, by=by)
    else:
        try:
            given = action.example(target, by) if body is None else body
            form = action.bind_json(target, by=by, body={**given, **changes})
        except ActionError as error:
            return told(error)
    try:
        services.perform(name, target, by=by, form=form, item=item, version=version)
    except ActionError as error:
        return told(error)
    return "done"


def told(error: ActionError) -> str:
    detail = f" {error.errors}" if hasattr(error, "errors") else ""
    return f"{error.http_status} {error.code}{detail}"


def walk(world: World, case: Case, clock: Any, limit: int = 200) -> Iterator[str]:
    """Take a case to its end by the examples; yields each action once done."""
    for _number in range(limit):
        action = world.step(case)
        if not action:
            due = next_timer()
            if due is None:
                return
            clock.to(max(due, now()))
            services.sweep()
            action = "sweep"
        case.refresh_from_db()
        yield action
    raise AssertionError(f"{case} is in {case.status} after {limit} steps")


def walk_together(
    world: World, cases: list[Case], clock: Any, until: Callable[[Case], bool]
) -> None:
    """Take several cases along side by side, each until it is where it should be."""
    for _number in range(100 * len(cases)):
        waiting = [case for case in cases if not until(case)]
        if not waiting:
            return
        steps = [world.step(case) for case in waiting]  # each of them
        if not any(steps):
            clock.to(max(next_timer() or now(), now()))
            services.sweep()
        for case in cases:
            case.refresh_from_db()
    raise AssertionError(f"the cases are in {[case.status for case in cases]}")


# -- making it --------------------------------------------------------------------


def make_user(name: str, **fields: Any) -> User:
    with ambient_event():
        username = f"{name}-{next(count)}"
        return User.objects.create_user(username, password="x", name=name, **fields)


def make_organisation(name: str, form: str) -> Organisation:
    number = next(count)
    code = f"52330100{number:09d}"
    with ambient_event():
        return Organisation.objects.create(
            name=f"{name} {number}",
            legal_form=form,
            credit_code=code + check_character(code),
            admitted_at=now(),
        )


def make_members(organisation: Organisation) -> dict[str, User]:
    """One person in each role of an organisation."""
    out = {}
    for role in MembershipRole:
        out[str(role)] = make_user(str(role))
        add_member(organisation, user=out[str(role)], role=role, by=BY)
    return out


def make_people(programme: Programme) -> dict[str, list[User]]:
    people: dict[str, list[User]] = {}
    for role in Role:
        people[str(role)] = []
        for number in range(HOW_MANY.get(role, 1)):
            expert = role == Role.REVIEWER and number < FINANCE_EXPERTS
            user = make_user(str(role), is_finance_expert=expert)
            grant_role(programme, role, user, by=BY)
            people[str(role)].append(user)
    return people


def moment(text: str) -> datetime:
    """A moment in Shanghai."""
    return make_aware(datetime.fromisoformat(text))


def make_round(programme: Programme, *, opens: str, by: User) -> Round:
    """A published round; its calendar counts from the day its call opens."""
    year = moment(opens).year
    number = next(count)
    round_ = create_round(
        programme,
        by=by,
        code=f"r{number}",
        title_zh="测试届次",
        title_en="Round under guard",
        year=year,
        tier=Tier.CITY,
        pool=Decimal("1500000.00"),
        cap=Decimal("300000.00"),
        fund_source="福利彩票公益金",
        budget_document="民福〔2026〕1号",
        opens_at=moment(opens),
        closes_at=moment(f"{year}-04-06 17:00"),
        review_ends_at=moment(f"{year}-05-20 17:00"),
        ends_at=moment(f"{year}-12-31 17:00"),
        project_starts_on=date(year, 7, 1),
        project_ends_on=date(year + 1, 6, 30),
    )
    return publish_round(round_, by=by)


def make_district() -> District:
    with ambient_event():
        return District.objects.get_or_create(
            code="330102",
            defaults={
                "name_zh": "上城区",
                "name_en": "Shangcheng",
                "valid_from": date(2000, 1, 1),
            },
        )[0]


def make_world(*, organisations: int = 1, opens: str = START) -> World:
    """A programme in which everybody is there; the clock stands at `opens`."""
    make_district()
    authority = make_organisation("Bureau", LegalForm.AUTHORITY)
    operator = make_organisation("Operator", LegalForm.PRIVATE_UNIT)
    programme = create_programme(
        f"p{next(count)}", ("公益创投", "Public venture"), authority, operator, by=BY
    )
    people = make_people(programme)
    applicants = [
        make_organisation("Applicant", LegalForm.PRIVATE_UNIT)
        for _number in range(organisations)
    ]
    members = {one.pk: make_members(one) for one in applicants}
    round_ = make_round(programme, opens=opens, by=people["funder"][0])
    world = World(programme, people, applicants, members, round_)
    world.everybody = [
        *flat(people.values()),
        *flat(m.values() for m in members.values()),
    ]
    return world


def flat(lists: Iterable[Iterable[User]]) -> list[User]:
    return [user for people in lists for user in people]


def bring(world: World, case: Case, status: Status, clock: object) -> Case:
    """Take a case along the examples to a status."""
    for _action in walk(world, case, clock):
        if case.status == status:
            return case
    raise AssertionError(f"{case.status} is not {status}")
