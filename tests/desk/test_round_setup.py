"""Setting a round up in the browser: questions, copying, the preview."""

import pytest

from grants.models import Case, Draft, Round

pytestmark = pytest.mark.once

QUESTION = {
    "questions-0-zh": "是否连续项目",
    "questions-0-en": "Continued?",
    "questions-0-kind": "CHOICE",
    "questions-0-need": "yes",
    "questions-0-choices": "是; 否",
    "questions-1-zh": "上年编号",
    "questions-1-en": "Last year's number",
    "questions-1-kind": "TEXT",
    "questions-1-need": "yes",
    "questions-1-only_if": "1",
    "questions-1-equals": "是",
}


def body(**fields):
    """A round of the next year as a browser sends it."""
    return {
        "code": "r2027",
        "title_zh": "二〇二七年度",
        "title_en": "2027",
        "year": "2027",
        "tier": "CITY",
        "pools-0-source": "福彩",
        "pools-0-amount": "300000.00",
        "pools-0-budget_year": "2027",
        "pools-0-document_no": "1号",
        "cap": "100000.00",
        "opens_at": "2026-04-01T09:00",
        "closes_at": "2026-04-30T17:00",
        "review_ends_at": "2026-05-30T17:00",
        "ends_at": "2027-12-31T17:00",
        "project_starts_on": "2026-07-01",
        "project_ends_on": "2027-06-30",
        "notice_working_days": "5",
        **QUESTION,
        **fields,
    }


def test_questions_are_set_up_refused_in_place_and_previewed(world, text):
    operator = world.enter("operator1")
    wrong = operator.post(
        "/rounds/new/GYCT/", body(**{"questions-1-equals": "也许", "cap_filed": "9e9"})
    )
    assert wrong.status_code == 422
    assert 'href="#id_questions-1-equals"' in text(wrong)
    assert 'href="#id_cap_filed"' in text(wrong)
    assert operator.post("/rounds/new/GYCT/", body()).status_code == 302
    assert Round.objects.get(code="r2027").questions[1]["only_if"] == "q1"
    assert "r2027/preview" in text(operator.get("/rounds/r2027/"))
    first = text(operator.get("/rounds/r2027/preview/"))
    assert 'name="title"' in first
    page = text(operator.get("/rounds/r2027/preview/11/"))
    assert 'name="extra_q1"' in page
    assert "Continued?" in page
    before = (Case.objects.count(), Draft.objects.count())
    refused = operator.post("/rounds/r2027/preview/11/", {"extra_q1": "是"})
    assert refused.status_code == 422
    assert 'href="#id_extra_q2"' in text(refused)
    right = operator.post("/rounds/r2027/preview/11/", {"extra_q1": "否"})
    assert "This topic would be accepted." in text(right)
    assert (Case.objects.count(), Draft.objects.count()) == before


def test_preview_is_for_who_sets_up(world):
    for name, status in (("funder1", 200), ("head1", 403), ("applicant1", 403)):
        if name in world.house.people:
            answer = world.enter(name).get("/rounds/r2026/preview/")
            assert answer.status_code == status, name
    assert world.enter("funder1").get("/rounds/r2026/preview/99/").status_code == 404


def test_round_is_copied_for_the_next_year(world, text):
    page = text(world.enter("funder1").get("/rounds/new/GYCT/?from=r2026"))
    assert 'value="r2027"' in page
    assert 'value="2027-07-01"' in page
    assert 'name="pools-0-budget_year" value="2027"' in page
