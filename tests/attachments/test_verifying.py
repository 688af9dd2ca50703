"""``verify_audit --documents``: what was filed is what is stored, on both storages."""

import io
import json
import os
import time
import tracemalloc
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import translation

from attachments import services, verifying
from attachments.models import Version
from attachments.storage import LocalStorage, get_storage, new_key
from audit.findings import Report
from audit.scratch import OtherRun
from audit.testing import as_administrator
from audit.verify import silent
from tests.attachments import files
from tests.attachments.files import upload
from tests.attachments.s3 import KEY, SECRET, own_storage, s3_storage
from tests.services import needs, s3_endpoint

pytestmark = [pytest.mark.once, pytest.mark.django_db]
TABLE = "attachments_version"


@pytest.fixture(params=["local", pytest.param("s3", marks=needs("s3"))])
def store(request, settings):
    """The storage of the settings; what is laid into it is two days old."""
    if request.param == "local":
        yield get_storage()
        return
    with own_storage() as store:
        settings.MINIO_ENDPOINT, settings.MINIO_BUCKETS = s3_endpoint(), store.buckets
        settings.MINIO_ACCESS_KEY, settings.MINIO_SECRET_KEY = KEY, SECRET
        yield get_storage()


@pytest.fixture
def papers(store, folder, alice) -> list[Version]:
    for number in range(3):
        content = files.PDF + b"%% %d\n" % number
        services.add_document(
            folder, kind="letter", upload=upload(f"{number}.pdf", content), by=alice
        )
    return list(Version.objects.order_by("pk"))


def told(*options: str) -> dict[str, Any]:
    """What the command says to programs, and its exit code."""
    out, code = io.StringIO(), 0
    try:
        call_command("verify_audit", "--documents", "--json", *options, stdout=out)
    except SystemExit as end:
        code = int(str(end.code))
    return json.loads(out.getvalue()) | {"code": code}


def findings(*options: str) -> list[tuple[str, Any, str]]:
    report = told(*options)
    assert report["code"] == (1 if report["findings"] else 0)
    return [(f["kind"], f["key"], f["field"]) for f in report["findings"]]


def remove(store, version: Version) -> None:
    if isinstance(store, LocalStorage):
        (store.root / version.storage_key).unlink()
    else:
        bucket = store._bucket_of(version.storage_key)
        store.client.remove_object(bucket, version.storage_key, version.storage_version)


def test_untouched_files_verify(papers) -> None:
    report = told()
    assert (report["code"], report["findings"]) == (0, [])
    assert report["counts"]["documents"] == 3
    assert report["counts"]["bytes"] == sum(v.size for v in papers)


def test_file_overwritten_on_disk_is_named(folder, alice, storage) -> None:
    """By its size and its digest; another of the same size by its digest."""
    for name in "ab":
        services.add_document(
            folder, kind="letter", upload=upload(f"{name}.pdf", files.PDF), by=alice
        )
    one, other = Version.objects.order_by("pk")
    for version, content in ((one, b"sly"), (other, b"x" * other.size)):
        path = storage.root / version.storage_key
        path.chmod(0o640)
        path.write_bytes(content)
    assert findings() == [
        ("document_altered", one.pk, "size"),
        ("document_altered", one.pk, "sha256"),
        ("document_altered", other.pk, "sha256"),
    ]
    out = io.StringIO()
    with translation.override("en"), pytest.raises(SystemExit):
        call_command("verify_audit", "--documents", stdout=out)
    named = f"{TABLE} {one.pk} size: {one.size} → 3 ({one.storage_key} a.pdf)"
    assert f"stored file is not the one that was filed: {named}" in out.getvalue()


def test_missing_and_surplus_files_are_named(store, papers, monkeypatch) -> None:
    remove(store, papers[1])
    key = new_key("letters")
    store.put(key, io.BytesIO(b"ghost"))
    store.put(new_key("export"), io.BytesIO(b"of a moment"))
    if isinstance(store, LocalStorage):
        then = time.time() - 2 * 86400
        os.utime(store.root / key, (then, then))
    else:
        later = store.now() + timedelta(days=2)
        monkeypatch.setattr(type(store), "now", lambda self: later)
    assert findings() == [
        ("document_missing", papers[1].pk, ""),
        ("document_surplus", key, ""),
    ]


@needs("s3")
@pytest.mark.parametrize("store", ["s3"], indirect=True)
def test_another_object_above_a_file_changes_nothing(store, papers) -> None:
    """Until the row says that it is meant: then row and file are named."""
    one = papers[0]
    bucket = store._bucket_of(one.storage_key)
    laid = store.client.put_object(bucket, one.storage_key, io.BytesIO(b"sly"), 3)
    assert findings() == []
    with as_administrator() as cursor:
        cursor.execute(
            f"UPDATE {TABLE} SET storage_version = %s WHERE id = %s",
            [laid.version_id, one.pk],
        )
    assert findings() == [
        ("row_changed", one.pk, "storage_version"),
        ("document_altered", one.pk, "size"),
        ("document_altered", one.pk, "sha256"),
    ]


@needs("s3")
def test_store_that_does_not_answer_leaves_the_record_told(
    folder, alice, storage, monkeypatch
) -> None:
    services.add_document(
        folder, kind="letter", upload=upload("a.pdf", files.PDF), by=alice
    )
    with as_administrator() as cursor:
        cursor.execute(f"UPDATE {TABLE} SET number = 7")
    down = s3_storage(endpoint="http://127.0.0.1:9")
    monkeypatch.setattr(verifying, "get_storage", lambda: down)
    assert [f[0] for f in findings()] == ["row_changed", "documents_unread"]


class Interrupted(Exception):
    """Somebody pulled the plug."""


def test_interrupted_run_goes_on_where_it_was(
    papers, store, tmp_path, monkeypatch
) -> None:
    monkeypatch.setattr(verifying, "AT_ONCE", 1)
    remove(store, papers[0])
    kept = tmp_path / "kept"

    def unplug(what: str, done: int, total: int) -> None:
        raise Interrupted

    with pytest.raises(Interrupted):
        verifying.verify_documents(Report(), None, kept, unplug)
    with pytest.raises(OtherRun):
        verifying.verify_documents(Report(), ["case:17"], kept, silent)
    steps, report = [], Report()
    verifying.verify_documents(report, None, kept, lambda *step: steps.append(step))
    assert [step[1] for step in steps] == [2, 3]
    assert [f.key for f in report.findings] == [papers[0].pk]
    assert report.counts["documents"] == 3
    assert not kept.exists()
    kept.write_text("a letter to somebody")
    with pytest.raises(OtherRun):
        verifying.verify_documents(Report(), None, kept, silent)


def test_large_file_is_read_in_pieces(folder, alice, storage) -> None:
    services.add_document(
        folder, kind="letter", upload=upload("a.pdf", files.PDF), by=alice
    )
    version = Version.objects.get()
    path = storage.root / version.storage_key
    path.chmod(0o640)
    with path.open("wb") as large:
        large.truncate(64 * 2**20)
    tracemalloc.start()
    report = Report()
    verifying.verify_documents(report, None, None, silent)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert report.counts["bytes"] == 64 * 2**20
    assert peak < 8 * 2**20


def test_files_of_one_case(papers, person) -> None:
    """Only those of its streams are read."""
    report = Report()
    verifying.verify_documents(report, ["case:18"], None, silent)
    assert report.counts["documents"] == 0
    verifying.verify_documents(report, ["case:17"], None, silent)
    assert report.counts["documents"] == 3
