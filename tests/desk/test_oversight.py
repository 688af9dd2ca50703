"""The auditor's desk: search over everything, saved searches, who read what."""

import datetime as dt
import re
from decimal import Decimal

import pytest
from django.utils import translation
from django.utils.timezone import localdate, now

from attachments.services import add_document, open_version
from audit import checkpoints, keys
from audit.models import Event
from audit.record import record, record_refusal
from audit.selectors import entries_of
from desk.models import SavedSearch
from desk.oversight.readings import READINGS, read_words
from desk.oversight.search import LOOKED_THROUGH, PAGE, verb_choices
from desk.views.cases import TABS
from grants.models import BudgetLine, Case, InterventionWay
from grants.services.intervening import record_intervention
from grants.services.programmes import create_programme, grant_role
from tests.attachments.files import PDF, upload
from tests.costs import queries_of

from .conftest import World

BY = "system:test"


def words(answer) -> str:
    assert answer.status_code == 200, answer.status_code
    page = re.sub(
        r"<nav.*?</nav>|<form.*?</form>", " ", answer.content.decode(), flags=re.S
    )
    return re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", page))


def found(world: World, who: str = "auditor1", **asked: object) -> str:
    return words(world.enter(who).get("/audit/", asked))


def labels(world: World, **asked: object) -> list[str]:
    page = world.enter("auditor1").get("/audit/", asked).content.decode()
    return re.findall(r"<strong>([^<]+)</strong>", page)


@pytest.fixture
def case(world) -> Case:
    return world.bring(world.draft(), "ELIGIBLE")


def test_a_case_is_found_with_who_what_before_and_after(world, case):
    page = found(world, case=case.code)
    assert "Submit application" in page
    assert str(world.applicant_of(case)) in page
    assert re.search(r"Status Draft In screening", page)
    assert f"Requested – {case.requested:,.2f}" in page
    assert "The case as it stood then" in page
    other = world.bring(world.draft(1), "SCREENING")
    assert other.code not in found(world, case=case.code)


def test_by_person_and_by_act(world, case):
    operator = case.application.screened_by or world["operator1"]
    page = found(world, person=operator.username, verb="screen")
    assert case.code in page
    assert set(labels(world, verb="screen")) == {"Eligibility screening"}
    assert "Nothing fits." in found(world, person="inspector1", verb="screen")


def test_refused_attempts_are_found(world, case):
    record_refusal("screen", by=world["head1"], target=case.code, code="not_yours")
    page = found(world, verb="refused", case=case.code)
    assert "Refused: Eligibility screening" in page
    assert str(world["head1"]) in page


def test_by_day(world, case):
    today = localdate()
    assert "Submit application" in found(world, since=today, until=today)
    before = today - dt.timedelta(days=1)
    assert case.code not in found(world, until=before)


def test_by_organisation(world, case):
    other = world.bring(world.draft(1), "SCREENING")
    page = found(world, organisation=case.organisation.name)
    assert case.code in page
    assert other.code not in page


def pay_line(case: Case, amount: str) -> BudgetLine:
    line = case.budget_lines.first()
    line.pk, line.amount = None, Decimal(amount)
    with record("add_line", by=BY, target=case.code):
        line.save(force_insert=True)
    return line


def test_by_the_amount_that_an_event_changed(world, case):
    line = pay_line(case, "77777.77")
    with record("lower_line", by=BY, target=case.code, reason="misread"):
        BudgetLine.objects.filter(pk=line.pk).update(amount=Decimal("66666.66"))
    with record("more_lines", by=BY, target=case.code):
        BudgetLine.objects.filter(pk=line.pk).update(item="renamed")
    assert labels(world, least="77777.77", most="77777.77") == [
        "Lower line",
        "Add line",
    ]
    assert labels(world, least="66666", most="66667") == ["Lower line"]
    assert labels(world, least="90000000") == []
    page = found(world, least="66666", most="66667")
    assert "Amount (CNY) 77,777.77 66,666.66" in page
    assert "misread" in page


def test_amounts_are_looked_for_page_by_page(world, case, monkeypatch):
    monkeypatch.setattr("desk.oversight.search.LOOKED_THROUGH", 3)
    pay_line(case, "77777.77")
    for number in range(4):
        with record("touch", by=BY, target=case.code):
            BudgetLine.objects.filter(case=case).update(item=f"item {number}")
    client = world.enter("auditor1")
    asked = {"case": case.code, "least": "77777.77", "most": "77777.77"}
    answer = client.get("/audit/", asked)
    assert "Amounts were looked for back to" in words(answer)
    for _page in range(5):
        if "Add line" in words(answer):
            break
        answer = client.get("/audit/", asked | {"before": answer.context["next"]})
    assert "Add line" in words(answer)
    assert LOOKED_THROUGH > PAGE


