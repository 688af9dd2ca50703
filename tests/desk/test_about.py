"""What a task's page says of its case: enough to decide."""

import pytest
from django.utils import translation

from audit.testing import ambient_event
from desk.views.about import about_of
from grants.application_diff import ADDED, REMOVED
from grants.models import Case, Seat
from tests.factories.running import Running, bring_to_closing, make_running_case
from tests.workflows.driver import fresh, take
from workflows.selectors import inbox_for

pytestmark = pytest.mark.django_db


@pytest.fixture
def running(clock) -> Running:
    clock.to("2026-07-01 09:00")
    return make_running_case()


def said(running: Running, action: str, target: object = None) -> str:
    """Every fact of the page, as the person who acts reads them."""
    target = target or Case.objects.get(pk=running.case.pk)
    return str(about_of(running.head, action, target).facts)


def test_grading_shows_what_was_found_on_the_spot(running):
    for name in ("report_stage", "check_materials"):
        running.do(name, running.stage("INITIAL"))
    running.do("visit_site", running.stage("INITIAL"), findings="签到表齐全")
    for action in ("grade_stage", "recheck", "decide_on_failure"):
        facts = said(running, action, running.stage("INITIAL"))
        assert "签到表齐全" in facts
        assert str(running.supervisor) in facts


def test_accepting_a_plan_shows_what_it_changes(running):
    case = Case.objects.get(pk=running.case.pk)
    with ambient_event():
        case.budget_lines.filter(kind="PLAN").update(item="改后的用途")
    with translation.override("en"):
        about = about_of(running.head, "accept_plan", case)
    assert about.compared == "What the revised plan changes"
    budget = next(d for d in about.differences if d.label == "Budget")
    rows = case.budget_lines.order_by("position")
    asked = {(r.item, f"{r.amount:,.2f}") for r in rows.filter(kind="REQUEST")}
    plan = {(r.item, f"{r.amount:,.2f}") for r in rows.filter(kind="PLAN")}
    for state, lines in ((REMOVED, asked - plan), (ADDED, plan - asked)):
        found = [cells for said, cells in budget.rows if said == state]
        assert len(found) == len(lines) > 0
        for item, amount in lines:
            assert any(item in cells and amount in cells for cells in found)


def test_closing_shows_package_and_figures(running, clock):
    bring_to_closing(running, clock, accepted_expenditure="70000.00")
    facts = said(running, "close_project")
    closure = running.case.closures.get()
    paid = sum(t.amount for t in running.case.tranches.filter(status="PAID"))
    for words in (closure.summary, closure.package.title, "70,000.00", f"{paid:,.2f}"):
        assert words in facts


def test_countersigning_shows_the_signed_copy(running):
    signed = running.case.agreement
    facts = said(running, "countersign")
    assert str(signed.signed_by) in facts
    assert f"/documents/{signed.applicant_copy.versions.get().pk}/" in facts


def test_replacing_shows_who_leaves_why_and_declaring_with_whom_one_deals(world, text):
    case = world.bring(world.draft(), "UNDER_REVIEW")
    reviewer = fresh(case.seats.get(number=2).reviewer)
    item = inbox_for(reviewer).get(action="declare_interest")
    page = text(world.enter(reviewer).get(f"/work/{item.pk}/"))
    assert str(case.organisation) in page
    assert case.application.leader_name in page
    take(item, reviewer, conflict=True, reason="亲属在该单位任职")
    item = world.item(case, "replace_reviewer")
    page = text(world.enter("operator1").get(f"/work/{item.pk}/"))
    seat = Seat.objects.get(case=case, number=2)
    for words in (str(reviewer), "亲属在该单位任职", seat.panel.name):
        assert words in page
