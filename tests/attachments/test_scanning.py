"""Nobody but the uploader opens a file before its verdict; nobody an infected one."""

import io
import signal
import socket
import threading
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils.translation import override

from attachments import scanner, scanning, services
from attachments.models import Scan, Version
from audit.models import Event
from outbox import registry as letters_registry
from tests.attachments import files
from tests.attachments.clamd import fake_clamd
from tests.attachments.files import upload
from tests.outbox.processes import run
from tests.services import clamd_address, needs

MIB = 1024 * 1024


@pytest.fixture
def clamd(settings):
    with fake_clamd() as server:
        settings.CLAMD_URL = server.url
        yield server


@pytest.fixture
def nobody_answers(settings):
    """The address of a scanner that is not running."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        settings.CLAMD_URL = f"tcp://127.0.0.1:{free.getsockname()[1]}"
    return settings.CLAMD_URL


@pytest.fixture
def told(monkeypatch):
    """What the apps above are told of."""
    heard = []
    monkeypatch.setattr(letters_registry, "_handlers", {})
    letters_registry.register(
        "infected", lambda verb, *, version: heard.append(version.pk) or []
    )
    return heard


@pytest.fixture
def file(folder, alice):
    """Add a file and return its version."""

    def add(content=files.PDF, name="a.pdf"):
        document = services.add_document(
            folder, kind="x", upload=upload(name, content), by=alice
        )
        return document.versions.get()

    return add


@pytest.fixture
def infected(file):
    return file(files.eicar(), "eicar.txt")


def may_open(version, by):
    try:
        services.open_version(Version.objects.get(pk=version.pk), by).close()
    except scanning.Withheld as refused:
        return refused.code
    return True


def events(verb="scan"):
    return list(Event.objects.filter(verb=verb).values_list("stream", flat=True))


def state(version):
    return Version.objects.get(pk=version.pk).scan_state


def test_without_a_scanner_files_are_open_and_say_that_nobody_looked(file, alice, bob):
    version = file()
    assert scanning.sweep() == 0
    assert state(version) == "NOT_SCANNED"
    assert may_open(version, bob) is True
    assert scanning.queue() == scanning.ScanQueue(0, None, 0)


def test_until_its_verdict_only_the_uploader_opens_a_file(
    clamd, file, alice, bob, monkeypatch
):
    version = file()
    assert may_open(version, alice) is True
    assert may_open(version, bob) == "waiting"
    refused = Event.objects.filter(verb="refused:open_version")
    assert [e.stream for e in refused] == [f"organisations_user:{bob.pk}"]
    assert scanning.queue().waiting == 1

    assert scanning.sweep() == 1
    assert state(version) == "CLEAN"
    assert may_open(version, bob) is True
    assert clamd.scanned == [files.PDF]
    assert events() == ["case:17"]
    assert scanning.queue().waiting == 0
    later = scanning.timezone.now() + scanning.LEASE * 2
    monkeypatch.setattr(scanning.timezone, "now", lambda: later)
    assert scanning.sweep() == 0
    assert not Scan.objects.exists(), "nothing is left in the queue"


def test_sweeping_again_asks_and_writes_nothing(clamd, file):
    file()
    assert scanning.sweep() == 1
    before = Event.objects.count()
    assert scanning.sweep() == 0
    assert len(clamd.scanned) == 1
    assert Event.objects.count() == before


def test_nobody_opens_an_infected_file_and_it_is_told(
    clamd, infected, told, settings, alice, bob
):
    assert scanning.sweep() == 1
    version = Version.objects.get()
    assert (version.scan_state, version.threat) == ("INFECTED", "Eicar-Test-Signature")
    assert version.scanned_at
    assert told == [version.pk]
    assert events() == ["case:17"]
    assert may_open(version, alice) == may_open(version, bob) == "infected"
    settings.CLAMD_URL = ""  # a scanner that is taken away lets nothing out
    assert may_open(version, alice) == "infected"


def test_file_of_somebody_without_an_account_waits_for_everybody(
    clamd, folder, alice, letters
):
    from audit.record import record

    stored = services.store_upload(folder, upload("a.pdf", files.PDF))
    with record("object", by="system:public"):
        document = services.add_from_public(folder, kind="x", upload=stored)
    version = document.versions.get()
    assert may_open(version, alice) == "waiting"
    assert scanning.sweep() == 1
    assert may_open(version, alice) is True


def test_scanner_that_is_down_leaves_all_waiting_and_says_so(
    nobody_answers, file, bob, settings, caplog
):
    first, second = file(), file()
    assert scanning.sweep() == 0
    assert scanning.is_down()
    assert "nothing is scanned" in caplog.text
    assert {state(first), state(second)} == {"NOT_SCANNED"}
    assert may_open(first, bob) == "waiting"
    assert not scanning.queue().failing, "it is not the file's fault"
    with fake_clamd() as server:
        settings.CLAMD_URL = server.url
        assert scanning.sweep() == 2
    assert not scanning.is_down()
    assert state(first) == state(second) == "CLEAN"


def test_storage_that_is_down_leaves_all_waiting(clamd, file, settings):
    version = file()
    settings.MINIO_ENDPOINT = "http://127.0.0.1:9"  # nobody listens there
    settings.MINIO_ACCESS_KEY, settings.MINIO_SECRET_KEY = "key", "secret"
    assert scanning.sweep() == 0
    assert state(version) == "NOT_SCANNED"
    assert not scanning.is_down()
    settings.MINIO_ENDPOINT = ""
    assert scanning.sweep() == 1


def test_file_too_large_for_the_scanner_waits_and_lets_the_others_pass(
    clamd, file, bob, monkeypatch
):
    large, small = file(b"x" * 900_000, "large.txt"), file()
    clamd.limit = 1000
    assert scanning.sweep() == 1
    assert (state(large), state(small)) == ("NOT_SCANNED", "CLEAN")
    assert may_open(large, bob) == "waiting"
    assert scanning.queue().failing == 1
    scan = Scan.objects.get(version=large)
    assert scan.attempts == 1
    assert scan.last_error
    clamd.limit = 1_000_000
    assert scanning.sweep() == 0, "its next attempt is in a minute"
    later = scan.next_attempt_at + timedelta(seconds=1)
    monkeypatch.setattr(scanning.timezone, "now", lambda: later)
    assert scanning.sweep() == 1
    assert state(large) == "CLEAN"


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\0",
        b"OK\0",
        b"stream: ok\0",
        b"stream: OK and more\0",
        b"stream: OK ERROR\0",
        b"INSTREAM size limit exceeded. ERROR\0",
        b"stream: Heuristics.Limits.Exceeded.MaxFileSize FOUND\0",
        b"\xff\xfe\0",
    ],
)
def test_only_the_exact_words_are_a_clean_bill(clamd, file, answer):
    version = file()
    clamd.answer = answer
    assert scanning.sweep() == 0
    assert state(version) == "NOT_SCANNED"
    assert Scan.objects.get().attempts == 1


def test_threat_is_named_whatever_it_is_called(clamd, file, told):
    clamd.answer = b"stream: " + b"x" * 500 + b" FOUND\0"
    file()
    assert scanning.sweep() == 1
    assert Version.objects.get().threat == "x" * scanner.NAME_LENGTH


def test_several_failures_in_a_row_end_the_turn(clamd, file):
    for _number in range(5):
        file()
    clamd.answer = b"stream: broken ERROR\0"
    assert scanning.sweep() == 0
    assert len(clamd.scanned) == scanning.FAILURES_A_TURN


def test_file_that_the_storage_lost_is_told(clamd, file, storage):
    version = file()
    storage.delete(version.storage_key)
    assert scanning.sweep() == 0
    assert Scan.objects.get().last_error == "the storage has lost the file"
    assert state(version) == "NOT_SCANNED"


def test_file_that_somebody_holds_is_left_alone_until_his_lease_ends(
    clamd, file, monkeypatch
):
    file()
    assert scanning._claim_next() is not None
    assert scanning.sweep() == 0
    later = scanning.timezone.now() + scanning.LEASE * 2
    monkeypatch.setattr(scanning.timezone, "now", lambda: later)
    assert scanning.sweep() == 1


def test_file_goes_to_the_scanner_in_pieces(clamd):
    assert scanner.scan(io.BytesIO(bytes(3 * scanner.CHUNK + 1))) == ""
    assert clamd.largest_chunk == scanner.CHUNK
    assert len(clamd.scanned[0]) == 3 * scanner.CHUNK + 1


def test_command_says_whether_the_scanner_answers_and_what_waits(
    clamd, file, capsys, settings
):
    file()
    call_command("check_scanner")
    said = capsys.readouterr().out
    assert "FakeClamd 1" in said
    assert said.splitlines()[-1].count("1") == 1
    settings.CLAMD_URL = ""
    with pytest.raises(CommandError):
        call_command("check_scanner")


def test_command_fails_where_nobody_answers(nobody_answers, db):
    with pytest.raises(CommandError, match="clamd"):
        call_command("check_scanner")


def test_command_fails_where_the_scanner_misses_the_test_file(clamd, db):
    clamd.answer = b"stream: OK\0"
    with pytest.raises(CommandError):
        call_command("check_scanner")


def test_command_fails_where_the_scanner_calls_clean_what_it_skipped(clamd, db):
    clamd.alerts = False
    with pytest.raises(CommandError, match="AlertExceedsMax"):
        call_command("check_scanner")


def test_command_tries_the_largest_file(clamd, db, capsys, settings):
    call_command("check_scanner")
    assert "CLAMD_MAX_BYTES" in capsys.readouterr().out, "it is not set"
    settings.CLAMD_MAX_BYTES = clamd.limit = 3 * MIB
    call_command("check_scanner")
    assert len(clamd.scanned[-1]) == 3 * MIB
    clamd.limit -= 1
    with pytest.raises(CommandError, match="CLAMD_MAX_BYTES"):
        call_command("check_scanner")


def test_larger_files_than_are_scanned_are_not_taken(file, clamd, settings):
    settings.CLAMD_MAX_BYTES = 1000
    file(files.PDF, "a.pdf")
    with override("en"), pytest.raises(ValidationError) as refusal:
        file(b"x" * 1001, "a.txt")
    said = "".join(refusal.value.messages)
    assert "1000" in said
    assert "the most that the virus scanner looks at" in said
    settings.CLAMD_URL = ""  # without a scanner its limit is nobody's
    file(b"x" * 1001, "a.txt")


@pytest.mark.parametrize(
    "answer",
    [
        b"stream: Heuristics.Limits.Exceeded.MaxFileSize FOUND\0",
        b"INSTREAM size limit exceeded. ERROR\0",
    ],
)
def test_what_is_beyond_the_limits_is_known(clamd, file, answer):
    version = file()
    clamd.answer = answer
    assert scanning.sweep() == 0
    version = Version.objects.select_related("scan").get(pk=version.pk)
    assert scanning.is_beyond(version)
    Scan.objects.update(last_error="stream: broken ERROR")
    assert not scanning.is_beyond(Version.objects.select_related("scan").get())


@needs("clamd")
@pytest.mark.once
@pytest.mark.parametrize(("size", "taken"), [(20 * MIB, True), (31 * MIB, False)])
def test_command_tries_the_real_scanner(settings, db, size, taken):
    settings.CLAMD_URL = "tcp://{}:{}".format(*clamd_address())
    settings.CLAMD_MAX_BYTES = size
    if taken:
        call_command("check_scanner")
    else:
        with pytest.raises(CommandError, match="CLAMD_MAX_BYTES"):
            call_command("check_scanner")


@needs("clamd")
@pytest.mark.once
def test_the_real_scanner_lets_clean_files_through_and_stops_the_test_file(
    file, settings, bob, told
):
    settings.CLAMD_URL = "tcp://{}:{}".format(*clamd_address())
    clean = file()
    raw = file(files.eicar(), "eicar.txt")
    zipped = file(files.eicar_in_a_zip(), "eicar.zip")
    assert scanning.sweep() == 3
    assert [state(v) for v in (clean, raw, zipped)] == ["CLEAN", "INFECTED", "INFECTED"]
    assert told == [raw.pk, zipped.pk]
    assert may_open(clean, bob) is True
    assert may_open(zipped, bob) == "infected"
    call_command("check_scanner")


@needs("clamd")
@pytest.mark.once
@pytest.mark.parametrize("size", [31 * MIB, 101 * MIB], ids=["file", "stream"])
def test_the_real_scanner_says_what_it_did_not_look_at(settings, size):
    """Above MaxFileSize, which it would else call clean, and above StreamMaxLength,
    where it hangs up."""
    settings.CLAMD_URL = "tcp://{}:{}".format(*clamd_address())
    with pytest.raises(scanner.NotScannable):
        scanner.scan(io.BytesIO(bytes(size)))


SWEEP = """
from django.conf import settings
from attachments import registry, scanning
settings.CLAMD_URL = {url!r}
registry.register("letters", can_read=lambda *a: True, can_write=lambda *a: True)
scanning.sweep()
"""


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("point", ["scan.claimed", "scan.answered", "scan.settled"])
def test_worker_killed_while_scanning_leaves_the_file_to_the_next(
    clamd, file, told, tmp_path, monkeypatch, point
):
    version = file()
    killed = run(SWEEP.format(url=clamd.url), mails=tmp_path, crash_at=point)
    assert killed == -signal.SIGKILL
    assert state(version) == "NOT_SCANNED"
    assert events() == []
    later = scanning.timezone.now() + scanning.LEASE * 2
    monkeypatch.setattr(scanning.timezone, "now", lambda: later)
    assert scanning.sweep() == 1
    assert state(version) == "CLEAN"
    assert events() == ["case:17"]


@pytest.mark.django_db(transaction=True)
def test_of_several_workers_each_file_has_one(clamd, file, told):
    versions = [file() for _number in range(4)]

    def work():
        try:
            scanning.sweep()
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _number in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert {state(version) for version in versions} == {"CLEAN"}
    assert len(clamd.scanned) == len(events()) == 4
