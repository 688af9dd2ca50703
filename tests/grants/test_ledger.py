"""The ledger: activities and expenses, corrected or voided but never deleted."""

import datetime as dt
import re
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils.timezone import now

from audit.testing import ambient_event
from grants.actions import ACTIONS
from grants.calendar import today
from grants.errors import Invalid, NotYours, WrongState
from grants.ledger import ledgers_of
from grants.models import Activity, BudgetLine, Expense, Indicator, ServiceRecord
from tests.clock import Clock
from tests.factories.running import Running, act_on, make_running_case

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(db: Any, clock: Clock) -> Running:
    clock.to("2021-07-01 09:00")
    return make_running_case()


def record(project: Running, kind: str = "expense", **changes: Any) -> Any:
    return act_on(f"record_{kind}", project.case, project.applicant, **changes)


def ledger(project: Running) -> Any:
    return ledgers_of([project.case.pk])[project.case.pk]


def planned(project: Running) -> Activity:
    with ambient_event():
        return Activity.objects.create(
            case=project.case,
            kind=BudgetLine.Kind.PLAN,
            position=0,
            name="手工小组",
            time="每周",
            place="社区",
            whom="老年人",
            times=10,
            attendances=200,
        )


def test_entries_add_up_and_voided_ones_do_not_count(project):
    activity = planned(project)
    service = record(
        project, "service", activity=str(activity.pk), title="", persons=21
    )
    assert (service.title, service.activity) == ("手工小组", activity)
    assert service.pictures.count() == 1
    assert service.sign_in_sheet is not None
    record(project, "service", persons=9, hours="0.5")
    first = record(project, amount="580.00", invoice_number="F1")
    record(project, amount="20.50", invoice_number="F2", funded_by="SELF")
    found = ledger(project)
    assert (found.activities, found.persons, found.hours) == (2, 30, Decimal("13.0"))
    assert found.spent_of_grant == Decimal("580.00")
    assert found.spent_in_all == Decimal("600.50")
    act_on(
        "void_expense", project.case, project.org_finance, entry=first.pk, reason="重复"
    )
    act_on("void_service", project.case, project.legal_rep, entry=service.pk)
    found = ledger(project)
    assert (found.activities, found.spent_in_all) == (1, Decimal("20.50"))
    assert Expense.objects.count() == 2, "nothing is deleted"
    first.refresh_from_db()
    assert first.voided_because == "重复"


@pytest.mark.parametrize("spelling", ["FP-001", "fp－００１", " f p – 001"])
def test_invoice_used_in_another_project_is_refused_and_named(project, spelling):
    other = make_running_case()
    used = record(other, invoice_number="FP-001")
    with pytest.raises(Invalid) as refused:
        record(project, invoice_number=spelling)
    assert other.case.code in refused.value.errors["invoice_number"][0]
    act_on("void_expense", other.case, other.applicant, entry=used.pk)
    record(project, invoice_number=spelling)


def test_the_database_has_the_last_word_on_an_invoice(project):
    kept = record(project, invoice_number="FP-001")
    kept.pk = None
    with ambient_event(), pytest.raises(IntegrityError), transaction.atomic():
        kept.save()


def test_expense_without_an_invoice_number_may_come_again(project):
    for _number in range(2):
        record(project, invoice_number="")
    assert Expense.objects.count() == 2


def test_head_beyond_its_budget_is_named(project):
    record(project, amount="100000.01")
    (over,) = ledger(project).over
    assert (over.head, over.left) == ("ACTIVITY", Decimal("-0.01"))


def test_correction_needs_an_entry_of_the_case_and_a_reason(project):
    entry = record(project, amount="580.00")
    other = make_running_case()
    with pytest.raises(Invalid) as refused:
        act_on("correct_expense", other.case, other.applicant, entry=entry.pk)
    assert list(refused.value.errors) == ["entry"]
    with pytest.raises(Invalid) as refused:
        act_on("correct_expense", project.case, project.applicant, reason="")
    assert list(refused.value.errors) == ["reason"]
    body = {"amount": "58.00", "proof": None, "reason": "多写一位"}
    act_on("correct_expense", project.case, project.applicant, **body)
    proof = entry.proof_id
    entry.refresh_from_db()
    assert (entry.amount, entry.corrected_because) == (Decimal("58.00"), "多写一位")
    assert entry.proof_id == proof, "kept where none was sent"


