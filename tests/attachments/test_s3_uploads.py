"""What the store itself refuses of what browsers send it, and going on: against Ceph's
gateway (`make services`)."""

import base64
import hashlib
import http.client
import json
import time
import tracemalloc
import urllib.error
import urllib.parse
import urllib.request
import uuid
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from attachments import uploads
from attachments.models import Upload, UploadState
from attachments.services import add_document, open_version
from attachments.storage import StorageUnavailable, get_incoming, get_storage, new_key
from attachments.storage import s3_arriving as arriving
from attachments.storage.arriving import Incomplete
from attachments.storage.protocol import Class
from attachments.uploads import Purpose, arrived, begin, complete
from tests.attachments import files
from tests.attachments.s3 import KEY, SECRET, own_storage
from tests.services import needs, s3_endpoint

pytestmark = [needs("s3"), pytest.mark.once]

MIB = 1024 * 1024
ORIGIN = "https://grants.example.org"
LONG = b"%PDF-1.4\n" + b"%weigong\n" * (2 * MIB) + b"trailer<</Root 1 0 R>>\n%%EOF\n"


@pytest.fixture(scope="module")
def buckets():
    with own_storage() as storage:
        storage.prepare()
        yield storage.buckets


@pytest.fixture
def s3(settings, buckets):
    """The store as the settings name it."""
    settings.MINIO_ENDPOINT = settings.MINIO_PUBLIC_ENDPOINT = s3_endpoint()
    settings.MINIO_ACCESS_KEY, settings.MINIO_SECRET_KEY = KEY, SECRET
    settings.MINIO_BUCKETS = buckets
    settings.SITE_URL = f"{ORIGIN}/somewhere"
    return get_storage()


@pytest.fixture
def purpose(folder, s3):
    return Purpose(folder.pk, "file", 2 * 1024 * MIB)


