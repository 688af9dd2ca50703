"""The papers of each stage: there, missing, expired; to whom, and by which rule."""

import copy
import datetime as dt
import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from attachments.models import ScanState, Version
from attachments.services import add_document
from audit.models import Event
from audit.testing import ambient_event
from grants.models import PaperDates
from grants.paper_rules import PaperStage
from grants.requirements import PaperState, papers_of, papers_of_cases
from grants.rules import default_data
from grants.services.programmes import latest_rules
from grants.services.rule_checks import rules_errors
from grants.services.ruling import change_rules
from tests.attachments.files import PDF, upload
from tests.costs import queries_of
from tests.desk.conftest import arrange
from tests.factories.running import make_running_case

pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def submitted(house_of_the_module):
    return arrange(house_of_the_module, "SCREENING")


@pytest.fixture
def world(submitted, db, clock, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "documents"
    return submitted.again(clock)


@pytest.fixture
def case(submitted, world):
    found = submitted.case
    found.refresh_from_db()
    return found


def state(case, code):
    (found,) = (p for p in papers_of(case).papers if p.requirement.code == code)
    return found.state


def filing(case, kind, by, name="a.pdf"):
    return add_document(case.folder, kind=kind, upload=upload(name, PDF), by=by)


def row_of(text, label):
    """The list entry of a paper on a page."""
    return next(
        part for part in text.split("<li") if f">{label}" in part or label in part
    )


def test_papers_are_there_or_missing(case, world):
    applicant = world.applicant_of(case)
    assert state(case, "application_form") == PaperState.THERE
    assert state(case, "charter") == PaperState.MISSING
    filing(case, "charter", applicant)
    assert state(case, "charter") == PaperState.THERE
    assert state(case, "custody_agreement") == PaperState.OPTIONAL
    assert state(case, "expert_draw") == PaperState.MISSING


def test_only_stages_reached_are_lacking_and_ended_cases_lack_nothing(case, world):
    found = papers_of(case)
    stages = {p.requirement.stage for p in found.lacking}
    assert stages == {PaperStage.APPLICATION}
    case.status = "AGREEMENT"
    stages = {p.requirement.stage for p in papers_of(case).lacking}
    assert PaperStage.REVIEW in stages
    assert PaperStage.MID not in stages
    case.status = "REJECTED"
    assert papers_of(case).lacking == []


def test_file_with_a_virus_is_no_paper(case, world):
    document = filing(case, "charter", world.applicant_of(case))
    with ambient_event():
        Version.objects.filter(document=document).update(
            scan_state=ScanState.INFECTED, threat="Eicar"
        )
    assert state(case, "charter") == PaperState.MISSING


def test_applicant_adds_a_certificate_and_it_runs_out(case, world, clock, text):
    browser = world.enter(world.applicant_of(case))
    tab = f"/cases/{case.code}/documents/"
    page = text(browser.get(tab))
    add = f"{tab}add/?paper=registration_certificate"
    assert f'href="{add}"' in page
    form = text(browser.get(add))
    assert '<option value="registration_certificate" selected>' in form
    wrong = browser.post(
        add,
        {
            "kind": "registration_certificate",
            "upload": upload("证书.pdf", PDF),
            "issued_on": "2020-05-01",
            "valid_until": "2020-04-30",
        },
    )
    assert wrong.status_code == 422
    assert "This is before the date of the paper." in text(wrong)
    sent = browser.post(
        add,
        {
            "kind": "registration_certificate",
            "upload": upload("证书.pdf", PDF),
            "issued_on": "2020-05-01",
            "valid_until": "2026-06-30",
        },
    )
    assert sent.status_code == 302
    assert state(case, "registration_certificate") == PaperState.THERE
    assert "valid until 2026-06-30" in text(browser.get(tab))
    clock.to("2026-06-30 23:00")
    assert state(case, "registration_certificate") == PaperState.THERE
    clock.to("2026-07-01 01:00")
    assert state(case, "registration_certificate") == PaperState.EXPIRED
    document = case.folder.documents.get(kind="registration_certificate")
    page = text(world.enter(world.applicant_of(case)).get(tab))
    assert "Expired" in page
    assert f'href="{tab}{document.pk}/version/"' in page


def test_new_version_brings_days_of_its_own(case, world, clock):
    applicant = world.applicant_of(case)
    browser = world.enter(applicant)
    document = filing(case, "registration_certificate", applicant)
    with ambient_event():
        PaperDates.objects.create(
            case=case,
            document=document,
            valid_until=dt.date(2026, 1, 1),
            noted_by=applicant,
        )
    assert state(case, "registration_certificate") == PaperState.EXPIRED
    answer = browser.post(
        f"/cases/{case.code}/documents/{document.pk}/version/",
        {"upload": upload("b.pdf", PDF + b"\n"), "valid_until": "2031-01-01"},
    )
    assert answer.status_code == 302
    assert state(case, "registration_certificate") == PaperState.THERE
    # a paper that does not run out is not asked for its days
    office = world.enter("operator1")
    charter = filing(case, "charter", world["operator1"])
    page = office.get(f"/cases/{case.code}/documents/{charter.pk}/version/")
    assert page.status_code == 200
    assert b"valid_until" not in page.content


def test_date_that_nobody_entered_is_asked_for_and_its_noting_is_an_event(
    case, world, text
):
    applicant = world.applicant_of(case)
    browser = world.enter(applicant)
    document = filing(case, "annual_report", applicant)
    assert state(case, "annual_report") == PaperState.UNDATED
    url = f"/cases/{case.code}/documents/{document.pk}/dates/"
    assert f'href="{url}"' in text(browser.get(f"/cases/{case.code}/documents/"))
    assert "Its date is not known" in text(
        browser.get(f"/cases/{case.code}/documents/")
    )
    assert browser.post(url, {"issued_on": "2026-12-31"}).status_code == 422
    assert browser.post(url, {"issued_on": "2025-03-31"}).status_code == 302
    assert state(case, "annual_report") == PaperState.THERE  # 24 months
    (event,) = Event.objects.filter(verb="date_paper")
    assert json.loads(event.line)["target"] == case.code
    assert browser.post(url, {"issued_on": "2025-03-31"}).status_code == 302
    assert Event.objects.filter(verb="date_paper").count() == 1  # nothing changed
    stranger = world.enter("reviewer1")
    assert stranger.get(url).status_code == 404


def test_age_is_counted_in_months(case, world, clock):
    applicant = world.applicant_of(case)
    document = filing(case, "annual_report", applicant)
    with ambient_event():
        PaperDates.objects.create(
            case=case,
            document=document,
            issued_on=dt.date(2024, 4, 30),
            noted_by=applicant,
        )
    clock.to("2026-04-30 12:00")
    assert state(case, "annual_report") == PaperState.THERE
    clock.to("2026-05-01 00:10")
    assert state(case, "annual_report") == PaperState.EXPIRED


def test_tracking_counts_what_belongs_to_its_own_stage(shared_db, db, clock):
    running = make_running_case()
    case = running.case
    assert state(case, "grant_agreement") == PaperState.THERE
    assert state(case, "initial_report") == PaperState.MISSING
    running.do("report_stage", running.stage("INITIAL"))
    assert state(case, "initial_report") == PaperState.THERE
    assert state(case, "midterm_report") == PaperState.MISSING
    assert state(case, "initial_visit") == PaperState.MISSING
    running.do("check_materials", running.stage("INITIAL"))
    running.do("visit_site", running.stage("INITIAL"))
    assert state(case, "initial_visit") == PaperState.THERE
    assert state(case, "service_ledger") == PaperState.MISSING
    running.do("record_service", case, by=running.applicant)
    assert state(case, "service_ledger") == PaperState.THERE


def test_each_reader_is_told_of_what_is_theirs(case, world, text):
    tab = f"/cases/{case.code}/documents/"
    office = text(world.enter("operator1").get(tab))
    member = text(world.enter(world.applicant_of(case)).get(tab))
    for page in (office, member):
        assert "Charter with the scope of work" in page
        assert "Self-check report" in page
    assert "Score sheets" in office
    assert "Score sheets" not in member
    assert "Minutes of the meeting" not in member


def test_papers_stand_beside_the_acts_that_need_them(case, world, text):
    screening = world.item(case, "screen")
    page = text(world.enter("operator1").get(f"/work/{screening.pk}/"))
    assert "Papers: Application" in page
    assert "Charter with the scope of work" in page
    draft = world.draft(1)
    item = world.item(draft, "submit_application")
    browser = world.enter(world.applicant_of(draft))
    for path in (f"/work/{item.pk}/", f"/work/{item.pk}/check/"):
        page = text(browser.get(path))
        assert "Papers to go with it" in page
        assert f"/cases/{draft.code}/documents/add/?paper=charter" in page
        beside = page.split("Papers to go with it")[1]
        assert ">Application form<" not in beside
        assert "Screenshot of the credit record" not in beside


def test_api_says_the_same(case, world):
    filing(case, "charter", world.applicant_of(case))
    browser = world.enter("operator1")
    answer = browser.get(f"/api/v1/cases/{case.code}/requirements")
    rows = {row["code"]: row for row in answer.json()}
    assert rows["charter"]["state"] == "THERE"
    assert rows["charter"]["filed"]["url"].endswith("/content")
    assert rows["finance_rules"]["state"] == "MISSING"
    assert rows["finance_rules"]["kind"] == "finance_rules"
    assert rows["score_sheets"]["reached"] is False
    assert rows["charter"]["current"] is True
    member = world.enter(world.applicant_of(case))
    rows = member.get(f"/api/v1/cases/{case.code}/requirements").json()
    assert {"REVIEW", "AWARD"}.isdisjoint({row["stage"] for row in rows})
    assert browser.get("/api/v1/cases/nothing/requirements").status_code == 404


def test_register_counts_what_is_missing(case, world, text):
    missing = len(papers_of(case).lacking)
    assert missing == 8
    page = text(world.enter("operator1").get("/cases/"))
    assert f'{missing}<span class="visually-hidden">: {case.code}</span>' in page
    filing(case, "charter", world.applicant_of(case))
    page = text(world.enter("operator1").get("/cases/"))
    assert f'{missing - 1}<span class="visually-hidden">: {case.code}</span>' in page


def test_programme_chooses_its_papers_and_a_case_keeps_its_list(case, world, text):
    funder = world["funder1"]
    rules = latest_rules(world.house.programme)
    data = copy.deepcopy(rules.data)
    data["documents"]["required"] = [
        {"code": "tax_proof", "stage": "APPLICATION", "zh": "税务", "en": "Tax proof"}
    ]
    made = change_rules(
        world.house.programme, data, base=rules.version, reason="更换", by=funder
    )
    assert state(case, "charter") == PaperState.MISSING  # the version that it has
    case.rules = made
    with translation.override("en"):
        assert [p.label for p in papers_of(case).papers] == ["Tax proof"]
    page = text(world.enter("funder1").get("/rules/GYCT/documents/"))
    assert 'name="required-0-code" value="tax_proof"' in page


def test_rules_without_a_list_ask_for_the_standard_papers(case):
    data = copy.deepcopy(case.rules.data)
    del data["documents"]["required"]
    with ambient_event():
        type(case.rules).objects.filter(pk=case.rules_id).update(data=data)
    assert len(papers_of(case).papers) == len(default_data()["documents"]["required"])


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ({"code": "Charter"}, "code"),
        ({"code": "a-b"}, "code"),
        ({"stage": "LUNCH"}, "stage"),
        ({"who": "NOBODY"}, "who"),
        ({"answer": "nothing"}, "answer"),
        ({"answer": "report"}, "answer"),  # the application has no report
        ({"validity": "AGE"}, "months"),
        ({"validity": "AGE", "months": 121}, "months"),
        ({"answer": "form", "validity": "UNTIL"}, "validity"),
        ({"zh": ""}, "zh"),
    ],
)
def test_rows_that_cannot_be_are_refused(row, column):
    data = copy.deepcopy(default_data())
    plain = {"code": "a", "stage": "APPLICATION", "zh": "甲", "en": "A"}
    data["documents"]["required"] = [plain | row]
    assert list(rules_errors(data)) == [f"documents.required.0.{column}"]


