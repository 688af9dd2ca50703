"""The bureau's lists: rows, sums, columns, spreadsheets, bundles, and for whom."""

import datetime as dt
import io
import zipfile
from decimal import Decimal

import openpyxl
import pytest
import time_machine
from django.test import Client
from django.utils.timezone import now

from attachments.models import Version
from attachments.storage import get_storage
from audit.models import Event
from audit.testing import ambient_event
from desk import exports
from desk.lists.columns import Unit
from desk.lists.table import LISTS, save_choice, table_for
from desk.models import Export
from grants.models import Case
from organisations.models import User
from tests.costs import queries_of
from tests.factories.running import make_running_case
from workflows.models import WorkItem


@pytest.fixture
def running(db, clock):
    """A project with its agreement, its first tranche open."""
    clock.to("2026-03-02 09:00")
    return make_running_case(award="160675.68")


def enter(user: User, language: str = "en") -> Client:
    client = Client(headers={"accept-language": language})
    with ambient_event():
        client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    return client


def sheet_of(content: bytes):
    return openpyxl.load_workbook(io.BytesIO(content), data_only=True).active


def download(client, code: str, query: str = "", **post):
    answer = client.post(f"/lists/{code}/export/{query}", {"kind": "LIST"} | post)
    assert answer.status_code == 200, answer.status_code
    return sheet_of(b"".join(answer.streaming_content))


def test_every_list_opens_in_both_languages(running):
    for language in ("zh-hans", "en"):
        client = enter(running.funder, language)
        assert client.get("/lists/").status_code == 200
        for code in LISTS:
            assert client.get(f"/lists/{code}/").status_code == 200, code


def test_register_shows_the_award_and_its_sums(running):
    make_running_case(award="99999.99", with_case=running)
    client = enter(running.funder)
    page = client.get("/lists/register/").content.decode()
    assert running.case.title in page
    assert "260,675.67" in page
    sheet = download(client, "register")
    heads = [cell.value for cell in sheet[3]]
    column = next(i for i, h in enumerate(heads) if h.startswith("Awarded"))
    assert [sheet[row][column].value for row in (4, 5)] == [160675.68, 99999.99]
    assert sheet[4][column].data_type == "n"
    assert sheet[sheet.max_row][0].value == "Total"
    assert sheet[sheet.max_row][column].value == 260675.67


def test_wan_loses_nothing(running):
    funder = running.funder
    save_choice(funder, LISTS["register"], ["title", "awarded"], Unit.WAN)
    table, _form = table_for(funder, LISTS["register"], {})
    row = next(iter(table.all_rows()))
    shown = table.unit.of(table.columns[1].of(row))
    assert shown * 10_000 == row.awarded
    assert Unit.WAN.of(Decimal("160675.68")) == Decimal("16.067568")
    page = enter(running.funder).get("/lists/register/").content.decode()
    assert f"{row.awarded:,.2f}" not in page


def test_columns_are_kept_per_person_and_in_order(running):
    client = enter(running.funder)
    sent = {
        "column": ["title", "awarded", "unheard_of"],
        "place_title": "2",
        "place_awarded": "1",
        "unit": "wan",
    }
    answer = client.post("/lists/register/columns/?q=x", sent)
    assert answer.status_code == 302
    assert answer.url.endswith("?q=x")
    table, _form = table_for(running.funder, LISTS["register"], {})
    assert [c.key for c in table.columns] == ["awarded", "title"]
    assert table.unit is Unit.WAN
    other, _form = table_for(running.head, LISTS["register"], {})
    assert [c.key for c in other.columns] == LISTS["register"].default
    client.post("/lists/register/columns/", {"reset": "1"})
    table, _form = table_for(running.funder, LISTS["register"], {})
    assert [c.key for c in table.columns] == LISTS["register"].default


def test_text_in_a_spreadsheet_is_never_a_formula(running):
    with ambient_event():
        Case.objects.filter(pk=running.case.pk).update(title="=1+1")
    sheet = download(enter(running.funder), "applications")
    cell = next(c for c in sheet[4] if c.value == "=1+1")
    assert cell.data_type == "s"


def test_an_export_is_on_record_in_the_stream_of_who_took_it(running):
    funder = running.funder
    download(enter(running.funder), "register")
    event = Event.objects.filter(verb="export").latest("pk")
    assert event.stream == f"organisations_user:{funder.pk}"


def test_lists_are_for_offices(running):
    for name in ("reviewer", "supervisor"):
        client = enter(getattr(running, name))
        assert client.get("/lists/").status_code == 404
        assert client.get("/lists/register/").status_code == 404
        assert client.post("/lists/register/export/").status_code == 404
    applicant = enter(running.applicant)
    assert applicant.get("/lists/register/").status_code == 404
    assert "/lists/" not in applicant.get("/home/").content.decode()


