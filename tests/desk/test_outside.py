"""Visitors and administrators: notices, objections, people, roles, messages."""

import pytest

from grants.models import Objection, Programme, RoleGroup
from organisations.models import Membership, Organisation, User
from outbox.models import Message
from outbox.selectors import render

pytestmark = pytest.mark.once


def test_anybody_objects_and_follows_the_number(world, visitor, text):
    case = world.bring(world.draft(), "IN_NOTICE")
    notice = case.notices.get()
    world.clock.to(f"{notice.starts_on} 10:00")
    page = text(visitor.get(f"/notices/{notice.pk}/"))
    url = f"/notices/{notice.pk}/cases/{case.code}/object/"
    assert url in page
    assert visitor.get(url).status_code == 200
    answer = visitor.post(url, {"text": "重复资助", "name": "", "contact": ""})
    assert answer.status_code == 422
    assert "重复资助" in text(answer)
    body = {"text": "重复资助", "name": "某某", "contact": "0571"}
    answer = visitor.post(url, body | {"token": "1"})
    objection = Objection.objects.get()
    assert answer["Location"] == f"/objections/{objection.number}/"
    page = text(visitor.get(answer["Location"]))
    assert objection.get_status_display() in page
    assert "某某" not in page
    found = visitor.get("/objections/", {"number": objection.number})
    assert found["Location"] == f"/objections/{objection.number}/"
    assert visitor.get("/objections/", {"number": "x"}).status_code == 422
    told = Message.objects.filter(template="objection_received")
    assert {m.recipient.username for m in told} == {"funder1", "funder2"}


def test_objections_are_limited_by_address(world, visitor, monkeypatch):
    monkeypatch.setattr("desk.views.objections.MOST", 0)
    case = world.bring(world.draft(), "IN_NOTICE")
    notice = case.notices.get()
    url = f"/notices/{notice.pk}/cases/{case.code}/object/"
    assert visitor.post(url, {"text": "x"}).status_code == 429


def test_unpublished_round_is_not_public(world, visitor):
    assert visitor.get("/calls/none/").status_code == 404


def test_administrator_opens_accounts_and_organisations(world, text):
    client = world.enter("admin1")
    body = {
        "username": "alice",
        "name": "甲",
        "language": "en",
        "password": "correct horse battery",
    }
    assert client.post("/people/new/", body | {"password": "1"}).status_code == 422
    answer = client.post("/people/new/", body)
    alice = User.objects.get(username="alice")
    assert answer["Location"] == f"/people/{alice.pk}/"
    wrong = {"name": "新单位", "legal_form": "PNE", "credit_code": "123"}
    answer = client.post("/organisations/new/", wrong)
    assert answer.status_code == 422
    assert 'value="123"' in text(answer)
    filed = {"name": "新单位", "legal_form": "FILED", "credit_code": ""}
    assert client.post("/organisations/new/", filed).status_code == 302
    organisation = Organisation.objects.get(name="新单位")
    url = f"/organisations/{organisation.pk}/"
    client.post(f"{url}admit/")
    client.post(url, {"username": "alice", "role": "applicant"})
    membership = Membership.objects.get(organisation=organisation)
    organisation.refresh_from_db()
    assert organisation.admitted_at
    client.post(f"/memberships/{membership.pk}/end/")
    membership.refresh_from_db()
    assert membership.ended_at
    client.post(f"/people/{alice.pk}/deactivate/")
    alice.refresh_from_db()
    assert not alice.is_active


def test_leaver_loses_access_at_once(world):
    case = world.bring(world.draft(), "SCREENING")
    applicant = world.applicant_of(case)
    client = world.enter(applicant)
    assert client.get(f"/cases/{case.code}/").status_code == 200
    admin = world.enter("admin1")
    for membership in applicant.memberships.filter(organisation=case.organisation):
        admin.post(f"/memberships/{membership.pk}/end/")
    assert client.get(f"/cases/{case.code}/").status_code == 404


