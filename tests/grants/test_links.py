"""Money and what it is for: lines name activities, indicators count the ledger."""

from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation

from audit.testing import ambient_event
from grants.actions import ACTIONS
from grants.application_sheet import application_sheet
from grants.errors import Invalid
from grants.ledger import ledgers_of
from grants.models import BudgetLine, Indicator
from grants.services.proposal import link_errors, link_gaps
from tests.factories import make_case, member
from tests.grants.test_ledger import planned, project, record

__all__ = ["project"]
pytestmark = pytest.mark.django_db
ACTIVITIES = [{"name": "入户走访"}, {"name": "小组活动"}]


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


def line(item: str, activity: str = "", head: str = "ACTIVITY") -> dict[str, Any]:
    return {
        "head": head,
        "item": item,
        "amount": "50000.00",
        "funded_by": "GRANT",
        "activity": activity,
    }


def form_of(case: Any, **changes: Any) -> Any:
    by, action = member(case.organisation), ACTIONS["submit_application"]
    body = action.example(case, by) | {"amount": "100000.00"} | changes
    return action, action.bind_json(case, by=by, body=body), by


@pytest.mark.once
def test_gaps_are_activities_without_money_and_lines_without_activity():
    budget = [line("物料", "小组活动"), line("讲师"), line("管理费", head="ADMIN")]
    assert link_gaps(budget, ACTIVITIES) == (["入户走访"], ["讲师"])
    assert link_gaps([line("a", "入户走访"), line("b", "小组活动")], ACTIVITIES) == (
        [],
        [],
    )
    assert link_errors([line("a", "远足")], ACTIVITIES) == {
        "budget.0.activity": ["There is no such activity in the plan."]
    }
    assert link_errors([line("a", "远足")], []) == {}


def test_line_of_an_unknown_activity_is_refused_beside_it():
    action, form, _by = form_of(
        make_case(), budget=[line("物料", "远足"), line("讲师", "小组活动")]
    )
    with pytest.raises(Invalid) as refused:
        action.clean(form)
    assert list(refused.value.errors) == ["budget.0.activity"]


def test_link_is_warned_about_stored_and_shown():
    case = make_case()
    action, form, by = form_of(case, budget=[line("物料", "小组活动"), line("讲师费")])
    assert form.is_valid()
    said = [check for check in form.checks() if check.state == "warn"]
    assert [c.text for c in said] == [
        "No line of the budget serves: 入户走访建档.",
        "These lines of the budget name no activity: 讲师费.",
    ]
    assert form.suggested(("activities", "name")) == ["入户走访建档", "小组活动"]
    action.service(case, by=by, **action.clean(form))
    lines = case.budget_lines.values_list("item", "activity")
    assert list(lines) == [("物料", "小组活动"), ("讲师费", "")]
    answers = {
        name: answer
        for topic in application_sheet(case)
        for name, answer in zip(topic.names, topic.answers, strict=True)
    }
    assert answers["budget"][1].rows[0][-1] == "小组活动"
    assert answers["budget"][1].columns[-1] == "Serves the activity"


def test_ledger_shows_what_was_spent_on_line_and_activity(project):
    activity = planned(project)
    with ambient_event():
        BudgetLine.objects.create(
            case=project.case,
            kind=BudgetLine.Kind.PLAN,
            position=9,
            head="ACTIVITY",
            item="材料",
            amount=Decimal("1000.00"),
            funded_by="GRANT",
            activity=activity.name,
        )
    record(project, "service", activity=str(activity.pk), persons=21)
    record(project, activity=str(activity.pk), amount="1200.00", invoice_number="1")
    record(project, amount="30.00", invoice_number="2")
    found = ledgers_of([project.case.pk], activities=True)[project.case.pk]
    own, other = found.by_activity
    assert (own.name, own.times, own.held, own.persons) == ("手工小组", 10, 1, 21)
    assert (own.planned, own.spent, own.left) == (1000, 1200, -200)
    assert own.is_over
    assert [(h.head, h.planned, h.spent) for h in own.heads] == [
        ("ACTIVITY", 1000, 1200)
    ]
    assert other.name == ""
    assert other.spent == 30
    assert own.planned + other.planned == sum(h.planned for h in found.heads)
    assert own.spent + other.spent == found.spent_in_all


def counted(project: Any, counts: str) -> Indicator:
    with ambient_event():
        return Indicator.objects.create(
            case=project.case,
            kind=BudgetLine.Kind.PLAN,
            position=0,
            measure="OUTPUT",
            name="小组活动",
            unit="场",
            target=Decimal("40.00"),
            counts=counts,
        )


@pytest.mark.parametrize(
    ("counts", "reached"),
    [("SESSIONS", "2"), ("PERSONS", "51"), ("VOLUNTEERS", "8"), ("HOURS", "25")],
)
def test_indicator_is_counted_from_the_ledger(project, counts, reached):
    indicator = counted(project, counts)
    record(project, "service", persons=31)
    record(project, "service", persons=20)
    form = ACTIONS["report_stage"].form(
        target=project.stage("INITIAL"), by=project.applicant
    )
    assert form.fields["indicators"].initial == [
        {"indicator": indicator.pk, "actual": reached}
    ]
    project.do("report_stage", project.stage("INITIAL"))
    result = project.stage("INITIAL").indicator_results.get()
    assert result.actual == result.counted == Decimal(reached)


def test_another_number_than_the_ledgers_needs_a_reason(project):
    indicator = counted(project, "SESSIONS")
    record(project, "service")
    row = {"indicator": indicator.pk, "actual": "3"}
    stage = project.stage("INITIAL")
    with pytest.raises(Invalid) as refused:
        project.do("report_stage", stage, indicators=[row])
    assert list(refused.value.errors) == ["indicators.0.reason"]
    row["reason"] = "两场活动的签到表尚未录入。"
    project.do("report_stage", stage, indicators=[row])
    result = project.stage("INITIAL").indicator_results.get()
    assert (result.actual, result.counted) == (3, 1)
    assert result.reason == row["reason"]
