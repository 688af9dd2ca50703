"""What is planted for signals to find, and two projects to plant it in."""

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation
from django.utils.timezone import localtime, now

from audit.origin import Address, comes_from
from audit.record import record
from audit.testing import ambient_event
from desk.signals.base import Facts, Finding
from desk.signals.registry import SIGNALS
from grants.calendar import today
from grants.models import (
    Application,
    BudgetLine,
    Case,
    Expense,
    Indicator,
    IndicatorResult,
    Panel,
    Review,
    Round,
    Score,
    Seat,
    Stage,
    Tranche,
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
from tests.factories.running import BY, Running, act_on, make_running_case

FIND = {signal.code: signal.find for signal in SIGNALS}


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


COURSES = "合唱 书法 太极 手工 摄影 园艺 烹饪 编织 棋艺 茶艺 朗诵 折纸 陶艺 骑行"
#: A plan that is long enough to be somebody's own.
LONG = "".join(
    f"第{n}周在社区活动室开展{what}，预计{n + 20}位老人参加，结束后逐户回访{what}学员。"
    for n, what in enumerate(COURSES.split(), 1)
)


def write(running: Running, plan: str, **fields: Any) -> None:
    with ambient_event():
        Application.objects.filter(case=running.case).update(plan=plan, **fields)


def two_organisations_with_one_text(first: Running, second: Running) -> None:
    write(first, LONG)
    write(second, LONG.replace("社区活动室", "党群活动室"))


def in_another_year(first: Running, second: Running) -> None:
    """The second project: of the first's organisation, in a round of the next year,
    when the first is over."""
    the_same_in_another_tier(first, second)
    with ambient_event():
        Round.objects.filter(code="district").update(year=first.round.year + 1)
    day = Application.objects.get(case=first.case).period_end
    write(
        second,
        "全新方案若干",
        period_start=day + dt.timedelta(days=1),
        period_end=day + dt.timedelta(days=200),
    )


def the_same_words_in_another_year(first: Running, second: Running) -> None:
    in_another_year(first, second)
    for running in (first, second):
        write(running, LONG)


def another_year_that_overlaps(first: Running, second: Running) -> None:
    in_another_year(first, second)
    day = Application.objects.get(case=first.case).period_end
    write(second, "全新方案若干", period_start=day - dt.timedelta(days=60))


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


def small_expenses_pass_a_limit(first: Running, second: Running) -> None:
    day = today(now())
    names = ("某某印务有限公司", "某某印务", "某某 印务（补）")
    for number, payee in enumerate(names):
        after = day + dt.timedelta(days=5 * number)
        spend(first, "4000.00", payee=payee, spent_on=after)


def the_head_is_paid_under_another_writing(first: Running, second: Running) -> None:
    with ambient_event():
        User.objects.filter(pk=first.legal_rep.pk).update(name="Ｑian 来来")
    spend(first, "800.00", payee="qian来来 （劳务费）")


def one_payee_takes_most_of_two_projects(first: Running, second: Running) -> None:
    for running in (first, second):
        for amount in ("300.00", "400.00", "500.00"):
            spend(running, amount, payee="甲咨询有限公司")
        spend(running, "900.00", payee="乙店")


def one_person_is_paid_by_two_organisations(first: Running, second: Running) -> None:
    spend(first, "1500.00", payee="孙某某", head="STAFF")
    spend(second, "1600.00", payee="孙 某某", head="STAFF")


def somebody_enters_what_they_were_paid(first: Running, second: Running) -> None:
    with ambient_event():
        User.objects.filter(pk=first.applicant.pk).update(name="李某某")
    spend(first, "700.00", payee="李某某")


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


def criteria_change_at_an_equal_total(first: Running, second: Running) -> None:
    a_score_changes(first, second)
    with ambient_event():
        Review.objects.filter(case=first.case).update(total=Decimal("80.00"))
        before, after = Review.objects.filter(case=first.case).order_by("pk")
        for review, need, budget in ((before, 20, 30), (after, 25, 25)):
            for name, score in (("need", need), ("budget", budget), ("team", 30)):
                Score.objects.create(
                    case=first.case, review=review, criterion=name, score=score
                )


@contextmanager
def after_a_check(running: Running) -> Iterator[Clock]:
    """A while after the report of the first stage was checked."""
    running.do("report_stage", running.stage("INITIAL"))
    running.do("check_materials", running.stage("INITIAL"))
    with moved_clock() as clock:
        clock.forward(hours=2)
        yield clock


def a_checked_figure_changes(first: Running, second: Running) -> None:
    with after_a_check(first), ambient_event():
        Stage.objects.filter(pk=first.stage("INITIAL").pk).update(money_used="7.00")


def a_counted_expense_changes(first: Running, second: Running) -> None:
    expense = spend(first, "150.00")
    with after_a_check(first), ambient_event():
        Expense.objects.filter(pk=expense.pk).update(amount=Decimal("950.00"))


def an_indicator_changes_after_the_check(first: Running, second: Running) -> None:
    with ambient_event():
        indicator = Indicator.objects.create(  # the report says what was reached
            case=first.case,
            kind=BudgetLine.Kind.PLAN,
            position=9,
            measure="OUTPUT",
            name="活动场次",
            unit="场",
            target=12,
        )
    with after_a_check(first), ambient_event():
        IndicatorResult.objects.filter(indicator=indicator).update(actual=12)


def an_approved_amount_changes(first: Running, second: Running) -> None:
    tranche = first.tranche(1)
    for name in ("request_payment", "register_receipt"):
        first.do(name, tranche)
    first.do("approve_payment", by=first.leader, tranches=[{"tranche": tranche.pk}])
    with ambient_event():
        Tranche.objects.filter(pk=tranche.pk).update(amount=Decimal("1.00"))


def a_receipt_is_checked_at_once(first: Running, second: Running) -> None:
    first.do("request_payment", first.tranche(1))
    first.do("register_receipt", first.tranche(1))


def a_project_is_suspended_on_a_saturday(first: Running, second: Running) -> None:
    with moved_clock() as clock:
        clock.to("2026-03-07 10:00")
        first.do("suspend")


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
