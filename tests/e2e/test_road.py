"""The road in a browser, once in Chinese and once in English."""

from datetime import timedelta

import pytest
from django.utils.timezone import now

from desk.demo.data import awarded
from desk.demo.house import build_house
from grants.actions import ACTIONS
from grants.models import Case
from tests.clock import Clock
from tests.e2e.conftest import IN_A_BROWSER, Windows
from tests.e2e.steps import do_task, fill, open_round
from tests.workflows.driver import fresh, next_item, next_timer
from workflows.open import violations_of
from workflows.services import sweep

pytestmark = IN_A_BROWSER
#: Whether a step that was reached lies inside the picture's window.
STEP_IN_VIEW = """() => {
  const box = document.querySelector(".diagram").getBoundingClientRect();
  return [...document.querySelectorAll(".node.open, .node.done")].some((node) => {
    const at = node.getBoundingClientRect();
    return at.left >= box.left && at.right <= box.right
      && at.top >= box.top && at.bottom <= box.bottom;
  });
}"""
TABS = ("form", "documents", "reviews", "money", "tracking", "timeline", "diagram")


@pytest.mark.parametrize("locale", ["zh-CN", "en-GB"])
@pytest.mark.slow(200)
def test_road(windows: Windows, clock: Clock, locale: str):
    windows.locale = locale
    clock.to(now() + timedelta(seconds=1))
    house = build_house(awarded()[:2])
    round_ = open_round(house)
    people = [fresh(person) for person in house.people.values()]

    public = windows.visit("", "/")
    windows.check(public, "public home")

    applicant = windows.visit("applicant1", "/apply/")
    windows.check(applicant, "apply")
    organisation = house["applicant1"].memberships.earliest("pk").organisation_id
    fill(applicant, {"round": round_.code, "organisation": organisation})
    applicant.locator("form#form button").first.click()
    applicant.wait_for_url("**/work/**")
    case = Case.objects.get()

    for _step in range(120):
        case.refresh_from_db()
        assert violations_of(case) == []
        if case.status == "ARCHIVED":
            break
        found = next_item(people)
        if found is None:
            clock.to(max(next_timer(), now()) + timedelta(seconds=1))
            sweep()
            continue
        item, user = found
        body = ACTIONS[item.action].example(item.target, user)
        do_task(windows, item, user, body)
    assert case.status == "ARCHIVED"

    look_around(windows, case)
    assert windows.problems == []


def look_around(windows: Windows, case: Case) -> None:
    """Every kind of page in the windows' language."""
    code, round_ = case.code, case.round.code
    auditor = ["/home/", "/cases/", f"/cases/{code}/", "/rounds/", "/messages/"]
    auditor += [f"/cases/{code}/{tab}/" for tab in (*TABS, "objections")]
    auditor += [f"/rounds/{round_}/"]
    visits = {
        "": ["/"],
        "auditor1": auditor,
        "applicant1": ["/home/", f"/cases/{code}/", "/done/", "/messages/"],
        "funder1": ["/home/", f"/rounds/{round_}/", f"/rounds/{round_}/edit/"],
        "admin1": ["/home/", "/people/", "/organisations/", "/programmes/"],
    }
    for username, paths in visits.items():
        for path in paths:
            page = windows.visit(username, path)
            windows.check(page, f"{username} {path}")
            if path.endswith("/diagram/"):
                assert page.evaluate(STEP_IN_VIEW), "the picture opens on nothing"
