"""What is sent, or lies on the disk, and must not end as a fault of the program."""

import errno
import os
import tempfile
from pathlib import Path

import pytest
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.test import Client

from attachments.models import Document, Upload
from attachments.services import add_document
from attachments.storage import get_storage, local
from audit.models import Event
from desk.views.drafting import seen_in
from tests.attachments.files import PDF, PNG, upload
from tests.desk.test_storage_down import SORRY, SORRY_ZH
from tests.desk.test_uploads import begin, put

pytestmark = pytest.mark.once

FULL = "/dev/full"
LOST = "The storage no longer has this file"
LOST_ZH = "存储中已没有此文件"
DEEP = "[" * 100_000 + "]" * 100_000


@pytest.fixture(autouse=True)
def _storage_of_its_own(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "documents"


@pytest.fixture
def case(world):
    return world.draft()


@pytest.fixture
def applicant(world, case):
    client = world.enter(world.applicant_of(case))
    client.raise_request_exception = False
    return client


@pytest.fixture
def disk_is_full(monkeypatch):
    """Files of the storage are written to a device that is always full."""
    made = tempfile.mkstemp

    def on_a_full_disk(**where):
        handle, name = made(**where)
        os.close(handle)
        return os.open(FULL, os.O_WRONLY), name

    monkeypatch.setattr(local.tempfile, "mkstemp", on_a_full_disk)


# -- nesting -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "sent",
    [DEEP, '{"a":' * 100_000, '{"purpose": ' + DEEP + "}"],
    ids=("list", "object", "value"),
)
def test_deep_json_cannot_be_read(applicant, sent):
    answer = applicant.post("/uploads/", sent, content_type="application/json")
    assert answer.status_code == 400
    assert answer.json()["message"] == "This request cannot be read."


def test_a_deep_list_of_revisions_counts_as_none():
    assert seen_in({"draft_seen": DEEP}) == {}


# -- a file that is gone -----------------------------------------------------------


def lost(world, case, name: str, content: bytes) -> Document:
    document = add_document(
        case.folder,
        kind="other",
        upload=upload(name, content),
        by=world.applicant_of(case),
    )
    get_storage().delete(document.versions.get().storage_key)
    return document


@pytest.mark.parametrize(("language", "said"), [("en", LOST), ("zh-hans", LOST_ZH)])
@pytest.mark.parametrize(
    ("name", "content", "path"),
    [
        ("a.pdf", PDF, ""),
        ("a.png", PNG, "inline/"),
        ("a.txt", b"text", "preview/"),
    ],
    ids=("download", "picture", "text"),
)
def test_a_lost_file_is_called_so(
    world, text, case, name, content, path, language, said, caplog
):
    version = lost(world, case, name, content).versions.get()
    before = Event.objects.count()
    client = world.enter(world.applicant_of(case), language)
    client.raise_request_exception = False
    signed_in = Event.objects.count()
    answer = client.get(f"/documents/{version.pk}/{path}", follow=True)
    assert answer.status_code == 404
    assert said in text(answer)
    assert version.storage_key in caplog.text  # for whoever looks after the server
    assert before <= signed_in == Event.objects.count()  # nobody read anything


def test_the_api_calls_it_lost(world, case, applicant):
    document = lost(world, case, "a.pdf", PDF)
    answer = applicant.get(f"/api/v1/documents/{document.pk}/content", follow=True)
    assert answer.status_code == 404
    assert answer.json()["code"] == "file_lost"
    assert answer.json()["message"].startswith(LOST)


# -- a disk that is full -----------------------------------------------------------


@pytest.mark.parametrize(("language", "said"), [("en", SORRY), ("zh-hans", SORRY_ZH)])
def test_what_does_not_fit_leaves_what_was_typed(
    world, text, case, disk_is_full, language, said
):
    client = world.enter(world.applicant_of(case), language)
    answer = client.post(
        f"/cases/{case.code}/documents/add/",
        {"upload": upload("b.pdf", PDF), "kind": "other", "title": "Our statutes"},
    )
    assert answer.status_code == 503
    assert said in text(answer)
    assert 'value="Our statutes"' in text(answer)
    assert not Document.objects.exists()


def test_the_api_says_that_it_does_not_fit(applicant, case, disk_is_full, caplog):
    path = f"/api/v1/cases/{case.code}/documents"
    answer = applicant.post(path, {"file": upload("b.pdf", PDF)})
    assert answer.status_code == 503
    assert answer.json()["code"] == "storage_unavailable"
    assert os.strerror(errno.ENOSPC) in caplog.text
    assert not Document.objects.exists()


def test_a_piece_that_does_not_fit_can_be_sent_again(applicant, case, settings):
    begun = begin(applicant, f"/cases/{case.code}/documents/add/").json()
    sent = Upload.objects.get()
    path = Path(settings.MEDIA_ROOT) / ".incoming" / sent.key.rpartition("/")[2]
    path.unlink()
    path.symlink_to(FULL)
    answer = put(applicant, begun["url"], PDF, 0)
    assert answer.status_code == 503
    assert answer.json()["message"].startswith(SORRY)
    path.unlink()
    path.touch()
    assert put(applicant, begun["url"], PDF, 0).json() == {"received": len(PDF)}
    assert applicant.post(f"{begun['url']}complete/").status_code == 200


@pytest.fixture
def no_room_for_forms(monkeypatch, settings):
    """The disk is full on which a form's files lie until they are looked into."""

    def is_full(*_file, **_more):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 0
    monkeypatch.setattr(TemporaryFileUploadHandler, "new_file", is_full)


@pytest.mark.parametrize("with_csrf", [False, True])
def test_a_form_that_does_not_fit(applicant, text, case, no_room_for_forms, with_csrf):
    """With the check of the form's token it is read before any view."""
    client = Client(enforce_csrf_checks=with_csrf, raise_request_exception=False)
    client.cookies, client.defaults = applicant.cookies, applicant.defaults
    path = f"/cases/{case.code}/documents/add/"
    client.get(path)  # which leaves a cookie
    answer = client.post(path, {"upload": upload("b.pdf", PDF), "kind": "other"})
    assert answer.status_code == 503
    assert SORRY in text(answer)


def test_a_multipart_body_of_the_api_that_does_not_fit(
    applicant, case, no_room_for_forms
):
    path = f"/api/v1/cases/{case.code}/documents"
    answer = applicant.post(path, {"file": upload("b.pdf", PDF)})
    assert answer.status_code == 503
    assert answer.json()["message"].startswith(SORRY)


def test_other_faults_stay_faults(applicant, case, monkeypatch):
    def fails(*_form):
        raise OSError(errno.ECHILD, "no child")

    monkeypatch.setattr("desk.views.documents.kinds_to_add", fails)
    assert applicant.get(f"/cases/{case.code}/documents/add/").status_code == 500
