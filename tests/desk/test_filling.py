"""The big form one topic a page; two people in it; nothing typed is lost."""

import json

import pytest
from django.test import Client

from grants.actions import ACTIONS
from grants.forms.typed import typed_of
from grants.models import Case, Draft
from grants.services.drafts import draft_key, save_typing, typed_in
from organisations.models import MembershipRole, User
from organisations.services import add_member
from tests.costs import queries_of
from tests.desk.test_tasks import body_of, start
from tests.factories import BY
from workflows.services import sweep

pytestmark = pytest.mark.once


def save(client: Client, url: str, base: int = 0, **fields) -> dict:
    """An autosave as the page's script sends it."""
    names = {name.split("-")[0] for name in fields}
    body = {
        "draft_base": base,
        "draft_fields": " ".join(names),
        "draft_topic": "",
        **fields,
    }
    answer = client.post(f"{url}draft/", body, headers={"Accept": "application/json"})
    assert answer.status_code == 200, answer.content
    return answer.json()


def fill_draft(world, case: Case, **changes) -> None:
    """The whole example as typing."""
    user = world.applicant_of(case)
    form = ACTIONS["submit_application"].form(target=case, by=user)
    typed = typed_of(form, body_of(world, case)) | changes
    save_typing(draft_key("submit_application", case), by=user, fields=typed)


def colleague(world, case: Case) -> User:
    bob = world["reviewer1"]
    role = MembershipRole.APPLICANT
    add_member(case.organisation, user=bob, role=role, by=BY)
    return bob


def test_first_page_lists_the_topics(world, text):
    case, client, url = start(world)
    page = text(client.get(url))
    assert page.count("/topics/") == 11
    assert page.count("Not started") == 9
    assert page.count("Optional") == 2
    save(client, url, title="漂在杭城")
    assert "Incomplete" in text(client.get(url))
    save(client, url, base=9, title="字" * 41)
    assert "Has errors" in text(client.get(url))
    fill_draft(world, case)
    page = text(client.get(url))
    assert page.count('tag-running">Done') == 9
    assert "Not started" not in page
    assert "11 of 11" in page


def test_a_topic_shows_its_fields_and_no_others(world, text):
    _case, client, url = start(world)
    page = text(client.get(f"{url}topics/2/"))
    assert "Topic 2 of 11" in page
    assert 'name="period_start"' in page
    assert 'name="title" value="漂' not in page
    assert 'id="id_title"' not in page
    assert client.get(f"{url}topics/12/").status_code == 404


def test_nothing_is_chosen_before_somebody_chooses(world, text):
    _case, client, url = start(world)
    page = text(client.get(f"{url}topics/1/"))
    assert '<option value="" selected>' in page
    save(client, url, category="elderly")
    page = text(client.get(f"{url}topics/1/"))
    assert '<option value="elderly" selected>' in page


def test_save_and_continue_leads_to_the_next_topic_and_keeps_what_is_wrong(world, text):
    _case, client, url = start(world)
    body = {
        "draft_base": "0",
        "draft_topic": "amount period_start period_end",
        "amount": "much",
        "period_start": "2026-07-01",
        "period_end": "",
        "draft_go": f"{url}topics/3/",
    }
    answer = client.post(f"{url}draft/", body)
    assert answer["Location"] == f"{url}topics/3/"
    page = text(client.get(f"{url}topics/2/"))
    assert 'value="much"' in page
    assert 'id="id_amount-error"' in page
    assert 'id="id_period_end-error"' not in page  # missing is no mistake yet
    assert 'id="id_period_end-error"' in text(client.get(f"{url}topics/2/?check=1"))


@pytest.mark.parametrize("go", ["https://example.org/", "//example.org", "/inbox/"])
def test_a_page_leads_only_to_its_own_pages(world, go):
    _case, client, url = start(world)
    answer = client.post(f"{url}draft/", {"draft_go": go, "draft_base": "0"})
    assert answer["Location"] == url


def test_self_check_names_everything_with_a_link(world, text):
    case, client, url = start(world)
    fill_draft(world, case, amount="300000.01", summary="", commitment=False)
    page = text(client.get(f"{url}check/"))
    assert f'href="{url}topics/1/?check=1#id_summary"' in page
    assert f'href="{url}topics/2/?check=1#id_amount"' in page
    assert f'href="{url}topics/11/?check=1#id_commitment"' in page
    assert "The cap of this round is 300,000.00" in page
    assert f"{url}answers/" not in page
    assert client.get(f"{url}answers/")["Location"] == f"{url}check/"


def test_check_your_answers_then_submit(world, text):
    case, client, url = start(world)
    fill_draft(world, case)
    assert f"{url}answers/" in text(client.get(f"{url}check/"))
    page = text(client.get(f"{url}answers/"))
    assert "陆敏" in page
    assert "100,000.00" in page
    assert page.count(f'href="{url}topics/') == 11
    body = {"from_draft": "1", "version": str(case.version), "token": "t1"}
    answer = client.post(url, body)
    assert answer.status_code == 302, text(answer)
    case.refresh_from_db()
    assert (case.status, case.team.count()) == ("SCREENING", 3)
    assert not Draft.objects.exists()


