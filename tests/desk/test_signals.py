"""Signals: each planted and found, with its rows; ordinary work gives none."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from django.utils.timezone import localtime, now

from audit.models import Event
from audit.origin import Address, comes_from
from audit.record import record
from audit.testing import ambient_event
from desk.signals.base import Facts, Finding
from desk.signals.registry import SIGNALS
from grants.calendar import today
from grants.models import (
    Application,
    Case,
    Expense,
    Panel,
    Review,
    Round,
    Seat,
    Stage,
)
from organisations.models import (
    Membership,
    MembershipRole,
    Organisation,
    OrganisationProfile,
    User,
)
from organisations.services import add_member
from tests.clock import Clock, moved_clock
from tests.desk.conftest import World
from tests.desk.test_lists import enter
from tests.factories.running import BY, Running, act_on, fresh, make_running_case
from tests.workflows.driver import next_item, next_timer, take
from workflows.services import sweep

FIND = {signal.code: signal.find for signal in SIGNALS}
QUERIES = 46


@pytest.fixture(scope="module")
def pair_of_the_module(shared_db: None) -> tuple[Running, Running, dt.datetime]:
    with moved_clock() as clock:
        clock.to("2026-03-02 09:00")
        first = make_running_case()
        second = make_running_case(with_case=first)
        return first, second, now()


@pytest.fixture
def pair(pair_of_the_module: Any, db: None, clock: Clock) -> tuple[Running, Running]:
    first, second, at = pair_of_the_module
    clock.to(at)
    clock.forward(hours=1)
    return first, second


def facts(programme: Any) -> Facts:
    return Facts(Case.objects.filter(round__programme=programme), [programme.pk])


def found(code: str, running: Running) -> list[Finding]:
    with translation.override("en"):
        return FIND[code](facts(running.programme))


# -- planting -----------------------------------------------------------------------

Pair = tuple[Running, Running]


def spend(running: Running, amount: str, **fields: Any) -> Expense:
    """An expense of the project, recorded by its applicant and then made to fit."""
    count = Expense.objects.count()
    expense = act_on(
        "record_expense",
        running.case,
        running.applicant,
        amount="10.00",
        invoice_number=f"发票{count:08d}",
    )
    expense = expense if isinstance(expense, Expense) else Expense.objects.latest("pk")
    with ambient_event():
        Expense.objects.filter(pk=expense.pk).update(
            **{"payee": f"某店{count}", "amount": Decimal(amount)} | fields
        )
    return Expense.objects.get(pk=expense.pk)


def a_supervisor_joins(first: Running, second: Running) -> None:
    role = MembershipRole.APPLICANT
    add_member(first.case.organisation, user=first.supervisor, role=role, by=BY)


def a_former_member_grades(first: Running, second: Running) -> None:
    with ambient_event():
        person = User.objects.create(username="former", name="former")
        Membership.objects.create(
            user=person,
            organisation=second.case.organisation,
            role=MembershipRole.APPLICANT,
            since=now() - dt.timedelta(days=900),
            ended_at=now() - dt.timedelta(days=400),
        )
        Stage.objects.filter(case=second.case).update(graded_by=person)


def the_same_in_another_tier(first: Running, second: Running) -> None:
    with ambient_event():
        other = Round.objects.get(pk=first.round.pk)
        other.pk, other.code, other.tier, other.folder = (
            None,
            "district",
            "DISTRICT",
            None,
        )
        other.save(force_insert=True)
        Case.objects.filter(pk=second.case.pk).update(
            organisation=first.case.organisation,
            round=other,
            title=Case.objects.get(pk=first.case.pk).title,
        )


def like_texts_under_another_title(first: Running, second: Running) -> None:
    the_same_in_another_tier(first, second)
    with ambient_event():
        Case.objects.filter(pk=second.case.pk).update(title="完全两样的一个名字")


def one_invoice_in_two_projects(first: Running, second: Running) -> None:
    spend(first, "100.00", invoice_number="0440019-12345678")
    spend(second, "200.00", invoice_number="0440019 12345678")


def the_head_is_paid(first: Running, second: Running) -> None:
    head = first.legal_rep
    spend(first, "800.00", payee=head.name)


def the_heads_firm_is_paid(first: Running, second: Running) -> None:
    with ambient_event():
        firm = Organisation.objects.create(
            name="某某文化公司（演示）", legal_form="FIRM"
        )
        for organisation in (firm, first.case.organisation):
            OrganisationProfile.objects.create(
                organisation=organisation,
                legal_representative="钱来来",
                updated_by=first.applicant,
                updated_at=now(),
            )
    spend(first, "800.00", payee=firm.name)


def expenses_are_split(first: Running, second: Running) -> None:
    day = today(now())
    for number, amount in enumerate(("9800.00", "9500.00", "9900.00")):
        after = day + dt.timedelta(days=5 * number)
        spend(first, amount, payee="某某印务（演示）", spent_on=after)


def a_score_changes(first: Running, second: Running) -> None:
    with ambient_event():
        panel = Panel.objects.create(
            round=first.round,
            name="一组",
            meets_on=today(now()),
            seed="7",
            drawn_by=first.operator,
        )
        seat = Seat.objects.create(
            case=first.case, panel=panel, number=1, reviewer=first.reviewer
        )
        same = {
            "case": first.case,
            "seat": seat,
            "reviewer": first.reviewer,
            "recommended": Decimal("90000.00"),
        }
        Review.objects.create(
            **same,
            total=Decimal("71.00"),
            reopened_at=now(),
            reopened_by=first.operator,
            reopen_reason="算错了",
        )
        Review.objects.create(**same, total=Decimal("88.00"))


def a_receipt_is_checked_at_once(first: Running, second: Running) -> None:
    first.do("request_payment", first.tranche(1))
    first.do("register_receipt", first.tranche(1))


def a_project_is_suspended_at_night(first: Running, second: Running) -> None:
    with moved_clock() as clock:
        clock.to(localtime().replace(hour=23, minute=30))
        first.do("suspend")


def one_account_for_two(first: Running, second: Running) -> None:
    with ambient_event():
        for running, number in ((first, "6222 0000 1111"), (second, "622200001111")):
            Organisation.objects.filter(pk=running.case.organisation_id).update(
                bank_account=number
            )


def one_telephone_for_two(first: Running, second: Running) -> None:
    with ambient_event():
        Application.objects.filter(case=first.case).update(contact_mobile="13800001111")
        Application.objects.filter(case=second.case).update(
            leader_phone="138-0000-1111"
        )


def one_address_for_two_members(first: Running, second: Running) -> None:
    with ambient_event():
        Application.objects.filter(case=first.case).update(
            contact_email="Same@Example.org"
        )
        User.objects.filter(pk=second.org_finance.pk).update(email="same@example.org")


def two_submit_from_one_address(first: Running, second: Running) -> None:
    for running in (first, second):
        case, person = running.case, running.applicant
        with (
            comes_from(Address("10.20.30.40")),
            record("resubmit", by=person, target=case.code, stream=f"case:{case.pk}"),
        ):
            pass


Plant = Callable[[Running, Running], None]
PLANTS: list[tuple[str, Plant, str, int]] = [
    ("both_sides", a_supervisor_joins, "is a member (Applicant)", 1),
    ("both_sides", a_former_member_grades, "was a member (Applicant)", 1),
    ("funded_twice", the_same_in_another_tier, "titles alike to 100", 2),
    ("funded_twice", like_texts_under_another_title, "texts to 100 per cent", 2),
    ("repeated_invoices", one_invoice_in_two_projects, "is on 2 entries", 2),
    ("related_payees", the_head_is_paid, "its legal representative is legal_rep", 1),
    ("related_payees", the_heads_firm_is_paid, "its legal representative is 钱来来", 1),
    ("split_amounts", expenses_are_split, "together 29,200.00", 3),
    ("edits_after_locking", a_score_changes, "from 71.00 to 88.00", 2),
    ("quick_approvals", a_receipt_is_checked_at_once, "seconds after", 2),
    ("night_work", a_project_is_suspended_at_night, "worked in the night", 1),
    ("shared_accounts", one_account_for_two, "belongs to 2 organisations", 2),
    ("shared_contacts", one_telephone_for_two, "13800001111 is given by 2", 2),
    ("shared_contacts", one_address_for_two_members, "same@example.org", 2),
    ("shared_addresses", two_submit_from_one_address, "address 10.20.30.40", 2),
]


@pytest.mark.parametrize(("code", "plant", "said", "rows"), PLANTS)
def test_what_was_planted_is_found_and_explained(pair, code, plant, said, rows):
    first, second = pair
    before = {finding.summary for finding in found(code, first)}
    plant(first, second)
    fresh_ones = [f for f in found(code, first) if f.summary not in before]
    assert len(fresh_ones) == 1, [f.summary for f in fresh_ones]
    (finding,) = fresh_ones
    assert said in finding.summary
    assert len(finding.rows) == rows
    page = enter(first.auditor).get("/audit/signals/")
    assert page.status_code == 200
    shown = page.content.decode()
    assert f'id="signal-{code}"' in shown
    cases = Case.objects.filter(pk__in=finding.cases)
    assert cases
    assert all(f"/cases/{case.code}/" in shown for case in cases)


def test_all_signals_are_planted():
    assert {code for code, *_rest in PLANTS} == set(FIND)


# -- what is ordinary -----------------------------------------------------------------


def voided_and_made_again(first: Running, second: Running) -> None:
    expense = spend(first, "100.00", invoice_number="044001912345678")
    with ambient_event():
        Expense.objects.filter(pk=expense.pk).update(voided_at=now())
    spend(first, "110.00", invoice_number="0440019-12345678")


def just_under_but_far_apart(first: Running, second: Running) -> None:
    for number in range(2):
        day = today(now()) + dt.timedelta(days=40 * number)
        spend(first, "9800.00", payee="某某印务（演示）", spent_on=day)


def small_payments_to_one_payee(first: Running, second: Running) -> None:
    for _number in range(4):
        spend(first, "5000.00", payee="某某印务（演示）")


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


def reopened_without_a_change(first: Running, second: Running) -> None:
    a_score_changes(first, second)
    with ambient_event():
        Review.objects.filter(case=first.case).update(total=Decimal("80.00"))


def a_receipt_is_read_first(first: Running, second: Running) -> None:
    first.do("request_payment", first.tranche(1))
    with moved_clock() as clock:
        clock.forward(minutes=2)
        first.do("register_receipt", first.tranche(1))


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
    ("split_amounts", small_payments_to_one_payee),
    ("split_amounts", just_under_to_different_payees),
    ("split_amounts", wages_every_month),
    ("shared_contacts", one_person_in_two_organisations),
    ("both_sides", a_member_of_another_organisation),
    ("funded_twice", other_projects_in_one_year),
    ("edits_after_locking", reopened_without_a_change),
    ("quick_approvals", a_receipt_is_read_first),
    ("night_work", an_applicant_works_at_night),
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
    hour = localtime().hour
    if not 9 <= hour < 17:
        later = localtime() + dt.timedelta(days=hour >= 17)
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


# -- the page ---------------------------------------------------------------------


def test_it_is_cut_to_a_round_and_keeps_what_the_other_side_says(pair):
    first, second = pair
    the_same_in_another_tier(first, second)
    client = enter(first.auditor)

    def twice(**asked: str) -> int:
        shown = client.get("/audit/signals/", asked).context["signals"]
        return next(
            len(s["found"]) for s in shown if s["signal"].code == "funded_twice"
        )

    assert twice() == 1
    assert twice(round="district") == 1
    assert twice(round=first.round.code) == 1
    assert twice(round="no-such-round") == 0
    assert twice(programme=str(first.programme.pk)) == 1
    assert twice(programme="other") == 1  # no programme of ours: not cut


def test_it_belongs_to_auditors_and_inspectors_and_is_on_record(pair):
    first, _second = pair
    for name in ("funder", "operator", "finance", "applicant", "reviewer"):
        assert enter(getattr(first, name)).get("/audit/signals/").status_code == 404
    assert not Event.objects.filter(verb="read", target="audit").exists()
    assert enter(first.inspector).get("/audit/signals/").status_code == 200
    event = Event.objects.get(verb="read", target="audit")
    assert event.actor == f"user:{first.inspector.pk}"


def test_in_chinese_nothing_is_left_in_english(pair):
    first, second = pair
    expenses_are_split(first, second)
    page = enter(first.auditor, "zh-hans").get("/audit/signals/").content.decode()
    assert "疑点线索" in page
    assert "just under" not in page


@pytest.mark.once
def test_it_costs_the_same_for_one_and_for_many(pair):
    first, second = pair

    def cost() -> int:
        client = enter(first.auditor)
        client.get("/audit/signals/")
        with CaptureQueriesContext(connection) as asked:
            assert client.get("/audit/signals/").status_code == 200
        return len(asked)

    for plant in (one_invoice_in_two_projects, the_head_is_paid, expenses_are_split):
        plant(first, second)
    assert cost() == QUERIES
    for number in range(3):
        third = make_running_case(with_case=first)
        spend(third, "9800.00", payee="某某印务（演示）")
        spend(third, "9700.00", payee="某某印务（演示）")
        spend(third, "700.00", invoice_number=f"0440019{'._/'[number]}12345678")
    assert cost() == QUERIES