def test_pages_follow_one_another_without_a_gap(world, case):
    for number in range(PAGE + 5):
        with record("touch", by=BY, target=case.code):
            BudgetLine.objects.filter(case=case).update(item=f"item {number}")
    client, seen, before = world.enter("auditor1"), [], {}
    for _page in range(10):
        answer = client.get("/audit/", {"case": case.code} | before)
        seen += [hit.pk for hit in answer.context["found"].hits]
        if answer.context["next"] is None:
            break
        before = {"before": answer.context["next"]}
    ours = Event.objects.filter(stream=f"case:{case.pk}").order_by("-pk")
    assert set(ours.values_list("pk", flat=True)) <= set(seen)
    assert seen == sorted(set(seen), reverse=True)


def test_only_what_one_oversees_is_found(world, case):
    house = world.house
    other = create_programme(
        "other",
        ("其他", "Other"),
        house.programme.authority,
        house.programme.operator,
        by=BY,
    )
    grant_role(other, "auditor", world["operator1"], by=BY)
    page = found(world, "operator1")
    assert case.code not in page
    assert "other · Auditor" in page
    asked = world.enter("operator1").get("/audit/", {"case": case.code})
    assert asked.status_code == 422
    assert "No case matches." in asked.content.decode()


def test_interventions_are_not_found_by_auditors(world, case):
    by, found_ = world["operator1"], Event.objects.filter(verb="record_intervention")
    record_intervention(
        case,
        by=by,
        who="某领导",
        way=InterventionWay.values[0],
        happened_on=localdate(),
        asked="打招呼",
        done="婉拒",
    )
    assert found_.count() == 1
    assert labels(world, verb="record_intervention") == []
    assert labels(world, verb="record_intervention", person=by.username) == []
    page = found(world)
    assert "某领导" not in page
    assert "打招呼" not in page


def test_drafts_are_nobody_elses_business(world):
    draft = world.draft()
    assert draft.code not in found(world)


@pytest.mark.parametrize("who", ["funder1", "operator1", "finance1", "head1"])
def test_nobody_else_has_the_desk(world, case, who):
    client = world.enter(who)
    assert client.get("/audit/").status_code == 404
    assert client.get(f"/cases/{case.code}/readers/").status_code == 404
    assert client.post("/audit/searches/", {"name": "x"}).status_code == 404
    assert b"/audit/" not in client.get("/home/").content
    assert b"/audit/" in world.enter("auditor1").get("/home/").content
    assert b"/audit/" in world.enter("inspector1").get("/home/").content


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"case": "NO-1"}, "No case matches."),
        ({"person": "nobody of this name"}, "Nobody has this name."),
        ({"organisation": "no such"}, "No organisation has this name."),
        ({"verb": "rob"}, "Select a valid choice"),
        ({"since": "yesterday"}, "Enter a valid date"),
        ({"least": "much"}, "Enter a number"),
        ({"least": "2", "most": "1"}, "This is less than where it begins."),
        ({"case": "\x00"}, "Null characters are not allowed"),
    ],
)
def test_wrong_filters_are_named_and_kept(world, asked, said):
    answer = world.enter("auditor1").get("/audit/", asked)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert said in page
    assert any(value in page for value in asked.values())


def test_a_search_is_on_record_with_what_was_asked(world, case):
    found(world, case=case.code, verb="screen")
    event = Event.objects.filter(verb="read", target="audit").latest("pk")
    (entry,) = entries_of([event.line])
    assert entry.data == {"what": "search"}
    assert entry.reason == f'{{"case": "{case.code}", "verb": "screen"}}'
    assert case.code not in event.line


def test_earlier_searches_are_told_by_the_names_of_the_fields(world, case):
    found(world, case=case.code, verb="refused", least="9000")
    found(world)
    answer = world.enter("auditor1").get("/audit/", {"verb": "read"})
    hits = answer.context["found"].hits
    told = [hit.reason for hit in hits if hit.read == "Search over the record"]
    said = f"Application number: {case.code} · Act: Refused attempts · "
    assert told == ["Act: Read", "", f"{said}Amount from (CNY): 9000"]


