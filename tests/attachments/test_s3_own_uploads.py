"""Files that pass through us into a store that browsers do not reach: against Ceph's
gateway (`make services`)."""

import contextlib
import hashlib
import io
import tracemalloc
from concurrent.futures import ThreadPoolExecutor

import pytest

from attachments import uploads
from attachments.models import UploadState
from attachments.services import add_document, open_version
from attachments.storage import get_incoming, get_storage, new_key
from attachments.storage.arriving import Incomplete, WrongOffset
from attachments.storage.protocol import Class
from attachments.storage.s3_own import PART, S3OwnIncoming
from attachments.uploads import Purpose, arrived, begin, complete
from tests.attachments import files
from tests.attachments.s3 import KEY, SECRET, own_storage
from tests.services import needs, s3_endpoint

pytestmark = [needs("s3"), pytest.mark.once]

MIB = 1024 * 1024
LONG = b"%PDF-1.4\n" + b"%weigong\n" * (2 * MIB) + b"trailer<</Root 1 0 R>>\n%%EOF\n"


@pytest.fixture(scope="module")
def buckets():
    with own_storage() as storage:
        storage.prepare()
        yield storage.buckets


@pytest.fixture
def s3(settings, buckets):
    """As docker-compose.yml has it: the store is for our processes alone."""
    settings.MINIO_ENDPOINT, settings.MINIO_PUBLIC_ENDPOINT = s3_endpoint(), ""
    settings.MINIO_ACCESS_KEY, settings.MINIO_SECRET_KEY = KEY, SECRET
    settings.MINIO_BUCKETS = buckets
    assert isinstance(get_incoming(), S3OwnIncoming)
    return get_storage()


@pytest.fixture
def purpose(folder, s3):
    return Purpose(folder.pk, "file", 2 * 1024 * MIB)


def send(upload, content, since=0):
    """As the script does: piece after piece from the byte that is there."""
    for at in range(since, len(content), PART):
        piece = content[at : at + PART]
        assert uploads.receive(upload, at, io.BytesIO(piece), len(piece)) == at + len(
            piece
        )


def left(s3, upload):
    """Whether it left an object or unfinished parts where files arrive."""
    bucket = s3.bucket(Class.SCRATCH)
    found = {each.object_name for each in s3._unfinished(bucket)}
    found |= {o.object_name for o in s3.client.list_objects(bucket, recursive=True)}
    return upload.key in found


@pytest.mark.parametrize("content", [files.PDF, LONG], ids=["small", "long"])
def test_file_goes_through_us_and_is_what_was_sent(folder, alice, purpose, s3, content):
    upload = begin(alice, purpose, name="长.pdf", size=len(content))
    assert uploads.way(upload) == {
        "kind": "own",
        "part_size": PART,
        "received": 0,
        "parts": [],
    }
    send(upload, content)
    assert uploads.way(upload)["received"] == len(content)
    upload = complete(upload)
    assert upload.state == UploadState.READY
    assert upload.sha256 == hashlib.sha256(content).hexdigest()
    assert not left(s3, upload)
    file = arrived(alice, "file", str(upload.token))
    version = add_document(folder, kind="other", upload=file, by=alice).versions.get()
    assert version.storage_version
    with open_version(version, alice) as stored:
        assert stored.read() == content


def test_it_goes_on_from_the_last_whole_piece(alice, purpose):
    upload = begin(alice, purpose, name="a.pdf", size=len(LONG))
    send(upload, LONG[:PART])
    cut = LONG[PART : 2 * PART]
    assert uploads.receive(upload, PART, io.BytesIO(cut[:-9]), len(cut)) == PART
    with pytest.raises(WrongOffset) as gap:
        uploads.receive(upload, 2 * PART, io.BytesIO(b"later"), 5)
    assert gap.value.received == PART
    with pytest.raises(Incomplete):
        complete(upload)
    upload.refresh_from_db()
    send(upload, LONG, since=uploads.way(upload)["received"])
    assert complete(upload).sha256 == hashlib.sha256(LONG).hexdigest()


def test_two_windows_that_send_the_same_make_one_file(alice, purpose):
    upload = begin(alice, purpose, name="a.pdf", size=len(LONG))
    incoming, piece = get_incoming(), LONG[:PART]

    def write(_turn):
        with contextlib.suppress(WrongOffset):  # told how much is there
            source = io.BytesIO(piece)
            incoming.write(upload.key, 0, source, len(piece), mark=upload.mark)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))
    send(upload, LONG, since=PART)
    assert complete(upload).sha256 == hashlib.sha256(LONG).hexdigest()


def test_what_was_given_up_is_ended_in_the_store(alice, purpose, s3):
    upload = begin(alice, purpose, name="a.pdf", size=len(LONG))
    send(upload, LONG[:PART])
    assert left(s3, upload)
    uploads.cancel(upload)
    assert not left(s3, upload)
    with pytest.raises(FileNotFoundError):
        get_incoming().write(upload.key, PART, io.BytesIO(b"x"), 1, mark=upload.mark)


def test_there_is_no_address_past_us(alice, purpose):
    upload = begin(alice, purpose, name="a.pdf", size=len(LONG))
    with pytest.raises(FileNotFoundError):
        uploads.part_address(upload, 1)
    with pytest.raises(FileNotFoundError):
        get_incoming().received(new_key("incoming"), upload.mark)


@pytest.mark.slow(20)
def test_large_file_is_not_held_in_memory(alice, purpose):
    parts, piece = 12, b"weigong\n" * (PART // 8)
    upload = begin(alice, purpose, name="long.txt", size=PART * parts)
    tracemalloc.start()
    try:
        for number in range(parts):
            uploads.receive(upload, number * PART, io.BytesIO(piece), PART)
        upload = complete(upload)
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 32 * MIB
    assert upload.state == UploadState.READY
