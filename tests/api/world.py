"""A programme with all its people, each known by a personal token alone.

The people of `World` are what the API knows of the world: every test goes in
through HTTP and moves nothing but the clock.
"""

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.test import Client
from django.utils import timezone

from audit.testing import ambient_event
from grants.models import District, Role, Round
from grants.services.programmes import (
    create_programme,
    create_round,
    grant_role,
    publish_round,
)
from organisations.models import LegalForm, MembershipRole, Organisation, User
from organisations.services import add_member, admit_organisation, issue_token
from tests.factories.asking import who_could
from workflows.services import sweep

BY = "system:test"
ROOT = "/api/v1"
#: How many hold each role: whom four eyes and the draw of a panel ask for.
STAFF = {Role.REVIEWER: 7, Role.COMMITTEE: 2, Role.FINANCE: 3, Role.FUNDER: 2}
#: So many that one is always free to take a finance expert's seat.
EXPERTS = 6
#: How far the clock goes at a time while nobody has anything to do.
IDLE = {"days": 3}

Chooser = Callable[[dict[str, Any]], dict[str, Any] | None]


#: One client for all: it holds no cookies, a token says who is asking.
HTTP = Client()


@dataclass
class Person:
    """Somebody with a token."""

    user: User
    token: str
    client: Client = HTTP

    @property
    def username(self) -> str:
        return self.user.username

    def get(self, path: str, **extra: Any) -> Any:
        return self.client.get(url_of(path), headers=self._headers(extra))

    def post(self, path: str, body: Any = None, **extra: Any) -> Any:
        raw = body if isinstance(body, bytes) else json.dumps(body or {})
        return self.client.post(
            url_of(path),
            raw,
            content_type="application/json",
            headers=self._headers(extra),
        )

    def upload(self, path: str, **parts: Any) -> Any:
        return self.client.post(url_of(path), parts, headers=self._headers({}))

    def _headers(self, extra: dict[str, Any]) -> dict[str, str]:
        own = {"Authorization": f"Bearer {self.token}", "Accept-Language": "en"}
        named = {k.replace("_", "-"): str(v) for k, v in extra.items()}
        return own | named

    def inbox(self) -> list[dict[str, Any]]:
        response = self.get("inbox")
        assert response.status_code == 200, response.content
        return response.json()

    def task(self, action: str) -> dict[str, Any]:
        return next(item for item in self.inbox() if item["action"] == action)


def url_of(path: str) -> str:
    return path if path.startswith("/") else f"{ROOT}/{path}"


@dataclass
class World:
    """The people by user name, and the round that is open."""

    people: dict[str, Person]
    round: Round
    organisations: list[Organisation]

    def __getattr__(self, name: str) -> Person:
        people = self.__dict__.get("people", {})
        if name not in people:
            raise AttributeError(name)
        return people[name]

    def add(self, name: str, **fields: Any) -> Person:
        with ambient_event():
            user = User.objects.create_user(name, name=name, **fields)
        person = Person(user, issue_token(user, by=BY))
        self.people[name] = person
        return person

    # -- going the road ----------------------------------------------------------

    def work(self, done: Callable[[], bool], choose: Chooser | None = None) -> int:
        """Everybody does whatever stands in their inbox until `done`.

        Tasks of cases come before those of the round, so that a list takes in
        what is ready together. Where nobody has anything to do, days go by
        until something falls due. `choose` may give a body instead of the
        example. Returns how many steps were taken.
        """
        steps = 0
        everybody = list(User.objects.filter(username__in=self.people).order_by("pk"))
        while not done():
            taken = self.one_pass(everybody, choose or (lambda item: None))
            steps += taken
            if not taken:
                wait()
        return steps

    def one_pass(self, everybody: list[User], choose: Chooser) -> int:
        """Each person does their tasks of cases; else one does one of the round."""
        taken, of_round = 0, []
        for user in who_could(everybody):
            person = self.people[user.username]
            for item in person.inbox():
                if item["case"] is None:
                    of_round.append((person, item))
                else:
                    taken += take(person, item, choose(item))
        if not taken:
            for person, item in of_round[:1]:
                taken += take(person, item, choose(item))
        return taken


def take(person: Person, item: dict[str, Any], body: dict[str, Any] | None) -> int:
    """Post a task's body, its example if none is given: it must be accepted."""
    response = person.post(item["url"], body or item["example"])
    answer = response.content.decode()
    assert response.status_code == 200, (person.username, item, answer)
    return 1


def wait() -> None:
    """Let days go by until a timer fires."""
    for _day in range(200):
        CLOCK[0].forward(**IDLE)
        if sweep()["fired"]:
            return
    raise AssertionError("nobody has anything to do, and nothing falls due")


CLOCK: list[Any] = []


def make_world(
    *, organisations: int = 1, pool: str = "1000000.00", cap: str = "200000.00"
) -> World:
    """A programme with an open round, as the administrator and the bureau set it up."""
    with ambient_event():
        authority, operator = (
            Organisation.objects.create(
                name=name, legal_form=LegalForm.AUTHORITY, admitted_at=timezone.now()
            )
            for name in ("市民政局（演示）", "社会组织服务中心（演示）")
        )
        District.objects.create(
            code="330106",
            name_zh="西湖区",
            name_en="Xihu",
            bureau=authority,
            valid_from=dt.date(2000, 1, 1),
        )
        programme = create_programme(
            "api", ("公益创投", "Public venture"), authority, operator, by=BY
        )
    world = World(people={}, round=Round(), organisations=[])
    for role in Role:
        for number in range(1, STAFF.get(role, 1) + 1):
            person = world.add(
                f"{role.value}{number}",
                is_finance_expert=role == Role.REVIEWER and number <= EXPERTS,
            )
            grant_role(programme, role, person.user, by=BY)
    for number in range(1, organisations + 1):
        add_organisation(world, number)
    world.round = make_round(programme, pool=pool, cap=cap)
    publish_round(world.round, by=User.objects.get(username="funder1"))
    return world


def add_organisation(world: World, number: int) -> Organisation:
    """An admitted organisation with one member in each role."""
    with ambient_event():
        organisation = Organisation.objects.create(
            name=f"某某公益服务中心{number}（演示）",
            legal_form=LegalForm.PRIVATE_UNIT,
        )
    administrator = world.people.get("administrator") or world.add(
        "administrator", is_administrator=True
    )
    admit_organisation(organisation, by=administrator.user)
    for role in MembershipRole:
        person = world.add(f"{role.value}{number}")
        add_member(organisation, user=person.user, role=role, by=BY)
    world.organisations.append(organisation)
    return organisation


def make_round(programme: Any, *, pool: str, cap: str) -> Round:
    """A round that opens now; projects run for the year after the next quarter."""
    at = timezone.now()
    start = timezone.localdate() + dt.timedelta(days=90)
    return create_round(
        programme,
        by=User.objects.get(username="funder1"),
        code=f"r{at:%Y}",
        title_zh="公益创投（演示）",
        title_en="Demo round",
        year=at.year,
        tier="CITY",
        pool=Decimal(pool),
        cap=Decimal(cap),
        fund_source="福利彩票公益金",
        budget_document="演示〔2025〕1号",
        opens_at=at - dt.timedelta(hours=1),
        closes_at=at + dt.timedelta(days=20),
        review_ends_at=at + dt.timedelta(days=60),
        ends_at=at + dt.timedelta(days=700),
        project_starts_on=start,
        project_ends_on=start + dt.timedelta(days=364),
    )
