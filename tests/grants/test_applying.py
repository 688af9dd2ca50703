"""Alice applies for her organisation, Bob is her colleague, Mallory is not."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils.timezone import now

from audit.testing import ambient_event
from grants.actions import ACTIONS
from grants.calendar import end_of
from grants.errors import Invalid, Late, NotYours, WrongState
from grants.models import BudgetLine, Case, Status
from grants.services.applying import (
    create_draft,
    expire_draft,
    months_after,
    submit_application,
    withdraw,
)
from organisations.models import MembershipRole
from organisations.services import add_member
from tests.factories import (
    BY,
    act_on,
    bring,
    make_case,
    make_district,
    make_organisation,
    make_programme,
    make_round,
    make_user,
    member,
    person,
    rules_with,
)

pytestmark = [pytest.mark.once, pytest.mark.django_db]


def submit(case, **changes):
    return act_on("submit_application", case, by=member(case.organisation), **changes)


def refused(case, **changes):
    with pytest.raises(Invalid) as caught:
        submit(case, **changes)
    assert Case.objects.get(pk=case.pk).status == Status.DRAFT
    return caught.value.errors


def rows(*amounts, head="ACTIVITY", funded_by="GRANT"):
    return [
        {"head": head, "item": "活动", "amount": amount, "funded_by": funded_by}
        for amount in amounts
    ]


# -- drafts ----------------------------------------------------------------------


def test_draft_numbers_are_consecutive_in_programme_year_and_tier():
    programme = make_programme(code="gyct")
    first, second = make_round(programme), make_round(programme)
    codes = [make_case(first).code, make_case(second).code, make_case(first).code]
    year = first.year
    assert codes == [f"GYCT-{year}-CITY-000{n}" for n in (1, 2, 3)]


def test_draft_has_a_folder_in_the_stream_of_the_case():
    case = make_case()
    assert case.folder.kind == "case"
    assert case.folder.stream == f"case:{case.pk}"


def test_draft_denied_to_who_is_no_member():
    round_, organisation = make_round(), make_organisation()
    with pytest.raises(NotYours):
        create_draft(round_, organisation, by=make_user("mallory"))


def test_draft_denied_to_the_finance_contact():
    organisation = make_organisation()
    by = member(organisation, MembershipRole.FINANCE_CONTACT)
    with pytest.raises(NotYours):
        create_draft(make_round(), organisation, by=by)


def test_draft_denied_before_the_organisation_is_admitted():
    organisation = make_organisation(admitted=False)
    with pytest.raises(NotYours):
        create_draft(make_round(), organisation, by=member(organisation))


def test_draft_denied_to_an_excluded_organisation_until_the_day_is_over(clock):
    clock.to("2026-03-10 09:00")
    round_ = make_round()
    organisation = make_organisation(excluded_until=date(2026, 3, 11))
    clock.to("2026-03-11 23:59")
    with pytest.raises(NotYours):
        create_draft(round_, organisation, by=member(organisation))
    clock.to("2026-03-12 00:01")
    assert create_draft(round_, organisation, by=member(organisation)).pk


def test_draft_denied_to_the_operator_of_the_round():
    round_ = make_round()
    operator = round_.programme.operator
    with pytest.raises(NotYours):
        create_draft(round_, operator, by=member(operator))


def test_draft_denied_before_the_call_and_after_it(clock):
    clock.to("2026-03-02 09:00")
    round_, organisation = make_round(), make_organisation()
    alice = member(organisation)
    clock.to(round_.opens_at - timedelta(seconds=5))
    with pytest.raises(WrongState):
        create_draft(round_, organisation, by=alice)
    clock.to(round_.closes_at)
    with pytest.raises(Late):
        create_draft(round_, organisation, by=alice)


def test_draft_denied_in_an_unpublished_round():
    organisation = make_organisation()
    with pytest.raises(WrongState):
        create_draft(make_round(published=False), organisation, by=member(organisation))


def test_one_application_an_organisation_and_another_after_withdrawing():
    round_, organisation = make_round(), make_organisation()
    alice = member(organisation)
    first = create_draft(round_, organisation, by=alice)
    with pytest.raises(WrongState) as caught:
        create_draft(round_, organisation, by=alice)
    assert caught.value.code == "one_application"
    act_on("withdraw", first, by=alice)
    assert create_draft(round_, organisation, by=alice).pk


def test_draft_expires_when_the_call_closes_and_not_before(clock):
    clock.to("2026-03-02 09:00")
    case = make_case()
    with pytest.raises(WrongState):
        expire_draft(case, by=BY)
    clock.to(case.round.closes_at)
    expire_draft(case, by=BY)
    assert case.status == Status.EXPIRED


# -- submitting ------------------------------------------------------------------


def test_submit_stores_everything_and_waits_for_screening():
    case = make_case()
    submit(
        case, title="漂在杭城 乐在其中", amount="120000.00", budget=rows("120000.00")
    )
    case.refresh_from_db()
    assert case.status == Status.SCREENING
    assert case.title == "漂在杭城 乐在其中"
    assert case.requested == Decimal("120000.00")
    assert case.submitted_at is not None
    assert case.district.code == "330102"
    assert case.application.plan
    line = case.budget_lines.get()
    assert (line.kind, line.amount) == (BudgetLine.Kind.REQUEST, case.requested)
    assert case.version == 2


def test_submit_denied_to_mallory():
    case = make_case()
    with pytest.raises(NotYours):
        act_on("submit_application", case, by=make_user("mallory"))


def test_submit_allowed_to_bob_and_to_the_legal_representative():
    round_ = make_round()
    for role in (MembershipRole.APPLICANT, MembershipRole.LEGAL_REP):
        case = make_case(round_)
        bob = make_user("bob")
        add_member(case.organisation, user=bob, role=role, by=BY)
        act_on("submit_application", case, by=bob)
        assert Case.objects.get(pk=case.pk).status == Status.SCREENING


def test_submit_is_late_at_the_very_moment_the_call_closes(clock):
    clock.to("2026-03-02 09:00")
    case = make_case()
    alice = member(case.organisation)
    action = ACTIONS["submit_application"]
    form = action.bind_json(case, by=alice, body=action.example(case, alice))
    fields = action.clean(form)
    clock.to(case.round.closes_at)
    with pytest.raises(Late) as caught:
        submit_application(case, by=alice, **fields)
    assert caught.value.http_status == 409
    clock.to(case.round.closes_at - timedelta(seconds=2))
    submit_application(case, by=alice, **fields)


def test_submit_twice_is_a_wrong_state():
    case = make_case(until=Status.SCREENING)
    with pytest.raises(WrongState):
        submit(case)


def test_submit_denied_when_the_organisation_was_excluded_since():
    case = make_case()
    with ambient_event():
        case.organisation.excluded_until = date(2999, 1, 1)
        case.organisation.save()
    with pytest.raises(NotYours):
        submit(case)


@pytest.mark.parametrize(
    "element", ["beneficiaries", "resources", "objectives", "plan"]
)
def test_each_of_the_four_elements_is_required(element):
    errors = refused(make_case(), **{element: "  "})
    assert list(errors) == [element]


def test_the_missing_element_is_named_by_its_label(settings):
    from django.utils.translation import override

    with override("en"):
        errors = refused(make_case(), resources="")
    assert errors == {"resources": ["Describe the usable resources."]}


def test_service_itself_asks_for_the_elements():
    case = make_case()
    alice = member(case.organisation)
    action = ACTIONS["submit_application"]
    form = action.bind_json(case, by=alice, body=action.example(case, alice))
    fields = action.clean(form) | {"objectives": ""}
    with pytest.raises(Invalid) as caught:
        submit_application(case, by=alice, **fields)
    assert list(caught.value.errors) == ["objectives"]


def test_title_of_forty_characters_and_not_more():
    assert list(refused(make_case(), title="字" * 41)) == ["title"]
    submit(make_case(), title="字" * 40)


def test_category_must_be_one_of_the_rules():
    assert list(refused(make_case(), category="sport")) == ["category"]


def test_district_must_exist_on_the_day_the_call_opens(clock):
    clock.to("2021-03-20 09:00")
    make_district("330103", name_zh="下城区", valid_to=date(2021, 4, 8))
    make_district("330113", name_zh="临平区", valid_from=date(2021, 4, 9))
    before = make_round(opens_at=now() - timedelta(days=1))
    submit(make_case(before), district="330103")
    assert list(refused(make_case(before), district="330113")) == ["district"]
    clock.to("2021-04-20 09:00")
    after = make_round(opens_at=now() - timedelta(days=1))
    submit(make_case(after), district="330113")
    assert list(refused(make_case(after), district="330103")) == ["district"]


def test_amount_over_the_cap_is_refused_in_words():
    from django.utils.translation import override

    with override("en"):
        errors = refused(
            make_case(), amount="300000.01", budget=rows("300000.00", "0.01")
        )
    assert errors == {
        "amount": [
            "The cap of this round is 300,000.00 yuan a project; "
            "300,000.01 yuan is 0.01 yuan too much."
        ]
    }
    submit(make_case(), amount="300000.00", budget=rows("300000.00"))


@pytest.mark.parametrize("amount", ["0.00", "-5.00"])
def test_amount_must_be_above_zero(amount):
    assert "amount" in refused(make_case(), amount=amount)


def test_amount_is_no_float_and_has_two_decimals():
    case = make_case()
    assert list(refused(case, amount="1.005")) == ["amount"]
    assert list(refused(case, amount=1.5)) == ["amount"]


def test_period_of_six_to_twelve_months():
    round_ = make_round(
        project_starts_on=date(2030, 1, 1), project_ends_on=date(2031, 12, 31)
    )

    def period(start, end):
        return {"period_start": start, "period_end": end}

    too_short = refused(make_case(round_), **period("2030-02-01", "2030-07-30"))
    assert list(too_short) == ["period_end"]
    submit(make_case(round_), **period("2030-02-01", "2030-07-31"))
    submit(make_case(round_), **period("2030-02-01", "2031-01-31"))
    too_long = refused(make_case(round_), **period("2030-02-01", "2031-02-01"))
    assert list(too_long) == ["period_end"]


def test_period_lies_in_the_window_of_the_round():
    round_ = make_round()
    early = (round_.project_starts_on - timedelta(days=1)).isoformat()
    late = (round_.project_ends_on + timedelta(days=1)).isoformat()
    assert "period_start" in refused(make_case(round_), period_start=early)
    assert "period_end" in refused(make_case(round_), period_end=late)


def test_months_are_counted_from_day_to_day():
    assert months_after(date(2026, 8, 31), 6) == date(2027, 2, 28)
    assert months_after(date(2026, 2, 1), 1) == date(2026, 3, 1)
    assert months_after(date(2026, 12, 15), 1) == date(2027, 1, 15)


# -- the budget ------------------------------------------------------------------


def test_forbidden_head_is_refused_at_its_row_at_any_amount():
    budget = rows("99999.99") + rows("0.01", head="FIXED_ASSET")
    errors = refused(make_case(), amount="100000.00", budget=budget)
    assert list(errors) == ["budget.1.head"]


def test_rows_paid_by_the_grant_sum_to_the_amount():
    errors = refused(make_case(), amount="100000.00", budget=rows("99999.99"))
    assert list(errors) == ["budget"]
    assert "0.01" in errors["budget"][0]


def test_self_raised_rows_do_not_count():
    budget = rows("100000.00") + rows("40000.00", funded_by="SELF")
    submit(make_case(), amount="100000.00", budget=budget)


def test_row_errors_name_row_and_column():
    budget = [*rows("100000.00"), {"head": "STAFF", "item": "", "amount": "x"}]
    errors = refused(make_case(), amount="100000.00", budget=budget)
    assert set(errors) == {
        "budget.1.item",
        "budget.1.amount",
        "budget.1.funded_by",
    }


def test_staff_share_warns_by_default():
    case = make_case()
    budget = rows("69999.99") + rows("30000.01", head="STAFF")
    alice = member(case.organisation)
    action = ACTIONS["submit_application"]
    body = action.example(case, alice) | {"amount": "100000.00", "budget": budget}
    form = action.bind_json(case, by=alice, body=body)
    action.service(case, by=alice, **action.clean(form))
    assert len(form.warnings) == 1
    assert case.status == Status.SCREENING


def test_staff_share_blocks_where_the_rule_says_so():
    programme = make_programme(rules=rules_with(budget={"staff_share_mode": "block"}))
    round_ = make_round(programme)
    over = rows("69999.99") + rows("30000.01", head="STAFF")
    assert list(refused(make_case(round_), budget=over)) == ["budget"]
    exact = rows("70000.00") + rows("30000.00", head="STAFF")
    submit(make_case(round_), budget=exact)


def test_administration_has_its_share():
    over = rows("89999.99") + rows("10000.01", head="ADMIN")
    assert list(refused(make_case(), budget=over)) == ["budget"]
    submit(make_case(), budget=rows("90000.00") + rows("10000.00", head="ADMIN"))


def test_unknown_and_mistyped_fields_are_refused():
    assert list(refused(make_case(), colour="red")) == ["colour"]
    assert list(refused(make_case(), title=5)) == ["title"]


# -- correcting ------------------------------------------------------------------


def returned(*fields):
    case = make_case(until=Status.SCREENING)
    act_on(
        "screen",
        case,
        by=person("operator", case.round),
        outcome="CORRECTION",
        fields=list(fields),
        reason="请补正",
    )
    return case


def test_correction_takes_the_named_fields_and_no_others():
    case = returned("title", "plan")
    alice = member(case.organisation)
    action = ACTIONS["resubmit"]
    case = Case.objects.get(pk=case.pk)
    assert set(action.schema(case, alice)["properties"]) == {"title", "plan"}
    with pytest.raises(Invalid) as caught:
        act_on("resubmit", case, by=alice, objectives="别的")
    assert list(caught.value.errors) == ["objectives"]
    act_on("resubmit", case, by=alice, title="新的名称")
    case.refresh_from_db()
    assert (case.status, case.title) == (Status.SCREENING, "新的名称")
    assert case.application.fields_to_correct == []


def test_correction_of_the_amount_brings_the_budget():
    case = returned("amount")
    alice = member(case.organisation)
    case = Case.objects.get(pk=case.pk)
    assert case.application.fields_to_correct == ["amount", "budget"]
    with pytest.raises(Invalid):
        act_on("resubmit", case, by=alice, amount="90000.00")
    act_on("resubmit", case, by=alice, amount="90000.00", budget=rows("90000.00"))
    case.refresh_from_db()
    assert case.requested == Decimal("90000.00")
    assert case.budget_lines.count() == 1


def test_correction_is_late_when_its_working_days_are_over(clock):
    clock.to("2026-03-02 09:00")
    case = returned("plan")
    case = Case.objects.get(pk=case.pk)
    assert case.application.correction_due == end_of(date(2026, 3, 9))
    clock.to(case.application.correction_due)
    with pytest.raises(Late):
        act_on("resubmit", case, by=member(case.organisation))


# -- withdrawing -----------------------------------------------------------------


@pytest.mark.parametrize("status", [Status.DRAFT, Status.SCREENING, Status.ELIGIBLE])
def test_withdraw_until_the_review_starts(status):
    case = make_case(until=status)
    act_on("withdraw", case, by=member(case.organisation), reason="不做了")
    case.refresh_from_db()
    assert case.status == Status.WITHDRAWN
    assert case.application.end_reason == "不做了"


def test_withdraw_no_more_once_the_review_started():
    case = make_case(until=Status.UNDER_REVIEW)
    with pytest.raises(WrongState):
        withdraw(case, by=member(case.organisation), reason="不做了")


def test_withdraw_denied_to_the_operator():
    case = make_case(until=Status.SCREENING)
    with pytest.raises(NotYours):
        withdraw(case, by=person("operator", case.round), reason="x")


def test_bring_leads_from_status_to_status():
    assert bring(make_case(), Status.ELIGIBLE).status == Status.ELIGIBLE
