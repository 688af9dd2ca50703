"""Files that come ahead of their form: sent in pieces, bound to a person and a folder,
checked like any other, taken once."""

import hashlib
import io
import json
import os
import tracemalloc
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation

from attachments import registry, services, uploads
from attachments.models import Document, Upload, UploadState, Version
from attachments.services import add_document, open_folder, open_version, store_upload
from attachments.storage import get_incoming, new_key
from attachments.storage.arriving import Incomplete, LocalIncoming, WrongOffset
from attachments.uploads import Arrived, Purpose, Refused, arrived, begin, complete
from audit.models import Event
from audit.record import record
from tests.attachments import files
from tests.attachments.corpus import CORPUS

MIB = 1024 * 1024
HALF = len(files.PDF) // 2


@pytest.fixture
def purpose(folder):
    return Purpose(folder.pk, "file", 2 * 1024 * MIB)


def send(upload, content, *, at=0):
    return uploads.receive(upload, at, io.BytesIO(content), len(content))


def ready(by, purpose, content=files.PDF, name="申报书.pdf"):
    upload = begin(by, purpose, name=name, size=len(content))
    step = get_incoming().part_size
    for at in range(0, len(content), step):
        send(upload, content[at : at + step], at=at)
    return complete(upload)


def file_of(upload):
    found = arrived(upload.owner, upload.field, str(upload.token))
    assert isinstance(found, Arrived)
    return found


def incoming_files():
    return list((settings.MEDIA_ROOT / ".incoming").glob("*"))


def stored_files():
    return list(settings.MEDIA_ROOT.glob("[a-z]*/*/*"))


# -- sending -------------------------------------------------------------------------


def test_pieces_become_the_file(folder, alice, purpose):
    upload = begin(alice, purpose, name="申报书.pdf", size=len(files.PDF))
    assert uploads.way(upload) == {
        "kind": "own",
        "part_size": 4 * MIB,
        "received": 0,
        "parts": [],
    }
    assert send(upload, files.PDF[:HALF]) == HALF
    assert uploads.way(upload)["received"] == HALF
    assert send(upload, files.PDF[HALF:], at=HALF) == len(files.PDF)
    upload = complete(upload)

    assert upload.state == UploadState.READY
    assert upload.sha256 == hashlib.sha256(files.PDF).hexdigest()
    assert upload.content_type == "application/pdf"
    assert incoming_files() == []
    assert not Document.objects.exists()
    document = add_document(folder, kind="other", upload=file_of(upload), by=alice)
    version = document.versions.get()
    assert (version.name, version.size) == ("申报书.pdf", len(files.PDF))
    assert (version.sha256, version.uploaded_by) == (upload.sha256, alice)
    with open_version(version, alice) as content:
        assert content.read() == files.PDF
    upload.refresh_from_db()
    assert upload.state == UploadState.TAKEN
    assert len(stored_files()) == 1


def test_event_tells_when_the_upload_began_and_ended(folder, alice, purpose, clock):
    began = clock.to("2026-03-01 09:00")
    upload = begin(alice, purpose, name="a.pdf", size=len(files.PDF))
    clock.to("2026-03-01 09:20")
    send(upload, files.PDF)
    complete(upload)
    clock.to("2026-03-01 10:00")
    add_document(folder, kind="other", upload=file_of(upload), by=alice)

    upload.refresh_from_db()
    told = json.loads(Event.objects.get(verb="add_document").line)["data"]
    assert told == {
        "upload_began": upload.begun_at.isoformat(),
        "upload_ended": upload.ended_at.isoformat(),
    }
    assert timedelta(0) <= upload.begun_at - began < timedelta(seconds=30)
    passed = upload.ended_at - upload.begun_at
    assert timedelta(minutes=19) < passed < timedelta(minutes=21)


def test_broken_piece_keeps_what_came(alice, purpose):
    upload = begin(alice, purpose, name="a.pdf", size=len(files.PDF))
    broken = io.BytesIO(files.PDF[:HALF])  # the connection ends before its length
    assert uploads.receive(upload, 0, broken, len(files.PDF)) == HALF
    assert uploads.way(upload)["received"] == HALF
    send(upload, files.PDF[HALF:], at=HALF)
    assert complete(upload).sha256 == hashlib.sha256(files.PDF).hexdigest()


@pytest.mark.parametrize("at", [0, HALF - 1, HALF + 1])
def test_piece_of_another_place_is_refused(alice, purpose, at):
    upload = begin(alice, purpose, name="a.pdf", size=len(files.PDF))
    send(upload, files.PDF[:HALF])
    with pytest.raises(WrongOffset) as gap:
        send(upload, b"x", at=at)
    assert gap.value.received == HALF
    assert uploads.way(upload)["received"] == HALF


