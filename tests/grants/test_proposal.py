"""The fields and tables of the application: each rule, and where rows go."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils.timezone import now

from grants.actions import ACTIONS
from grants.application_sheet import EMPTY, SheetTable, application_sheet, plan_sheet
from grants.errors import Invalid
from grants.forms.application_rows import example_team
from grants.models import Case, Status
from grants.services.applying import stored_values, submit_application
from grants.services.proposal import CORRECTABLE, FIELDS, PLAN, REQUIRED, rows_of
from tests.factories import (
    act_on,
    bring,
    make_case,
    make_programme,
    make_round,
    member,
    rules_with,
)

pytestmark = [pytest.mark.once, pytest.mark.django_db]

FUNDING = {"source": "区民政局", "nature": "PUBLIC", "amount": "2000.00"}
ACTIVITY = {
    "name": "讲座",
    "time": "五月",
    "place": "社区",
    "whom": "老年人",
    "times": 2,
    "attendances": 60,
}


def submit(case, **changes):
    return act_on("submit_application", case, by=member(case.organisation), **changes)


def refused(case, **changes):
    with pytest.raises(Invalid) as caught:
        submit(case, **changes)
    assert Case.objects.get(pk=case.pk).status == Status.DRAFT
    return list(caught.value.errors)


def cleaned(case):
    """The example as the service gets it."""
    by, action = member(case.organisation), ACTIONS["submit_application"]
    form = action.bind_json(case, by=by, body=action.example(case, by))
    return by, action.clean(form)


def test_everything_of_the_form_is_stored():
    case = make_case()
    given = {
        "place": "望江街道",
        "founded_on": "2015-03-01",
        "postcode": "310000",
        "address": "演示路1号",
        "annual_check_year": now().year - 1,
        "annual_check_result": "PASSED",
        "grade_year": 2020,
        "grade": 3,
        "org_profile": "成立以来专注为老服务。",
        "leader_phone": "0571-00000000",
        "leader_email": "a@example.org",
        "contact_phone": "0571-00000001",
        "contact_email": "b@example.org",
        "need_analysis": "走访60户。",
        "indirect_beneficiaries": 360,
        "innovation": "互助小组",
        "risk_plan": "购买意外险",
        "sustainability": "编写手册",
        "similar_projects": [{"name": "旧项目", "year": 2019, "amount": "5000.00"}],
        "other_funding": [FUNDING],
    }
    submit(case, **given)
    case = Case.objects.get(pk=case.pk)
    values = stored_values(case)
    assert set(values) == set(FIELDS)
    blank = [n for n, v in values.items() if v in (None, "", [], False)]
    assert blank == []
    assert values["founded_on"] == date(2015, 3, 1)
    assert values["similar_projects"] == [
        {"name": "旧项目", "year": 2019, "funder": "", "amount": Decimal("5000.00")}
    ]
    assert [row["name"] for row in values["team"]] == ["沈佳", "陆敏", "方磊"]


@pytest.mark.parametrize("name", REQUIRED)
def test_service_asks_for_what_is_required(name):
    case = make_case()
    by, fields = cleaned(case)
    fields[name] = [] if isinstance(fields[name], list) else None
    with pytest.raises(Invalid) as caught:
        submit_application(case, by=by, **fields)
    assert name in caught.value.errors


def test_nothing_else_is_required():
    case = make_case()
    by, fields = cleaned(case)
    submit_application(case, by=by, **{n: fields[n] for n in REQUIRED})
    assert case.status == Status.SCREENING


def test_team_has_the_programmes_minimum():
    assert refused(make_case(), team=example_team(2)) == ["team"]
    submit(make_case(), team=example_team(3))
    programme = make_programme(rules=rules_with(call={"team_min": 5}))
    round_ = make_round(programme)
    assert refused(make_case(round_), team=example_team(4)) == ["team"]
    submit(make_case(round_))  # the example follows the rule


@pytest.mark.parametrize("name", ["summary", "org_profile"])
def test_texts_of_five_hundred_characters_and_not_more(name):
    assert refused(make_case(), **{name: "字" * 501}) == [name]
    submit(make_case(), **{name: "字" * 500})


@pytest.mark.parametrize("name", ["leader_mobile", "contact_mobile"])
@pytest.mark.parametrize("given", ["1380000000", "23800000001", "0571-88888888", "x"])
def test_mobile_has_eleven_digits(name, given):
    assert refused(make_case(), **{name: given}) == [name]


@pytest.mark.parametrize("given", ["13800000001", "138 0000 0001", "+8613800000001"])
def test_mobile_may_be_written_in_groups(given):
    submit(make_case(), leader_mobile=given)


def test_commitment_is_needed():
    assert refused(make_case(), commitment=False) == ["commitment"]


@pytest.mark.parametrize("given", [0, -1])
def test_direct_beneficiaries_are_at_least_one(given):
    assert refused(make_case(), direct_beneficiaries=given) == ["direct_beneficiaries"]


def test_indirect_beneficiaries_may_be_none_or_left_out():
    submit(make_case(), indirect_beneficiaries=0)
    submit(make_case())


def test_years_lie_in_the_past():
    later = now().year + 1
    assert refused(make_case(), annual_check_year=later) == ["annual_check_year"]
    assert refused(make_case(), grade_year=1949) == ["grade_year"]


def test_grades_go_to_five():
    assert refused(make_case(), grade=6) == ["grade"]
    submit(make_case(), grade=5)


def test_founded_in_the_past():
    tomorrow = (now() + timedelta(days=2)).date().isoformat()
    assert refused(make_case(), founded_on=tomorrow) == ["founded_on"]


def test_postcode_has_six_digits():
    assert refused(make_case(), postcode="31000") == ["postcode"]


@pytest.mark.parametrize("column", ["times", "attendances"])
def test_activity_takes_place(column):
    rows = [ACTIVITY, ACTIVITY | {column: 0}]
    assert refused(make_case(), activities=rows) == [f"activities.1.{column}"]


def test_service_itself_checks_rows():
    case = make_case()
    by, fields = cleaned(case)
    fields["activities"] = [ACTIVITY | {"times": 0}]
    fields["indicators"] = [fields["indicators"][0] | {"target": Decimal(0)}]
    fields["other_funding"] = [FUNDING | {"amount": Decimal(0)}]
    with pytest.raises(Invalid) as caught:
        submit_application(case, by=by, **fields)
    assert set(caught.value.errors) == {
        "activities.0.times",
        "indicators.0.target",
        "other_funding.0.amount",
    }


def test_other_public_money_warns():
    case = make_case()
    by, action = member(case.organisation), ACTIONS["submit_application"]
    for nature, warnings in (("PUBLIC", 1), ("PRIVATE", 0)):
        funding = {"other_funding": [FUNDING | {"nature": nature}]}
        body = action.example(case, by) | funding
        form = action.bind_json(case, by=by, body=body)
        assert form.is_valid()
        assert len(form.warnings) == warnings


def test_a_correction_never_asks_for_the_commitment():
    assert set(FIELDS) - set(CORRECTABLE) == {"commitment"}


# -- request and plan ------------------------------------------------------------


def test_request_becomes_the_plan_where_the_award_is_the_request(clock):
    clock.to("2026-03-02 09:00")
    case = bring(make_case(), Status.AGREEMENT, clock=clock)
    for name in ("indicators", "activities", "budget"):
        assert rows_of(case, name, PLAN) == rows_of(case, name) != []


def test_revision_writes_the_plan_and_leaves_the_request(clock):
    clock.to("2026-03-02 09:00")
    lines = {"decide_list": {"lines": []}}
    case = bring(make_case(), Status.SCORED, clock=clock)
    line = {"case": case.code, "outcome": "AWARD", "amount": "80000.00", "reason": ""}
    lines = {"decide_list": {"lines": [line]}}
    case = bring(case, Status.REVISION, clock=clock, **lines)
    asked = rows_of(case, "activities")
    act_on("revise_plan", case, by=member(case.organisation), activities=[ACTIVITY])
    case = Case.objects.get(pk=case.pk)
    assert rows_of(case, "activities") == asked
    assert rows_of(case, "activities", PLAN) == [ACTIVITY | {"output": ""}]
    assert [label for label, table in plan_sheet(case) if table.rows] != []


# -- the sheet ---------------------------------------------------------------------


def sheet_texts(sheet):
    texts = []
    for topic in sheet:
        for _label, value in topic.answers:
            rows = value.rows if isinstance(value, SheetTable) else [[value]]
            texts += [text for row in rows for text in row]
    return texts


def test_sheet_has_every_field_once_in_the_order_of_the_form():
    case = make_case(until=Status.SCREENING)
    names = [name for topic in application_sheet(case) for name in topic.names]
    assert sorted(names) == sorted(FIELDS)
    assert names[:3] == ["title", "category", "district"]


def test_sheet_sums_money_and_shows_what_is_empty():
    sheet = application_sheet(make_case(until=Status.SCREENING))
    answers = {n: a for t in sheet for n, a in zip(t.names, t.answers, strict=True)}
    assert answers["budget"][1].totals == ["", "", "100,000.00", "", ""]
    assert answers["innovation"][1] == EMPTY
    assert answers["amount"][1] == "100,000.00"
    assert answers["partners"][1].rows[0][1] == "社区居民委员会"
    assert answers["indicators"][1].totals == []


def test_sheet_of_an_empty_draft_is_whole():
    sheet = application_sheet(make_case())
    assert [name for topic in sheet for name in topic.names]
    assert set(sheet_texts(sheet)) <= {EMPTY, "否", "No"}


def test_sheet_without_contacts_names_no_telephone():
    case = make_case(until=Status.SCREENING)
    full = sheet_texts(application_sheet(case))
    reduced = sheet_texts(application_sheet(case, contacts=False))
    assert "13800000001" in full
    assert not [text for text in reduced if "1380000" in text]
    assert "沈佳" in reduced


def test_names_and_telephones_stand_in_the_record_as_digests(clock):
    from audit.models import Event

    case = make_case(until=Status.SCREENING)
    lines = Event.objects.filter(stream=f"case:{case.pk}").values_list("line")
    text = " ".join(line for (line,) in lines)
    assert "入户走访建档" in text
    assert "13800000001" not in text
    assert "沈佳" not in text
