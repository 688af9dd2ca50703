"""Changes of a running project: minor, major, refused, approved with history."""

from datetime import date
from decimal import Decimal

import pytest

from grants.calendar import end_of_working_day
from grants.errors import Invalid, NotYours, WrongState
from grants.models import BudgetLine, HoldKind
from grants.services.proposal import PLAN, rows_of
from tests.factories.running import Running, close_current, make_running_case, open_next

pytestmark = [
    pytest.mark.once,
    pytest.mark.django_db,
    pytest.mark.usefixtures("ambient_events"),
]


@pytest.fixture
def project(clock) -> Running:
    """It runs from 2026-07-01 to 2027-06-30."""
    clock.to("2026-07-01 09:00")
    return make_running_case()


def change(project: Running, kind: str, **fields: object):
    body = {"kind": kind, "reason": "实际需要", **fields}
    return project.do("request_change", body=body)


def rows(*amounts: tuple[str, str]) -> list[dict[str, str]]:
    return [
        {"head": head, "item": f"{head}支出", "amount": amount, "funded_by": "GRANT"}
        for head, amount in amounts
    ]


def test_request_holds_the_money_until_it_is_decided(project):
    asked = project.do("request_change")
    assert (asked.kind, asked.is_major, asked.before) == ("LEADER", False, "")
    assert project.case.holds.get(lifted_at=None).kind == HoldKind.CHANGE
    with pytest.raises(WrongState) as held:
        project.do("request_payment", project.tranche(1))
    assert held.value.code == "on_hold"
    with pytest.raises(WrongState):
        project.do("request_change")
    project.do("decide_change")
    assert not project.case.holds.filter(lifted_at=None).exists()
    project.do("request_payment", project.tranche(1))
    project.case.application.refresh_from_db()
    assert project.case.application.leader_name == asked.after
    assert project.case.application.leader_mobile == "13800000000"


def test_denied_change_leaves_everything_as_it_was(project):
    change(project, "PLACE", place="江干区")
    with pytest.raises(Invalid):
        project.do("decide_change", outcome="DENY", reason=" ")
    project.do("decide_change", outcome="DENY", reason="不符合服务范围")
    project.case.application.refresh_from_db()
    assert project.case.application.place == ""
    assert project.case.changes.get().status == "DENIED"
    assert not project.case.holds.filter(lifted_at=None).exists()


def test_extension_moves_the_end_the_stages_and_their_reports(project):
    before = {s.kind: (s.opens_at, s.report_due) for s in project.case.stages.all()}
    change(project, "PERIOD", period_end="2027-09-30")
    project.do("decide_change")
    project.case.application.refresh_from_db()
    assert project.case.application.period_end == date(2027, 9, 30)
    after = {s.kind: (s.opens_at, s.report_due) for s in project.case.stages.all()}
    assert after["INITIAL"] == before["INITIAL"]
    assert after["MID"][0].date() == date(2027, 2, 14)
    assert after["FINAL"][0].isoformat() == "2027-09-30T16:00:00+00:00"
    for kind in ("MID", "FINAL"):
        assert after[kind][1] == end_of_working_day(after[kind][0], 5)
        assert after[kind][1] > before[kind][1]


def test_stage_that_is_open_keeps_its_time(project, clock):
    project.pass_stage("INITIAL")
    open_next(project, clock, "MID")
    before = project.stage("MID").report_due
    change(project, "PERIOD", period_end="2027-07-31")
    project.do("decide_change")
    assert project.stage("MID").report_due == before
    assert project.stage("FINAL").opens_at.isoformat() == "2027-07-31T16:00:00+00:00"


@pytest.mark.parametrize("ends", ["2027-06-30", "2027-10-01", "2026-12-31"])
def test_extension_has_its_bounds(project, ends):
    with pytest.raises(Invalid) as refused:
        change(project, "PERIOD", period_end=ends)
    assert set(refused.value.errors) == {"period_end"}


