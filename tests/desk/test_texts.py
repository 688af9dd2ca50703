"""A programme's own messages: texts, placeholders, mailing; and the account page."""

import pytest
from django.core import mail
from django.template.loader import render_to_string
from django.utils import translation

from audit.selectors import timeline_of
from audit.testing import ambient_event
from desk.kinds import KINDS, PLACEHOLDERS, example_of
from desk.messages import news_of, task_letters
from desk.models import MessageMailing, MessageText
from desk.texts import save_mailings, save_text
from desk.words import (
    context_of,
    default_text,
    fill,
    preview,
    split,
    values_of,
)
from grants.errors import Invalid, NotYours
from grants.models import Case, Status
from outbox.models import MailChoice, Message
from outbox.services import queue, sweep
from tests.costs import queries_of
from tests.desk.test_lists import enter
from tests.factories.running import make_running_case
from workflows.models import WorkItem

pytestmark = pytest.mark.once


@pytest.fixture
def running(db, clock):
    clock.to("2026-03-02 09:00")
    return make_running_case(award="100000.00")


def url(running, *rest: str) -> str:
    return "/".join(["/texts", running.programme.code, *rest]) + "/"


def tell(running, verb: str = "archive", **extra) -> list[Message]:
    """The organisation hears of its case, as after an officer's act."""
    case = Case.objects.select_related("round").get(pk=running.case.pk)
    return queue(news_of(case, verb, None, **extra))


def with_address(running):
    with ambient_event():
        person = running.applicant
        person.email = "applicant@example.org"
        person.save()
    return person


def test_every_kind_has_a_default_text_whose_placeholders_are_its_own(db):
    for kind in KINDS.values():
        assert set(kind.placeholders) <= set(PLACEHOLDERS)
        for language in ("zh-hans", "en"):
            subject, body = default_text(kind.name, language)
            shown = preview(kind.name, language, subject, body)
            assert subject
            assert "{" not in "".join(shown)
        values = values_of(context_of(example_of(kind.name), "en"))
        named = {values[n] for n in kind.placeholders if n != "recipient"}
        assert "–" not in named


def test_default_and_filled_in_default_say_the_same(db):
    """A default text taken over unchanged words a letter as the template does."""
    for kind in KINDS:
        for language in ("zh-hans", "en"):
            with translation.override(language):
                context = context_of(example_of(kind), language)
                text = render_to_string(f"messages/{kind}.txt", context)
            wanted = split(text)
            found = preview(kind, language, *default_text(kind, language))
            if kind == "reminder" and language == "en":  # "1 step is", "2 steps are"
                assert found[1] == wanted[1]
            else:
                assert found == wanted


def test_own_text_is_used_in_the_application_and_by_mail_until_it_is_reset(running):
    person = with_address(running)
    client = enter(running.funder)
    page = client.get(url(running, "case_news", "zh-hans"))
    assert "{status}" in page.content.decode()
    text = {"subject": "【公益】{code}", "body": "{recipient}：<b>{title}</b> {status}"}
    shown = client.post(url(running, "case_news", "zh-hans"), text | {"preview": "1"})
    assert "张敏：&lt;b&gt;社区长者陪伴计划&lt;/b&gt;" in shown.content.decode()
    assert not MessageText.objects.exists()

    saved = client.post(url(running, "case_news", "zh-hans"), text)
    assert saved.status_code == 302
    tell(running)
    sweep()
    [sent] = [m for m in mail.outbox if m.to == [person.email]]
    assert sent.subject == f"【公益】{running.case.code}"
    assert f"：<b>{running.case.title}</b> " in sent.body
    inside = enter(person, "zh-hans").get("/messages/").content.decode()
    assert f"&lt;b&gt;{running.case.title}&lt;/b&gt;" in inside
    assert "<b>" not in inside
    english = enter(person, "en").get("/messages/").content.decode()
    assert "its status is" in english
    entry = timeline_of(f"grants_programme:{running.programme.pk}")[-1]
    assert entry.verb == "change_message"

    client.post(url(running, "case_news", "zh-hans", "reset"))
    assert not MessageText.objects.exists()
    inside = enter(person, "zh-hans").get("/messages/").content.decode()
    assert "【公益】" not in inside


@pytest.mark.parametrize(
    ("field", "typed", "told"),
    [
        ("subject", "{status} {nonsense}", "no placeholder {nonsense}"),
        ("body", "{code.__class__}", "no placeholder {code.__class__}"),
        ("body", "{code} {", "A brace has no partner"),
        ("body", "{{code}}", "A brace has no partner"),
        ("subject", "   ", "required"),
        ("subject", "x" * 151, "150"),
    ],
)
def test_bad_texts_are_refused_at_their_field(running, field, typed, told):
    good = {"subject": "{code}", "body": "{title}"}
    sent = good | {field: typed}
    page = enter(running.funder).post(url(running, "case_news", "en"), sent)
    assert page.status_code == 422
    text = page.content.decode()
    assert f'id="id_{field}-error"' in text
    assert told in text
    assert not MessageText.objects.exists()


