"""Who may write among the papers of a case, and who may only read them."""

import pytest
from django.test import Client
from django.utils.timezone import localdate, now

from attachments import registry
from attachments.models import Document, Version
from attachments.services import add_document, add_version
from audit.models import Event
from audit.testing import ambient_event
from grants.models import Panel, PaperDates, Seat
from grants.services.filing import BROUGHT, Filing
from tests.attachments.files import PDF, upload
from tests.desk.test_covers import late_item
from tests.factories.running import Running, fresh, make_running_case
from workflows.models import WorkItem
from workflows.reminding import remind_now

pytestmark = [pytest.mark.django_db, pytest.mark.once]
READERS = ("auditor", "inspector")


@pytest.fixture
def project(clock, settings, tmp_path) -> Running:
    settings.MEDIA_ROOT = tmp_path / "documents"
    clock.to("2026-07-01 09:00")
    with ambient_event():
        return make_running_case()


def enter(user) -> Client:
    client = Client(headers={"accept-language": "en"})
    with ambient_event():
        client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    return client


def filed(case, by, kind="other", name="a.pdf") -> Document:
    return add_document(case.folder, kind=kind, upload=upload(name, PDF), by=by)


def rows() -> list[object]:
    """Everything that may not have changed."""
    papers = list(Document.objects.order_by("pk").values())
    versions = list(Version.objects.order_by("pk").values())
    dates = list(PaperDates.objects.order_by("pk").values())
    return [papers, versions, dates, list(WorkItem.objects.order_by("pk").values())]


def take_seat(project: Running, person, status: str = "DRAWN") -> Seat:
    """A seat of a panel that reviews the project."""
    with ambient_event():
        facts = {"name": "一", "meets_on": localdate(), "seed": "1"}
        panel = Panel.objects.create(
            round=project.round, drawn_by=project.operator, **facts
        )
        return Seat.objects.create(
            panel=panel, case=project.case, number=1, reviewer=person, status=status
        )


@pytest.mark.parametrize("who", READERS)
def test_who_oversees_writes_nothing_and_is_offered_nothing(project, who):
    case, reader = project.case, getattr(project, who)
    theirs = filed(case, project.applicant, kind="registration_certificate")
    own = f"/cases/{case.code}/documents/"
    late_item(project)
    before = rows()
    client = enter(reader)
    page = client.get(own).content.decode()
    assert theirs.title in page
    for path in ("add/", f"{theirs.pk}/version/", f"{theirs.pk}/dates/"):
        assert f"{own}{path}" not in page
        body = {"upload": upload("b.pdf", PDF), "kind": "other"}
        body |= {"issued_on": "2020-01-01", "valid_until": "2030-01-01"}
        assert client.get(own + path).status_code == 403, path
        assert client.post(own + path, body).status_code == 403, path
    answer = client.post(f"/api/v1{own[:-1]}", {"file": upload("b.pdf", PDF)})
    assert (answer.status_code, answer.json()["code"]) == (403, "not_yours")
    assert "/remind/" not in client.get("/lists/overdue/").content.decode()
    assert client.post("/lists/overdue/remind/").status_code == 403
    assert rows() == before
    assert Event.objects.filter(verb="refused:remind").count() == 1


@pytest.mark.parametrize("who", [*READERS, "reviewer", "district"])
def test_who_only_reads_has_no_right_in_any_folder(project, who):
    reader = getattr(project, who)
    assert not registry.can_write(reader, project.case.folder)
    assert not registry.can_write(reader, project.round.folder)
    assert registry.can_write(project.operator, project.case.folder)
    assert registry.can_write(project.operator, project.round.folder)


def test_reviewer_of_the_panel_reads_and_files_nothing(project):
    case = project.case
    reviewer = project.reviewer
    take_seat(project, reviewer)
    paper = filed(case, project.applicant)
    own = f"/cases/{case.code}/documents/"
    client = enter(reviewer)
    assert client.get(own).status_code == 200
    for path in ("add/", f"{paper.pk}/version/", f"{paper.pk}/dates/"):
        assert (
            client.post(own + path, {"upload": upload("b.pdf", PDF)}).status_code == 403
        )
    assert paper.versions.count() == 1


def test_new_version_comes_from_the_side_that_filed_it(project):
    case = project.case
    account = filed(case, project.applicant, kind="registration_certificate")
    letter = filed(case, project.operator)
    report = filed(case, project.supervisor)
    said = {
        "applicant": {account.pk},
        "legal_rep": {account.pk},
        "operator": {letter.pk},
        "supervisor": {report.pk},
        "funder": set(),
        "auditor": set(),
    }
    for who, theirs in said.items():
        user = getattr(project, who)
        client = enter(user)
        page = client.get(f"/cases/{case.code}/documents/").content.decode()
        for paper in (account, letter, report):
            path = f"/cases/{case.code}/documents/{paper.pk}/version/"
            assert (path in page) == (paper.pk in theirs), (who, paper.kind)
            sent = client.post(path, {"upload": upload("n.pdf", PDF + who.encode())})
            assert sent.status_code == (302 if paper.pk in theirs else 403), who
    by = Version.objects.filter(number__gt=1).values_list("document", "uploaded_by")
    assert set(by) == {
        (account.pk, project.applicant.pk),
        (account.pk, project.legal_rep.pk),
        (letter.pk, project.operator.pk),
        (report.pk, project.supervisor.pk),
    }


