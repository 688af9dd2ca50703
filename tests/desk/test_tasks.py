"""The page of a task: errors in place, nothing typed is lost, nothing twice."""

import uuid
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from desk.templatetags.desk import deadline
from grants.actions import ACTIONS
from grants.models import Case
from workflows.models import WorkItem
from workflows.selectors import inbox_for

pytestmark = pytest.mark.once


def body_of(world, case: Case, action: str = "submit_application") -> dict[str, str]:
    """The example of an action as a browser would post it."""
    user = world.applicant_of(case)
    body: dict[str, str] = {"version": str(case.version), "token": uuid.uuid4().hex}
    example = ACTIONS[action].example(case, user)
    for name, value in example.items():
        if isinstance(value, list):
            for index, row in enumerate(value):
                body |= {f"{name}-{index}-{c}": str(v) for c, v in row.items()}
        else:
            body[name] = str(value)
    return body


def start(world) -> tuple[Case, Client, str]:
    case = world.draft()
    client = world.enter(world.applicant_of(case))
    item = world.item(case, "submit_application")
    return case, client, f"/work/{item.pk}/"


def test_submit_moves_the_case_and_leads_to_it(world):
    case, client, url = start(world)
    answer = client.post(url, body_of(world, case))
    assert answer.status_code == 302, answer.content.decode()[:2000]
    assert answer["Location"] == f"/cases/{case.code}/"
    case.refresh_from_db()
    assert case.status == "SCREENING"


def test_blank_element_is_named_and_what_was_typed_stays(world, text):
    case, client, url = start(world)
    body = body_of(world, case) | {
        "objectives": " ",
        "plan": "每周一次 <script>alert(1)</script>",
    }
    answer = client.post(url, body)
    page = text(answer)
    assert answer.status_code == 422
    assert 'href="#id_objectives"' in page
    assert 'id="id_objectives-error"' in page
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page
    assert 'value="活动经费"' in page
    case.refresh_from_db()
    assert case.status == "DRAFT"


def test_error_of_a_row_stands_beside_its_cell(world, text):
    case, client, url = start(world)
    body = body_of(world, case) | {"budget-1-amount": "twelve"}
    answer = client.post(url, body)
    page = text(answer)
    assert answer.status_code == 422
    assert 'href="#id_budget-1-amount"' in page
    assert 'id="id_budget-1-amount-error"' in page
    assert 'value="twelve"' in page
    assert "row 2" in page


def test_over_the_cap_is_refused_with_the_field(world, text):
    case, client, url = start(world)
    answer = client.post(url, body_of(world, case) | {"amount": "300000.01"})
    assert answer.status_code == 422
    assert 'href="#id_amount"' in text(answer)
    assert 'value="300000.01"' in text(answer)


def test_stale_form_is_409_and_keeps_what_was_typed(world, text):
    case, client, url = start(world)
    body = body_of(world, case) | {"version": "0", "title": "我们的标题"}
    answer = client.post(url, body)
    assert answer.status_code == 409
    page = text(answer)
    assert "我们的标题" in page
    assert f'name="version" value="{case.version}"' in page
    again = body | {"version": str(case.version), "token": "another"}
    assert client.post(url, again).status_code == 302


def test_late_form_is_409_and_keeps_what_was_typed(world, text):
    case, client, url = start(world)
    body = body_of(world, case) | {"title": "迟到的标题"}
    world.clock.forward(days=31)
    client = world.enter(world.applicant_of(case))  # the session is over, too
    answer = client.post(url, body)
    assert answer.status_code == 409
    assert "迟到的标题" in text(answer)


def test_second_click_does_nothing_twice(world):
    case, client, url = start(world)
    body = body_of(world, case)
    assert client.post(url, body).status_code == 302
    case.refresh_from_db()
    version = case.version
    assert client.post(url, body).status_code in (302, 409)
    case.refresh_from_db()
    assert case.version == version


def test_task_done_by_a_colleague_is_409_with_what_was_typed(world, text):
    case, client, url = start(world)
    body = body_of(world, case)
    assert client.post(url, body).status_code == 302
    late = body | {"token": "x", "title": "同事的标题"}
    answer = client.post(url, late)
    assert answer.status_code == 409
    assert "同事的标题" in text(answer)


def test_draft_is_saved_shown_again_and_gone_after_submitting(world, text):
    case, client, url = start(world)
    typed = {"title": "写到一半", "budget-0-item": "茶水", "budget-0-amount": "12.50"}
    json = {"Accept": "application/json"}
    answer = client.post(f"{url}draft/", typed, headers=json)
    assert answer.json()["revision"] == 1
    page = text(client.get(f"{url}?all=1"))
    assert 'value="写到一半"' in page
    assert 'value="茶水"' in page
    assert "error-summary" not in page
    answer = client.post(f"{url}draft/", typed | {"save": "1"})
    assert answer["Location"] == url
    client.post(url, body_of(world, case))
    case.refresh_from_db()
    assert case.status == "SCREENING"


