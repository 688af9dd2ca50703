"""Files that come with an objection: sent by anybody, read by who handles it."""

import base64
import uuid

import pytest
from django.conf import settings
from django.test import Client

from attachments.models import Document, Version
from attachments.registry import can_write
from audit.models import Event
from grants.forms.objecting import MOST_BYTES, MOST_FILES
from grants.models import Case, Objection
from tests.attachments.files import PDF, PNG, upload
from tests.desk.conftest import arrange

pytestmark = pytest.mark.once

FIELDS = {"text": "重复资助，见附件。", "name": "某某", "contact": "0571-1"}


@pytest.fixture(scope="module")
def first_day_of_the_notice(house_of_the_module):
    return arrange(house_of_the_module, "IN_NOTICE", "{notice.starts_on} 10:00")


@pytest.fixture
def world(first_day_of_the_notice, db, clock):
    return first_day_of_the_notice.again(clock)


@pytest.fixture
def case(world, first_day_of_the_notice):
    """A case on the first day of its notice."""
    return Case.objects.get(pk=first_day_of_the_notice.case.pk)


@pytest.fixture
def url(case):
    return f"/notices/{case.notices.get().pk}/cases/{case.code}/object/"


def send(visitor, url, files=()):
    """The page's POST; each page has a token of its own."""
    return visitor.post(url, FIELDS | {"files": files, "token": uuid.uuid4().hex})


def got(client, path) -> int:
    """The status of an answer; a file is read to its end."""
    answer = client.get(path, follow=True)
    if answer.streaming:
        assert b"".join(answer.streaming_content) == PDF
    return answer.status_code