def test_searches_are_saved_and_deleted_by_their_owner(world, case):
    client = world.enter("auditor1")
    query = f"case={case.code}&verb=screen"
    sent = {"name": "mine alone", "query": f"{query}&before=3&evil=1"}
    assert client.post("/audit/searches/", sent)["Location"] == f"/audit/?{query}"
    saved = SavedSearch.objects.get()
    assert (saved.name, saved.query) == ("mine alone", query)
    assert f"?{query.replace('&', '&amp;')}" in client.get("/audit/").content.decode()
    path = f"/audit/searches/{saved.pk}/delete/"
    other = world.enter("inspector1")
    assert other.get("/audit/").context["saved"] == []
    assert other.post(path).status_code == 404
    assert client.post(path).status_code == 302
    assert not SavedSearch.objects.exists()
    verbs = Event.objects.filter(stream=f"organisations_user:{saved.user_id}")
    assert {"save_search", "delete_search"} <= set(verbs.values_list("verb", flat=True))


def test_a_search_without_a_name_is_not_saved(world):
    answer = world.enter("auditor1").post(
        "/audit/searches/", {"name": " "}, follow=True
    )
    assert "Give the search a name." in answer.content.decode()
    assert not SavedSearch.objects.exists()


def test_who_read_what_of_a_case(world, case):
    auditor = world.enter("auditor1")
    for tab in ("", "money/", "as-of/"):
        assert auditor.get(f"/cases/{case.code}/{tab}").status_code == 200
    assert world.enter("funder1").get(f"/cases/{case.code}/").status_code == 200
    answer = world.enter("inspector1").get(f"/cases/{case.code}/readers/")
    page = words(answer)
    who = str(world["auditor1"])
    hits = [(hit.who, hit.read) for hit in answer.context["hits"]]
    assert [read.split(":")[0] for name, read in hits if name == who] == [
        "The case as of a moment",
        "Money",
        "Overview",
    ]
    assert str(world["funder1"]) not in page


def test_who_opened_which_file_is_told_by_its_name(world, case):
    file, by = upload("章程.pdf", PDF), world.applicant_of(case)
    paper = add_document(case.folder, kind="charter", upload=file, by=by)
    version = paper.versions.get()
    open_version(version, world["funder1"]).close()
    answer = world.enter("auditor1").get(f"/cases/{case.code}/readers/")
    read = [(hit.who, hit.read) for hit in answer.context["hits"]]
    assert (str(world["funder1"]), "Document opened: 章程.pdf") in read


def test_each_tab_is_a_reading_with_words():
    assert set(TABS) - set(READINGS) == set()
    with translation.override("en"):
        assert read_words("interventions:3, 4") == "Interventions in cases"


def test_pages_over_several_cases_are_on_record_too(world, case):
    paths = ["/cases/", f"/rounds/{world.round.code}/", "/finance/", "/lists/register/"]
    for who in ("auditor1", "funder1"):
        client = world.enter(who)
        assert [client.get(path).status_code for path in paths] == [200] * len(paths)
        assert client.get("/lists/none/").status_code == 404
    answer = world.enter("auditor1").get("/audit/", {"verb": "read"})
    read = [(hit.who, hit.read) for hit in answer.context["found"].hits]
    who = str(world["auditor1"])
    told = [(who, f"Page {path}") for path in reversed(paths)]
    assert read == [(who, "Search over the record"), *told]


@pytest.mark.once
def test_it_costs_the_same_for_one_and_for_many(world, case):
    def costs() -> list[int]:
        client = world.enter("auditor1")
        return [queries_of(client, path.format(case=case.code)) for path in PATHS]

    pay_line(case, "77777.77")
    before = costs()
    for number in range(5):
        pay_line(case, f"{number + 77777}.77")
    assert (before, costs()) == (list(PATHS.values()), list(PATHS.values()))
    assert now()


PATHS = {
    "/audit/?verb=screen": 20,
    "/audit/?case={case}&least=77777": 23,
    "/cases/{case}/readers/": 18,
}


def test_page_says_how_far_the_last_checkpoint_reaches(world, settings, tmp_path):
    assert "There is no signed checkpoint yet" in found(world)
    assert "made by command only" in found(world)
    settings.CHECKPOINT_PUBLIC_KEYS = [keys.make(tmp_path / "key")]
    settings.CHECKPOINT_KEY_FILE = str(tmp_path / "key")
    settings.CHECKPOINT_FOLDER = tmp_path / "checkpoints"
    settings.REDIS_URL = "redis://127.0.0.1:6379/0"
    made = checkpoints.make(keys.load())
    page = found(world)
    assert f"covers {made.checkpoint.events} events" in page
    assert "A worker of its own makes one every hour" in page


@pytest.mark.once
def test_each_act_is_offered_once_and_by_its_words():
    labels_ = [label for _name, label in verb_choices()]
    assert len(labels_) == len(set(labels_))
    assert "screen" in dict(verb_choices())
    assert not {"start", "end"} & {name.lower() for name in dict(verb_choices())}