def test_what_a_checked_report_counted_stays(project, clock):
    entry = record(project)
    project.do("report_stage", project.stage("INITIAL"))
    act_on("correct_expense", project.case, project.applicant, entry=entry.pk)
    project.do("check_materials", project.stage("INITIAL"))
    for name in ("correct_expense", "void_expense"):
        with pytest.raises(WrongState) as refused:
            act_on(name, project.case, project.applicant, entry=entry.pk)
        assert refused.value.code == "counted"
    clock.forward(minutes=1)
    later = record(project, invoice_number="F9")
    act_on("void_expense", project.case, project.applicant, entry=later.pk)


def test_voided_entry_cannot_be_voided_again(project):
    entry = record(project)
    act_on("void_expense", project.case, project.applicant, entry=entry.pk)
    with pytest.raises(Invalid):
        act_on("void_expense", project.case, project.applicant, entry=entry.pk)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"amount": "0.00"}, "amount"),
        ({"amount": "-1"}, "amount"),
        ({"head": "FIXED_ASSET"}, "head"),
        ({"spent_on": "2021-06-30"}, "spent_on"),
        ({"spent_on": "2021-07-02"}, "spent_on"),
        ({"proof": None}, "proof"),
        ({"activity": "999999"}, "activity"),
    ],
)
def test_wrong_expense_is_refused_beside_its_field(project, changes, field):
    with pytest.raises(Invalid) as refused:
        record(project, **changes)
    assert list(refused.value.errors) == [field]
    assert not Expense.objects.exists()


def test_service_without_a_name_or_a_plan_is_refused(project):
    with pytest.raises(Invalid) as refused:
        record(project, "service", title="", activity="")
    assert list(refused.value.errors) == ["title"]
    assert not ServiceRecord.objects.exists()


def test_only_the_organisation_keeps_its_ledger(project):
    other = make_running_case(with_case=project)
    for by in (project.funder, project.supervisor, other.applicant):
        with pytest.raises(NotYours):
            act_on("record_expense", project.case, by)


def test_report_is_prefilled_and_measures_the_plan(project):
    with ambient_event():
        indicator = Indicator.objects.create(
            case=project.case,
            kind=BudgetLine.Kind.PLAN,
            position=0,
            measure="OUTPUT",
            name="小组活动",
            unit="场",
            target=Decimal("40.00"),
        )
    record(project, "service", persons=31)
    record(project, amount="1234.50")
    form = ACTIONS["report_stage"].form(
        target=project.stage("INITIAL"), by=project.applicant
    )
    assert form.fields["beneficiaries_served"].initial == 31
    assert form.fields["money_used"].initial == Decimal("1234.50")
    label = form.fields["indicators"].row_labels[str(indicator.pk)]
    assert label.startswith("小组活动")
    assert re.search(r"40 ?场", label)
    rows = [{"indicator": indicator.pk, "actual": "12"}]
    project.do("report_stage", project.stage("INITIAL"), indicators=rows)
    assert project.stage("INITIAL").indicator_results.get().actual == 12


def test_report_on_a_foreign_indicator_is_refused_by_row(project):
    with ambient_event():
        for case in (project.case, make_running_case().case):
            indicator = Indicator.objects.create(
                case=case,
                kind="PLAN",
                position=0,
                measure="OUTPUT",
                name="x",
                unit="场",
                target=1,
            )
    rows = [{"indicator": indicator.pk, "actual": "1"}]
    with pytest.raises(Invalid) as refused:
        project.do("report_stage", project.stage("INITIAL"), indicators=rows)
    assert list(refused.value.errors) == ["indicators.0.indicator"]


def test_days_are_those_of_shanghai(project):
    entry = record(project)
    assert entry.spent_on == today(now()) == dt.date(2021, 7, 1)
