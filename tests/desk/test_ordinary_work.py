"""Ordinary work gives no signal: for each signal what looks alike and is none."""

import datetime as dt
from decimal import Decimal

import pytest
from django.utils.timezone import localdate, localtime, now

from audit.models import Event
from audit.testing import ambient_event
from desk.signals.registry import SIGNALS
from grants.calendar import is_working_day, today
from grants.models import (
    Application,
    Case,
    Expense,
    Review,
)
from organisations.models import (
    MembershipRole,
    Organisation,
    OrganisationProfile,
    User,
)
from organisations.services import add_member
from tests.clock import Clock, moved_clock
from tests.desk.conftest import World
from tests.desk.planting import (
    LONG,
    Plant,
    a_score_changes,
    after_a_check,
    facts,
    found,
    in_another_year,
    like_texts_under_another_title,
    one_telephone_for_two,
    pair,
    pair_of_the_module,
    spend,
    two_organisations_with_one_text,
    write,
)
from tests.factories.running import BY, Running, act_on, fresh, make_running_case
from tests.workflows.driver import next_item, next_timer, take
from workflows.services import sweep

__all__ = ["pair", "pair_of_the_module"]


def voided_and_made_again(first: Running, second: Running) -> None:
    expense = spend(first, "100.00", invoice_number="044001912345678")
    with ambient_event():
        Expense.objects.filter(pk=expense.pk).update(voided_at=now())
    spend(first, "110.00", invoice_number="0440019-12345678")


def just_under_but_far_apart(first: Running, second: Running) -> None:
    for number in range(2):
        day = today(now()) + dt.timedelta(days=40 * number)
        spend(first, "9800.00", payee="某某印务（演示）", spent_on=day)


def small_payments_that_stay_under(first: Running, second: Running) -> None:
    for _number in range(4):
        spend(first, "2400.00", payee="某某印务（演示）")


def small_payments_over_months(first: Running, second: Running) -> None:
    for number in range(4):
        day = today(now()) + dt.timedelta(days=10 * number)
        spend(first, "4000.00", payee="某某印务（演示）", spent_on=day)


def petty_payments_beside_one_purchase(first: Running, second: Running) -> None:
    spend(first, "8500.00", payee="某某印务（演示）")
    for _number in range(3):
        spend(first, "600.00", payee="某某印务（演示）")


def a_shop_of_many(first: Running, second: Running) -> None:
    third = make_running_case(with_case=first)
    for running in (first, second, third):
        spend(running, "4000.00", payee="某某印务（演示）")


def a_supplier_of_many(first: Running, second: Running) -> None:
    for running in (first, second):
        for _number in range(3):
            spend(running, "300.00", payee="甲咨询有限公司")
        spend(running, "1200.00", payee="乙店")


def a_shop_that_each_visits_once(first: Running, second: Running) -> None:
    for running in (first, second):
        spend(running, "3000.00", payee="某某文化用品商行")


def wages_of_one_organisation(first: Running, second: Running) -> None:
    spend(first, "1500.00", payee="孙某某", head="STAFF")
    spend(first, "1500.00", payee="孙某某", head="STAFF")
    spend(second, "1500.00", payee="孙某", head="STAFF")


def another_firm_of_another_town(first: Running, second: Running) -> None:
    with ambient_event():
        firm = Organisation.objects.create(name="某某（北京）公司", legal_form="FIRM")
        for organisation in (firm, first.case.organisation):
            OrganisationProfile.objects.create(
                organisation=organisation,
                legal_representative="钱来来",
                updated_by=first.applicant,
                updated_at=now(),
            )
    spend(first, "800.00", payee="某某（上海）公司")


def just_under_to_different_payees(first: Running, second: Running) -> None:
    spend(first, "9800.00", payee="甲店")
    spend(first, "9800.00", payee="乙店")


def wages_every_month(first: Running, second: Running) -> None:
    for number in range(2):
        day = today(now()) + dt.timedelta(days=10 * number)
        spend(first, "9800.00", payee="项目社工", spent_on=day, head="STAFF")