def test_saving_the_subject_as_it_is_changes_nothing(world, text):
    browser = world.enter("funder1")
    page = text(browser.get("/rules/GYCT/documents/"))
    assert "Papers of each stage" in page
    rows = default_data()["documents"]["required"]
    post = {
        "macros": "accept",
        "reason": "试",
        "base": "1",
        "required-TOTAL": len(rows),
    }
    for number, row in enumerate(rows):
        for name, value in row.items():
            post[f"required-{number}-{name}"] = "" if value is None else value
    made = browser.post("/rules/GYCT/documents/", post)
    assert made.status_code == 302, text(made)
    page = text(browser.get(made["Location"]))
    assert "Office files with macros" in page
    assert "Papers of each stage" not in page


@pytest.mark.parametrize("number", [1, 2])
def test_lists_cost_two_queries(world, number):
    cases = [world.draft(n) for n in range(1, number + 1)]
    for found in cases:
        filing(found, "charter", world.applicant_of(found))
    papers_of_cases(cases)  # the rules are kept
    with CaptureQueriesContext(connection) as seen:
        papers_of_cases(cases)
    assert len(seen) == 2


@pytest.mark.parametrize("papers", [1, 6])
def test_tab_costs_the_same_whatever_the_number_of_papers(case, world, papers):
    applicant = world.applicant_of(case)
    codes = ("charter", "annual_report", "finance_rules", "registration_certificate")
    for number in range(papers):
        filing(case, codes[number % 4], applicant)
    browser = world.enter("operator1")
    assert queries_of(browser, f"/cases/{case.code}/documents/") == TAB


#: Queries of the documents tab.
TAB = 14
