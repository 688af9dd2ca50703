"""How many queries an answer costs: the same at two sizes (DESIGN.md §12)."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from grants.actions import ACTIONS
from organisations.models import MembershipRole
from organisations.services import add_member
from tests.api.test_road import start
from tests.api.world import BY, Person, World, add_organisation, take
from tests.factories.running import make_running_case

pytestmark = [pytest.mark.once, pytest.mark.django_db]

INBOX, LIST, CASE = 8, 10, 20
SMALL, LARGE = 2, 5


def cost(person: Person, path: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        response = person.get(path)
    assert response.status_code == 200, response.content
    return len(queries)


def grow(world: World, until: str, numbers: range) -> list[str]:
    """More cases, each brought so far that `until` is what it waits for.

    Alice (applicant1) is an applicant of every organisation.
    """
    codes = []
    for number in numbers:
        if number > 1:
            organisation = add_organisation(world, number)
            add_member(
                organisation,
                user=world.applicant1.user,
                role=MembershipRole.APPLICANT,
                by=BY,
            )
        codes.append(start(world, number))
    while open_ones := waiting(world, until):
        for person, item in open_ones:
            take(person, item, None)
    return codes


def waiting(world: World, until: str) -> list:
    """What is to be done before `until`: tasks of cases, else one of the round."""
    found = {}
    for person in world.people.values():
        for item in person.inbox():
            if item["action"] != until:
                found.setdefault(item["task"], (person, item))
    of_cases = [f for f in found.values() if f[1]["case"]]
    return of_cases or list(found.values())[:1]


@pytest.mark.parametrize(
    ("until", "who", "literally"),
    [
        ("submit_application", "applicant1", 6),
        ("screen", "operator1", 7),  # with the checklist's facts
        ("lock_score", None, 4),
    ],
)
def test_the_inbox_costs_the_same_however_full(world, until, who, literally) -> None:
    grow(world, until, range(1, SMALL + 1))
    people = world.people.values()
    person = world.people[who] if who else next(p for p in people if p.inbox())
    assert cost(person, "inbox") == literally <= INBOX
    assert len(person.inbox()) == SMALL
    grow(world, until, range(SMALL + 1, LARGE + 1))
    more = LARGE
    while len(person.inbox()) == SMALL:  # the draw left this reviewer out so far
        more += 1
        grow(world, until, range(more, more + 1))
    assert len(person.inbox()) > SMALL
    assert cost(person, "inbox") == literally


def add_documents(world: World, code: str, numbers: range) -> None:
    for number in numbers:
        body = {"name": f"{number}.txt", "content_base64": "YQ=="}
        answer = world.operator1.post(f"cases/{code}/documents", body)
        assert answer.status_code == 201, answer.content


#: Of the one who screens, and of the applicant.
LISTS = {"cases": 5, "cases?status=SCREENING&q=a": 5, "rounds": 3}
#: What the body of `screen` reads of a case for its checklist.
CHECKLIST = 3
OF_CASE = {"": 13, "/timeline": 9, "/diagram.svg": 8, "/diagram.bpmn": 8}


def test_lists_and_cases_cost_the_same_however_many(world) -> None:
    grow(world, "screen", range(1, SMALL + 1))
    code = world.operator1.inbox()[0]["case"]
    add_documents(world, code, range(1))
    paths = LISTS | {f"cases/{code}{path}": n for path, n in OF_CASE.items()}
    people = [
        (world.operator1, paths | {f"cases/{code}": OF_CASE[""] + CHECKLIST}),
        (world.applicant1, paths),
    ]
    for person, numbers in people:
        assert {path: cost(person, path) for path in paths} == numbers
    grow(world, "screen", range(SMALL + 1, LARGE + 1))
    add_documents(world, code, range(1, 5))
    for person, numbers in people:
        assert {path: cost(person, path) for path in paths} == numbers
    assert max(LISTS.values()) <= LIST
    assert max(OF_CASE.values()) <= CASE


@pytest.mark.parametrize(
    ("name", "queries_made"),
    [("close_project", 1), ("record_refund", 1), ("report_stage", 5)],
)
def test_forms_gather_for_many_at_once(at_start, name, queries_made) -> None:
    running = [make_running_case()]
    running += [make_running_case(with_case=running[0]) for _n in range(2)]
    action, by = ACTIONS[name], running[0].people["funder"]

    def targets() -> list:
        of_stage = action.of == "stage"
        return [r.stage("INITIAL") if of_stage else r.case for r in running]

    alone = [action.example(target, by) for target in targets()]
    together = targets()
    with CaptureQueriesContext(connection) as queries:
        action.form.gather(together, by)
        examples = [action.example(target, by) for target in together]
    assert examples == alone
    assert len(queries) == queries_made
