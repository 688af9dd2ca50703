"""The storage of documents does not answer: 503, in words, and nothing is lost."""

import pytest

from attachments.models import Document
from attachments.services import add_document
from tests.attachments.files import PDF, upload

pytestmark = pytest.mark.once

SORRY = "Documents cannot be stored or opened just now."
SORRY_ZH = "文件目前无法保存或打开。"


@pytest.fixture
def case(world):
    return world.draft()


@pytest.fixture
def document(world, case):
    applicant = world.applicant_of(case)
    return add_document(
        case.folder, kind="other", upload=upload("a.pdf", PDF), by=applicant
    )


@pytest.fixture
def store_is_down(settings, document):
    settings.MINIO_ENDPOINT = "http://127.0.0.1:9"  # nobody listens there
    settings.MINIO_ACCESS_KEY, settings.MINIO_SECRET_KEY = "key", "secret"


@pytest.mark.parametrize(("language", "said"), [("en", SORRY), ("zh-hans", SORRY_ZH)])
def test_document_that_cannot_be_opened(
    world, text, case, document, store_is_down, language, said, caplog
):
    client = world.enter(world.applicant_of(case), language)
    answer = client.get(f"/documents/{document.versions.get().pk}/", follow=True)
    assert answer.status_code == 503
    assert said in text(answer)
    assert "S3 does not answer" in caplog.text  # for whoever looks after the server


def test_document_that_cannot_be_stored_leaves_what_was_typed(
    world, text, case, store_is_down
):
    client = world.enter(world.applicant_of(case))
    answer = client.post(
        f"/cases/{case.code}/documents/add/",
        {"upload": upload("b.pdf", PDF), "kind": "other", "title": "Our statutes"},
    )
    assert answer.status_code == 503
    assert SORRY in text(answer)
    assert 'value="Our statutes"' in text(answer)
    assert Document.objects.count() == 1


def test_version_that_cannot_be_stored(world, text, case, document, store_is_down):
    client = world.enter(world.applicant_of(case))
    path = f"/cases/{case.code}/documents/{document.pk}/version/"
    answer = client.post(path, {"upload": upload("b.pdf", PDF)})
    assert answer.status_code == 503
    assert SORRY in text(answer)
    assert document.versions.count() == 1


def test_the_api_says_so_too(world, case, document, store_is_down):
    client = world.enter(world.applicant_of(case))
    opened = client.get(f"/api/v1/documents/{document.pk}/content", follow=True)
    added = client.post(
        f"/api/v1/cases/{case.code}/documents", {"file": upload("b.pdf", PDF)}
    )
    for answer in (opened, added):
        assert answer.status_code == 503
        assert answer.json()["code"] == "storage_unavailable"
        assert answer.json()["message"].startswith(SORRY)
    assert Document.objects.count() == 1