def test_more_than_was_announced_is_refused(alice, purpose):
    upload = begin(alice, purpose, name="a.pdf", size=10)
    with pytest.raises(ValidationError):
        send(upload, bytes(11))
    assert uploads.way(upload)["received"] == 0


def test_piece_has_a_limit(alice, purpose):
    upload = begin(alice, purpose, name="a.pdf", size=40 * MIB)
    with pytest.raises(ValidationError):
        uploads.receive(upload, 0, io.BytesIO(), 4 * MIB + 1)


def test_less_than_was_announced_is_no_file_yet(alice, purpose):
    upload = begin(alice, purpose, name="a.pdf", size=len(files.PDF))
    send(upload, files.PDF[:HALF])
    with pytest.raises(Incomplete) as gap:
        complete(upload)
    assert gap.value.received == HALF
    upload.refresh_from_db()
    assert (upload.state, upload.ended_at) == (UploadState.BEGUN, None)
    send(upload, files.PDF[HALF:], at=HALF)
    assert complete(upload).state == UploadState.READY


def test_complete_may_be_repeated(alice, purpose):
    upload = ready(alice, purpose)
    ended = upload.ended_at
    again = complete(uploads.upload_of(alice, upload.token))
    assert (again.state, again.ended_at) == (UploadState.READY, ended)
    with pytest.raises(FileNotFoundError):
        send(again, b"x")


def test_check_that_died_is_done_by_the_next_call(alice, purpose, monkeypatch):
    upload = begin(alice, purpose, name="a.pdf", size=len(files.PDF))
    send(upload, files.PDF)

    def dies(upload):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(uploads, "_look_into", dies)
        with pytest.raises(KeyboardInterrupt):
            complete(upload)
    upload = uploads.upload_of(alice, upload.token)
    assert upload.state == UploadState.CHECKING
    assert complete(upload).state == UploadState.READY
    assert len(stored_files()) == 1


def test_check_under_way_is_left_alone(alice, purpose, clock):
    upload = begin(alice, purpose, name="a.pdf", size=len(files.PDF))
    send(upload, files.PDF)
    assert uploads._claim(upload)
    other = uploads.upload_of(alice, upload.token)
    assert complete(other).state == UploadState.CHECKING
    clock.forward(minutes=16)
    assert complete(other).state == UploadState.READY


@pytest.mark.once
def test_of_two_who_send_the_same_piece_one_is_told(storage):
    """Two windows, or one request that was given up and still runs."""
    incoming, key = LocalIncoming(storage), new_key("incoming")
    incoming.begin(key, 99)
    piece, told = bytes(range(256)) * 4096, []

    def write(_turn):
        try:
            incoming.write(key, 0, io.BytesIO(piece), len(piece))
        except WrongOffset as gap:
            told.append(gap.received)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(8)))
    assert told == [len(piece)] * 7
    assert incoming.received(key, "").size == len(piece)


def test_nothing_is_written_into_a_file_that_was_taken(storage):
    incoming, key, to = LocalIncoming(storage), new_key("incoming"), new_key("letters")
    incoming.begin(key, 4)
    incoming.write(key, 0, io.BytesIO(b"good"), 4)
    incoming.take(key, "", 4, to=to)
    with pytest.raises(FileNotFoundError):
        incoming.write(key, 4, io.BytesIO(b"evil"), 4)
    with storage.open(to) as content:
        assert content.read() == b"good"
    assert incoming.take(key, "", 4, to=to) == ""  # repeated


# -- what is taken ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.pdf", b"MZ" + bytes(60)),
        ("a.pdf", files.PNG),
        ("a.zip", files.archive("../../etc/passwd")),
        ("a.docx", files.archive("[Content_Types].xml", "word/vbaProject.bin")),
    ],
)
def test_content_decides(folder, alice, purpose, name, content):
    upload = begin(alice, purpose, name=name, size=len(content))
    send(upload, content)
    with pytest.raises(ValidationError):
        complete(upload)
    upload.refresh_from_db()
    assert upload.state == UploadState.REFUSED
    assert stored_files() == incoming_files() == []
    assert isinstance(arrived(alice, "file", str(upload.token)), Refused)


@pytest.mark.once
def test_what_is_refused_with_a_form_is_refused_ahead_of_it(alice, purpose):
    """In the same words, and nothing of it stays."""
    said = {}
    for bad in CORPUS:
        with translation.override("en"), pytest.raises(ValidationError) as refusal:
            ready(alice, purpose, bad.data, bad.name)
        said[bad.name, bad.data] = refusal.value.messages[0]
    assert said == {(bad.name, bad.data): bad.refusal for bad in CORPUS}
    assert stored_files() == incoming_files() == []


