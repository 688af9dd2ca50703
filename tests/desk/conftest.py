"""A small programme with an open round, and people who sign in."""

import copy
import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

import pytest
from django.test import Client
from django.utils.timezone import now

from audit.record import record
from desk.demo.data import awarded
from desk.demo.house import House, build_house
from grants.models import Case, Round
from grants.services.programmes import create_round, publish_round
from organisations.models import User
from tests.clock import Clock, moved_clock
from tests.workflows.driver import fresh, road
from workflows.models import WorkItem
from workflows.services import start_case


class World:
    """The house, its round, and short words for what tests do."""

    def __init__(self, clock: Clock, projects: int = 3) -> None:
        self.clock = clock
        self.house: House = build_house(awarded()[:projects])
        self.round = self.open_round()

    def __getitem__(self, name: str) -> User:
        return fresh(self.house[name])

    def open_round(self, code: str = "r2026") -> Round:
        funder = self.house["funder1"]
        return publish_round(self.open_draft(code), by=funder)

    def open_draft(self, code: str, **fields: object) -> Round:
        """A round that nobody has published."""
        funder = self.house["funder1"]
        standard = {
            "code": code,
            "title_zh": "二〇二六年度",
            "title_en": "Round of 2026",
            "year": 2026,
            "tier": "CITY",
            "pool": Decimal("1000000.00"),
            "cap": Decimal("300000.00"),
            "fund_source": "财政资金",
            "budget_document": "演示〔2026〕1号",
            "opens_at": now() - dt.timedelta(days=1),
            "closes_at": now() + dt.timedelta(days=30),
            "review_ends_at": now() + dt.timedelta(days=60),
            "ends_at": now() + dt.timedelta(days=400),
            "project_starts_on": dt.date(2026, 7, 1),
            "project_ends_on": dt.date(2027, 6, 30),
        }
        return create_round(self.house.programme, by=funder, **(standard | fields))

    def organisation(self, number: int = 0):
        return sorted(
            (o for o in self.house.organisations.values() if o.pk in self.house.served),
            key=lambda o: o.pk,
        )[number]

    def draft(self, number: int = 0) -> Case:
        organisation = self.organisation(number)
        applicant = self.house.member_of(organisation, "applicant")
        return start_case(self.round, organisation, by=fresh(applicant))

    def bring(self, case: Case, status: str) -> Case:
        """Work the case until it has the status."""
        road(case, list(self.house.people.values()), self.clock, until=status)
        case.refresh_from_db()
        return case

    def applicant_of(self, case: Case) -> User:
        return fresh(self.house.member_of(case.organisation, "applicant"))

    def item(self, case: Case | None, action: str) -> WorkItem:
        return WorkItem.objects.get(case=case, action=action, closed_at=None)

    def enter(self, who: User | str, language: str = "en") -> Client:
        """A browser in which this person is signed in."""
        user = self[who] if isinstance(who, str) else who
        client = Client(headers={"accept-language": language})
        with record("test_sign_in", by="system:tests"):
            client.force_login(
                user, backend="django.contrib.auth.backends.ModelBackend"
            )
        return client


@dataclass(frozen=True)
class Arranged:
    """What a module arranged for its tests, and the moment it was ready."""

    world: World
    at: dt.datetime
    case: Case | None = None

    def again(self, clock: Clock) -> World:
        """The world for one test, which may change it as it likes."""
        clock.to(self.at)
        world = copy.copy(self.world)
        world.clock, world.round = clock, Round.objects.get(pk=world.round.pk)
        return world


def arrange(arranged: Arranged, status: str, day: str = "") -> Arranged:
    """The same with a case brought to a status, and on to a moment."""
    with moved_clock() as clock:
        world = arranged.again(clock)
        case = world.bring(world.draft(), status)
        if day:
            clock.to(day.format(case=case, notice=case.notices.first()))
        return Arranged(world, now(), case)


@pytest.fixture(scope="module")
def house_of_the_module(shared_db: None) -> Arranged:
    """The house, made once for all tests of a module."""
    with moved_clock() as clock:
        clock.to("2026-03-02 09:00")
        return Arranged(World(clock), now())


@pytest.fixture
def world(house_of_the_module: Arranged, db: None, clock: Clock) -> World:
    return house_of_the_module.again(clock)


@pytest.fixture
def visitor() -> Client:
    """Somebody without an account."""
    return Client(headers={"accept-language": "en"})


@pytest.fixture
def text() -> Callable[..., str]:
    return lambda answer: answer.content.decode()
