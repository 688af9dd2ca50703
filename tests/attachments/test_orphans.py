"""A file without rows is found after a day and removed; any other file stays."""

import io
import os
import time

import pytest

from attachments import services
from attachments.storage import new_key
from tests.attachments import files
from tests.attachments.files import upload


@pytest.fixture
def stray(storage):
    """A stored file of two days ago without a document."""
    key = new_key("letters")
    storage.put(key, io.BytesIO(b"x"))
    make_old(storage, key)
    return key


def make_old(storage, key):
    then = time.time() - 2 * 86400
    os.utime(storage.root / key, (then, then))


def test_orphan_is_reported_and_removed(db, storage, stray, caplog):
    report = services.remove_orphans()

    assert (report.checked, report.orphans, report.deleted) == (1, [stray], 1)
    assert not storage.exists(stray)
    assert stray in caplog.text


def test_orphan_is_only_reported_where_asked(db, storage, stray):
    report = services.remove_orphans(delete=False)

    assert (report.orphans, report.deleted) == ([stray], 0)
    assert storage.exists(stray)


def test_young_file_without_rows_is_left_to_its_upload(folder, storage):
    stored = services.store_upload(folder, upload("a.pdf", files.PDF))

    assert services.remove_orphans().checked == 0
    assert storage.exists(stored.storage_key)


def test_file_of_a_version_stays_however_old(folder, alice, storage):
    document = services.add_document(
        folder, kind="x", upload=upload("a.pdf", files.PDF), by=alice
    )
    key = document.versions.get().storage_key
    make_old(storage, key)

    report = services.remove_orphans()

    assert (report.checked, report.orphans) == (1, [])
    assert storage.exists(key)


def test_file_whose_row_appears_meanwhile_stays(folder, alice, storage):
    document = services.add_document(
        folder, kind="x", upload=upload("a.pdf", files.PDF), by=alice
    )
    key = document.versions.get().storage_key

    assert not services._remove_orphan(storage, key)
    assert storage.exists(key)


def test_files_that_are_not_ours_stay(db, storage, stray):
    foreign = storage.root / "letters" / "2020" / "notes.txt"
    foreign.parent.mkdir(parents=True)
    foreign.write_text("x")
    os.utime(foreign, (0, 0))

    services.remove_orphans()

    assert foreign.exists()


def test_sweep_walks_once_an_hour(db, storage, stray):
    assert services.sweep() == 1
    again = new_key("letters")
    storage.put(again, io.BytesIO(b"x"))
    make_old(storage, again)
    assert services.sweep() == 0