def one_person_in_two_organisations(first: Running, second: Running) -> None:
    with ambient_event():
        User.objects.filter(pk=first.applicant.pk).update(email="one@example.org")
        Application.objects.filter(case=first.case).update(
            contact_email="one@example.org"
        )
    role = MembershipRole.APPLICANT
    add_member(second.case.organisation, user=first.applicant, role=role, by=BY)


def a_member_of_another_organisation(first: Running, second: Running) -> None:
    with ambient_event():
        person = User.objects.create(username="elsewhere")
        other = Organisation.objects.create(name="Elsewhere", legal_form="ASSOC")
    add_member(other, user=person, role=MembershipRole.APPLICANT, by=BY)


def other_projects_in_one_year(first: Running, second: Running) -> None:
    like_texts_under_another_title(first, second)
    with ambient_event():
        Application.objects.filter(case=second.case).update(
            objectives="为听障儿童提供康复训练", plan="全新方案若干", summary=""
        )


def a_project_goes_on_in_the_next_year(first: Running, second: Running) -> None:
    in_another_year(first, second)
    write(first, LONG)
    write(second, LONG[: len(LONG) // 2] + "本年度另设家庭照护者课程，" * 20)


def one_text_of_which_one_was_refused(first: Running, second: Running) -> None:
    two_organisations_with_one_text(first, second)
    with ambient_event():
        Case.objects.filter(pk=second.case.pk).update(status="REJECTED")


def short_texts_of_the_form(first: Running, second: Running) -> None:
    for running in (first, second):
        write(running, LONG[:200])


def some_sentences_in_common(first: Running, second: Running) -> None:
    """Some sentences of one teacher's course, in two plans of their own."""
    shared = "第一课讲防骗常识，每人发放一本防骗手册，课后现场答疑。"
    visits = "".join(f"{n}月为{n + 3}户听障家庭入户评估，" for n in range(40))
    write(first, LONG + shared)
    write(second, shared + visits)


def reopened_without_a_change(first: Running, second: Running) -> None:
    a_score_changes(first, second)
    with ambient_event():
        Review.objects.filter(case=first.case).update(total=Decimal("80.00"))


def a_receipt_is_read_first(first: Running, second: Running) -> None:
    first.do("request_payment", first.tranche(1))
    with moved_clock() as clock:
        clock.forward(minutes=2)
        first.do("register_receipt", first.tranche(1))


def a_weekend_is_worked_for_a_holiday(first: Running, second: Running) -> None:
    with moved_clock() as clock:
        clock.to("2026-05-09 10:00")  # a Saturday after 劳动节
        first.do("suspend")


def a_supervisor_visits_on_a_weekend(first: Running, second: Running) -> None:
    with after_a_check(first) as clock:
        clock.to("2026-03-07 10:00")
        first.do("visit_site", first.stage("INITIAL"))


def correct(running: Running, expense: Expense, amount: str) -> None:
    act_on(
        "correct_expense",
        running.case,
        running.applicant,
        entry=expense.pk,
        amount=amount,
        invoice_number=expense.invoice_number,
        reason="看错了一位",
    )


def an_entry_is_corrected_in_time(first: Running, second: Running) -> None:
    correct(first, spend(first, "150.00"), "160.00")
    with after_a_check(first):
        pass


def a_later_entry_is_corrected(first: Running, second: Running) -> None:
    with after_a_check(first) as clock:
        expense = spend(first, "150.00")
        clock.forward(hours=1)
        correct(first, expense, "160.00")


def a_returned_report_is_written_anew(first: Running, second: Running) -> None:
    stage = first.stage("INITIAL")
    first.do("report_stage", stage, money_used="500.00")
    first.do("check_materials", stage, outcome="RETURN", remarks="请补充")
    first.do("report_stage", stage, money_used="700.00")
    first.do("check_materials", stage)


def an_applicant_works_at_night(first: Running, second: Running) -> None:
    with moved_clock() as clock:
        clock.to(localtime().replace(hour=23, minute=30))
        first.do("report_stage", first.stage("INITIAL"))


def a_custodian_has_the_account(first: Running, second: Running) -> None:
    with ambient_event():
        Organisation.objects.filter(pk=second.case.organisation_id).update(
            bank_account="622200001111"
        )
        Organisation.objects.filter(pk=first.case.organisation_id).update(
            custodian=second.case.organisation_id
        )
    with ambient_event():
        first.case.tranches.update(account="6222 0000 1111")


def a_custodian_answers_the_telephone(first: Running, second: Running) -> None:
    one_telephone_for_two(first, second)
    with ambient_event():
        Organisation.objects.filter(pk=first.case.organisation_id).update(
            custodian=second.case.organisation_id
        )


ORDINARY: list[tuple[str, Plant]] = [
    ("repeated_invoices", voided_and_made_again),
    ("split_amounts", just_under_but_far_apart),
    ("split_amounts", small_payments_that_stay_under),
    ("split_amounts", small_payments_over_months),
    ("split_amounts", petty_payments_beside_one_purchase),
    ("split_amounts", a_shop_of_many),
    ("repeated_payees", a_supplier_of_many),
    ("repeated_payees", a_shop_that_each_visits_once),
    ("fees_in_one_hand", wages_of_one_organisation),
    ("related_payees", another_firm_of_another_town),
    ("split_amounts", just_under_to_different_payees),
    ("split_amounts", wages_every_month),
    ("shared_contacts", one_person_in_two_organisations),
    ("both_sides", a_member_of_another_organisation),
    ("funded_twice", other_projects_in_one_year),
    ("funded_twice", a_project_goes_on_in_the_next_year),
    ("funded_twice", one_text_of_which_one_was_refused),
    ("funded_twice", short_texts_of_the_form),
    ("funded_twice", some_sentences_in_common),
    ("edits_after_locking", reopened_without_a_change),
    ("quick_approvals", a_receipt_is_read_first),
    ("odd_hours", an_applicant_works_at_night),
    ("odd_hours", a_weekend_is_worked_for_a_holiday),
    ("odd_hours", a_supervisor_visits_on_a_weekend),
    ("edits_after_locking", an_entry_is_corrected_in_time),
    ("edits_after_locking", a_later_entry_is_corrected),
    ("edits_after_locking", a_returned_report_is_written_anew),
    ("shared_accounts", a_custodian_has_the_account),
    ("shared_contacts", a_custodian_answers_the_telephone),
]


@pytest.mark.parametrize(("code", "plant"), ORDINARY)
def test_what_is_ordinary_is_no_signal(pair, code, plant):
    first, second = pair
    before = {finding.summary for finding in found(code, first)}
    plant(first, second)
    assert {finding.summary for finding in found(code, first)} == before


def in_office_hours(clock: Clock) -> None:
    """Go on by some hours, to a time at which offices work."""
    clock.forward(hours=3)
    hour, day = localtime().hour, localdate()
    if not (9 <= hour < 17 and is_working_day(day)):
        later = localtime() + dt.timedelta(days=hour >= 17)
        while not is_working_day(later.date()):
            later += dt.timedelta(days=1)
        clock.to(later.replace(hour=10, minute=0))


def test_a_round_worked_in_office_hours_gives_no_signal(world: World):
    clock, cases = world.clock, [world.draft(0), world.draft(1)]
    people = [fresh(person) for person in world.house.people.values()]
    for _step in range(400):
        in_office_hours(clock)
        step = next_item(people)
        if step is not None:
            item, user = step
            own = {}
            if item.action == "submit_application":  # the examples share a telephone
                number = item.case_id * 2
                own = {
                    "leader_mobile": f"139{number:08d}",
                    "contact_mobile": f"139{number + 1:08d}",
                }
            take(item, user, **own)
            continue
        due = next_timer()
        if due is None or Case.objects.filter(status="CLOSED").count() == len(cases):
            break
        clock.to(max(due, now()) + dt.timedelta(seconds=1))
        sweep()
    statuses = {Case.objects.get(pk=case.pk).status for case in cases}
    assert statuses <= {"CLOSED", "ARCHIVED"}
    told = {
        signal.code: [f.summary for f in signal.find(facts(world.house.programme))]
        for signal in SIGNALS
    }
    assert told == {signal.code: [] for signal in SIGNALS}
    assert Event.objects.filter(verb="approve_payment").exists()
