"""Screening many at once: the queue, what passes, what does not and why."""

import datetime as dt

import pytest

from audit.models import Event
from audit.testing import ambient_event
from grants.models import Case, Status
from organisations.models import Organisation
from tests.costs import queries_of
from tests.desk.conftest import World
from workflows.models import WorkItem

pytestmark = pytest.mark.once

PATH = "/rounds/r2026/screening/"
SAID = {"evidence": "Looked up, nothing found", "confirmed": "true"}


@pytest.fixture
def cases(world: World) -> list[Case]:
    return [world.bring(world.draft(n), "SCREENING") for n in range(3)]


def value(case: Case) -> str:
    case.refresh_from_db()
    return f"{case.code}@{case.version}"


def exclude(case: Case) -> None:
    with ambient_event():
        day = dt.date(2029, 1, 1)
        Organisation.objects.filter(pk=case.organisation_id).update(excluded_until=day)


def test_chosen_applications_pass_each_by_its_own_act(world, cases, text):
    client = world.enter("operator1")
    page = text(client.get(PATH))
    assert all(value(case) in page for case in cases)
    chosen = [value(case) for case in cases[:2]]
    answer = client.post(PATH, SAID | {"case": chosen}, follow=True)
    assert "2 applications passed screening." in text(answer)
    for case, status in zip(cases, ("ELIGIBLE", "ELIGIBLE", "SCREENING"), strict=True):
        case.refresh_from_db()
        assert case.status == status
    for case in cases[:2]:
        events = Event.objects.filter(verb="screen", target=case.code)
        assert {e.actor for e in events} == {f"user:{world['operator1'].pk}"}
        by_hand = case.eligibility_checks.filter(automatic=False)
        assert set(by_hand.values_list("evidence", flat=True)) == {SAID["evidence"]}
        assert case.eligibility_checks.count() == 12
        assert not WorkItem.objects.filter(
            case=case, action="screen", closed_at=None
        ).exists()


def test_one_that_fails_is_named_and_the_others_pass(world, cases, text):
    client = world.enter("operator1")
    first, second, _third = cases
    stale = f"{first.code}@{first.version + 7}"
    answer = client.post(PATH, SAID | {"case": [stale, value(second)]})
    assert answer.status_code == 422
    assert "1 application passed screening." in text(answer)
    assert "Somebody changed this case" in text(answer)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.status, second.status) == (Status.SCREENING, Status.ELIGIBLE)


def test_what_the_automatic_checks_found_is_never_passed_here(world, cases, text):
    client = world.enter("operator1")
    bad = cases[0]
    exclude(bad)
    page = text(client.get(PATH))
    assert "Excluded until 2029-01-01." in page
    assert value(bad) not in page
    assert bad.code not in text(client.get(PATH + "?clean=1"))
    answer = client.post(PATH, SAID | {"case": [value(bad)]})
    assert answer.status_code == 422
    bad.refresh_from_db()
    assert bad.status == Status.SCREENING


def test_nothing_passes_without_choice_and_confirmation(world, cases, text):
    client = world.enter("operator1")
    answer = client.post(PATH, SAID)
    assert answer.status_code == 422
    assert "Choose at least one application." in text(answer)
    chosen = {"case": [value(cases[0])], "evidence": "typed before"}
    answer = client.post(PATH, chosen)
    assert answer.status_code == 422
    assert "id_confirmed-error" in text(answer)
    assert "typed before" in text(answer)
    assert not Case.objects.filter(status=Status.ELIGIBLE).exists()


def test_what_is_due_first_stands_on_top(world, cases, text):
    last, first = cases[0], cases[2]
    with ambient_event():
        for case, day in ((first, 1), (last, 30)):
            due = dt.datetime(2026, 4, day, tzinfo=dt.UTC)
            WorkItem.objects.filter(case=case, action="screen").update(due_at=due)
    page = text(world.enter("operator1").get(PATH))
    assert page.index(first.code) < page.index(cases[1].code) < page.index(last.code)


def test_screening_is_due_eight_working_days_after_the_call(world):
    case = world.bring(world.draft(), "SCREENING")
    # the call closes on 1 April 2026; Qingming takes 4 to 6 April
    assert world.item(case, "screen").due_at.date() == dt.date(2026, 4, 14)


def test_others_may_not(world, cases):
    for name in ("funder1", "head1"):
        assert world.enter(name).get(PATH).status_code == 403


def test_queue_costs_the_same_however_long(world):
    world.bring(world.draft(0), "SCREENING")
    client = world.enter("operator1")
    few = queries_of(client, PATH)
    world.bring(world.draft(1), "SCREENING")
    world.bring(world.draft(2), "SCREENING")
    assert queries_of(client, PATH) == few == 10


def test_summary_list_has_a_column_a_rule(world, text):
    case = world.bring(world.draft(), "ELIGIBLE")
    page = text(world.enter("operator1").get("/lists/screening/"))
    assert "Active, not dormant" in page
    assert page.count("<td>Met</td>") == 12
    assert case.code in page
    form = text(world.enter("operator1").get(f"/cases/{case.code}/form/"))
    assert "Eligibility checklist" in form
    applicant = world.enter(world.applicant_of(case))
    page = text(applicant.get(f"/cases/{case.code}/form/"))
    assert "Eligibility checklist" not in page