@pytest.fixture(autouse=True)
def _storage_of_its_own(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "documents"


def stored() -> list[str]:
    root = settings.MEDIA_ROOT / "objection"
    return [path.name for path in root.glob("*/*")] if root.exists() else []


def test_a_visitor_sends_several_files(visitor, url, case):
    page = visitor.get(url).content.decode()
    assert 'enctype="multipart/form-data"' in page
    assert 'name="files"' in page
    files = [upload("证据.pdf", PDF), upload("photo.png", PNG)]
    answer = send(visitor, url, files)
    assert answer.status_code == 302
    objection = Objection.objects.get()
    assert objection.folder.stream == f"case:{case.pk}"
    versions = Version.objects.filter(document__folder=objection.folder)
    assert {v.name for v in versions} == {"证据.pdf", "photo.png"}
    assert {v.content_type for v in versions} == {"application/pdf", "image/png"}
    assert {v.uploaded_by for v in versions} == {None}
    assert len(stored()) == 2


def test_what_a_visitor_wrote_stays_when_the_storage_does_not_answer(
    visitor, url, case, settings
):
    settings.MINIO_ENDPOINT = "http://127.0.0.1:9"  # nobody listens there
    settings.MINIO_ACCESS_KEY, settings.MINIO_SECRET_KEY = "key", "secret"
    answer = send(visitor, url, [upload("证据.pdf", PDF)])
    assert answer.status_code == 503
    page = answer.content.decode()
    assert "Documents cannot be stored or opened just now." in page
    assert FIELDS["text"] in page
    assert not Objection.objects.exists()


def test_without_files_there_is_no_folder(visitor, url):
    assert send(visitor, url).status_code == 302
    assert Objection.objects.get().folder is None


@pytest.mark.parametrize(
    ("files", "named"),
    [
        ([upload("a.pdf", PDF), upload("run.pdf", b"MZ" + b"\0" * 40)], "run.pdf: "),
        ([upload("a.pdf", b"")], ""),
        ([upload("big.pdf", PDF + b"\n" * MOST_BYTES)], "big.pdf: "),
        ([upload(f"{n}.pdf", PDF) for n in range(MOST_FILES + 1)], ""),
        ([upload("a.exe", PDF)], "a.exe"),
    ],
)
def test_a_refused_file_keeps_the_typing_and_stores_nothing(
    visitor, url, text, files, named
):
    for file in files:
        file.seek(0)
    before = stored()
    answer = send(visitor, url, files)
    assert answer.status_code == 422
    page = text(answer)
    assert 'id="id_files-error"' in page
    assert 'href="#id_files"' in page
    assert named in page
    for typed in FIELDS.values():
        assert typed in page
    assert stored() == before
    assert not Objection.objects.exists()
    assert send(visitor, url).status_code == 302  # nothing stands in the way


def test_a_form_from_elsewhere_is_refused(url):
    stranger = Client(enforce_csrf_checks=True)
    answer = stranger.post(url, FIELDS | {"files": [upload("a.pdf", PDF)]})
    assert answer.status_code == 403
    assert not Objection.objects.exists()


def test_who_handles_it_and_auditors_read_the_files_and_nobody_else(
    world, visitor, url, case
):
    send(visitor, url, [upload("证据.pdf", PDF)])
    version = Version.objects.get(document__folder=Objection.objects.get().folder)
    readers = {"funder", "committee", "auditor", "inspector"}
    answers = {}
    for name, person in world.house.people.items():
        role = name.rstrip("0123456789")
        if not name.endswith("1"):
            continue
        client = world.enter(person)
        answers[role] = (
            got(client, f"/documents/{version.pk}/"),
            got(client, f"/api/v1/documents/{version.document_id}/content"),
            got(client, f"/cases/{case.code}/objections/"),
        )
    assert readers < set(answers)
    for role, found in answers.items():
        assert found == ((200,) * 3 if role in readers else (404,) * 3), role
    member = world.enter(world.applicant_of(case))
    assert "objections" not in member.get(f"/cases/{case.code}/").content.decode()
    assert member.get(f"/api/v1/cases/{case.code}").json()["objections"] == []
    assert visitor.get(f"/documents/{version.pk}/").status_code == 302


def test_pages_and_api_show_the_files(world, visitor, url, case, text):
    send(visitor, url, [upload("证据.pdf", PDF)])
    client = world.enter("funder1")
    page = text(client.get(f"/cases/{case.code}/objections/"))
    assert FIELDS["text"] in page
    assert "证据.pdf" in page
    (shown,) = client.get(f"/api/v1/cases/{case.code}").json()["objections"]
    assert (shown["name"], shown["status"]) == ("某某", "RECEIVED")
    assert [v["name"] for v in shown["documents"][0]["versions"]] == ["证据.pdf"]
    inbox = client.get("/api/v1/inbox").json()
    items = inbox["items"] if isinstance(inbox, dict) else inbox
    task = next(i["task"] for i in items if i["action"] == "accept_objection")
    assert "证据" in text(client.get(f"/work/{task}/"))


def test_whoever_reads_is_on_record(world, visitor, url, case):
    send(visitor, url, [upload("证据.pdf", PDF)])
    document = Document.objects.get(folder=Objection.objects.get().folder)
    before = Event.objects.filter(verb="read").count()
    path = f"/api/v1/documents/{document.pk}/content"
    assert got(world.enter("auditor1"), path) == 200
    assert Event.objects.filter(verb="read").count() == before + 1
    assert got(world.enter("funder1"), path) == 200
    assert Event.objects.filter(verb="read").count() == before + 2


def test_nobody_adds_a_file_later(world, visitor, url, case):
    send(visitor, url, [upload("证据.pdf", PDF)])
    folder = Objection.objects.get().folder
    for name in ("funder1", "committee1", "admin1"):
        assert not can_write(world[name], folder)


def test_the_api_takes_files_of_anybody(visitor, case):
    path = f"/api/v1/cases/{case.code}/object"
    inline = {"name": "证据.pdf", "content_base64": base64.b64encode(PDF).decode()}

    def post(files):
        body = FIELDS | {"files": files}
        return visitor.post(path, body, content_type="application/json")

    for wrong in ("x", [1], [inline | {"id": 1}], [inline | {"name": "a/../b.exe"}]):
        answer = post(wrong)
        assert answer.status_code == 422
        assert "files" in answer.json()["fields"]
    assert post([inline, inline | {"name": "二.pdf"}]).status_code == 200
    assert Document.objects.filter(folder=Objection.objects.get().folder).count() == 2
