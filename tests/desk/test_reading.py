"""Who reads what of a case: reviews, names, the timeline, the papers."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from attachments.models import Version
from desk.selectors import reviews_for, story_of
from desk.wording import DOCUMENT_KINDS
from grants.actions import ACTIONS
from grants.forms.fields import DocumentField
from grants.models import SeatStatus
from tests.workflows.driver import fresh, take
from workflows.selectors import inbox_for
from workflows.services import claim

pytestmark = pytest.mark.once

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def test_reviewers_read_others_only_after_locking_their_own(world):
    case = world.bring(world.draft(), "UNDER_REVIEW")
    seats = list(case.seats.order_by("number"))
    for seat in seats:
        reviewer = fresh(seat.reviewer)
        take(inbox_for(reviewer).get(action="declare_interest"), reviewer)
    first, second = fresh(seats[0].reviewer), fresh(seats[1].reviewer)
    take(inbox_for(first).get(action="lock_score"), first)
    case.refresh_from_db()
    assert [s.seat.number for s in reviews_for(second, case)] == [2]
    seen = reviews_for(first, case)
    assert len(seen) == len(seats)
    assert str(second) not in [sheet.reviewer for sheet in seen]
    assert reviews_for(world.applicant_of(case), case) == []
    assert len(reviews_for(world["funder1"], case)) == len(seats)
    assert seats[0].case.seats.filter(status=SeatStatus.LOCKED).count() == 1


def test_applicant_reads_reviews_without_names_once_public(world, text):
    case = world.bring(world.draft(), "DECIDED")
    applicant = world.applicant_of(case)
    assert reviews_for(applicant, case) == []
    world.bring(case, "IN_NOTICE")
    sheets = reviews_for(fresh(applicant), case)
    assert len(sheets) == case.seats.count()
    names = {str(seat.reviewer) for seat in case.seats.all()}
    page = text(world.enter(applicant).get(f"/cases/{case.code}/reviews/"))
    assert not any(name in page for name in names)


@pytest.mark.parametrize("tab", ["", "timeline/", "diagram/", "reviews/"])
def test_applicant_never_reads_who_reviews(world, text, tab):
    case = world.bring(world.draft(), "UNDER_REVIEW")
    names = {str(seat.reviewer) for seat in case.seats.all()}
    page = text(world.enter(world.applicant_of(case)).get(f"/cases/{case.code}/{tab}"))
    assert not any(name in page for name in names)
    assert any(
        name in text(world.enter("operator1").get(f"/cases/{case.code}/"))
        for name in names
    )


def test_diagram_names_the_same_holders_on_the_page_and_in_the_api(world, text):
    """One rule (desk.selectors.may_name), which the picture of both follows."""
    case = world.bring(world.draft(), "SCREENING")
    operator, applicant = world["operator1"], world.applicant_of(case)
    claim(world.item(case, "screen"), by=operator)
    for reader, known in ((world["funder1"], True), (applicant, False)):
        client = world.enter(reader)
        page = text(client.get(f"/cases/{case.code}/diagram/"))
        svg = text(client.get(f"/api/v1/cases/{case.code}/diagram.svg"))
        detail = str(client.get(f"/api/v1/cases/{case.code}").json())
        bpmn = text(client.get(f"/api/v1/cases/{case.code}/diagram.bpmn"))
        assert (str(operator) in page, str(operator) in svg) == (known, known)
        assert (str(operator) in detail) == known
        assert str(operator) not in bpmn


def test_members_read_their_own_names_in_the_diagram(world, text):
    case = world.draft()
    applicant = world.applicant_of(case)
    claim(world.item(case, "submit_application"), by=applicant)
    for tail in (
        f"/cases/{case.code}/diagram/",
        f"/api/v1/cases/{case.code}/diagram.svg",
    ):
        assert str(applicant) in text(world.enter(applicant).get(tail))


def test_timeline_shows_differences_to_offices_only(world):
    case = world.bring(world.draft(), "ELIGIBLE")
    office = story_of(world["auditor1"], case)
    member = story_of(world.applicant_of(case), case)
    assert next(line.verb for line in office) == "screen"
    assert any(line.changes for line in office)
    assert not any(line.changes for line in member)
    assert str(world["operator1"]) not in [line.who for line in member]
    assert [line.label for line in office if line.verb == "screen"] == [
        str(ACTIONS["screen"].label)
    ]


def test_conflicted_reviewer_gets_404_everywhere(world):
    case = world.bring(world.draft(), "UNDER_REVIEW")
    seat = case.seats.order_by("number").first()
    reviewer = fresh(seat.reviewer)
    item = inbox_for(reviewer).get(action="declare_interest")
    client = world.enter(reviewer)
    example = ACTIONS["declare_interest"].schema(item.target, reviewer)
    body = dict.fromkeys(example["properties"], "")
    conflict = "true" if example["properties"]["conflict"].get("type") else None
    body |= {"conflict": conflict or "CONFLICT", "reason": "亲属在该单位任职"}
    answer = client.post(f"/work/{item.pk}/", body)
    assert answer.status_code == 302, answer.content.decode()[-3000:]
    assert answer["Location"] == "/inbox/"
    for tab in ("", "form/", "documents/", "reviews/", "timeline/", "diagram/"):
        assert client.get(f"/cases/{case.code}/{tab}").status_code == 404
    assert case.code not in client.get("/cases/").content.decode()


def upload(client, case, name="说明.pdf", content=PDF):
    file = SimpleUploadedFile(name, content)
    return client.post(f"/cases/{case.code}/documents/add/", {"upload": file})


def test_document_is_added_versioned_and_downloaded(world, text):
    case = world.draft()
    client = world.enter(world.applicant_of(case))
    assert upload(client, case).status_code == 302
    version = Version.objects.get(name="说明.pdf")
    file = SimpleUploadedFile("新.pdf", PDF + b"\n")
    url = f"/cases/{case.code}/documents/{version.document_id}/version/"
    assert client.post(url, {"upload": file}).status_code == 302
    page = text(client.get(f"/cases/{case.code}/documents/"))
    assert version.sha256 in page
    answer = client.get(f"/documents/{version.pk}/", follow=True)
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert b"".join(answer.streaming_content) == PDF


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.pdf", b""),
        ("a.exe", b"MZ\x90\x00" + b"x" * 64),
        ("a.pdf", b"not a pdf at all"),
    ],
)
def test_bad_files_are_422_and_named(world, text, name, content):
    case = world.bring(world.draft(), "SCREENING")
    answer = upload(world.enter(world.applicant_of(case)), case, name, content)
    assert answer.status_code == 422
    assert 'href="#id_upload"' in text(answer)


def test_document_of_a_case_out_of_sight_is_404(world):
    case = world.bring(world.draft(), "SCREENING")
    upload(world.enter(world.applicant_of(case)), case)
    version = Version.objects.get(name="说明.pdf")
    for name in ("reviewer1", "admin1"):
        client = world.enter(name)
        assert client.get(f"/documents/{version.pk}/").status_code == 404
        assert upload(client, case).status_code == 404
    answer = world.enter("auditor1").get(f"/documents/{version.pk}/", follow=True)
    assert b"".join(answer.streaming_content) == PDF
    for name in ("auditor1", "inspector1"):
        assert upload(world.enter(name), case).status_code == 403
    assert Version.objects.count() == 1


def test_every_kind_of_document_that_a_step_asks_for_has_words():
    fields = [
        f for action in ACTIONS.values() for f in action.form.base_fields.values()
    ]
    kinds = {field.kind for field in fields if isinstance(field, DocumentField)}
    assert {"agreement", "stage_report", "expense_proof"} <= kinds
    assert kinds <= set(DOCUMENT_KINDS)