def test_submitting_without_all_answers_lists_them(world, text):
    case, client, url = start(world)
    fill_draft(world, case, plan="")
    answer = client.post(url, {"from_draft": "1", "version": "1", "token": "t1"})
    assert answer.status_code == 422
    assert "#id_plan" in text(answer)
    case.refresh_from_db()
    assert case.status == "DRAFT"


def test_submitting_what_a_colleague_changed_since_is_asked_again(world, text):
    case, client, url = start(world)
    fill_draft(world, case)
    bob = world.enter(colleague(world, case))
    save(bob, url, base=1, title="鲍勃的标题")
    body = {"from_draft": "1", "version": str(case.version), "token": "t1"}
    answer = client.post(url, body)
    assert answer.status_code == 409
    assert "changed an answer after you checked" in text(answer)
    case.refresh_from_db()
    assert case.status == "DRAFT"


def test_late_submission_keeps_everything_typed(world, text):
    case, client, url = start(world)
    fill_draft(world, case, title="迟到的标题")
    world.clock.forward(days=31)
    client = world.enter(world.applicant_of(case))
    body = {"from_draft": "1", "version": str(case.version), "token": "t1"}
    answer = client.post(url, body)
    assert answer.status_code == 409
    assert "迟到的标题" in text(answer)
    key = draft_key("submit_application", case)
    assert typed_in(key)["title"] == "迟到的标题"


def test_what_was_not_handed_in_stays_readable_after_the_call(world, text):
    case, client, url = start(world)
    save(client, url, title="没有交上的标题")
    world.clock.forward(days=31)
    sweep()
    case.refresh_from_db()
    assert case.status == "EXPIRED"
    client = world.enter(world.applicant_of(case))
    assert "没有交上的标题" in text(client.get(f"/cases/{case.code}/form/"))


# -- two people ----------------------------------------------------------------------


def test_a_colleague_goes_on_with_what_was_typed_invalid_input_too(world, text):
    case, client, url = start(world)
    save(
        client, url, amount="viel", **{"budget-0-item": "场地", "budget-0-amount": "x"}
    )
    bob = world.enter(colleague(world, case))
    assert 'value="viel"' in text(bob.get(f"{url}topics/2/"))
    page = text(bob.get(f"{url}topics/10/"))
    assert 'value="场地"' in page
    assert 'id="id_budget-0-amount-error"' in page


def test_two_editors_lose_nothing(world, text):
    case, client, url = start(world)
    bob = world.enter(colleague(world, case))
    assert (
        save(client, url, title="爱丽丝的标题", plan="爱丽丝的计划")["conflicts"] == []
    )
    answer = save(bob, url, title="鲍勃的标题", summary="鲍勃的简介")
    assert answer["conflicts"] == ["title"]
    assert "鲍勃的标题" in answer["rivals"]
    assert set(answer["changed"]) == {"plan", "title"}
    assert typed_in(draft_key("submit_application", case)) == {
        "title": "爱丽丝的标题",
        "plan": "爱丽丝的计划",
        "summary": "鲍勃的简介",
    }
    for person in (client, bob):  # on any machine, after a crash as well
        page = text(person.get(f"{url}topics/1/"))
        assert "爱丽丝的标题" in page
        assert "鲍勃的标题" in page
        assert "there are two texts" in text(person.get(f"{url}check/"))
    bob_pk = world["reviewer1"].pk
    body = {"draft_fields": "-", "draft_base": "2", "draft_here": f"{url}topics/1/"}
    client.post(f"{url}draft/", body | {"draft_choose": f"title:{bob_pk}:use"})
    assert typed_in(draft_key("submit_application", case))["title"] == "鲍勃的标题"
    assert "爱丽丝的标题" not in text(bob.get(f"{url}topics/1/"))


def test_tables_of_two_editors_are_both_shown(world, text):
    case, client, url = start(world)
    bob = world.enter(colleague(world, case))
    save(client, url, **{"team-0-name": "甲", "team-0-role": "负责"})
    answer = save(bob, url, **{"team-0-name": "乙", "team-0-role": "执行"})
    assert answer["conflicts"] == ["team"]
    page = text(client.get(f"{url}topics/4/"))
    assert "<td>乙</td>" in page
    assert "<td>甲</td>" in page


def test_submitting_waits_for_the_choice(world, text):
    case, client, url = start(world)
    fill_draft(world, case)
    bob = world.enter(colleague(world, case))
    save(bob, url, base=0, title="鲍勃的标题")
    body = {"from_draft": "2", "version": str(case.version), "token": "t1"}
    answer = client.post(url, body)
    assert answer.status_code == 422
    assert "there are two texts" in text(answer)


