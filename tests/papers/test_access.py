"""Who may have which paper, on pages and through the API; and what is recorded."""

import csv
import io
from hashlib import sha256

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from audit.models import Event
from audit.testing import ambient_event
from grants.models import Recusal, Role
from grants.papers.registry import MEMBER, PAPERS, case_papers_for
from tests.desk.test_queries import queries_of
from tests.workflows.driver import fresh

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


@pytest.fixture
def scored(world):
    return world.bring(world.draft(), "SCORED")


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


def test_conflict_in_one_case_closes_the_papers_of_the_round(world):
    case = world.bring(world.draft(), "UNDER_REVIEW")
    seat = case.seats.first()
    path = f"/rounds/{case.round.code}/papers/scores/pdf/{seat.panel_id}/"
    committee = world["committee1"]
    assert world.enter(committee).get(path).status_code == 200
    with ambient_event():
        Recusal.objects.create(case=case, seat=seat, reviewer=committee, reason="亲属")
    assert world.enter(committee).get(path).status_code == 403


def test_steps_offer_their_papers(world, text):
    case = world.bring(world.draft(), "PROPOSED")
    item = world.item(None, "record_meeting")
    page = text(world.enter("funder1").get(f"/work/{item.pk}/"))
    for fmt in ("docx", "pdf"):
        assert f"/rounds/{case.round.code}/papers/request/{fmt}/" in page
        assert f"/rounds/{case.round.code}/papers/minutes/{fmt}/" in page


def test_page_of_the_rounds_papers_lists_what_is_ready(world, scored, text):
    address = f"/rounds/{scored.round.code}/papers/"
    client = world.enter("funder1")
    page = text(client.get(address))
    assert f"{address}scores/docx/" in page
    assert f"{address}request/" not in page
    assert address in text(client.get(f"/rounds/{scored.round.code}/"))
    world.bring(scored, "PROPOSED")
    assert f"{address}request/docx/" in text(world.enter("funder1").get(address))


def test_page_of_the_rounds_papers_costs_the_same_for_more_cases(world):
    world.bring(world.draft(0), "SCORED")
    address = f"/rounds/{world.round.code}/papers/"
    one = queries_of(world.enter("funder1"), address)
    world.bring(world.draft(1), "SCORED")
    world.bring(world.draft(2), "SCORED")
    assert queries_of(world.enter("funder1"), address) == one <= 20


def test_papers_cost_the_same_queries_for_more_cases(world):
    def cost() -> list[int]:
        client = world.enter("funder1")
        panel = world.round.panels.first().pk
        base = f"/rounds/{world.round.code}/papers"
        return [
            queries_of(client, f"{base}/scores/docx/{panel}/"),
            queries_of(client, f"{base}/request/docx/"),
        ]

    world.bring(world.draft(0), "PROPOSED")
    one = cost()
    for number in (1, 2):
        world.bring(world.draft(number), "PROPOSED")
    assert cost() == one
    assert max(one) <= 30


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
