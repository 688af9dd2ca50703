"""What people see of the virus scan: a file that waits, one that is infected."""

import io
import zipfile

import openpyxl
import pytest
from django.test import Client

from attachments import scanning
from attachments.models import Version
from attachments.services import add_document, add_from_public, store_upload
from audit.record import record
from audit.testing import ambient_event
from desk import exports
from desk.models import Export
from grants.models import Case
from grants.services.objecting import FOLDER
from outbox.models import Message
from tests.attachments.clamd import fake_clamd
from tests.attachments.files import PDF, eicar, upload
from tests.desk.conftest import arrange
from tests.factories.running import make_running_case

pytestmark = pytest.mark.once

WAITS = "until then only who uploaded it can open it"
FOUND = "A virus was found in this file"


@pytest.fixture(scope="module")
def submitted(house_of_the_module):
    return arrange(house_of_the_module, "SCREENING")


@pytest.fixture
def world(submitted, db, clock):
    return submitted.again(clock)


@pytest.fixture
def case(world, submitted):
    return Case.objects.get(pk=submitted.case.pk)


@pytest.fixture
def clamd(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "documents"
    with fake_clamd() as server:
        settings.CLAMD_URL = server.url
        yield server


def file_of(world, case, content=PDF, name="预算.pdf"):
    applicant = world.applicant_of(case)
    document = add_document(
        case.folder, kind="other", upload=upload(name, content), by=applicant
    )
    return document.versions.get()


def opened(client, version):
    """The page's answer and the API's to who wants to open a file."""
    pages = (
        client.get(f"/documents/{version.pk}/", follow=True),
        client.get(f"/api/v1/documents/{version.document_id}/content", follow=True),
    )
    for page in pages:
        if page.streaming:
            assert b"".join(page.streaming_content)
    return pages


def test_file_waits_for_its_verdict_and_says_so(world, case, clamd, text):
    version = file_of(world, case)
    applicant, funder = world.enter(world.applicant_of(case)), world.enter("funder1")
    assert [a.status_code for a in opened(applicant, version)] == [200, 200]
    page, api = opened(funder, version)
    assert (page.status_code, api.status_code) == (409, 409)
    assert WAITS in text(page)
    assert api.json()["code"] == "scan_waiting"
    assert WAITS in api.json()["message"]
    zh = world.enter("funder1", "zh-hans").get(f"/documents/{version.pk}/")
    assert "此文件尚待病毒扫描" in text(zh)

    link = f'href="/documents/{version.pk}/"'
    tab = f"/cases/{case.code}/documents/"
    assert "Waiting for the virus scan" in text(funder.get(tab))
    assert link not in text(funder.get(tab))
    assert link in text(applicant.get(tab))

    assert scanning.sweep() >= 1
    assert [a.status_code for a in opened(funder, version)] == [200, 200]
    assert "No virus found" in text(funder.get(tab))
    assert link in text(funder.get(tab))


def test_page_says_to_both_sides_what_the_scanner_does_not_look_at(
    world, case, clamd, text
):
    version = file_of(world, case)
    clamd.answer = b"stream: Heuristics.Limits.Exceeded.MaxFileSize FOUND\0"
    assert scanning.sweep() == 0
    applicant, funder = world.enter(world.applicant_of(case)), world.enter("funder1")
    for client in (applicant, funder):
        page = text(client.get(f"/cases/{case.code}/documents/"))
        assert "The virus scanner does not look at it" in page
        assert "limits are raised" in page
    assert [a.status_code for a in opened(applicant, version)] == [200, 200]
    assert [a.status_code for a in opened(funder, version)] == [409, 409]


def test_field_says_the_scanners_limit(world, case, clamd, text, settings):
    settings.CLAMD_MAX_BYTES = 3 * 1024 * 1024
    client = world.enter(world.applicant_of(case))
    page = text(client.get(f"/cases/{case.code}/documents/add/"))
    assert f'data-most="{settings.CLAMD_MAX_BYTES}"' in page


def test_page_says_that_the_scanner_is_silent(world, case, settings, text, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "documents"
    settings.CLAMD_URL = "tcp://127.0.0.1:9"  # nobody listens there
    file_of(world, case)
    scanning.sweep()
    page = world.enter("funder1").get(f"/cases/{case.code}/documents/")
    assert "the scanner does not answer just now" in text(page)


def test_home_tells_the_office_what_waits_too_long(
    world, case, clamd, settings, text, clock
):
    said = "Files that wait for the virus scan: 1"
    for version in Version.objects.filter(scan_state="NOT_SCANNED"):
        scanning._settle(version, "")  # the road's own papers
    file_of(world, case)
    funder = world.enter("funder1")
    assert said not in text(funder.get("/home/")), "it is quite fresh"
    clock.forward(minutes=31)
    page = text(funder.get("/home/"))
    assert said in page
    assert "does not answer" not in page
    assert said in text(world.enter("admin1").get("/home/"))
    applicant = world.enter(world.applicant_of(case))
    assert said not in text(applicant.get("/home/"))
    url, settings.CLAMD_URL = settings.CLAMD_URL, "tcp://127.0.0.1:9"
    scanning.sweep()
    assert "The virus scanner does not answer." in text(funder.get("/home/"))
    settings.CLAMD_URL = url
    clamd.answer = b"stream: broken ERROR\0"
    scanning.sweep()
    assert "the scanner could not look at 1" in text(funder.get("/home/"))
    clamd.answer = None
    clock.forward(hours=7)
    assert scanning.sweep() == 1
    assert said not in text(funder.get("/home/"))


def test_page_says_that_nobody_scans(world, case, text):
    file_of(world, case)
    page = world.enter("funder1").get(f"/cases/{case.code}/documents/")
    assert "Not scanned for viruses" in text(page)


def test_infected_file_is_closed_to_all_and_told(world, case, clamd, text):
    version = file_of(world, case, eicar(), "说明.txt")
    assert scanning.sweep() >= 1
    applicant = world.applicant_of(case)
    for client in (world.enter(applicant), world.enter("funder1")):
        page, api = opened(client, version)
        assert (page.status_code, api.status_code) == (409, 409)
        assert FOUND in text(page)
        assert api.json()["code"] == "scan_infected"
        tab = text(client.get(f"/cases/{case.code}/documents/"))
        assert "A virus was found: Eicar-Test-Signature" in tab
        assert f'href="/documents/{version.pk}/"' not in tab
        said = text(client.get("/messages/"))
        assert "A virus was found in 说明.txt" in said
        assert case.code in said
    letters = Message.objects.filter(template="infected")
    people = {letter.recipient.username for letter in letters}
    assert applicant.username in people
    assert {"funder1", "funder2"} & people
    assert not {name for name in people if name.startswith(("reviewer", "finance"))}
    assert {letter.mailing for letter in letters} == {"now"}
    timeline = world.enter("funder1").get(f"/cases/{case.code}/timeline/")
    assert "Scanned for viruses" in text(timeline)


def test_officers_hear_of_a_file_that_came_without_an_account(world, case, clamd):
    stored = store_upload(case.folder, upload("evidence.txt", eicar()))
    with record("object", by="system:public"):
        add_from_public(case.folder, kind=FOLDER, upload=stored)
    scanning.sweep()
    people = Message.objects.filter(template="infected").values_list(
        "recipient__username", flat=True
    )
    assert people
    assert all(name.startswith("funder") for name in people)


def test_infected_file_of_a_round_is_told_with_the_round(world, clamd):
    funder = world["funder1"]
    add_document(
        world.round.folder, kind="minutes", upload=upload("m.txt", eicar()), by=funder
    )
    scanning.sweep()
    letter = Message.objects.get(template="infected", recipient=funder)
    assert letter.params["code"] == world.round.code
    assert world.enter(funder).get(letter.url).status_code == 200


def test_bundle_leaves_out_what_is_withheld_and_says_so(db, clock, clamd):
    clock.to("2026-03-02 09:00")
    running = make_running_case(award="160675.68")
    client = Client(headers={"accept-language": "en"})
    with ambient_event():
        client.force_login(running.funder, "django.contrib.auth.backends.ModelBackend")

    def papers() -> tuple[list[str], list[str]]:
        client.post("/lists/register/export/", {"kind": "BUNDLE"})
        assert exports.sweep() == 1
        export = Export.objects.latest("pk")
        content = b"".join(client.get(f"/exports/{export.pk}/").streaming_content)
        with zipfile.ZipFile(io.BytesIO(content)) as bundle:
            table = openpyxl.load_workbook(io.BytesIO(bundle.read("目录.xlsx"))).active
            names = [n for n in bundle.namelist() if n != "目录.xlsx"]
        return names, [row[3].value for row in list(table)[1:]]

    mine = set(Version.objects.filter(uploaded_by=running.funder))
    names, listed = papers()
    assert len(names) == len(mine) < len(listed)
    assert "Waiting for the virus scan" in listed
    scanning.sweep()
    names, listed = papers()
    assert names == listed