def test_draft_of_a_stranger_is_not_taken(world):
    _case, _client, url = start(world)
    stranger = world.enter("funder1")
    assert stranger.post(f"{url}draft/", {"title": "x"}).status_code == 404
    assert stranger.get(url).status_code == 404
    assert stranger.post(url, {}).status_code == 404


def test_task_page_without_account_leads_to_sign_in(world, visitor):
    _case, _client, url = start(world)
    assert visitor.get(url).status_code == 302


def test_withdraw_without_a_task(world, text):
    case = world.bring(world.draft(), "SCREENING")
    client = world.enter(world.applicant_of(case))
    url = f"/cases/{case.code}/act/withdraw/"
    assert client.get(url).status_code == 200
    assert client.post(url, {"reason": " "}).status_code == 422
    assert client.post(url, {"reason": "人员变动"}).status_code == 302
    case.refresh_from_db()
    assert case.status == "WITHDRAWN"
    assert client.get(url).status_code == 409
    assert client.get(f"/cases/{case.code}/act/nonsense/").status_code == 404
    assert world.enter("funder1").get(url).status_code == 403


def test_step_without_its_task_leads_to_the_task(world):
    case = world.bring(world.draft(), "SCREENING")
    client = world.enter("operator1")
    item = world.item(case, "screen")
    answer = client.get(f"/cases/{case.code}/act/screen/")
    assert answer["Location"] == f"/work/{item.pk}/"
    assert (
        world.enter("funder1").get(f"/cases/{case.code}/act/screen/").status_code == 403
    )


def test_of_two_who_claim_one_wins(world, text):
    case = world.bring(world.draft(), "SCREENING")
    item = world.item(case, "screen")
    first, second = world.enter("operator1"), world.enter("operator2")
    assert first.post(f"/work/{item.pk}/claim/").status_code == 302
    answer = second.post(f"/work/{item.pk}/claim/")
    assert answer.status_code == 409
    item.refresh_from_db()
    assert item.holder == world["operator1"]
    assert case.code not in text(second.get("/inbox/"))
    assert second.get(f"/work/{item.pk}/").status_code == 409


def test_release_and_reassign(world):
    case = world.bring(world.draft(), "SCREENING")
    item = world.item(case, "screen")
    client = world.enter("operator1")
    client.post(f"/work/{item.pk}/claim/")
    assert client.post(f"/work/{item.pk}/release/").status_code == 302
    item.refresh_from_db()
    assert item.holder is None
    page = client.get(f"/work/{item.pk}/reassign/")
    assert str(world["operator2"]) in page.content.decode()
    wrong = {"to": str(world["funder1"].pk)}
    assert client.post(f"/work/{item.pk}/reassign/", wrong).status_code == 422
    right = {"to": str(world["operator2"].pk)}
    assert client.post(f"/work/{item.pk}/reassign/", right).status_code == 302
    item.refresh_from_db()
    assert item.holder == world["operator2"]


def test_round_task_page_shows_its_cases(world, text):
    case = world.bring(world.draft(), "SCORED")
    item = WorkItem.objects.get(action="decide_list", closed_at=None)
    page = text(world.enter("committee1").get(f"/work/{item.pk}/"))
    assert case.title in page
    assert 'data-total="amount"' in page


def test_start_an_application(world):
    organisation = world.organisation()
    applicant = world.house.member_of(organisation, "applicant")
    client = world.enter(applicant)
    body = {"round": "r2026", "organisation": str(organisation.pk)}
    answer = client.post("/apply/", body)
    case = Case.objects.get()
    item = world.item(case, "submit_application")
    assert answer["Location"] == f"/work/{item.pk}/"
    assert client.post("/apply/", body).status_code == 409
    assert client.post("/apply/", {"round": "x"}).status_code == 422


def test_indicators_of_different_units_are_not_added_up(world, text):
    """The budget below them is."""
    _case, client, url = start(world)
    page = text(client.get(f"{url}?all=1"))
    assert 'data-total="amount"' in page
    assert 'data-total="target"' not in page


def test_what_is_due_first_stands_first_and_undated_last(world):
    undated = world.bring(world.draft(), "ELIGIBLE")
    dated = world.bring(world.draft(1), "SCREENING")
    found = list(inbox_for(world["operator1"]))
    assert [(i.action, i.case) for i in found] == [
        ("screen", dated),
        ("open_review", None),
    ]
    assert found[0].due_at is not None
    assert undated.round == found[1].round


def test_term_that_ends_at_midnight_names_the_day_it_ends():
    def term(*moment: int) -> str:
        return deadline(datetime(*moment, tzinfo=ZoneInfo("Asia/Shanghai")))

    assert term(2026, 7, 1) == "2026-06-30 24:00"
    assert term(2026, 7, 1, 17) == "2026-07-01 17:00"
    assert term(2026, 7, 1, 0, 1) == "2026-07-01 00:01"
    assert deadline(None) == "–"