def test_values_are_no_placeholders_again(running):
    values = values_of(context_of({"title": "{code}", "code": "X"}, "en"))
    assert fill("{title}", values) == "{code}"


def test_only_who_sets_up_rounds_writes_texts(running):
    for person in (running.applicant, running.auditor, running.reviewer):
        client = enter(person)
        assert client.get(url(running)).status_code == 404
        assert client.get(url(running, "paid", "en")).status_code == 404
        with pytest.raises(NotYours):
            save_text(running.programme, "paid", "en", subject="a", body="b", by=person)
        with pytest.raises(NotYours):
            save_mailings(running.programme, {"paid": "none"}, by=person)
    client = enter(running.funder)
    assert client.get(url(running, "nothing", "en")).status_code == 404
    assert client.get(url(running, "paid", "fr")).status_code == 404


def test_programme_says_when_a_kind_is_mailed_and_members_keep_what_binds(running):
    person = with_address(running)
    client = enter(running.funder)
    bound = {"correction": "none", "refusal": "none"}
    everything = dict.fromkeys(KINDS, "none") | {"case_news": "digest"}
    assert client.post(url(running), everything).status_code == 302
    assert MessageMailing.objects.count() == len(KINDS) - len(bound)
    save_mailings(running.programme, bound, by=running.funder)
    [news] = [m for m in tell(running) if m.recipient == person]
    assert news.mailing == "digest"
    case = running.case
    for status, kind in [
        (Status.CORRECTION, "correction"),
        (Status.INELIGIBLE, "refusal"),
    ]:
        case.status = status
        letters = list(news_of(case, "screen", None))
        assert {m.template for m in letters} == {kind}
        assert {m.mailing for m in queue(letters)} == {"now"}
    letters = news_of(case, "x", None, template="stage_news", stage_status="RECTIFY")
    assert {m.mailing for m in queue(letters)} == {"now"}
    with pytest.raises(Invalid):
        save_mailings(running.programme, {"paid": "often"}, by=running.funder)


def test_steps_with_a_deadline_bind_members_and_not_the_office(running):
    running.do("report_stage", running.stage("INITIAL"))
    for membership_role, binding in (("applicant", True), ("", False)):
        item = WorkItem(
            case=running.case,
            round=running.round,
            programme_id=running.programme.pk,
            organisation_id=running.case.organisation_id,
            action="report_stage",
            role="operator",
            membership_role=membership_role,
            due_at=running.case.created_at,
            pk=1,
        )
        letters = list(task_letters("task_opened", item=item))
        assert letters
        assert {letter.binding for letter in letters} == {binding}


def test_account_page_keeps_the_choice_and_names_what_cannot_be_switched_off(running):
    client = enter(running.applicant)
    page = client.get("/account/").content.decode()
    assert "08:00" in page
    assert "cannot be switched off" in page
    assert 'name="case_news"' in page
    assert 'name="correction"' not in page
    assert 'name="objection_received"' not in page
    assert 'value="programme" checked' in page
    free = [k.name for k in KINDS.values() if k.members and not k.binding]
    untouched = dict.fromkeys(free, "programme")
    sent = untouched | {"case_news": "digest", "paid": "none", "correction": "none"}
    assert client.post("/account/", sent).status_code == 302
    kept = MailChoice.objects.filter(user=running.applicant)
    assert dict(kept.values_list("kind", "mailing")) == {
        "case_news": "digest",
        "paid": "none",
    }
    assert client.post("/account/", untouched).status_code == 302
    assert not kept.exists()
    wrong = client.post("/account/", {"case_news": "often"})
    assert wrong.status_code == 422
    assert 'id="id_case_news-error"' in wrong.content.decode()


def test_officer_may_choose_about_everything_of_the_office(running):
    page = enter(running.funder).get("/account/").content.decode()
    assert 'name="objection_received"' in page
    assert 'name="task_overdue"' in page
    assert "cannot be switched off" not in page


@pytest.mark.parametrize("count", [1, 4])
def test_list_of_messages_reads_the_texts_once(running, count):
    save_text(
        running.programme,
        "case_news",
        "en",
        subject="{code}",
        body="{title}",
        by=running.funder,
    )
    Message.objects.all().delete()
    for _number in range(count):
        tell(running)
    client = enter(running.applicant)
    client.get("/messages/")
    assert queries_of(client, "/messages/") == 7
