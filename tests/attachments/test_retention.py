"""How long papers are kept, and what the command says of the storage."""

from datetime import UTC, datetime

import pytest
from django.core.management import CommandError, call_command

from attachments import services
from attachments.retention import LAST, Period, end_of
from tests.attachments import files
from tests.attachments.files import upload
from tests.attachments.s3 import KEY, SECRET, own_storage
from tests.services import needs, s3_endpoint

pytestmark = pytest.mark.once


@pytest.fixture
def in_s3(settings):
    """The settings of an installation with S3."""
    with own_storage() as store:
        settings.MINIO_ENDPOINT, settings.MINIO_BUCKETS = s3_endpoint(), store.buckets
        settings.MINIO_ACCESS_KEY, settings.MINIO_SECRET_KEY = KEY, SECRET
        yield store


@pytest.mark.parametrize(
    ("period", "year"),
    [
        (Period.VOUCHERS, 2054),
        (Period.BANK_STATEMENTS, 2034),
        (Period.PROJECT_FILE, 2034),
        (Period.REJECTED, 2027),
    ],
)
def test_period_ends_so_many_years_later(period, year):
    begins = datetime(2024, 7, 1, 8, 30, tzinfo=UTC)
    assert end_of(period, begins) == begins.replace(year=year)


def test_permanent_goes_as_far_as_stores_can_count():
    begins = datetime(2024, 7, 1, 8, 30, tzinfo=UTC)
    assert end_of(Period.PERMANENT, begins) == LAST
    assert end_of(Period.PERMANENT, datetime(1999, 7, 1, tzinfo=UTC)).year == 2099


def test_period_from_a_leap_day_is_never_shorter():
    leap_day = datetime(2024, 2, 29, tzinfo=UTC)
    assert end_of(Period.VOUCHERS, leap_day) == datetime(2054, 3, 1, tzinfo=UTC)


def test_command_says_that_files_hold_no_retention(capsys, storage):
    call_command("check_storage")
    said = capsys.readouterr().out
    assert len(said.splitlines()) == 2
    with pytest.raises(SystemExit, match="1"):
        call_command("check_storage", "--require-retention")
    assert not [path for path in storage.root.rglob("*") if path.is_file()]


@needs("s3")
def test_command_makes_the_buckets_and_finds_the_lock(in_s3):
    call_command("check_storage", "--require-retention")
    assert in_s3.holds_retention


def test_command_fails_where_nothing_answers(settings):
    settings.MINIO_ENDPOINT = "http://127.0.0.1:9"  # nobody listens there
    settings.MINIO_ACCESS_KEY, settings.MINIO_SECRET_KEY = KEY, SECRET
    with pytest.raises(CommandError, match="does not answer"):
        call_command("check_storage")


@needs("s3")
def test_document_in_s3_remembers_its_version(in_s3, folder, alice):
    document = services.add_document(
        folder, kind="x", upload=upload("a.pdf", files.PDF), by=alice
    )
    version = document.versions.get()
    assert version.storage_version
    in_s3.client.remove_object(f"{in_s3.buckets}-documents", version.storage_key)
    with services.open_version(version, alice) as content:
        assert content.read() == files.PDF


def test_document_in_files_has_none(folder, alice):
    document = services.add_document(
        folder, kind="x", upload=upload("a.pdf", files.PDF), by=alice
    )
    assert document.versions.get().storage_version == ""


@needs("s3")
def test_sweep_finds_out_whether_the_storage_holds(in_s3, db):
    assert not in_s3.holds_retention
    services.sweep()
    assert in_s3.holds_retention