def test_project_is_extended_once_and_not_after_its_time(project, clock):
    change(project, "PERIOD", period_end="2027-07-31")
    project.do("decide_change", outcome="DENY", reason="再议")
    change(project, "PERIOD", period_end="2027-07-31")
    project.do("decide_change")
    with pytest.raises(Invalid) as refused:
        change(project, "PERIOD", period_end="2027-08-31")
    assert "extended already" in refused.value.errors["period_end"][0]
    for kind in ("INITIAL", "MID"):
        if kind == "MID":
            open_next(project, clock, kind)
        project.pass_stage(kind)
    close_current(project)
    open_next(project, clock, "FINAL")
    with pytest.raises(Invalid) as refused:
        change(project, "PERIOD", period_end="2027-08-31")
    assert "time is over" in refused.value.errors["period_end"][0]


def test_budget_within_a_tenth_of_a_head_is_minor(project):
    """The plan has one head of 100,000.00: 10,000.00 may move, not a fen more."""
    BudgetLine.objects.filter(case=project.case, kind=PLAN).update(amount="60000.00")
    BudgetLine.objects.create(
        case=project.case,
        kind=PLAN,
        position=2,
        head="STAFF",
        item="人员补贴",
        amount="40000.00",
        funded_by="GRANT",
    )
    budget = rows(("ACTIVITY", "64000.00"), ("STAFF", "36000.00"))
    assert not change(project, "BUDGET", budget=budget).is_major
    project.do("decide_change", outcome="DENY", reason="再议")
    budget = rows(("ACTIVITY", "64000.01"), ("STAFF", "35999.99"))
    assert change(project, "BUDGET", budget=budget).is_major
    with pytest.raises(NotYours):
        project.do("decide_change")  # the officer
    project.do("decide_change", by=project.head)
    found = rows_of(project.case, "budget", PLAN)
    assert [(r["head"], r["amount"]) for r in found] == [
        ("ACTIVITY", Decimal("64000.01")),
        ("STAFF", Decimal("35999.99")),
    ]
    asked = rows_of(project.case, "budget")
    assert [r["amount"] for r in asked] == [Decimal("100000.00")]


def test_new_head_is_major_and_a_wrong_sum_is_refused(project):
    with pytest.raises(Invalid) as refused:
        change(project, "BUDGET", budget=rows(("ACTIVITY", "99999.99")))
    assert set(refused.value.errors) == {"budget"}
    budget = rows(("ACTIVITY", "99000.00"), ("ADMIN", "1000.00"))
    assert change(project, "BUDGET", budget=budget).is_major


@pytest.mark.parametrize(
    ("kind", "fields"),
    [("CONTENT", {"plan": "改为线上活动"}), ("CUSTODIAN", {"custodian": "某街道"})],
)
def test_kinds_that_the_rules_call_major(project, kind, fields):
    assert change(project, kind, **fields).is_major
    project.do("decide_change", by=project.head)
    project.case.project.refresh_from_db()
    if kind == "CONTENT":
        assert project.case.project.plan == "改为线上活动"
        plans = {p.plan for p in project.case.project.history.all()}
        assert {"", "改为线上活动"} <= plans


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"kind": "PLACE"}, "place"),
        ({"kind": "LEADER", "leader_name": " "}, "leader_name"),
        ({"kind": "CONTENT", "plan": "每周一次小组活动"}, "plan"),  # as it is
        ({"kind": "OTHER"}, "kind"),
        ({"kind": "PERIOD", "period_end": "soon"}, "period_end"),
    ],
)
def test_bad_requests_are_refused_by_field(project, body, field):
    with pytest.raises(Invalid) as refused:
        project.do("request_change", body={"reason": "需要", **body})
    assert set(refused.value.errors) == {field}
    assert not project.case.changes.exists()


def test_suspension_holds_the_money_until_it_is_resumed(project):
    with pytest.raises(WrongState):
        project.do("resume")
    project.do("suspend", reason="账目待查")
    hold = project.case.holds.get(lifted_at=None)
    assert (hold.kind, hold.reason) == (HoldKind.SUSPENSION, "账目待查")
    with pytest.raises(WrongState):
        project.do("suspend")
    with pytest.raises(WrongState) as held:
        project.do("request_payment", project.tranche(1))
    assert held.value.code == "on_hold"
    project.do("resume")
    project.do("request_payment", project.tranche(1))
