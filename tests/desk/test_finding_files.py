"""Files that a finding rests on: the auditor's, opened by who may read the finding."""

import json

import pytest
from django.test import Client

from attachments.models import Version
from audit.models import Event
from audit.testing import ambient_event
from audit.verify import verify
from grants.models import Case, Finding
from tests.attachments.files import PDF, PNG, upload
from tests.costs import queries_of
from tests.factories.running import Running, fresh, make_running_case
from tests.guards.world import attempt
from workflows import engine
from workflows.models import WorkItem

pytestmark = pytest.mark.django_db
OVERSIGHT, OFFICE = ("auditor", "inspector"), ("operator", "funder")
NOBODY = ("finance", "supervisor", "cpa", "reviewer")


@pytest.fixture
def project(clock, settings, tmp_path) -> Running:
    settings.MEDIA_ROOT = tmp_path / "documents"
    clock.to("2026-07-01 09:00")
    with ambient_event():
        running = make_running_case()
        engine.ensure_flows(running.case)
    return running


def enter(project: Running, who: str, language: str = "en") -> Client:
    client = Client(headers={"accept-language": language})
    with ambient_event():
        person = fresh(project.people[who])
        client.force_login(person, "django.contrib.auth.backends.ModelBackend")
    return client


def raised(project: Running, addressee: str = "OFFICE", **sent) -> Finding:
    """Raised on the page, with two files."""
    client = enter(project, "auditor")
    url = f"/cases/{project.case.code}/act/raise_finding/"
    page = client.get(url)
    assert 'name="files"' in page.content.decode()
    body = {
        "code": "VOUCHER",
        "severity": "MAJOR",
        "statement": "三笔活动支出缺少发票。",
        "evidence": "见附件。",
        "addressee": addressee,
        "token": page.context["token"],
        "files": [upload("底稿.pdf", PDF), upload("照片.png", PNG)],
    }
    answer = client.post(url, body | sent)
    assert answer.status_code == 302, answer.content.decode()[:2000]
    return Finding.objects.latest("pk")


def status(client: Client, path: str) -> int:
    answer = client.get(path, follow=True)
    if answer.streaming:
        assert b"".join(answer.streaming_content) == PDF
    return answer.status_code


def paper(finding: Finding) -> Version:
    papers = Version.objects.filter(document__folder=finding.folder)
    return papers.get(name="底稿.pdf")


def opens(project: Running, finding: Finding) -> set[str]:
    path = f"/documents/{paper(finding).pk}/"
    return {w for w in project.people if status(enter(project, w), path) == 200}


def test_files_come_with_the_finding_and_stand_beside_it(project):
    finding = raised(project)
    papers = Version.objects.filter(document__folder=finding.folder)
    assert {p.name for p in papers} == {"底稿.pdf", "照片.png"}
    assert {p.uploaded_by for p in papers} == {project.auditor}
    assert finding.folder.stream == f"case:{project.case.pk}"
    for who in (*OVERSIGHT, "operator"):
        page = enter(project, who).get(f"/cases/{project.case.code}/findings/")
        assert paper(finding).sha256 in page.content.decode()
    assert verify().findings == []


def test_who_reads_the_finding_opens_its_files_and_nobody_else(project):
    found = opens(project, raised(project))
    assert found >= {"auditor", "inspector", "operator"}
    assert not found & {"applicant", "legal_rep", "org_finance", *NOBODY}


def test_the_organisation_opens_them_where_it_is_asked(project):
    found = opens(project, raised(project, "ORGANISATION"))
    assert found >= {"auditor", "inspector", "applicant"}
    assert not found & set(NOBODY)


def test_who_is_asked_has_them_on_the_page_of_the_step(project):
    finding = raised(project, "ORGANISATION")
    item = WorkItem.objects.get(action="explain_finding")
    page = enter(project, "applicant").get(f"/work/{item.pk}/").content.decode()
    assert f"/documents/{paper(finding).pk}/" in page
    assert "底稿.pdf" in page


def test_the_reading_is_an_event(project):
    finding = raised(project)
    version = paper(finding)
    path = f"/documents/{version.pk}/"
    assert status(enter(project, "operator"), path) == 200
    assert status(enter(project, "applicant"), path) == 404
    read = Event.objects.filter(verb="read", target=finding.folder.stream).latest("id")
    assert read.actor == f"user:{project.operator.pk}"
    assert json.loads(read.line)["data"]["what"] == f"version:{version.pk}"


def test_the_task_of_an_auditor_and_the_list_of_findings_are_read_on_record(project):
    finding = raised(project)
    assert attempt("answer_finding", finding, by=fresh(project.operator)) == "done"
    item = WorkItem.objects.get(action="resolve_finding", closed_at=None)
    client = enter(project, "auditor")
    for path, target in (
        (f"/work/{item.pk}/", project.case.code),
        ("/findings/", "audit"),
        ("/check-code/", "audit"),
    ):
        assert status(client, path) == 200
        read = Event.objects.latest("id")
        assert (read.verb, read.actor) == ("read", f"user:{project.auditor.pk}")
        assert (read.target, json.loads(read.line)["data"]["what"]) == (
            target,
            f"page:{path}",
        )


def test_the_organisation_does_not_learn_of_them_from_the_timeline(project):
    code = project.case.code
    before = enter(project, "applicant").get(f"/cases/{code}/timeline/").content
    raised(project)
    after = enter(project, "applicant").get(f"/cases/{code}/timeline/").content
    assert after.count(b"Document added") == before.count(b"Document added")
    office = enter(project, "operator").get(f"/cases/{code}/timeline/").content
    assert office.count(b"Document added") >= before.count(b"Document added") + 2


def test_what_is_no_paper_is_said_beside_the_field_and_nothing_is_lost(project):
    client = enter(project, "auditor")
    url = f"/cases/{project.case.code}/act/raise_finding/"
    body = {"statement": "三笔支出", "files": [upload("底稿.pdf", b"MZ\x90\x00" * 50)]}
    answer = client.post(url, body | {"token": client.get(url).context["token"]})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "底稿.pdf" in page
    assert "三笔支出" in page
    assert not Finding.objects.exists()


def test_nobody_adds_one_later(project):
    from attachments.registry import can_write

    finding = raised(project)
    assert can_write(fresh(project.auditor), finding.folder)
    for who in ("inspector", "operator", "applicant"):
        assert not can_write(fresh(project.people[who]), finding.folder)
    case = Case.objects.get(pk=project.case.pk)
    finding.case = case
    done = attempt("answer_finding", finding, by=fresh(project.operator))
    assert done == "done"
    assert not can_write(fresh(project.auditor), finding.folder)


def test_the_tab_costs_the_same_for_one_and_for_three(project):
    path = f"/cases/{project.case.code}/findings/"
    raised(project)
    one = queries_of(enter(project, "inspector"), path)
    raised(project)
    raised(project)
    assert queries_of(enter(project, "inspector"), path) == one