def fetch(method, address, body=None, **headers):
    """Status, body and headers of an answer."""
    request = urllib.request.Request(address, body, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read(), answer.headers
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read(), error.headers


def announced(address, length=arriving.PART):
    """The store's answer to the head of a PUT that announces so many bytes."""
    to = urllib.parse.urlsplit(address)
    connection = http.client.HTTPConnection(to.netloc, timeout=30)
    try:
        connection.putrequest("PUT", f"{to.path}?{to.query}")
        connection.putheader("Content-Length", str(length))
        connection.endheaders()
        return connection.getresponse().status
    finally:
        connection.close()


def post(way, content, **changed):
    """Send a form like a browser; status and the store's word for a refusal."""
    mark = uuid.uuid4().hex
    parts = [
        f'--{mark}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in (way["fields"] | changed).items()
    ]
    parts.append(
        f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    )
    body = "".join(parts).encode() + content + f"\r\n--{mark}--\r\n".encode()
    kind = {"Content-Type": f"multipart/form-data; boundary={mark}"}
    status, answer, _headers = fetch("POST", way["action"], body, **kind)
    return status, answer.decode(errors="replace")


def put_parts(upload, content, numbers):
    """Send parts where the store takes them."""
    for number in numbers:
        piece = content[(number - 1) * arriving.PART : number * arriving.PART]
        status, *_rest = fetch("PUT", uploads.part_address(upload, number), piece)
        assert status == 200


def large(alice, purpose, content=LONG):
    return begin(alice, purpose, name="长.pdf", size=len(content))


def left(s3, *sent):
    """Which of these uploads left objects or unfinished parts where files arrive."""
    bucket = s3.bucket(Class.SCRATCH)
    found = {each.object_name for each in s3._unfinished(bucket)}
    found |= {o.object_name for o in s3.client.list_objects(bucket, recursive=True)}
    return [upload for upload in sent if upload.key in found]


# -- a small file: one POST ----------------------------------------------------------


def test_small_file_is_one_post(folder, alice, purpose, s3):
    upload = begin(alice, purpose, name="申报书.pdf", size=len(files.PDF))
    way = uploads.way(upload)
    assert (way["kind"], way["received"]) == ("post", 0)
    assert way["action"].startswith(s3_endpoint())
    assert post(way, files.PDF)[0] == 204
    assert uploads.way(upload)["received"] == len(files.PDF)
    upload = complete(upload)
    assert upload.state == UploadState.READY
    assert left(s3, upload) == []
    file = arrived(alice, "file", str(upload.token))
    version = add_document(folder, kind="other", upload=file, by=alice).versions.get()
    assert version.sha256 == hashlib.sha256(files.PDF).hexdigest()
    assert version.storage_version
    with open_version(version, alice) as content:
        assert content.read() == files.PDF


@pytest.mark.parametrize("extra", [1, 1000])
def test_store_refuses_more_than_the_policy_says(alice, purpose, extra, s3):
    upload = begin(alice, purpose, name="a.pdf", size=len(files.PDF))
    status, answer = post(uploads.way(upload), files.PDF + bytes(extra))
    assert (status, "EntityTooLarge" in answer) == (400, True)
    assert uploads.way(upload)["received"] == 0
    assert left(s3, upload) == []


def test_store_refuses_another_key(alice, purpose):
    way = uploads.way(begin(alice, purpose, name="a.pdf", size=9))
    assert post(way, b"123456789", key=new_key("incoming"))[0] == 403
    assert post(way, b"123456789", key=new_key("letters"))[0] == 403


@pytest.mark.parametrize("part", ["policy", "x-amz-signature", "x-amz-date"])
def test_store_refuses_a_form_that_was_changed(alice, purpose, part):
    way = uploads.way(begin(alice, purpose, name="a.pdf", size=9))
    value = way["fields"][part]
    changed = value[:-3] + ("AAA" if value[-3:] != "AAA" else "BBB")
    status, _answer = post(way, b"123456789", **{part: changed})
    assert status in (400, 403)


def test_store_refuses_a_form_that_is_too_old(alice, purpose, monkeypatch):
    monkeypatch.setattr(arriving, "POLICY", timedelta(seconds=1))
    upload = begin(alice, purpose, name="a.pdf", size=9)
    way = uploads.way(upload)
    time.sleep(2.1)
    assert post(way, b"123456789")[0] in (400, 403)
    assert uploads.way(upload)["received"] == 0


def test_form_works_from_a_moved_clock(alice, purpose, clock):
    clock.forward(days=-400)
    upload = begin(alice, purpose, name="a.pdf", size=len(files.PDF))
    assert post(uploads.way(upload), files.PDF)[0] == 204
    assert complete(upload).state == UploadState.READY


def test_sending_again_after_the_check_changes_nothing(folder, alice, purpose):
    upload = begin(alice, purpose, name="a.pdf", size=len(files.PDF))
    way = uploads.way(upload)
    post(way, files.PDF)
    upload = complete(upload)
    evil = b"MZ" + files.PDF[2:]
    assert post(way, evil)[0] == 204  # the form still lives, and is of no use
    assert complete(upload).state == UploadState.READY
    file = arrived(alice, "file", str(upload.token))
    version = add_document(folder, kind="other", upload=file, by=alice).versions.get()
    with open_version(version, alice) as content:
        assert content.read() == files.PDF


def test_shorter_file_is_not_taken(alice, purpose, s3):
    upload = begin(alice, purpose, name="a.pdf", size=len(files.PDF))
    post(uploads.way(upload), files.PDF[:-1])
    with pytest.raises(Incomplete):
        complete(upload)
    assert post(uploads.way(upload), files.PDF)[0] == 204
    assert complete(upload).state == UploadState.READY


# -- a large one: parts --------------------------------------------------------------


def test_parts_become_the_file_and_go_on_where_they_were(folder, alice, purpose, s3):
    upload = large(alice, purpose)
    put_parts(upload, LONG, [1, 3])
    way = uploads.way(upload)  # what a script asks that begins anew
    assert (way["kind"], way["parts"]) == ("parts", [1, 3])
    with pytest.raises(Incomplete):
        complete(upload)
    upload.refresh_from_db()
    assert (upload.state, upload.ended_at) == (UploadState.BEGUN, None)
    put_parts(upload, LONG, [2])
    assert uploads.way(upload)["received"] == len(LONG)
    upload = complete(upload)
    assert upload.sha256 == hashlib.sha256(LONG).hexdigest()
    assert left(s3, upload) == []
    assert complete(upload).state == UploadState.READY
    file = arrived(alice, "file", str(upload.token))
    version = add_document(folder, kind="other", upload=file, by=alice).versions.get()
    assert (version.size, version.sha256) == (len(LONG), upload.sha256)


def test_part_may_be_sent_again(alice, purpose):
    upload = large(alice, purpose)
    put_parts(upload, bytes(len(LONG)), [1])
    put_parts(upload, LONG, [1, 2, 3])
    assert complete(upload).sha256 == hashlib.sha256(LONG).hexdigest()


def test_large_file_is_copied_in_pieces(alice, purpose, monkeypatch):
    monkeypatch.setattr(arriving, "AT_ONCE", 5 * MIB)
    upload = large(alice, purpose)
    put_parts(upload, LONG, [1, 2, 3])
    upload = complete(upload)
    assert upload.sha256 == hashlib.sha256(LONG).hexdigest()
    assert upload.storage_version


def changed(address, **values):
    parts = urllib.parse.urlsplit(address)
    query = dict(urllib.parse.parse_qsl(parts.query)) | values
    return parts._replace(query=urllib.parse.urlencode(query)).geturl()


def test_address_is_good_for_some_minutes_only(alice, purpose, monkeypatch):
    upload = large(alice, purpose)
    monkeypatch.setattr(arriving, "ADDRESS", timedelta(seconds=1))
    address = uploads.part_address(upload, 1)
    time.sleep(2.1)
    assert fetch("PUT", address, b"x")[0] == 403
    assert uploads.way(upload)["parts"] == []


def test_address_is_good_for_its_part_only(alice, purpose):
    upload, other = large(alice, purpose), large(alice, purpose)
    address = uploads.part_address(upload, 1)
    forged = [
        changed(address, partNumber="2"),
        changed(address, **{"X-Amz-SignedHeaders": "host"}),
        changed(address, uploadId=other.mark),
        changed(address, **{"X-Amz-Expires": "604800"}),
        changed(address, **{"X-Amz-Signature": "0" * 64}),
        address.replace(upload.key, other.key),
        address.replace(upload.key, new_key("letters")),
        address.replace("-scratch/", "-documents/"),
    ]
    piece = LONG[: arriving.PART]
    assert [announced(each) for each in forged] == [403] * len(forged)
    assert [fetch(how, address)[0] for how in ("GET", "DELETE")] == [403, 403]
    assert uploads.way(upload)["parts"] == uploads.way(other)["parts"] == []
    assert fetch("PUT", address, piece)[0] == 200


def test_address_ends(alice, purpose, monkeypatch):
    monkeypatch.setattr(arriving, "ADDRESS", timedelta(seconds=1))
    upload = large(alice, purpose)
    address = uploads.part_address(upload, 1)
    time.sleep(2.1)
    assert announced(address) == 403


@pytest.mark.parametrize("number", [0, 4, 10_000])
def test_there_is_no_address_for_a_part_too_many(alice, purpose, number):
    upload = large(alice, purpose)
    with pytest.raises(FileNotFoundError):
        uploads.part_address(upload, number)


@pytest.mark.parametrize("by", [-1, 1, 20 * MIB])
@pytest.mark.parametrize("number", [1, 3], ids=["whole", "last"])
def test_address_is_good_for_its_length_only(alice, purpose, s3, number, by):
    """The store refuses a part of another length before it takes a byte of it."""
    upload = large(alice, purpose)
    piece = LONG[(number - 1) * arriving.PART : number * arriving.PART]
    address = uploads.part_address(upload, number)
    assert announced(address, len(piece) + by) == 403
    assert uploads.way(upload)["parts"] == []
    assert fetch("PUT", address, piece)[0] == 200
    assert uploads.way(upload)["parts"] == [number]


def test_what_was_given_up_is_ended_in_the_store(alice, purpose, s3):
    upload = large(alice, purpose)
    put_parts(upload, LONG, [1])
    address = uploads.part_address(upload, 2)
    assert left(s3, upload) == [upload]
    uploads.cancel(upload)
    assert left(s3, upload) == []
    assert announced(address) == 404


def test_sweep_ends_what_was_begun_a_day_ago(alice, purpose, s3, clock):
    clock.forward(days=-2)
    upload, small = large(alice, purpose), begin(alice, purpose, name="a.pdf", size=9)
    put_parts(upload, LONG, [1])
    post(uploads.way(small), b"123456789")
    assert left(s3, upload, small) == [upload, small]
    clock.back()
    assert uploads.sweep() == 2
    assert left(s3, upload, small) == []
    states = set(Upload.objects.values_list("state", flat=True))
    assert states == {UploadState.ABANDONED}


def test_refused_file_stays_nowhere(alice, purpose, s3):
    program = b"MZ" + bytes(10 * MIB)
    upload = begin(alice, purpose, name="a.pdf", size=len(program))
    put_parts(upload, program, [1, 2])
    with pytest.raises(ValidationError) as refusal:
        complete(upload)
    assert refusal.value.code == "upload_executable"
    assert left(s3, upload) == []
    assert not get_storage().exists(upload.storage_key)


# -- the rest ------------------------------------------------------------------------


def test_pages_of_ours_may_send_and_others_may_not(alice, purpose):
    address = uploads.part_address(large(alice, purpose), 1)
    asked = {"Access-Control-Request-Method": "PUT"}
    status, _body, headers = fetch("OPTIONS", address, Origin=ORIGIN, **asked)
    assert (status, headers["Access-Control-Allow-Origin"]) == (200, ORIGIN)
    status, _body, headers = fetch(
        "OPTIONS", address, Origin="https://evil.org", **asked
    )
    assert status == 403
    assert headers["Access-Control-Allow-Origin"] is None


def test_nobody_reads_where_files_arrive(alice, purpose, s3):
    upload = begin(alice, purpose, name="a.pdf", size=len(files.PDF))
    post(uploads.way(upload), files.PDF)
    bucket = f"{s3_endpoint()}/{s3.bucket(Class.SCRATCH)}"
    for address in (bucket, f"{bucket}/{upload.key}"):
        assert fetch("GET", address)[0] == 403


def test_browsers_get_an_address_of_their_own(alice, purpose, settings):
    settings.MINIO_PUBLIC_ENDPOINT = "https://files.example.org"
    upload = large(alice, purpose)
    address = uploads.part_address(upload, 1)
    assert address.startswith("https://files.example.org/")
    small = begin(alice, purpose, name="a.pdf", size=9)
    assert uploads.way(small)["action"].startswith("https://files.example.org/")


def test_store_that_does_not_answer(alice, purpose, settings):
    settings.MINIO_ENDPOINT = settings.MINIO_PUBLIC_ENDPOINT = "http://127.0.0.1:9"
    with pytest.raises(StorageUnavailable):
        begin(alice, purpose, name="a.pdf", size=9)
    assert not Upload.objects.exists()


@pytest.mark.slow(20)
def test_large_file_is_not_held_in_memory(folder, alice, purpose):
    step, parts = get_incoming().part_size, 12
    piece = b"weigong\n" * (step // 8)
    upload = begin(alice, purpose, name="long.txt", size=step * parts)
    for number in range(1, parts + 1):
        assert fetch("PUT", uploads.part_address(upload, number), piece)[0] == 200
    tracemalloc.start()
    try:
        upload = complete(upload)
        file = arrived(alice, "file", str(upload.token))
        document = add_document(folder, kind="other", upload=file, by=alice)
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 32 * MIB
    digest = hashlib.sha256()
    for _part in range(parts):
        digest.update(piece)
    assert document.versions.get().sha256 == digest.hexdigest()


def test_policy_says_what_it_is_for(alice, purpose, s3):
    """Nothing but this key, this bucket and a size up to the announced one."""
    upload = begin(alice, purpose, name="a.pdf", size=77)
    policy = json.loads(base64.b64decode(uploads.way(upload)["fields"]["policy"]))
    assert {"bucket": s3.bucket(Class.SCRATCH)} in policy["conditions"]
    assert ["eq", "$key", upload.key] in policy["conditions"]
    assert ["content-length-range", 1, 77] in policy["conditions"]
