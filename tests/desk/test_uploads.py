"""Files that come ahead of their form, over HTTP: what the page's script does."""

import hashlib
import json
import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now

from attachments.models import Document, Upload, UploadState, Version
from grants.models import Case
from grants.services.applying import draft_ends
from tests.attachments import files
from tests.attachments.files import upload as plain
from tests.desk.test_tasks import body_of
from tests.workflows.driver import fresh
from workflows.models import WorkItem
from workflows.services import claim, sweep

pytestmark = pytest.mark.once

WHOLE = len(files.PDF)
HALF = WHOLE // 2
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _storage_of_its_own(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "documents"


@pytest.fixture
def case(world):
    return world.draft()


@pytest.fixture
def applicant(world, case):
    return world.enter(world.applicant_of(case))


def purpose_on(page: str, name: str = "upload") -> str:
    """What the page signed for a field."""
    zone = page.split(f'data-name="{name}-upload"')[1].split("data-begin")[0]
    return zone.split('data-purpose="')[1].split('"')[0].replace("&quot;", '"')


def begin(client, path, name="申报书.pdf", size=WHOLE, field="upload"):
    body = {
        "purpose": purpose_on(client.get(path).content.decode(), field),
        "name": name,
        "size": size,
    }
    return client.post("/uploads/", json.dumps(body), content_type="application/json")


def put(client, address, content, at):
    return client.put(
        address,
        content,
        content_type="application/octet-stream",
        headers={"upload-offset": str(at)},
    )


def sent(client, path, content=files.PDF, field="upload") -> str:
    """Send a whole file; its token."""
    begun = begin(client, path, size=len(content), field=field).json()
    assert put(client, begun["url"], content, 0).status_code == 200
    answer = client.post(f"{begun['url']}complete/")
    assert (answer.status_code, answer.json()["state"]) == (200, "READY")
    return begun["token"]


def adding(case: Case) -> str:
    return f"/cases/{case.code}/documents/add/"


# -- the page --------------------------------------------------------------------------


def test_page_has_a_zone_and_stays_a_plain_form(case, applicant, text):
    page = text(applicant.get(adding(case)))
    assert 'enctype="multipart/form-data"' in page
    assert 'type="file" id="id_upload" name="upload"' in page
    assert "data-upload " in page
    assert "js/upload.js" in page
    assert "At most 2.0\xa0GB a file." in page
    assert "Without JavaScript at most 25.0\xa0MB." in page


def test_page_states_the_rule_where_there_is_a_deadline(world, case, applicant, text):
    page = text(applicant.get(adding(case)))
    assert "within the next 30 minutes" in page
    assert "when the sending began is what counts" in page
    later = world.bring(case, "UNDER_REVIEW")
    assert "within the next" not in text(applicant.get(adding(later)))


def test_step_of_the_office_has_no_such_deadline(world, case, text):
    world.bring(case, "SCREENING")
    item = world.item(case, "screen")
    assert item.due_at
    page = text(world.enter("operator1").get(f"/work/{item.pk}/"))
    assert "data-upload " in page
    assert "within the next" not in page


def test_step_that_ends_says_when(world, case, text):
    world.bring(case, "AGREEMENT")
    item = world.item(case, "sign")
    signer = world.house.member_of(case.organisation, "legal_rep")
    page = text(world.enter(fresh(signer)).get(f"/work/{item.pk}/"))
    assert "within the next 30 minutes" in page


def test_plain_form_works_as_before(case, applicant):
    answer = applicant.post(adding(case), {"upload": plain("a.pdf", files.PDF)})
    assert answer.status_code == 302
    assert Version.objects.get().sha256 == hashlib.sha256(files.PDF).hexdigest()


def test_zone_is_there_where_browsers_do_not_reach_the_store(
    case, applicant, text, settings
):
    settings.MINIO_ENDPOINT = "http://127.0.0.1:9"  # nobody listens there
    settings.MINIO_PUBLIC_ENDPOINT = ""
    answer = applicant.get(adding(case))
    assert "data-upload " in text(answer)
    assert "connect-src 'self';" in answer.headers["Content-Security-Policy"]


def test_policy_names_the_store_only_where_there_is_one(case, applicant):
    policy = applicant.get(adding(case)).headers["Content-Security-Policy"]
    assert "connect-src 'self';" in policy


# -- the road of a file -----------------------------------------------------------


def test_file_is_sent_in_pieces_and_taken_by_its_form(case, applicant):
    begun = begin(applicant, adding(case))
    assert begun.status_code == 201
    facts = begun.json()
    assert (facts["kind"], facts["received"]) == ("own", 0)
    address = facts["url"]
    assert put(applicant, address, files.PDF[:HALF], 0).json() == {"received": HALF}
    wrong = put(applicant, address, files.PDF[HALF:], 0)
    assert (wrong.status_code, wrong.json()["received"]) == (409, HALF)
    early = applicant.post(f"{address}complete/")
    assert (early.status_code, early.json()["received"]) == (409, HALF)
    state = applicant.get(address).json()
    assert (state["state"], state["received"]) == ("BEGUN", HALF)
    assert put(applicant, address, files.PDF[HALF:], HALF).status_code == 200
    assert applicant.post(f"{address}complete/").json()["state"] == "READY"
    assert not Document.objects.exists()

    body = {"title": "", "upload-upload": facts["token"]}
    answer = applicant.post(adding(case), body)
    assert answer.status_code == 302
    version = Version.objects.get()
    assert (version.name, version.size) == ("申报书.pdf", WHOLE)
    assert version.sha256 == hashlib.sha256(files.PDF).hexdigest()
    assert version.document.folder_id == case.folder_id
    assert Upload.objects.get().state == UploadState.TAKEN


def test_file_that_is_not_taken_says_why(case, applicant):
    program = b"MZ" + bytes(60)
    begun = begin(applicant, adding(case), "a.pdf", len(program)).json()
    put(applicant, begun["url"], program, 0)
    answer = applicant.post(f"{begun['url']}complete/")
    assert answer.status_code == 422
    assert answer.json()["message"] == "Programs and scripts are not accepted."
    again = applicant.post(f"{begun['url']}complete/")
    assert again.status_code == 422


@pytest.mark.parametrize(
    ("name", "size", "status"),
    [
        ("a.pdf", 2 * 1024**3 + 1, 422),
        ("a.pdf", 0, 422),
        ("../a.pdf", 9, 422),
        ("a\x00.pdf", 9, 422),
        ("a" * 400, 9, 422),
        ("a.pdf", "9", 400),
        ("a.pdf", True, 400),
        ("a.pdf", -1, 400),
        (["a.pdf"], 9, 400),
    ],
)
def test_bad_beginnings(case, applicant, name, size, status):
    answer = begin(applicant, adding(case), name, size)
    assert answer.status_code == status
    assert answer.json()["message"]
    assert not Upload.objects.exists()


@pytest.mark.parametrize("body", ["", "[]", "null", '{"purpose": 1}', "\xff"])
def test_broken_bodies(applicant, body):
    answer = applicant.post("/uploads/", body, content_type="application/json")
    assert answer.status_code == 400


@pytest.mark.parametrize("offset", ["", "-1", "1.0", "x", "9" * 40])
def test_broken_offsets(case, applicant, offset):
    address = begin(applicant, adding(case)).json()["url"]
    assert put(applicant, address, b"x", offset).status_code == 400


def test_cancel(case, applicant):
    token = sent(applicant, adding(case))
    assert applicant.delete(f"/uploads/{token}/").status_code == 200
    assert Upload.objects.get().state == UploadState.ABANDONED
    answer = applicant.post(adding(case), {"upload-upload": token})
    assert answer.status_code == 422
    assert b"Choose it again" in answer.content


def test_others_find_nothing_and_can_use_nothing(world, case, applicant):
    token = sent(applicant, adding(case))
    other = world.draft(1)
    stranger = world.enter(world.applicant_of(other))
    address = f"/uploads/{token}/"
    assert stranger.get(address).status_code == 404
    assert put(stranger, address, b"x", 0).status_code == 404
    assert stranger.delete(address).status_code == 404
    assert stranger.post(f"{address}complete/").status_code == 404
    assert stranger.get(f"{address}parts/1/").status_code == 404
    answer = stranger.post(adding(other), {"upload-upload": token})
    assert answer.status_code == 422
    assert b"Choose it again" in answer.content
    mine = purpose_on(applicant.get(adding(case)).content.decode())
    body = json.dumps({"purpose": mine, "name": "a.pdf", "size": 9})
    answer = stranger.post("/uploads/", body, content_type="application/json")
    assert answer.status_code == 403
    assert not Document.objects.exists()
    assert Upload.objects.get().state == UploadState.READY


def test_session_that_ended_leads_to_the_sign_in(visitor, case, applicant):
    token = sent(applicant, adding(case))
    for answer in (
        visitor.get(f"/uploads/{token}/"),
        visitor.post("/uploads/", "{}", content_type="application/json"),
    ):
        assert answer.status_code == 302
        assert "/login/" in answer["Location"]


def test_file_stays_when_the_form_is_shown_again(case, applicant, text):
    token = sent(applicant, adding(case))
    body = {"title": "长" * 300, "upload-upload": token}
    answer = applicant.post(adding(case), body)
    assert answer.status_code == 422
    assert f'name="upload-upload" value="{token}"' in text(answer)
    answer = applicant.post(adding(case), body | {"title": "长"})
    assert answer.status_code == 302
    assert Document.objects.get().title == "长"


def test_file_in_the_form_counts_before_one_that_was_kept(case, applicant):
    token = sent(applicant, adding(case))
    body = {"upload-upload": token, "upload": plain("新.pdf", files.PDF + b"\n")}
    assert applicant.post(adding(case), body).status_code == 302
    assert Version.objects.get().name == "新.pdf"


def test_step_takes_the_file_like_any_other(world, case):
    world.bring(case, "SCREENING")
    item = world.item(case, "screen")
    claim(item, by=world["operator1"])
    operator, url = world.enter("operator1"), f"/work/{item.pk}/"
    token = sent(operator, url, field="screenshot")
    body = body_of(world, case, "screen") | {"screenshot-upload": token}
    body.pop("screenshot", None)
    answer = operator.post(url, body | {"version": "999999"})
    assert answer.status_code == 409  # refused after the file was put into the case
    assert token in answer.content.decode()
    paper = Document.objects.get(kind="screening")
    answer = operator.post(url, body | {"token": uuid.uuid4().hex})
    assert answer.status_code == 302, answer.content.decode()
    assert Document.objects.filter(kind="screening").get() == paper
    case.refresh_from_db()
    assert case.status == "ELIGIBLE"


# -- the deadline -----------------------------------------------------------------


@pytest.fixture
def task(world, case) -> WorkItem:
    return world.item(case, "submit_application")


def submit(world, case, task):
    """Send the application; the answer."""
    applicant = world.enter(world.applicant_of(case))
    return applicant.post(f"/work/{task.pk}/", body_of(world, case, task.action))


def begun_before_the_deadline(world, case):
    """A file whose first half is there one minute before the call closes."""
    world.clock.to(draft_ends(case) - MINUTE)
    applicant = world.enter(world.applicant_of(case))
    address = begin(applicant, adding(case)).json()["url"]
    put(applicant, address, files.PDF[:HALF], 0)
    return address


def test_who_was_still_sending_may_finish_within_the_minutes(world, case, task):
    address = begun_before_the_deadline(world, case)
    body = body_of(world, case, task.action)
    world.clock.to(draft_ends(case) + 10 * MINUTE)
    assert sweep()["failed"] == 0
    case.refresh_from_db()
    assert case.status == "DRAFT"
    applicant = world.enter(world.applicant_of(case))
    put(applicant, address, files.PDF[HALF:], HALF)
    done = applicant.post(f"{address}complete/").json()
    paper = {"upload-upload": done["token"]}
    assert applicant.post(adding(case), paper).status_code == 302
    world.clock.to(draft_ends(case) + 29 * MINUTE)
    assert applicant.post(f"/work/{task.pk}/", body).status_code == 302
    case.refresh_from_db()
    assert case.status == "SCREENING"
    assert case.submitted_at > case.round.closes_at


def test_after_the_minutes_it_is_too_late(world, case, task):
    begun_before_the_deadline(world, case)
    body = body_of(world, case, task.action)
    for minutes in (1, 29):
        world.clock.to(draft_ends(case) + minutes * MINUTE)
        assert sweep()["failed"] == 0
        case.refresh_from_db()
        assert case.status == "DRAFT"
    world.clock.to(draft_ends(case) + 30 * MINUTE)
    applicant = world.enter(world.applicant_of(case))
    answer = applicant.post(f"/work/{task.pk}/", body)
    assert answer.status_code == 409
    assert b"The call is closed." in answer.content
    assert sweep()["failed"] == 0
    case.refresh_from_db()
    assert case.status == "EXPIRED"


def test_file_of_which_nothing_came_gives_nothing(world, case, task):
    """Begun and not sent: the draft waits three minutes for its bytes, the step not."""
    world.clock.to(draft_ends(case) - MINUTE)
    applicant = world.enter(world.applicant_of(case))
    address = begin(applicant, adding(case)).json()["url"]
    body = body_of(world, case, task.action)
    world.clock.to(draft_ends(case) + MINUTE)
    assert sweep()["failed"] == 0
    case.refresh_from_db()
    assert case.status == "DRAFT"
    applicant = world.enter(world.applicant_of(case))
    assert applicant.post(f"/work/{task.pk}/", body).status_code == 409
    world.clock.to(draft_ends(case) + 4 * MINUTE)
    applicant = world.enter(world.applicant_of(case))
    put(applicant, address, files.PDF, 0)
    applicant.post(f"{address}complete/")
    assert applicant.post(f"/work/{task.pk}/", body).status_code == 409
    assert sweep()["failed"] == 0
    case.refresh_from_db()
    assert case.status == "EXPIRED"


def test_file_that_is_not_whole_lets_no_step_through(world, case, task):
    """The draft waits for it, and the step goes with the file and not before."""
    address = begun_before_the_deadline(world, case)
    body = body_of(world, case, task.action)
    world.clock.to(draft_ends(case) + 10 * MINUTE)
    applicant = world.enter(world.applicant_of(case))
    answer = applicant.post(f"/work/{task.pk}/", body)
    assert answer.status_code == 409
    assert b"The call is closed." in answer.content
    put(applicant, address, files.PDF[HALF:], HALF)
    assert applicant.post(f"{address}complete/").status_code == 200
    assert applicant.post(f"/work/{task.pk}/", body).status_code == 302


@pytest.mark.parametrize("how", ["nothing", "after", "before", "cancelled"])
def test_nobody_else_has_the_minutes(world, case, task, how):
    """Who sent nothing, began after the deadline, was ready before it, or gave up."""
    body = body_of(world, case, task.action)
    if how in ("before", "cancelled"):
        address = begun_before_the_deadline(world, case)
        applicant = world.enter(world.applicant_of(case))
        if how == "before":
            put(applicant, address, files.PDF[HALF:], HALF)
            assert applicant.post(f"{address}complete/").status_code == 200
        else:
            applicant.delete(address)
    world.clock.to(draft_ends(case) + MINUTE)
    applicant = world.enter(world.applicant_of(case))
    if how == "after":
        begin(applicant, adding(case))
    answer = applicant.post(f"/work/{task.pk}/", body)
    assert answer.status_code == 409
    assert b"The call is closed." in answer.content
    assert sweep()["failed"] == 0
    case.refresh_from_db()
    assert case.status == "EXPIRED"


def test_files_of_others_give_no_minutes(world, case, task):
    other = world.draft(1)
    begun_before_the_deadline(world, other)
    world.clock.to(draft_ends(case) + MINUTE)
    assert now() > case.round.closes_at
    assert sweep()["failed"] == 0
    case.refresh_from_db()
    other.refresh_from_db()
    assert (case.status, other.status) == ("EXPIRED", "DRAFT")


# -- what it costs ---------------------------------------------------------------


def test_zone_asks_nothing_of_the_database(case, applicant, monkeypatch):
    """The same queries with and without it."""
    counted = []
    for offered in (True, False):
        if not offered:
            monkeypatch.setattr("desk.views.documents.offer_uploads", lambda *a, **k: 0)
        with CaptureQueriesContext(connection) as queries:
            page = applicant.get(adding(case)).content.decode()
        assert ("data-upload " in page) == offered
        counted.append(len(queries))
    assert counted[0] == counted[1]


@pytest.mark.parametrize("others", [0, 20])
def test_queries_of_a_piece(case, applicant, others, django_assert_num_queries):
    for _turn in range(others):
        begin(applicant, adding(case))
    address = begin(applicant, adding(case)).json()["url"]
    with django_assert_num_queries(3):  # session, person, upload
        assert applicant.get(address).status_code == 200
    with django_assert_num_queries(4):  # the first is noted
        assert put(applicant, address, b"%PDF", 0).status_code == 200
    with django_assert_num_queries(3):
        assert put(applicant, address, b"-1.4", 4).status_code == 200
