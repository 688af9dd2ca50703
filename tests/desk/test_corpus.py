"""Harmful files end at the door, by the API and by the page, and leave nothing."""

import base64

import pytest

from attachments.models import Document
from tests.attachments.corpus import BOMBS, CORPUS
from tests.attachments.files import upload

pytestmark = pytest.mark.once


def test_none_of_them_passes_the_api(world, subtests, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "documents"
    case = world.draft()
    client = world.enter(world.applicant_of(case))
    for bad in CORPUS:
        body = {
            "name": bad.name,
            "content_base64": base64.b64encode(bad.data).decode(),
        }
        with subtests.test(bad.what):
            answer = client.post(
                f"/api/v1/cases/{case.code}/documents",
                body,
                content_type="application/json",
            )
            assert answer.status_code == 422
            assert answer.json()["fields"] == {"__all__": [bad.refusal]}
    assert not Document.objects.exists()
    assert not settings.MEDIA_ROOT.exists()


def test_page_says_why_beside_the_file_and_keeps_what_was_typed(world, text):
    case = world.draft()
    client = world.enter(world.applicant_of(case))
    bad = BOMBS[0]
    answer = client.post(
        f"/cases/{case.code}/documents/add/",
        {"upload": upload(bad.name, bad.data), "kind": "other", "title": "Statutes"},
    )
    assert answer.status_code == 422
    page = text(answer)
    assert bad.refusal in page
    assert 'id="id_upload-error"' in page
    assert 'value="Statutes"' in page
    assert not Document.objects.exists()
