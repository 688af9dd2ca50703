"""Several people at once: one wins, nobody deadlocks, everything still fits."""

import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from audit.verify import verify
from grants.errors import ActionError
from grants.models import Case, Status
from organisations.models import MembershipRole, User
from tests.guards.test_random_walk import seed_of
from tests.guards.wandering import Wanderer, open_twice, overpaid
from tests.guards.world import START, World, attempt, make_world, walk, walk_together
from tests.services import needs
from workflows import services
from workflows.models import Task, WorkItem
from workflows.open import violations_of
from workflows.rounds import sync_all

pytestmark = pytest.mark.django_db(transaction=True)
THREADS = 4
STEPS = 120  # of each thread


@pytest.fixture
def world(clock) -> World:
    clock.to(START)
    return make_world(organisations=3)


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """Run each in a thread of its own, begun together; what they return or raise."""
    ready = threading.Barrier(len(works))
    results: list[Any] = [None] * len(works)

    def run(number: int, work: Callable[[], Any]) -> None:
        try:
            ready.wait(30)
            results[number] = work()
        except Exception as error:  # handed to the test, which looks at it
            results[number] = error
        finally:
            connection.close()

    threads = [
        threading.Thread(target=run, args=(number, work))
        for number, work in enumerate(works)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(150)
        assert not thread.is_alive(), "a thread hangs"
    return results


def again(user: User) -> User:
    """The same person in another request."""
    return User.objects.get(pk=user.pk)


def test_of_two_who_claim_at_once_one_wins(world):
    case = world.start()
    attempt("submit_application", case, by=world.one(MembershipRole.APPLICANT))
    item = WorkItem.objects.get(case=case, closed_at=None)
    people = [again(user) for user in world.people["operator"]]

    def claim(user: User) -> Callable[[], str]:
        def work() -> str:
            try:
                services.claim(WorkItem.objects.get(pk=item.pk), by=user)
            except ActionError as error:
                return f"{error.http_status}"
            return "won"

        return work

    assert sorted(at_once(*map(claim, people))) == ["409", "won"]
    item.refresh_from_db()
    assert item.holder in people


def test_one_transition_per_click_however_often_pressed(world):
    """The same button pressed four times, by two people: it happens once."""
    case = world.start()
    attempt("submit_application", case, by=world.one(MembershipRole.APPLICANT))
    case.refresh_from_db()
    version = case.version
    people = [again(user) for user in world.people["operator"]] * 2

    def press(user: User) -> Callable[[], str]:
        def work() -> str:
            mine = Case.objects.select_related("round").get(pk=case.pk)
            return attempt("screen", mine, by=user)

        return work

    told = Counter(at_once(*map(press, people)))
    assert told == {"done": 1, "409 wrong_state": 3}
    case.refresh_from_db()
    assert (case.status, case.version) == (Status.ELIGIBLE, version + 1)
    assert violations_of(case) == []
    assert verify().findings == []


def test_batch_pressed_twice_moves_its_cases_once(world, clock):
    cases = [world.start(number) for number in range(3)]
    walk_together(world, cases, clock, lambda case: case.status == Status.ELIGIBLE)
    people = [again(user) for user in world.people["operator"]]
    round_ = world.round

    def press(user: User) -> Callable[[], str]:
        return lambda: attempt("open_review", type(round_).objects.get(), by=user)

    told = at_once(*map(press, people))
    assert sorted(str(one)[:3] for one in told) in (["409", "don"], ["422", "don"])
    for case in cases:
        case.refresh_from_db()
        assert case.status == Status.UNDER_REVIEW
        assert case.seats.count() == 5
        assert violations_of(case) == []


def test_last_scores_locked_at_once_close_the_panel_once(world, clock):
    case = world.start()
    for _action in walk(world, case, clock):
        left = WorkItem.objects.filter(case=case, action="lock_score", closed_at=None)
        waiting = WorkItem.objects.filter(case=case, action="declare_interest")
        if left.count() == 5 and not waiting.filter(closed_at=None).exists():
            break
    seats = list(case.seats.select_related("case__round", "reviewer"))
    told = at_once(
        *(
            lambda seat=seat: attempt("lock_score", seat, by=again(seat.reviewer))
            for seat in seats
        )
    )
    assert told == ["done"] * 5
    case.refresh_from_db()
    assert case.status == Status.SCORED
    assert violations_of(case) == []
    closings = Task.objects.filter(case=case, status="DONE")
    assert len([t for t in closings if t.flow_task.name == "close_panel"]) == 1


def test_timer_fired_by_four_sweeps_fires_once(world, clock):
    cases = [world.start(number) for number in range(3)]
    clock.to(world.round.closes_at)
    told = at_once(*(lambda: services.sweep()["fired"] for _number in range(4)))
    assert sum(told) == len(cases)
    for case in cases:
        case.refresh_from_db()
        assert case.status == Status.EXPIRED
        assert violations_of(case) == []


def test_batch_and_the_steps_of_its_cases_do_not_deadlock(world, clock):
    """The batch locks round, then cases; the steps lock a case and name the round."""
    cases = [world.start(number) for number in range(3)]

    def is_ready(case: Case) -> bool:
        waiting = case.tranches.filter(status="REGISTERED").exists()
        return waiting and case.stages.filter(kind="INITIAL", status="VISIT").exists()

    walk_together(world, cases, clock, is_ready)
    reports = [case.stages.get(kind="INITIAL") for case in cases]
    supervisor, leader = world.one("supervisor"), world.one("leader")

    def visit(stage: Any) -> Callable[[], str]:
        fresh = type(stage).objects.select_related("case__round").get(pk=stage.pk)
        by = again(supervisor)
        return lambda: attempt("visit_site", fresh, by=by)

    def approve() -> str:
        return attempt("approve_payment", type(world.round).objects.get(), by=leader)

    told = at_once(approve, *map(visit, reports))
    assert told == ["done"] * 4
    for case in cases:
        case.refresh_from_db()
        assert case.tranches.get(seq=1).status == "APPROVED"
        assert violations_of(case) == []


@needs("postgres")
@pytest.mark.slow(10)
def test_four_who_walk_at_random_at_once_keep_everything(world, clock):
    """No deadlock, no error but the refusals, and the shadow fits at the end."""
    seed = seed_of(0)
    print(f"WEIGONG_SEED={seed}")  # noqa: T201 - repeats a walk
    walkers = [Wanderer(world, seed + number) for number in range(THREADS)]
    walkers[0].begin(2026)
    told: Counter[str] = Counter()
    for _lap in range(3):
        clock.forward(days=6)
        done = at_once(*(lambda w=w: wander(w) for w in walkers))
        for result in done:
            if isinstance(result, Exception):
                raise AssertionError(f"seed {seed}: {result!r}") from result
        services.sweep()
        sync_all()
        for case in Case.objects.order_by("pk"):
            assert violations_of(case) == [], f"seed {seed}: {case.code}"
        assert overpaid(world) == [], f"seed {seed}"
        assert open_twice(world) == [], f"seed {seed}"
    for walker in walkers:
        told += walker.told
    assert told["done"] > STEPS / 6, told
    assert verify().findings == [], f"seed {seed}"


def wander(walker: Wanderer) -> int:
    """The steps of one thread; the clock and the sweeps are the test's."""
    for _number in range(STEPS // 3):
        walker.step()
    return sum(walker.told.values())
