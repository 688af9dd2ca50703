"""Names of files that lead elsewhere or hide something, as a hostile client sends them.

In a multipart body the framework takes path and unseen characters away before anybody
sees the name: the file is then taken by what is left, or refused for it. Where a name
comes as JSON nothing is taken away, and it is refused.
"""

import json
from urllib.parse import quote

import pytest

from attachments.models import Document, Upload, Version
from tests.attachments.corpus import NAMES
from tests.attachments.files import PDF
from tests.desk.test_uploads import begin, purpose_on

pytestmark = pytest.mark.once

EDGE = "a-line-between-parts"
#: What is sent, and by which name it is kept; "" where it is not taken.
SENT = {
    "path": ("../../a.pdf", "a.pdf"),
    "absolute path": ("/etc/a.pdf", "a.pdf"),
    "path of Windows": ("C:\\x\\a.pdf", "a.pdf"),
    "both slashes": ("..\\../..\\a.pdf", "a.pdf"),
    "path spelt otherwise": ("..&#47;..&#x2f;a.pdf", "a.pdf"),
    "new line": ("a\n.pdf", "a.pdf"),
    "nothing": ("a\0.pdf", "a.pdf"),
    "escape": ("a\x1b[2J.pdf", "a[2J.pdf"),
    "header": ("a.pdf\r\nX-Other: 1", ""),
    "right to left": ("a\u202efdp.exe", ""),
    "right to left, a PDF": ("exe\u202e.pdf", "exe.pdf"),
    "unseen": ("a\u200b.pdf", "a.pdf"),
    "another line": ("a\u2028.pdf", "a.pdf"),
    "dots": ("..", ""),
    "dots behind a path": ("a.pdf/..", ""),
    "blanks": ("   ", ""),
    "only unseen": ("\u200b\u202e", ""),
    "long": ("x" * 177 + ".pdf", ""),
    "two extensions": ("申报书.pdf.exe", ""),
    "as people write it": ("附件1：申报书（盖章）.pdf", "附件1：申报书（盖章）.pdf"),
}
each = pytest.mark.parametrize(("sent", "kept"), SENT.values(), ids=SENT)


@pytest.fixture(autouse=True)
def _storage_of_its_own(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "documents"


@pytest.fixture
def case(world):
    return world.draft()


@pytest.fixture
def applicant(world, case):
    return world.enter(world.applicant_of(case))


def sent_as(client, path: str, field: str, name: str):
    """A multipart body by hand: the test client would clean the name itself."""
    head = (
        f'--{EDGE}\r\nContent-Disposition: form-data; name="kind"\r\n\r\nother\r\n'
        f'--{EDGE}\r\nContent-Disposition: form-data; name="{field}"; '
        f"filename*=UTF-8''{quote(name, safe='')}\r\n"
        "Content-Type: application/pdf\r\n\r\n"
    )
    body = head.encode() + PDF + f"\r\n--{EDGE}--\r\n".encode()
    return client.post(path, body, content_type=f"multipart/form-data; boundary={EDGE}")


def names() -> list[str]:
    return list(Version.objects.values_list("name", flat=True))


@each
def test_on_the_page(applicant, case, text, sent, kept):
    path = f"/cases/{case.code}/documents/add/"
    answer = sent_as(applicant, path, "upload", sent)
    if kept:
        assert answer.status_code == 302
        assert names() == [kept]
    else:
        assert answer.status_code == 422
        assert 'id="id_upload-error"' in text(answer)
        assert not Document.objects.exists()


@each
def test_in_the_api(applicant, case, sent, kept):
    path = f"/api/v1/cases/{case.code}/documents"
    answer = sent_as(applicant, path, "file", sent)
    if kept:
        assert answer.status_code == 201
        assert answer.json()["versions"][0]["name"] == kept
        assert names() == [kept]
    else:
        assert answer.status_code == 422
        assert not Document.objects.exists()


def test_a_download_by_such_a_name_has_one_header(applicant, case):
    sent_as(applicant, f"/cases/{case.code}/documents/add/", "upload", 'a"\r\n;b.pdf')
    version = Version.objects.get()
    answer = applicant.get(f"/documents/{version.pk}/", follow=True)
    said = answer["Content-Disposition"]
    assert said == 'attachment; filename="a\\";b.pdf"'
    assert b"".join(answer.streaming_content) == PDF


@pytest.mark.parametrize("bad", NAMES[:9], ids=lambda bad: bad.what)
def test_ahead_of_a_form_it_is_refused(applicant, case, bad):
    answer = begin(applicant, f"/cases/{case.code}/documents/add/", name=bad.name)
    assert answer.status_code == 422
    assert answer.json() == {"message": bad.refusal}
    assert not Upload.objects.exists()


@pytest.mark.parametrize("name", ["a\0.pdf", "a\ud800.pdf"], ids=("nothing", "half"))
def test_what_no_database_takes_is_refused_ahead_of_a_form(applicant, case, name):
    page = applicant.get(f"/cases/{case.code}/documents/add/").content.decode()
    body = {"purpose": purpose_on(page), "name": name, "size": 9}
    sent = json.dumps(body)
    answer = applicant.post("/uploads/", sent, content_type="application/json")
    assert answer.status_code == 422
    assert not Upload.objects.exists()
