"""The demo's data, its house, and its calendar on any day of the year."""

from datetime import date, timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils.timezone import now

from audit.record import record
from desk.demo import data, keeping, places, stories
from desk.demo.accounts import table
from desk.demo.bodies import ONE_DESK, organisation_facts
from desk.demo.clock import at
from desk.demo.house import House, build_house
from desk.demo.plan import RoundPlan
from grants.calendar import add_working_days, end_of, end_of_working_day
from grants.models import RoleGroup
from grants.services.applying import months_after
from grants.services.programmes import round_errors
from organisations.credit_code import validate_credit_code
from organisations.models import LegalForm, Organisation, User

pytestmark = pytest.mark.once

#: Every third day of four years, holidays and leap day included.
DAYS = [date(2025, 1, 1) + timedelta(days=3 * i) for i in range(487)]


# -- data ------------------------------------------------------------------------


def test_awards_of_2021_add_up_to_the_fen():
    assert len(data.awarded()) == 88
    assert sum(row.amount for row in data.awarded()) == Decimal("14139460.00")
    assert len(data.others()) == 30


def test_requests_are_the_award_or_up_to_a_third_more_in_hundreds():
    for row in (*data.awarded(), *data.others()):
        assert row.amount <= row.request <= data.CAP
        assert row.request % 100 == 0
        assert row.request <= row.amount * Decimal("1.35") + 100


def test_people_are_two_of_each_role_and_eight_reviewers():
    by_role: dict[str, int] = {}
    for person in data.people():
        by_role[person.role] = by_role.get(person.role, 0) + 1
    assert len(data.people()) == 45
    assert by_role.pop("reviewer") == 8
    assert by_role.pop("applicant") == 3
    assert set(by_role.values()) == {2}
    assert [p.username for p in data.people() if p.finance_expert] == [
        "reviewer5",
        "reviewer7",
    ]


def test_credit_codes_are_valid_and_marked_as_demo():
    for number, form in enumerate(LegalForm, start=1):
        code = data.credit_code(form, "330102", number)
        validate_credit_code(code)
        assert "DEM" in code


def test_districts_know_the_reform_of_april_2021():
    before, after = date(2021, 3, 8), date(2021, 4, 9)
    for row in (*data.awarded(), *data.others()):
        assert row.district in places.CODES
        for day in (before, after):
            code = places.code_on(row.district, day)
            assert [
                d
                for d in places.DISTRICTS
                if d[0] == code and d[3] <= day and (d[4] is None or day <= d[4])
            ]
    assert places.code_on("临平区", before) == "330110"
    assert places.code_on("临平区", after) == "330113"


def test_table_names_every_account_and_what_to_try():
    text = table()
    for person in data.people():
        assert person.username in text
    assert "What to try first" in text


# -- the calendar ------------------------------------------------------------------


def require_valid(round_plan: RoundPlan) -> None:
    """What the services would refuse, asked without a database."""
    fields = round_plan.fields
    assert round_errors(fields) == {}
    window = fields["project_starts_on"], fields["project_ends_on"]
    names = [plan.row.organisation for plan in round_plan.plans]
    assert len(names) == len(set(names))
    for plan in round_plan.plans:
        assert fields["opens_at"] < plan.starts < fields["closes_at"]
        assert len(plan.name) <= 40
        first, last = plan.period
        after = last + timedelta(days=1)
        assert window[0] <= first < last <= window[1]
        assert months_after(first, 6) <= after <= months_after(first, 12)


def test_rounds_are_valid_on_any_day():
    for day in DAYS:
        rounds = stories.all_rounds(day)
        assert len({r.fields["code"] for r in rounds}) == len(rounds)
        for round_plan in rounds:
            require_valid(round_plan)


def test_open_round_is_open_for_at_least_twenty_days_on_any_day():
    for day in DAYS:
        fields = stories.open_round(day).fields
        assert fields["opens_at"] < at(day)
        assert fields["closes_at"] > at(day + timedelta(days=20))


def notice_of(published: date) -> tuple[date, date]:
    first = add_working_days(published, 1)
    return first, add_working_days(first, 4)