def test_a_bundle_holds_the_papers_and_a_table_of_contents(running):
    client = enter(running.funder)
    answer = client.post("/lists/register/export/", {"kind": "BUNDLE"})
    assert answer.status_code == 302
    export = Export.objects.get()
    assert export.is_open
    assert export.total == 1
    assert client.get(f"/exports/{export.pk}/").status_code == 404
    assert exports.sweep() == 1
    assert exports.sweep() == 0, "made once"
    export.refresh_from_db()
    page = client.get("/exports/").content.decode()
    assert export.name in page
    content = b"".join(client.get(f"/exports/{export.pk}/").streaming_content)
    assert export.size == len(content)
    with zipfile.ZipFile(io.BytesIO(content)) as bundle:
        names = bundle.namelist()
        assert bundle.testzip() is None
        contents = openpyxl.load_workbook(io.BytesIO(bundle.read("目录.xlsx"))).active
    papers = [n for n in names if n != "目录.xlsx"]
    assert papers
    assert all(n.startswith(f"01_{running.case.project.award_no}_") for n in papers)
    assert [row[3].value for row in list(contents)[1:]] == papers
    assert enter(running.head).get(f"/exports/{export.pk}/").status_code == 404


def test_a_lost_file_is_left_out_of_a_bundle_and_the_others_come(running):
    papers = Version.objects.filter(document__folder=running.case.folder_id)
    lost = papers.order_by("pk")[0]
    get_storage().delete(lost.storage_key)
    client = enter(running.funder)
    client.post("/lists/register/export/", {"kind": "BUNDLE"})
    assert exports.sweep() == 1
    export = Export.objects.get()
    content = b"".join(client.get(f"/exports/{export.pk}/").streaming_content)
    with zipfile.ZipFile(io.BytesIO(content)) as bundle:
        packed = set(bundle.namelist()) - {"目录.xlsx"}
        contents = openpyxl.load_workbook(io.BytesIO(bundle.read("目录.xlsx"))).active
    told = [row[3].value for row in list(contents)[1:]]
    assert sorted(told)[:-1] == sorted(packed), "in words why the last is not there"
    assert packed
    assert all(name.endswith(".pdf") for name in packed)


def test_a_killed_worker_leaves_a_job_that_is_made_anew(running):
    client = enter(running.funder)
    client.post("/lists/register/export/", {"kind": "BUNDLE"})
    assert exports.claim() is not None
    assert exports.sweep() == 0, "somebody holds it"
    with time_machine.travel(now() + exports.LEASE * 2, tick=False):
        assert exports.sweep() == 1


def test_rights_are_those_of_the_moment_it_is_made(running):
    client = enter(running.funder)
    client.post("/lists/register/export/", {"kind": "BUNDLE"})
    with ambient_event():
        running.funder.groups.clear()
    for _turn in range(exports.MAX_ATTEMPTS):
        with time_machine.travel(now() + exports.LEASE, tick=False):
            assert exports.sweep() == 0
    export = Export.objects.get()
    assert export.failed_at is not None
    assert export.storage_key == ""


def test_files_go_after_their_time(running):
    client = enter(running.funder)
    client.post("/lists/register/export/", {"kind": "BUNDLE"})
    exports.sweep()
    with time_machine.travel(now() + exports.KEPT * 2, tick=False):
        exports.sweep()
    assert not Export.objects.exists()


def test_late_steps_are_listed(running):
    with ambient_event():
        WorkItem.objects.create(
            case=running.case,
            round=running.round,
            programme=running.programme,
            stream=f"case:{running.case.pk}",
            action="report_stage",
            membership_role="applicant",
            organisation=running.case.organisation,
            due_at=now() - dt.timedelta(days=3),
        )
    page = enter(running.funder).get("/lists/overdue/").content.decode()
    assert running.case.code in page
    sheet = download(enter(running.funder), "overdue")
    assert 3 in [cell.value for cell in sheet[4]]


def test_lists_cost_the_same_at_one_and_four_rows(running):
    for kind in LISTS.values():
        save_choice(running.funder, kind, [c.key for c in kind.columns], Unit.YUAN)
    client = enter(running.funder)
    one = {code: queries_of(client, f"/lists/{code}/") for code in LISTS}
    for _number in range(3):
        make_running_case(with_case=running)
    client = enter(running.funder)
    four = {code: queries_of(client, f"/lists/{code}/") for code in LISTS}
    assert four == one
    assert one == {
        "applications": 10,
        "awards": 10,
        "overdue": 9,
        "payments": 10,
        "register": 10,
        "screening": 9,
        "settlement": 10,
    }
