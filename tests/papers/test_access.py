"""Who may have which paper, on pages and through the API; and what is recorded."""

import csv
import io
from hashlib import sha256

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from audit.models import Event
from grants.models import Case, Role
from grants.papers.registry import MEMBER, PAPERS, case_papers_for
from tests.desk.conftest import arrange
from tests.workflows.driver import fresh

pytestmark = pytest.mark.once

#: Who may have which paper, by hand: registry.py must say the same.
MATRIX = """
paper,member,operator,funder,head,leader,committee,finance,auditor,inspector,others
application,x,x,x,x,x,x,x,x,x,
receipt,x,x,x,x,x,,,x,x,
approval,x,,x,x,x,,,x,x,
agreement,x,x,x,x,x,,x,x,x,
rectification,x,x,x,x,x,,,x,x,supervisor evaluator
termination,x,,x,x,x,,x,x,x,
refund,x,,x,x,x,,x,x,x,
request,,,x,x,x,,,x,x,
minutes,,,x,x,x,,,x,x,
notice,,x,x,x,x,,,x,x,
award-notice,,,x,x,x,,,x,x,
settlement,,x,x,x,x,,x,x,x,
draw-record,,x,x,x,x,,,x,x,
sign-in,,x,x,x,x,,,x,x,
defences,,x,x,x,x,,,x,x,
scores,,x,x,x,x,x,,x,x,
fees,,,x,,,,x,x,x,
payment-form,,,x,x,x,,x,x,x,
payment-list,,,x,x,x,,x,x,x,
"""


def test_papers_are_for_those_of_the_matrix():
    rows = list(csv.DictReader(io.StringIO(MATRIX.strip())))
    table = {
        row.pop("paper"): set((row.pop("others") or "").split())
        | {role for role, mark in row.items() if mark}
        for row in rows
    }
    assert table == {paper.code: {str(who) for who in paper.who} for paper in PAPERS}
    assert {who for held in table.values() for who in held} <= {MEMBER, *Role.values}


@pytest.fixture(scope="module")
def once_scored(house_of_the_module):
    return arrange(house_of_the_module, "SCORED")


@pytest.fixture
def world(once_scored, db, clock):
    return once_scored.again(clock)


@pytest.fixture
def scored(world, once_scored):
    return Case.objects.get(pk=once_scored.case.pk)


def test_download_is_on_record_with_the_digest_of_its_bytes(world, scored):
    answer = world.enter("operator1").get(
        f"/cases/{scored.code}/papers/application/pdf/"
    )
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"].startswith("attachment")
    event = Event.objects.filter(verb="export_paper").latest("pk")
    assert event.target == scored.code
    assert event.actor == f"user:{world['operator1'].pk}"
    assert not event.stream.startswith("case:")
    assert sha256(answer.content).hexdigest() in event.line


@pytest.mark.parametrize(
    ("who", "path", "status"),
    [
        ("reviewer1", "/cases/{case}/papers/application/pdf/", 403),
        ("operator1", "/cases/{case}/papers/application/docx/", 404),
        ("operator1", "/cases/{case}/papers/nothing/pdf/", 404),
        ("operator1", "/cases/{case}/papers/request/pdf/", 404),
        ("funder1", "/cases/{case}/papers/agreement/pdf/", 409),
        ("funder1", "/cases/nothing/papers/agreement/pdf/", 404),
        ("funder1", "/rounds/{round}/papers/request/pdf/", 409),
        ("funder1", "/rounds/{round}/papers/agreement/pdf/", 404),
        ("funder1", "/rounds/{round}/papers/request/pdf/7/", 404),
        ("funder1", "/rounds/{round}/papers/scores/pdf/", 404),
        ("funder1", "/rounds/{round}/papers/scores/pdf/99999999999999999999/", 404),
        ("operator1", "/rounds/{round}/papers/request/pdf/", 403),
        ("applicant1", "/rounds/{round}/papers/", 403),
        ("applicant1", "/check-code/", 403),
    ],
)
def test_refusals_are_pages_that_say_why(world, scored, who, path, status):
    if who == "reviewer1":
        client = world.enter(fresh(scored.seats.first().reviewer))
    else:
        client = world.enter(who)
    address = path.format(case=scored.code, round=scored.round.code)
    answer = client.get(address)
    assert answer.status_code == status
    assert b"<h1" in answer.content
    api = path.replace("/rounds/{round}", f"/rounds/{scored.round_id}")
    api = api.rstrip("/").replace("/check-code", "/check-codes/x")
    if not api.endswith(("papers", "/7", "9999")):
        reply = client.get("/api/v1" + api.format(case=scored.code))
        assert reply.status_code == status
        assert reply.json()["message"]


def test_own_organisation_has_its_papers_and_no_other(world, scored):
    applicant = world.applicant_of(scored)
    codes = [paper.code for paper in case_papers_for(fresh(applicant), scored)]
    assert codes == ["application", "receipt"]
    client = world.enter(applicant)
    page = client.get(f"/cases/{scored.code}/documents/").content.decode()
    assert f"/cases/{scored.code}/papers/receipt/pdf/" in page
    stranger = world.house.member_of(world.organisation(1), "applicant")
    path = f"/cases/{scored.code}/papers/receipt/pdf/"
    assert world.enter(fresh(stranger)).get(path).status_code == 404


def test_page_of_the_rounds_papers_lists_what_is_ready(world, scored, text):
    address = f"/rounds/{scored.round.code}/papers/"
    client = world.enter("funder1")
    page = text(client.get(address))
    assert f"{address}scores/docx/" in page
    assert f"{address}request/" not in page
    assert address in text(client.get(f"/rounds/{scored.round.code}/"))
    world.bring(scored, "PROPOSED")
    assert f"{address}request/docx/" in text(world.enter("funder1").get(address))


def test_api_lists_papers_whose_addresses_answer(world, scored):
    client = world.enter("funder1")
    listed = client.get(f"/api/v1/cases/{scored.code}/papers").json()
    assert [paper["paper"] for paper in listed] == ["application", "receipt"]
    for paper in listed:
        for file in paper["files"]:
            assert client.get(file["url"]).content.startswith(b"%PDF")


def test_sealed_form_is_uploaded_under_its_own_kind(world, scored, text):
    client = world.enter(world.applicant_of(scored))
    pdf = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
    body = {"kind": "sealed_application", "upload": SimpleUploadedFile("章.pdf", pdf)}
    answer = client.post(f"/cases/{scored.code}/documents/add/", body)
    assert answer.status_code == 302
    assert scored.folder.documents.filter(kind="sealed_application").count() == 1


def test_check_page_says_which_case_a_code_belongs_to(world, scored, text):
    form = scored.submitted_forms.get()
    client = world.enter("operator1")
    page = text(client.get("/check-code/", {"code": form.code.lower()}))
    assert scored.code in page
    assert "Paper and system agree" in page
    page = text(client.get("/check-code/", {"code": "AAAA-BBBB-CCCC"}))
    assert "No form with this code is known" in page
    found = client.get(f"/api/v1/check-codes/{form.code}").json()
    assert (found["case"], found["latest"]) == (scored.code, True)
    assert client.get("/api/v1/check-codes/AAAA").status_code == 404