def test_the_service_refuses_and_notes_it(project):
    from django.core.exceptions import PermissionDenied

    paper = filed(project.case, project.applicant)
    with pytest.raises(PermissionDenied):
        add_version(paper, upload=upload("b.pdf", PDF), by=project.operator)
    assert paper.versions.count() == 1
    event = Event.objects.filter(verb="refused:add_version").get()
    assert "may_not_replace" in event.line


def test_who_left_the_organisation_filed_for_it_still(project):
    paper = filed(project.case, project.applicant, kind="registration_certificate")
    with ambient_event():
        project.applicant.memberships.update(ended_at=now())
    assert not Filing(project.operator, project.case).may_replace(paper.pk)
    assert Filing(project.legal_rep, project.case).may_replace(paper.pk)


@pytest.mark.parametrize(
    ("status", "kind", "may"),
    [
        ("DRAFT", "charter", True),
        ("DRAFT", "other", True),
        ("SCREENING", "charter", False),
        ("SCREENING", "other", False),
        ("SCREENING", "registration_certificate", True),  # it runs out
        ("CORRECTION", "charter", True),
        ("UNDER_REVIEW", "charter", False),
        ("IN_NOTICE", "sealed_application", False),
        ("RUNNING_INITIAL", "charter", False),
        ("RUNNING_INITIAL", "receipt", False),  # that came with a step
        ("CLOSING", "self_check", False),
        ("CLOSED", "registration_certificate", True),
        ("ARCHIVED", "registration_certificate", False),
        ("REJECTED", "registration_certificate", False),
    ],
)
def test_organisation_exchanges_papers_while_they_are_its_to_change(
    project, status, kind, may
):
    case, applicant = project.case, project.applicant
    paper = filed(case, applicant, kind=kind)
    case.status = status
    assert Filing(applicant, case).may_replace(paper.pk) is may


def test_organisation_adds_no_second_paper_over_what_was_handed_in(project):
    """The newest file of a kind is what counts: adding one would exchange it, too."""
    case, applicant = project.case, project.applicant
    case.status = "UNDER_REVIEW"
    assert Filing(applicant, case).may_add("charter")  # it was lacking
    filed(case, applicant, kind="charter")
    assert not Filing(applicant, case).may_add("charter")
    assert Filing(applicant, case).may_add("other")
    assert Filing(project.operator, case).may_add("charter")
    case.status = "CORRECTION"
    assert Filing(applicant, case).may_add("charter")


def test_kinds_that_steps_bring_are_not_filed_over_the_api(project):
    assert {"agreement", "receipt", "audit_report"} <= BROUGHT
    path = f"/api/v1/cases/{project.case.code}/documents"
    for user in (project.applicant, project.operator):
        sent = {"file": upload("a.pdf", PDF), "kind": "agreement"}
        answer = enter(user).post(path, sent)
        assert answer.status_code == 422
        words = "You cannot add a paper of this kind now."
        assert answer.json()["fields"] == {"kind": [words]}
    offices = next(
        row["code"]
        for row in project.case.rules.data["documents"]["required"]
        if row.get("who") == "OFFICE" and not row.get("answer")
    )
    sent = {"file": upload("a.pdf", PDF), "kind": offices}
    assert enter(project.applicant).post(path, sent).status_code == 422
    sent = {"file": upload("a.pdf", PDF), "kind": offices}
    assert enter(project.operator).post(path, sent).status_code == 201


def test_days_are_noted_by_offices_and_once_by_who_filed(project):
    case = project.case
    paper = filed(case, project.applicant, kind="charter")
    path = f"/cases/{case.code}/documents/{paper.pk}/dates/"
    applicant, operator = enter(project.applicant), enter(project.operator)
    assert applicant.post(path, {"issued_on": "2020-01-01"}).status_code == 302
    assert applicant.post(path, {"issued_on": "2026-01-01"}).status_code == 403
    assert operator.post(path, {"issued_on": "2021-01-01"}).status_code == 302
    assert PaperDates.objects.get().issued_on.year == 2021


def test_nobody_reminds_of_a_programme_in_which_they_hold_no_office(project):
    item = late_item(project)
    other = make_running_case()
    assert remind_now([item], by=other.funder) == 0
    assert remind_now([item], by=fresh(project.funder)) == 1