@pytest.mark.parametrize(
    ("name", "size"),
    [("../a.pdf", 10), ("a\u202e.pdf", 10), ("a.pdf", 0), ("a.pdf", 2**31 + 1)],
)
def test_name_and_size_are_asked_about_first(alice, purpose, name, size):
    with pytest.raises(ValidationError):
        begin(alice, purpose, name=name, size=size)
    assert not Upload.objects.exists()


def test_limit_is_the_purposes_and_not_that_of_a_form(folder, alice, settings):
    settings.UPLOAD_MAX_BYTES = 10
    upload = ready(alice, Purpose(folder.pk, "file", 1000))
    document = add_document(folder, kind="other", upload=file_of(upload), by=alice)
    assert document.versions.get().size == len(files.PDF)
    with pytest.raises(ValidationError):
        begin(alice, Purpose(folder.pk, "file", 1000), name="a.pdf", size=1001)


def test_too_many_at_once(alice, purpose, monkeypatch):
    monkeypatch.setattr(uploads, "MOST_OPEN", 2)
    first = begin(alice, purpose, name="a.pdf", size=9)
    begin(alice, purpose, name="b.pdf", size=9)
    with pytest.raises(ValidationError):
        begin(alice, purpose, name="c.pdf", size=9)
    uploads.cancel(first)
    begin(alice, purpose, name="c.pdf", size=9)


def test_too_much_at_once(folder, alice, settings):
    settings.UPLOAD_DIRECT_MAX_BYTES = 100
    purpose = Purpose(folder.pk, "file", 100)
    for number in range(10):
        begin(alice, purpose, name=f"{number}.pdf", size=99)
    with pytest.raises(ValidationError):
        begin(alice, purpose, name="a.pdf", size=11)
    begin(alice, purpose, name="a.pdf", size=10)


# -- whose it is ---------------------------------------------------------------------


def test_page_signs_for_one_person(alice, mallory, purpose):
    signed = purpose.signed_for(alice)
    assert signed == purpose.signed_for(alice)
    assert uploads.purpose_in(signed, alice) == purpose
    with pytest.raises(PermissionDenied):
        uploads.purpose_in(signed, mallory)
    with pytest.raises(PermissionDenied):
        uploads.purpose_in(signed.replace("file", "life") + "x", alice)


def test_begin_asks_the_owner_of_the_folder(bob, purpose):
    with pytest.raises(PermissionDenied):
        begin(bob, purpose, name="a.pdf", size=9)
    assert Event.objects.filter(verb="refused:begin_upload").count() == 1


def test_token_of_somebody_else_is_refused(folder, alice, mallory, purpose):
    upload = ready(alice, purpose)
    with pytest.raises(Upload.DoesNotExist):
        uploads.upload_of(mallory, upload.token)
    found = arrived(mallory, "file", str(upload.token))
    assert isinstance(found, Refused)
    with pytest.raises(ValidationError) as refusal:
        store_upload(folder, found)
    assert refusal.value.code == "upload_gone"
    assert Event.objects.filter(verb="refused:take_upload").count() == 1
    assert not Version.objects.exists()


def test_token_of_another_field_or_none_is_refused(alice, purpose):
    upload = ready(alice, purpose)
    assert isinstance(arrived(alice, "other", str(upload.token)), Refused)
    assert isinstance(arrived(alice, "file", str(uuid.uuid4())), Refused)
    assert isinstance(arrived(alice, "file", "nonsense"), Refused)


def test_token_of_another_folder_is_refused(alice, purpose):
    upload = ready(alice, purpose)
    with record("open_folder", by="system:tests"):
        other = open_folder("letters", stream="case:18")
    with pytest.raises(ValidationError) as refusal:
        add_document(other, kind="other", upload=file_of(upload), by=alice)
    assert refusal.value.code == "upload_gone"


def test_folder_that_an_act_makes_takes_only_its_kind(folder, alice, purpose):
    upload = ready(alice, purpose)
    stored = store_upload(type(folder)(kind="letters"), file_of(upload))
    with record("open_folder", by="system:tests"):
        other = open_folder("letters", stream="case:18")
    with pytest.raises(PermissionDenied):
        add_document(other, kind="other", upload=stored, by=alice)
    assert not Version.objects.exists()
    assert add_document(folder, kind="other", upload=stored, by=alice)


def test_token_is_taken_once(folder, alice, purpose):
    upload = ready(alice, purpose)
    add_document(folder, kind="other", upload=file_of(upload), by=alice)
    with pytest.raises(ValidationError) as refusal:
        add_document(folder, kind="other", upload=file_of(upload), by=alice)
    assert refusal.value.code == "upload_gone"
    assert Version.objects.count() == 1


