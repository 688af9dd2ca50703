"""An empty POST is refused field by field; broken keys of pages begin at the first."""

import pytest

from grants.views import calls
from organisations.paging import number_in
from tests.desk.test_queries import add_notice

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("who", "path"),
    [
        ("admin1", "/people/new/"),
        ("admin1", "/organisations/new/"),
        ("admin1", "/programmes/new/"),
        ("admin1", "/programmes/GYCT/"),
        ("funder1", "/rounds/new/GYCT/"),
        ("applicant1", "/apply/"),
    ],
)
def test_an_empty_form_is_no_first_visit(world, text, who, path):
    client = world.enter(who)
    assert client.get(path).status_code == 200
    answer = client.post(path, {})
    assert answer.status_code == 422
    assert "-error" in text(answer) or "invalid" in text(answer)


def test_an_empty_form_about_a_case_is_no_first_visit(world):
    case = world.draft()
    client = world.enter(world.applicant_of(case))
    answer = client.post(f"/cases/{case.code}/documents/add/", {})
    assert answer.status_code == 422
    assert answer.context["page"].summary
    legal = world.house.member_of(case.organisation, "legal_rep")
    answer = world.enter(legal).post(f"/bank-account/{case.organisation_id}/", {})
    assert answer.status_code == 422


@pytest.mark.parametrize(
    ("typed", "number"),
    [("12", 12), ("0", 0), ("", None), ("-1", None), ("1e3", None), ("9" * 16, None)],
)
def test_a_broken_key_is_none(typed, number):
    assert number_in(typed) == number


def test_a_long_notice_is_read_in_pages(world, visitor, monkeypatch, text):
    cases = [world.draft(number) for number in range(3)]
    notice = add_notice(world, cases)
    monkeypatch.setattr(calls, "LISTED", 2)
    seen = [
        {case.code for case in cases if case.code in text(visitor.get(path))}
        for path in (
            f"/notices/{notice.pk}/",
            f"/notices/{notice.pk}/?from=2",
            f"/notices/{notice.pk}/?from=x",
        )
    ]
    codes = sorted(case.code for case in cases)
    assert seen == [set(codes[:2]), set(codes[2:]), set(codes[:2])]
    assert "?from=2" in text(visitor.get(f"/notices/{notice.pk}/"))