def test_terms_of_the_round_in_decision_still_run_on_any_day():
    """Holidays of up to ten days lengthen terms; the story must hold then too."""
    for day in DAYS:
        batches = stories.deciding_round(day).batches
        award = batches["award_list"][0]
        _first, last = notice_of(batches["publish_notice"][0].date())
        assert end_of(last) < award
        _first, last = notice_of(batches["publish_notice"][1].date())
        assert end_of(last) > award
        third = batches["publish_notice"][2]
        first, last = notice_of(third.date())
        assert first < day  # somebody can object yesterday
        assert end_of(last) > at(day, 23)
        assert batches["decide_list"][2] < batches["record_meeting"][2] < third
        assert end_of_working_day(award, 10) > at(day, 23)
        assert end_of_working_day(at(day - timedelta(days=3)), 5) > at(day, 23)


# -- the whole -----------------------------------------------------------------------


@pytest.mark.django_db
def test_seed_demo_is_refused_without_debug(settings):
    settings.DEBUG = False
    with pytest.raises(CommandError, match="DEBUG"):
        call_command("seed_demo", stdout=StringIO())
    assert not User.objects.exists()


@pytest.mark.django_db
def test_seed_demo_is_refused_among_other_people(settings, django_user_model):
    settings.DEBUG = True
    with record("create_people", by="system:test", target="test"):
        django_user_model.objects.create(username="somebody")
    with pytest.raises(CommandError, match="not the demo's"):
        call_command("seed_demo", stdout=StringIO())


@pytest.fixture
def house(db) -> House:
    return build_house(data.awarded()[:18])


def test_house_has_its_people_where_they_belong(house):
    filled = RoleGroup.objects.filter(group__user__isnull=False).distinct()
    assert filled.count() == RoleGroup.objects.count()
    first = Organisation.objects.get(name=data.awarded()[0].organisation)
    assert set(first.memberships.values_list("user__username", flat=True)) == {
        "applicant1",
        "applicant3",
        "legalrep1",
        "orgfinance1",
    }
    assert first.credit_code
    assert first.admitted_at <= now()
    assert User.objects.get(username="admin1").is_administrator
    assert User.objects.get(username="reviewer8").check_password("demo")
    assert all(user.email.endswith("@demo.invalid") for user in User.objects.all())


def test_house_gives_filed_organisations_a_custodian(db):
    filed = [row for row in data.others() if row.form == LegalForm.FILED]
    build_house([*filed, data.awarded()[0], data.awarded()[17]])
    organisations = Organisation.objects.filter(legal_form=LegalForm.FILED)
    assert organisations.count() == len(filed)
    for organisation in organisations:
        assert organisation.credit_code == ""
        assert organisation.custodian.memberships.count() == 2


def test_small_demo_leaves_out_only_ordinary_projects_of_2021():
    whole, small = (stories.all_rounds(DAYS[0], small=choice) for choice in (0, 1))
    assert len(whole[0].plans) == 118
    assert len(small[0].plans) < 40
    assert [len(r.plans) for r in whole][1:] == [len(r.plans) for r in small][1:]


# -- what an auditor finds -------------------------------------------------------------


@pytest.mark.parametrize("amount", ["37065.00", "9800.00", "9799.99", "19600.00"])
def test_what_is_split_adds_up_to_what_is_not(amount):
    whole = Decimal(amount)
    parts = keeping.parts_of(whole, splits=True)
    assert sum(parts) == whole
    assert all(0 < part <= keeping.UNDER for part in parts)
    assert keeping.parts_of(whole, splits=False) == [whole]


def test_one_case_is_split_and_two_organisations_share_a_telephone():
    rounds = stories.all_rounds(date(2026, 11, 23))
    assert len([p for r in rounds for p in r.plans if p.splits]) == 1
    rows = {p.row.organisation: p.row for r in rounds for p in r.plans}
    given = [
        organisation_facts(row, date(2026, 1, 1))["contact_mobile"]
        for row in rows.values()
    ]
    twice = [mobile for mobile in set(given) if given.count(mobile) > 1]
    assert len(twice) == 1
    assert given.count(twice[0]) == len(ONE_DESK & rows.keys()) == 2
