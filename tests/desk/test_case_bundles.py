"""The documents of a case or a stage as one zip: what is in it, for whom, on record."""

import csv
import hashlib
import io
import json
import zipfile

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now

from attachments.models import ScanState, Version
from attachments.services import add_document, add_version
from attachments.storage import get_storage
from audit.models import Event
from audit.testing import ambient_event
from desk import exports
from desk.bundle_plan import Asked, entries_for
from desk.case_bundles import ask_bundle
from desk.models import Export
from grants.errors import Invalid, NotVisible
from tests.attachments.files import PDF, PNG, upload
from tests.attachments.s3 import own_storage
from tests.desk.conftest import arrange
from tests.services import needs
from tests.workflows.driver import fresh

pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def running(house_of_the_module):
    return arrange(house_of_the_module, "MID_EVAL")


@pytest.fixture
def world(running, db, clock, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "documents"
    return running.again(clock)


@pytest.fixture
def case(running, world):
    """A case whose files, made before, are stored again for this test."""
    found = running.case
    found.refresh_from_db()
    for version in Version.objects.filter(document__folder=found.folder_id):
        put_back(version)
    return found


def put_back(version):
    """The bytes of a version that was filed in another test's storage."""
    with ambient_event():
        stored = get_storage().put(version.storage_key, upload("a.pdf", PDF))
        Version.objects.filter(pk=version.pk).update(
            sha256=stored.sha256,
            size=stored.size,
            storage_version=stored.version,
        )


def filing(case, kind, by, name="a.pdf", content=PDF, title=""):
    return add_document(
        case.folder, kind=kind, upload=upload(name, content), by=by, title=title
    )


def made(world, who, case, **post):
    """Ask on the page, make it, fetch it: the zip."""
    browser = world.enter(who)
    answer = browser.post(f"/cases/{case.code}/bundle/", post)
    assert answer.status_code == 302, answer.content.decode()
    assert exports.sweep() == 1
    export = Export.objects.latest("pk")
    assert export.finished_at, export.failed_at
    answer = browser.get(f"/exports/{export.pk}/")
    content = b"".join(answer.streaming_content)
    assert hashlib.sha256(content).hexdigest() == export.sha256
    return zipfile.ZipFile(io.BytesIO(content)), export


def manifest(bundle):
    (name,) = (n for n in bundle.namelist() if n.endswith("/manifest.json"))
    return json.loads(bundle.read(name))


def test_case_is_bundled_by_stage_with_a_manifest(case, world):
    applicant = world.applicant_of(case)
    charter = filing(case, "charter", applicant, title="章程/二〇二五:修订")
    filing(case, "other", applicant, "b.png", PNG, title="现场")
    bundle, export = made(world, "operator1", case)
    assert bundle.testzip() is None
    told = manifest(bundle)
    files = [n for n in bundle.namelist() if "/manifest." not in n]
    assert told["files"] == len(files)
    assert told["left_out"] == told["damaged"] == 0
    rows = {row["path"]: row for row in told["rows"]}
    assert sorted(rows) == sorted(files)
    for path, row in rows.items():
        content = bundle.read(path)
        assert hashlib.sha256(content).hexdigest() == row["sha256"]
        assert len(content) == row["size"]
    row = next(r for r in rows.values() if r["document"] == charter.pk)
    assert "/01_Application/" in row["path"]
    assert row["path"].endswith("章程 二〇二五 修订.pdf")
    assert [r["code"] for r in row["requirements"]] == ["charter"]
    assert row["uploader_role"] == "Applicant organisation"
    assert any("/99_Other/" in path for path in rows)
    assert export.name.endswith(".zip")
    assert case.code in export.name


def test_table_for_people_says_the_same_and_holds_no_formula(case, world):
    applicant = world.applicant_of(case)
    filing(case, "charter", applicant, title="=1+1")
    bundle, _export = made(world, "operator1", case)
    (name,) = (n for n in bundle.namelist() if n.endswith("/manifest.csv"))
    text = bundle.read(name).decode("utf-8-sig")
    table = list(csv.DictReader(io.StringIO(text)))
    assert len(table) == len(manifest(bundle)["rows"])
    row = next(row for row in table if row["Title"].endswith("=1+1"))
    assert row["Title"] == "'=1+1"
    assert row["Status"] == "as it was filed"
    assert row["Requirement"] == "Charter with the scope of work"


def test_names_are_in_the_language_of_who_asked(case, world):
    filing(case, "charter", world.applicant_of(case))
    browser = world.enter("operator1", "zh-hans")
    browser.post(f"/cases/{case.code}/bundle/", {})
    exports.sweep()
    export = Export.objects.latest("pk")
    with (
        get_storage().open(export.storage_key) as file,
        zipfile.ZipFile(file) as bundle,
    ):
        names = bundle.namelist()
    assert any("/01_申报/" in name for name in names)
    assert any("章程（业务范围）" in name for name in names)


def test_one_stage_has_its_own_files_only(case, world):
    applicant = world.applicant_of(case)
    filing(case, "charter", applicant)
    filing(case, "midterm_self_assessment", applicant)
    bundle, _export = made(world, "operator1", case, stage="INITIAL")
    rows = manifest(bundle)["rows"]
    report = case.stages.get(kind="INITIAL").report_file_id
    photo = case.stages.get(kind="INITIAL").visits.first().photo_id
    assert {report, photo} <= {row["document"] for row in rows}
    assert {"charter", "midterm_self_assessment"}.isdisjoint(
        {row["kind"] for row in rows}
    )
    assert {row["stage"] for row in rows} == {"INITIAL"}
    bundle, _export = made(world, "operator1", case, stage="MID")
    assert report not in {row["document"] for row in manifest(bundle)["rows"]}


def test_earlier_versions_come_only_when_asked_for(case, world):
    office = world["operator1"]  # an applicant's could not be exchanged any more
    charter = filing(case, "charter", office)
    add_version(charter, upload=upload("b.pdf", PDF + b"\n"), by=office)
    bundle, _export = made(world, "operator1", case, stage="APPLICATION")
    rows = [r for r in manifest(bundle)["rows"] if r["kind"] == "charter"]
    assert [r["version"] for r in rows] == [2]
    bundle, _export = made(world, "operator1", case, stage="APPLICATION", earlier="on")
    rows = [r for r in manifest(bundle)["rows"] if r["kind"] == "charter"]
    assert [(r["version"], r["versions"]) for r in rows] == [(2, 2), (1, 2)]
    assert len({r["path"] for r in rows}) == 2


def test_what_may_not_be_opened_is_left_out_and_counted(case, world):
    applicant = world.applicant_of(case)
    infected = filing(case, "charter", applicant)
    lost = filing(case, "finance_rules", applicant)
    changed = filing(case, "annual_report", applicant)
    with ambient_event():
        Version.objects.filter(document=infected).update(
            scan_state=ScanState.INFECTED, threat="Eicar"
        )
        Version.objects.filter(document=changed).update(sha256="0" * 64)
    get_storage().delete(lost.versions.get().storage_key)
    bundle, _export = made(world, "operator1", case, stage="APPLICATION")
    told = manifest(bundle)
    states = {row["document"]: row["state"] for row in told["rows"]}
    assert states[infected.pk] == "infected"
    assert states[lost.pk] == "lost"
    assert states[changed.pk] == "damaged"
    assert (told["left_out"], told["damaged"]) == (2, 1)
    assert [row["path"] for row in told["rows"]].count("") == 2
    assert not any("inance" in name for name in bundle.namelist())


def test_unscanned_files_are_their_uploaders_only(case, world, settings):
    settings.CLAMD_URL = "tcp://127.0.0.1:9"
    applicant = world.applicant_of(case)
    filing(case, "charter", applicant)
    asked = Asked(case.code, "APPLICATION")

    def state(user):
        entries = entries_for(user, case, asked)
        return [e.left_out for e in entries if e.document.kind == "charter"]

    assert state(applicant) == [""]
    assert state(world["operator1"]) == ["waiting"]


def test_only_who_sees_the_case_asks_and_only_who_asked_fetches(case, world, text):
    filing(case, "charter", world.applicant_of(case))
    other = world.house.member_of(world.organisation(1), "applicant")
    stranger = world.enter(fresh(other))
    assert stranger.get(f"/cases/{case.code}/bundle/").status_code == 404
    assert stranger.post(f"/cases/{case.code}/bundle/").status_code == 404
    with pytest.raises(NotVisible):
        ask_bundle(fresh(other), Asked(case.code))
    _bundle, export = made(world, "operator1", case)
    for somebody in ("funder1", "auditor1", world.applicant_of(case)):
        assert world.enter(somebody).get(f"/exports/{export.pk}/").status_code == 404
    assert world.enter("operator1").get("/exports/").status_code == 200


def test_rights_are_those_of_the_moment_it_is_made_and_of_the_moment_of_fetching(
    case, world
):
    filing(case, "charter", world.applicant_of(case))
    _bundle, export = made(world, "funder1", case)
    with ambient_event():
        world["funder1"].groups.clear()
    answer = world.enter("funder1").get(f"/exports/{export.pk}/")
    assert answer.status_code == 404
    ask_bundle(world["operator1"], Asked(case.code))
    with ambient_event():
        world["operator1"].groups.clear()
    for _turn in range(exports.MAX_ATTEMPTS):
        with time_machine.travel(now() + exports.LEASE, tick=False):
            assert exports.sweep() == 0
    assert Export.objects.latest("pk").failed_at is not None


def test_asking_making_and_fetching_are_events(case, world):
    filing(case, "charter", world.applicant_of(case))
    operator = world["operator1"]
    bundle, export = made(world, "operator1", case)
    stream = f"organisations_user:{operator.pk}"
    lines = [
        json.loads(event.line)
        for event in Event.objects.filter(stream=stream).order_by("pk")
    ]
    asked, done, read = (
        next(line for line in lines if line["verb"] == verb)
        for verb in ("ask_bundle", "export", "read")
    )
    assert asked["target"] == done["target"] == case.code
    assert done["data"]["sha256"] == export.sha256
    assert done["data"]["documents"] == manifest(bundle)["files"]
    assert read["data"]["what"] == f"bundle:{export.pk}"
    assert read["target"] == f"case:{case.pk}"
    page = world.enter("auditor1").get(f"/cases/{case.code}/readers/").content.decode()
    assert "Documents of the case taken as one zip" in page


def test_asking_twice_makes_it_once(case, world):
    filing(case, "charter", world.applicant_of(case))
    operator = world["operator1"]
    first = ask_bundle(operator, Asked(case.code))
    assert ask_bundle(operator, Asked(case.code)) == first
    assert ask_bundle(operator, Asked(case.code, "APPLICATION")) != first
    assert exports.sweep() == 2


def test_stage_without_files_is_told_beside_the_field(case, world, text):
    answer = world.enter("operator1").post(
        f"/cases/{case.code}/bundle/", {"stage": "CLOSING"}
    )
    assert answer.status_code == 422
    assert "There are no files in it." in text(answer)
    assert not Export.objects.exists()
    with pytest.raises(Invalid):
        ask_bundle(world["operator1"], Asked(case.code, "CLOSING"))
    answer = world.enter("operator1").post(
        f"/cases/{case.code}/bundle/", {"stage": "LUNCH"}
    )
    assert answer.status_code == 422


def test_applicant_finds_the_zip_without_the_lists_of_the_offices(case, world, text):
    applicant = world.applicant_of(case)
    filing(case, "charter", applicant)
    _bundle, export = made(world, applicant, case)
    page = text(world.enter(applicant).get(f"/cases/{case.code}/documents/"))
    assert 'href="/exports/"' in page
    page = text(world.enter(applicant).get("/exports/"))
    assert export.name in page
    assert 'href="/lists/"' not in page


def test_member_is_not_offered_the_inner_stages(case, world, text):
    page = text(
        world.enter(world.applicant_of(case)).get(f"/cases/{case.code}/bundle/")
    )
    assert 'value="APPLICATION"' in page
    assert 'value="REVIEW"' not in page


def test_progress_shows_and_the_file_goes_after_its_time(case, world, text):
    filing(case, "charter", world.applicant_of(case))
    browser = world.enter("operator1")
    browser.post(f"/cases/{case.code}/bundle/")
    page = text(browser.get("/exports/"))
    assert "<progress" in page
    assert "See how far it is" in page  # without scripts
    exports.sweep()
    export = Export.objects.get()
    assert export.sha256 in text(browser.get("/exports/"))
    with time_machine.travel(now() + exports.KEPT * 2, tick=False):
        exports.sweep()
    assert not Export.objects.exists()
    with pytest.raises(FileNotFoundError):
        get_storage().open(export.storage_key)


@pytest.mark.parametrize("papers", [1, 6])
def test_planning_costs_the_same_whatever_the_number_of_files(case, world, papers):
    applicant = world.applicant_of(case)
    for _number in range(papers):
        filing(case, "charter", applicant)
    entries_for(world["operator1"], case, Asked(case.code))
    with CaptureQueriesContext(connection) as seen:
        entries_for(world["operator1"], case, Asked(case.code))
    assert len(seen) == PLAN


#: Queries that find the files of a bundle.
PLAN = 14


@needs("s3")
def test_bundle_lies_in_s3_and_reads_from_there(case, world, monkeypatch):
    with own_storage() as storage:
        monkeypatch.setattr("attachments.storage.get_storage", lambda: storage)
        for module in ("services", "keeping"):
            monkeypatch.setattr(f"attachments.{module}.get_storage", lambda: storage)
        for module in ("case_bundles", "exports", "views.lists"):
            monkeypatch.setattr(f"desk.{module}.get_storage", lambda: storage)
        for version in Version.objects.filter(document__folder=case.folder_id):
            stored = storage.put(version.storage_key, upload("a.pdf", PDF))
            with ambient_event():
                Version.objects.filter(pk=version.pk).update(
                    sha256=stored.sha256, storage_version=stored.version
                )
        filing(case, "charter", world.applicant_of(case))
        bundle, export = made(world, "operator1", case)
        assert manifest(bundle)["damaged"] == 0
        assert manifest(bundle)["files"] > 1
        with storage.open(export.storage_key) as file:
            assert hashlib.sha256(file.read()).hexdigest() == export.sha256
