"""Five thousand steps, legal and illegal: the shadow always fits the truth.

WEIGONG_SEED=… repeats a walk, WEIGONG_STEPS=… makes it longer. PostgreSQL's walks
are those of test_concurrency.py, four at once.
"""

import os
from collections import Counter
from random import SystemRandom

import pytest

from audit.verify import verify
from grants.models import Case
from tests.guards.wandering import Wanderer, broken, open_twice, snapshot
from tests.guards.world import START, make_world
from workflows.open import violations_of

pytestmark = [pytest.mark.once, pytest.mark.django_db, pytest.mark.slow(60)]
#: Walks that CI repeats; WEIGONG_SEED=new goes where nobody has been.
SEEDS = (3253928, 3763838, 3774566, 20211)
WALKS = len(SEEDS)
STEPS = 1250
ORGANISATIONS = 4


def steps() -> int:
    """Steps of one walk."""
    return int(os.environ.get("WEIGONG_STEPS") or STEPS)


def seed_of(number: int) -> int:
    """The seed of a walk: the same in every run, a given one, or a new one."""
    given = os.environ.get("WEIGONG_SEED")
    if given == "new":
        return SystemRandom().randrange(10**6) * WALKS + number
    return int(given) if given else SEEDS[number]


@pytest.mark.parametrize("number", range(WALKS))
def test_random_walk_keeps_status_money_and_tasks(number, clock):
    seed = seed_of(number)
    print(f"WEIGONG_SEED={seed}")  # noqa: T201 - repeats a walk
    clock.to(START)
    world = make_world(organisations=ORGANISATIONS)
    wanderer = Wanderer(world, seed, clock)
    year = 2026
    wanderer.begin(year)
    before = snapshot(world)
    step = 0
    while step < steps():
        told = wanderer.step()
        if not told:  # there was nothing of the kind
            continue
        step += 1
        found = broken(world, before, told)
        assert found == [], f"seed {seed}, step {step}: {told}: {found}"
        before = snapshot(world)
        if step % 25 == 0:
            assert open_twice(world) == [], f"seed {seed}, step {step}: {told}"
            if wanderer.is_over():
                year += 2
                wanderer.begin(year)
                before = snapshot(world)
    for case in Case.objects.order_by("pk"):
        assert violations_of(case) == [], f"seed {seed}: {case.code}"
    assert verify().findings == [], f"seed {seed}"
    # most steps are meant to be refused; walks seen did a sixth to a quarter
    assert wanderer.told["done"] > steps() / 10, wanderer.told
    assert wanderer.told["403 not_yours"] > steps() / 20, wanderer.told
    print(wanderer.told, wanderer.done)  # noqa: T201 - repeats a walk
    print(Counter(Case.objects.order_by().values_list("status", flat=True)))  # noqa: T201 - repeats a walk