def test_editors_see_each_other(world, text):
    case, client, url = start(world)
    bob = world.enter(colleague(world, case))
    bob.get(f"{url}topics/2/")
    world.clock.forward(seconds=10)
    answer = save(client, url, title="一")
    (line,) = answer["editors"]
    assert str(world["reviewer1"]) in line
    assert "Time and money" in line
    assert "10 seconds ago" in line


def test_mallory_neither_reads_nor_writes_the_draft(world):
    case, client, url = start(world)
    save(client, url, title="一")
    mallory = world.enter(world.house.member_of(world.organisation(1), "applicant"))
    for path in ("", "topics/1/", "check/", "answers/", "earlier/"):
        assert mallory.get(f"{url}{path}").status_code == 404
    body = {"draft_fields": "title", "title": "二", "draft_base": "9"}
    assert mallory.post(f"{url}draft/", body).status_code == 404
    assert typed_in(draft_key("submit_application", case)) == {"title": "一"}


# -- while typing -------------------------------------------------------------------


def test_running_checks_say_what_submitting_would(world):
    _case, client, url = start(world)
    answer = save(
        client,
        url,
        amount="100000",
        period_start="2026-07-01",
        period_end="2026-11-30",
        **{
            "budget-0-head": "STAFF",
            "budget-0-item": "补贴",
            "budget-0-amount": "30000.01",
            "budget-0-funded_by": "GRANT",
            "budget-1-head": "ACTIVITY",
            "budget-1-item": "半行",
        },
    )
    checks = answer["checks"]
    assert "100,000.00 yuan of at most 300,000.00 yuan" in checks
    assert "5 months" in checks
    assert "6 to 12 months" in checks
    assert "69,999.99 yuan of the 100,000.00 yuan asked for are missing" in checks
    assert "30,000.01 yuan, 30.0 per cent of the grant" in checks


def test_a_heartbeat_writes_nothing(world):
    _case, client, url = start(world)
    save(client, url, title="一")
    body = {"draft_heartbeat": "1", "draft_base": "1", "title": ""}
    answer = client.post(f"{url}draft/", body, headers={"Accept": "application/json"})
    assert answer.json()["revision"] == 1


@pytest.mark.parametrize("seen", ["[]", "{", '{"title": "x"}', '"5"'])
def test_a_broken_autosave_breaks_nothing(world, seen):
    case, client, url = start(world)
    save(client, url, title="一", draft_seen=seen)
    assert save(client, url, base=10**12, title="二")["conflicts"] == []
    assert typed_in(draft_key("submit_application", case))["title"] == "二"


def test_too_much_text_is_said(world):
    _case, client, url = start(world)
    body = {"draft_fields": "plan", "plan": "字" * 300_001, "draft_base": "0"}
    answer = client.post(f"{url}draft/", body, headers={"Accept": "application/json"})
    assert answer.status_code == 413
    assert "error" in json.loads(answer.content)


def test_pages_cost_the_same_for_a_full_form(world):
    case, client, url = start(world)
    paths = ("", "topics/8/", "check/")
    counts = []
    for _size in (0, 1):
        counts.append([queries_of(client, f"{url}{path}") for path in paths])
        fill_draft(world, case)
    assert counts[0] == counts[1] == [13, 15, 13]


# -- earlier answers ------------------------------------------------------------------


def test_start_from_an_earlier_application(world, text):
    case, _client, _url = start(world)
    world.bring(case, "SCREENING")
    round_ = world.open_round("r2027")
    user = world.applicant_of(case)
    client = world.enter(user)
    body = {"round": round_.code, "organisation": str(case.organisation_id)}
    url = client.post("/apply/", body)["Location"]
    fresh_case = Case.objects.exclude(pk=case.pk).get()
    assert case.code in text(client.get(f"{url}earlier/"))
    save(client, url, base=99, plan="新的计划")
    assert client.post(f"{url}earlier/", {"case": "NONE"}).status_code == 404
    assert client.post(f"{url}earlier/", {"case": case.code})["Location"] == url
    typed = typed_in(draft_key("submit_application", fresh_case))
    case.refresh_from_db()
    assert typed["title"] == case.title
    assert typed["plan"] == "新的计划"
    assert [row["name"] for row in typed["team"]] == ["沈佳", "陆敏", "方磊"]
    assert not {"amount", "budget", "period_start", "commitment"} & set(typed)


def test_a_new_application_begins_with_the_profile(world):
    organisation = world.organisation()
    user = world.house.member_of(organisation, "applicant")
    client = world.enter(user)
    body = {"round": "r2026", "organisation": str(organisation.pk)}
    client.post("/apply/", body)
    typed = typed_in(draft_key("submit_application", Case.objects.get()))
    assert typed["contact_name"] == str(user)
