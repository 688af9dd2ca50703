"""Checkpoints of the record in the archive class: on files, and locked in S3."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation
from minio.error import S3Error

from attachments import checkpoints as archives
from attachments.checkpoints import LockedArchive, key_of
from attachments.retention import LAST
from audit import checkpoints, keys
from audit.models import Checkpoint
from audit.record import record
from audit.verify import verify
from tests.attachments.s3 import own_storage, s3_storage
from tests.services import needs

pytestmark = pytest.mark.once


@pytest.fixture(params=["files", pytest.param("s3", marks=needs("s3"))])
def store(request, storage, monkeypatch):
    """The storage of the documents, on files and on the S3 server."""
    if request.param == "files":
        yield storage
        return
    with own_storage() as locked:
        monkeypatch.setattr(archives, "get_storage", lambda: locked)
        yield locked


@pytest.fixture
def locked(monkeypatch):
    with own_storage() as locked:
        monkeypatch.setattr(archives, "get_storage", lambda: locked)
        yield locked


@pytest.fixture
def signing(settings, tmp_path, store):
    settings.CHECKPOINT_ARCHIVE = "attachments.checkpoints.LockedArchive"
    settings.CHECKPOINT_PUBLIC_KEYS = [keys.make(tmp_path / "key")]
    settings.CHECKPOINT_KEY_FILE = str(tmp_path / "key")
    return keys.load()


def act(stream: str) -> None:
    with record("act", by="system:test", stream=stream):
        pass


def test_each_is_written_once_and_read_back(store):
    archive = LockedArchive()
    assert archive.numbers() == set()
    archive.write(7, ["one", "第二行"])
    archive.write(12, ["other"])
    with pytest.raises(FileExistsError):
        archive.write(7, ["forged"])
    fresh = LockedArchive()
    assert fresh.numbers() == {7, 12}
    assert list(fresh.lines(7)) == ["one", "第二行"]
    assert list(LockedArchive().lines(12)) == ["other"]
    with pytest.raises(FileNotFoundError):
        list(fresh.lines(8))


def test_stamps_lie_beside_them(store):
    archive = LockedArchive()
    archive.write(7, ["one"])
    archive.write_stamp(7, b"\x30\x82answer\x00")
    with pytest.raises(FileExistsError):
        archive.write_stamp(7, b"forged")
    fresh = LockedArchive()
    assert fresh.numbers() == fresh.stamps() == {7}
    assert fresh.stamp(7) == b"\x30\x82answer\x00"
    assert list(fresh.lines(7)) == ["one"]
    with pytest.raises(FileNotFoundError):
        fresh.stamp(8)


@pytest.mark.django_db
def test_checkpoints_lie_there_and_the_record_verifies(store, signing):
    act("case:1")
    assert checkpoints.make(signing, False) is not None
    act("case:2")
    assert checkpoints.make(signing, False) is not None
    assert LockedArchive().numbers() == {1, 2}
    report = verify()
    assert not report.findings
    assert report.reach.unarchived == 0
    assert Checkpoint.objects.count() == 2


@needs("s3")
def test_nobody_removes_one_before_its_time(locked):
    LockedArchive().write(1, ["true"])
    version = locked.originals("checkpoint")[key_of(1)]
    until = locked.retention_of(key_of(1), version=version)
    assert until == LAST
    bucket = locked.bucket("archive")
    with pytest.raises(S3Error):
        locked.client.remove_object(bucket, key_of(1), version)


@needs("s3")
def test_what_is_put_above_it_or_marked_deleted_changes_nothing(locked):
    LockedArchive().write(1, ["true"])
    bucket = locked.bucket("archive")
    locked.client.put_object(bucket, key_of(1), io.BytesIO(b"forged\n"), 7)
    assert list(LockedArchive().lines(1)) == ["true"]
    locked.client.remove_object(bucket, key_of(1))  # a mark: nothing is gone
    assert LockedArchive().numbers() == {1}
    assert list(LockedArchive().lines(1)) == ["true"]


@needs("s3")
def test_a_server_that_is_down_is_an_error_of_the_archive(monkeypatch):
    down = s3_storage(endpoint="http://127.0.0.1:9")
    monkeypatch.setattr(archives, "get_storage", lambda: down)
    with pytest.raises(OSError, match="does not answer"):
        LockedArchive().numbers()
    with pytest.raises(OSError, match="does not answer"):
        LockedArchive().write(1, ["true"])


@needs("s3")
@pytest.mark.django_db
def test_verifying_says_that_the_archive_cannot_be_read(monkeypatch, settings):
    down = s3_storage(endpoint="http://127.0.0.1:9")
    monkeypatch.setattr(archives, "get_storage", lambda: down)
    settings.CHECKPOINT_ARCHIVE = "attachments.checkpoints.LockedArchive"
    with translation.override("en"), pytest.raises(CommandError, match="cannot be r"):
        call_command("verify_audit")