def test_administrator_creates_a_programme_and_grants_roles(world, text):
    client = world.enter("admin1")
    office = Organisation.objects.filter(legal_form="GOV").first()
    body = {"code": "new", "name_zh": "新", "name_en": "New", "authority": office.pk}
    assert client.post("/programmes/new/", body).status_code == 302
    programme = Programme.objects.get(code="new")
    url = "/programmes/new/"
    assert client.post(url, body).status_code == 422
    client.post("/programmes/GYCT/", {"username": "auditor1", "role": "witness"})
    group = RoleGroup.objects.get(programme__code="GYCT", role="witness").group
    assert group.user_set.filter(username="auditor1").exists()
    clash = {"username": "auditor1", "role": "reviewer"}
    answer = client.post("/programmes/GYCT/", clash)
    assert answer.status_code == 422
    assert 'href="#id_role' in text(answer)
    person = User.objects.get(username="auditor1")
    client.post("/programmes/GYCT/revoke/", {"role": "witness", "person": person.pk})
    assert not group.user_set.filter(username="auditor1").exists()
    assert programme.role_groups.count() == 15


def test_round_is_set_up_changed_and_published(world, text):
    funder, operator = world.enter("funder1"), world.enter("operator1")
    body = {
        "code": "r2027",
        "title_zh": "二〇二七年度",
        "title_en": "2027",
        "year": "2027",
        "tier": "CITY",
        "pools-0-source": "福彩",
        "pools-0-amount": "300000.00",
        "pools-0-budget_year": "2027",
        "pools-0-document_no": "1",
        "pools-1-source": "财政",
        "pools-1-amount": "200000.00",
        "pools-1-budget_year": "2027",
        "pools-1-document_no": "2",
        "cap": "100000.00",
        "opens_at": "2026-04-01T09:00",
        "closes_at": "2026-04-30T17:00",
        "review_ends_at": "2026-05-30T17:00",
        "ends_at": "2027-12-31T17:00",
        "project_starts_on": "2026-07-01",
        "project_ends_on": "2027-06-30",
        "notice_working_days": "5",
    }
    wrong = body | {"closes_at": "2026-03-01T09:00"}
    answer = operator.post("/rounds/new/GYCT/", wrong)
    assert answer.status_code == 422
    assert 'href="#id_closes_at"' in text(answer)
    assert operator.post("/rounds/new/GYCT/", body).status_code == 302
    assert world.enter("reviewer1").get("/rounds/r2027/").status_code == 404
    assert operator.post("/rounds/r2027/publish/").status_code == 403
    assert operator.post("/rounds/r2027/edit/", body).status_code == 302
    assert funder.post("/rounds/r2027/publish/").status_code == 302
    assert world.enter("reviewer1").get("/rounds/r2027/").status_code == 200
    late = body | {"pools-0-amount": "1.00", "cap": "1.00"}
    assert funder.post("/rounds/r2027/edit/", late).status_code == 422
    assert world.enter("head1").get("/rounds/r2027/edit/").status_code == 403


def test_every_message_of_a_road_has_words(world):
    case = world.bring(world.draft(), "ARCHIVED")
    templates = set()
    for message in Message.objects.select_related("recipient"):
        for language in ("en", "zh-hans"):
            subject, body = render(message, language)
            assert subject
            assert body
        templates.add(message.template)
    assert {"task_opened", "case_news", "stage_news", "paid"} <= templates
    client = world.enter(world.applicant_of(case))
    assert client.get("/messages/").status_code == 200


def test_reviewers_learn_of_tasks_and_applicants_of_results(world):
    case = world.bring(world.draft(), "ELIGIBLE")
    news = Message.objects.filter(template="case_news", case_code=case.code)
    members = set(case.organisation.memberships.values_list("user_id", flat=True))
    assert set(news.values_list("recipient_id", flat=True)) == members
    opened = Message.objects.filter(
        template="task_opened", params__action="open_review"
    )
    assert {m.recipient.username[:8] for m in opened} == {"operator"}


def test_message_is_read_and_leads_on(world):
    world.bring(world.draft(), "SCREENING")
    client = world.enter("operator1")
    message = Message.objects.filter(recipient=world["operator1"]).first()
    answer = client.post(f"/messages/{message.pk}/")
    assert answer["Location"] == message.url
    message.refresh_from_db()
    assert message.read_at
    other = world.enter("funder1")
    assert other.post(f"/messages/{message.pk}/").status_code == 404
    assert client.post("/messages/read/").status_code == 302