def test_act_that_was_refused_finds_its_paper_again(folder, alice, purpose):
    upload = ready(alice, purpose)
    add = {"kind": "other", "by": alice, "reuse": True}
    first = add_document(folder, upload=file_of(upload), **add)
    assert add_document(folder, upload=file_of(upload), **add) == first


def test_nothing_is_taken_where_the_folder_closed_meanwhile(
    folder, alice, purpose, monkeypatch
):
    upload = ready(alice, purpose)
    answers = iter([True, False])
    monkeypatch.setattr(registry, "can_write", lambda user, folder: next(answers))
    with pytest.raises(PermissionDenied):
        add_document(folder, kind="other", upload=file_of(upload), by=alice)
    upload.refresh_from_db()
    assert upload.state == UploadState.READY


# -- what is not taken -----------------------------------------------------------------


@pytest.mark.parametrize("far", ["begun", "ready"])
def test_what_nobody_takes_goes_after_a_day(alice, purpose, clock, far):
    clock.to("2026-03-01 09:00")
    upload = ready(alice, purpose) if far == "ready" else None
    if upload is None:
        upload = begin(alice, purpose, name="a.pdf", size=99)
        send(upload, b"x")
    clock.to("2026-03-02 08:59")
    assert uploads.sweep() == 0
    assert incoming_files() or stored_files()
    clock.to("2026-03-02 09:01")
    assert isinstance(arrived(alice, "file", str(upload.token)), Refused)
    assert uploads.sweep() == 1
    assert incoming_files() == stored_files() == []
    with pytest.raises(Upload.DoesNotExist):
        uploads.upload_of(alice, upload.token)
    clock.to("2026-03-10 09:00")
    assert uploads.sweep() == 0
    assert not Upload.objects.exists()


def test_what_was_taken_stays(folder, alice, purpose, clock):
    clock.to("2026-03-01 09:00")
    upload = ready(alice, purpose)
    document = add_document(folder, kind="other", upload=file_of(upload), by=alice)
    clock.to("2026-03-20 09:00")
    assert uploads.sweep() == 0
    uploads.cancel(upload)
    with open_version(document.versions.get(), alice) as content:
        assert content.read() == files.PDF


def test_cancel_removes_the_bytes_at_once(alice, purpose):
    for upload in (ready(alice, purpose), begin(alice, purpose, name="b.pdf", size=9)):
        uploads.cancel(upload)
        assert isinstance(arrived(alice, "file", str(upload.token)), Refused)
        with pytest.raises(FileNotFoundError):
            send(upload, b"x")
    assert incoming_files() == stored_files() == []


def test_file_whose_row_was_never_written_goes_after_a_day(storage):
    LocalIncoming(storage).begin(new_key("incoming"), 99)
    (lost,) = incoming_files()
    assert storage.discard_unfinished(min_age=services.ORPHAN_AGE) == 0
    os.utime(lost, (0, 0))
    assert storage.discard_unfinished(min_age=services.ORPHAN_AGE) == 1
    assert incoming_files() == []


def test_orphans_leave_what_is_on_its_way(alice, purpose):
    begin(alice, purpose, name="a.pdf", size=9)
    report = services.remove_orphans()
    assert (report.checked, report.deleted) == (0, 0)
    assert len(incoming_files()) == 1


# -- memory ----------------------------------------------------------------------------


class Long(io.RawIOBase):
    """A text file of many megabytes that is nowhere whole."""

    def __init__(self, size):
        self.left = size

    def read(self, size=-1):
        size = min(size, self.left)
        self.left -= size
        return b"weigong\n" * (size // 8)


@pytest.mark.slow(20)
@pytest.mark.once
def test_two_hundred_megabytes_pass_in_pieces(folder, alice, purpose):
    size = 200 * MIB
    upload = begin(alice, purpose, name="long.txt", size=size)
    step = get_incoming().part_size
    tracemalloc.start()
    try:
        for at in range(0, size, step):
            uploads.receive(upload, at, Long(step), step)
        upload = complete(upload)
        document = add_document(folder, kind="other", upload=file_of(upload), by=alice)
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 32 * MIB
    assert document.versions.get().size == size
    digest = hashlib.sha256()
    for _turn in range(size // MIB):
        digest.update(b"weigong\n" * (MIB // 8))
    assert document.versions.get().sha256 == digest.hexdigest()


def test_file_that_comes_with_its_form_is_as_before(folder, alice):
    plain = SimpleUploadedFile("a.pdf", files.PDF)
    document = add_document(folder, kind="other", upload=plain, by=alice)
    assert document.versions.get().sha256 == hashlib.sha256(files.PDF).hexdigest()
    assert json.loads(Event.objects.get(verb="add_document").line)["data"] == {}
