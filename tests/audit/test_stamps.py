"""Checkpoints stamped by a third party: asked, kept, checked, and not needed."""

import base64
import io
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.utils import translation

from attachments.checkpoints import LockedArchive
from audit import canon, checkpoints, keys, stamps
from audit.archive import FolderArchive
from audit.models import Checkpoint, CheckpointStamp
from audit.record import record
from audit.stamps import StampProblem
from audit.standalone import verify_dossier as form
from audit.testing import as_administrator
from audit.verify import verify
from tests.audit.authority import Authority, authority, make_certificates

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(tmp_path, settings) -> Iterator[Path]:
    settings.CHECKPOINT_FOLDER = tmp_path / "checkpoints"
    settings.CHECKPOINT_PUBLIC_KEYS = [keys.make(tmp_path / "key")]
    settings.CHECKPOINT_KEY_FILE = str(tmp_path / "key")
    with translation.override("en"):
        yield settings.CHECKPOINT_FOLDER


@pytest.fixture
def tsa(tmp_path, settings) -> Iterator[Authority]:
    place = tmp_path / "tsa"
    place.mkdir()
    with authority(place) as running:
        settings.TIMESTAMP_URL = running.url
        settings.TIMESTAMP_CERTIFICATES = str(running.certificates)
        yield running


def checkpoint() -> Checkpoint:
    with record("act", by="system:test", stream="things:1"):
        pass
    made = checkpoints.make(keys.load())
    assert made is not None
    return made.checkpoint


def told() -> set[tuple[str, object]]:
    return {(finding.kind, finding.key) for finding in verify().findings}


def test_the_newest_is_stamped_once_and_lies_in_the_archive(tsa, folder):
    first = checkpoint()
    stamp = stamps.stamp_newest()
    assert stamp is not None
    assert stamp.checkpoint == first.number == 1
    assert stamp.at[:10] == first.at[:10]
    assert FolderArchive().stamp(1) == base64.b64decode(stamp.answer)
    assert stamps.stamp_newest() is None
    assert tsa.asked == 1
    checkpoint()
    assert stamps.stamp_newest().checkpoint == 2
    report = verify()
    assert report.findings == []
    assert report.counts["stamps"] == 2
    reach = report.reach
    assert (reach.stamped, reach.stamps) == (2, "checked")


def test_openssl_accepts_what_is_kept(tsa, folder):
    row = checkpoint()
    stamps.stamp_newest()
    command = ["openssl", "ts", "-verify", "-digest", canon.sha256(row.body)]
    command += ["-in", str(folder / "checkpoint-00000001.tsr")]
    command += ["-CAfile", str(tsa.certificates)]
    ran = subprocess.run(command, check=False, capture_output=True, text=True)
    assert "Verification: OK" in ran.stdout + ran.stderr


def test_the_standalone_program_reads_it(tsa):
    row = checkpoint()
    stamp = stamps.stamp_newest()
    digest, moment = form.stamp_of(base64.b64decode(stamp.answer))
    assert digest.hex() == canon.sha256(row.body)
    assert canon.moment(moment) == stamp.at


def test_nobody_is_asked_where_no_authority_is_named(settings):
    checkpoint()
    assert stamps.stamp_newest() is None
    assert stamps.try_to_stamp() == ""
    report = verify()
    assert (report.findings, report.reach.stamped) == ([], 0)


def cut(tsa: Authority, query: bytes) -> bytes:
    return tsa.stamp(query)[:-20]


def flipped(tsa: Authority, query: bytes) -> bytes:
    content = bytearray(tsa.stamp(query))
    content[-5] ^= 1  # in the signature
    return bytes(content)


def of_another_text(tsa: Authority, query: bytes) -> bytes:
    (tsa.folder / "other").write_bytes(b"other")
    out = tsa.folder / "other.tsq"
    command = ["openssl", "ts", "-query", "-data", str(tsa.folder / "other")]
    command += ["-sha256", "-cert", "-out", str(out)]
    subprocess.run(command, check=True, capture_output=True)
    return tsa.stamp(out.read_bytes())


def by_somebody_else(tsa: Authority, query: bytes) -> bytes:
    kept = tsa.certificates.read_bytes()
    make_certificates(tsa.folder)
    content = tsa.stamp(query)
    tsa.certificates.write_bytes(kept)
    return content


ANSWERS = {
    "nothing": lambda tsa, query: b"",
    "a page": lambda tsa, query: b"<html>",
    "too long": lambda tsa, query: b"x" * (stamps.MOST + 1),
    "refused": lambda tsa, query: bytes.fromhex("30053003020102"),
    "cut": cut,
    "flipped": flipped,
    "of another text": of_another_text,
    "by somebody else": by_somebody_else,
}


@pytest.mark.parametrize("answer", ANSWERS)
def test_what_is_no_stamp_leaves_the_checkpoint_valid(tsa, answer):
    """The command says it and ends well; the next turn asks again."""
    tsa.answer = lambda query: ANSWERS[answer](tsa, query)
    with record("act", by="system:test", stream="things:1"):
        pass
    errors = io.StringIO()
    call_command("checkpoint", stdout=io.StringIO(), stderr=errors)
    assert "time stamp" in errors.getvalue()
    assert not CheckpointStamp.objects.exists()
    assert verify().findings == []
    if answer != "by somebody else":
        tsa.answer = tsa.stamp
        call_command("checkpoint", stdout=io.StringIO())
        assert CheckpointStamp.objects.get().checkpoint == 1


def test_an_authority_that_is_not_there_is_said(tsa, settings):
    checkpoint()
    settings.TIMESTAMP_URL = "http://127.0.0.1:9/"
    assert "does not answer" in stamps.try_to_stamp()
    settings.TIMESTAMP_URL = "file:///etc/passwd"
    with pytest.raises(StampProblem, match="http"):
        stamps.stamp_newest()


def test_without_certificates_the_report_says_that_nobody_checked(tsa, settings):
    settings.TIMESTAMP_CERTIFICATES = ""
    checkpoint()
    stamps.stamp_newest()
    assert verify().reach.stamps == "unchecked"
    out = io.StringIO()
    call_command("verify_audit", stdout=out)
    assert "Stamped by a third party up to checkpoint 1" in out.getvalue()
    assert "TIMESTAMP_CERTIFICATES is not set" in out.getvalue()
    settings.TIMESTAMP_CERTIFICATES = "/nowhere.pem"
    with pytest.raises(ImproperlyConfigured):
        stamps.roots()


# -- tampering ------------------------------------------------------------------------


def test_stamps_that_were_changed_swapped_or_removed_are_named(tsa, folder):
    for _number in range(2):
        checkpoint()
        stamps.stamp_newest()
    assert told() == set()
    with as_administrator() as cursor:
        cursor.execute(
            "UPDATE audit_checkpoint_stamp SET at = '2020-01-01T00:00:00.000000Z'"
            " WHERE checkpoint = 1"
        )
    assert told() == {("stamp_altered", 1)}
    with as_administrator() as cursor:
        cursor.execute("DELETE FROM audit_checkpoint_stamp WHERE checkpoint = 1")
    assert told() == {("stamp_missing", 1)}
    with as_administrator() as cursor:
        cursor.execute("UPDATE audit_checkpoint_stamp SET checkpoint = 1")
    assert told() == {
        ("stamp_altered", 1),
        ("stamp_differs", 1),
        ("stamp_missing", 2),
    }
    with as_administrator() as cursor:
        cursor.execute("UPDATE audit_checkpoint_stamp SET answer = '?'")
    assert ("stamp_altered", 1) in told()


def test_a_locked_archive_keeps_them_beside_the_checkpoints(tsa, settings, monkeypatch):
    """The archive class of the storage: on files here, on S3 in its own suite."""
    settings.CHECKPOINT_ARCHIVE = "attachments.checkpoints.LockedArchive"
    checkpoint()
    stamp = stamps.stamp_newest()
    archive = LockedArchive()
    assert (archive.numbers(), archive.stamps()) == ({1}, {1})
    assert archive.stamp(1) == base64.b64decode(stamp.answer)
    with pytest.raises(FileExistsError):
        archive.write_stamp(1, b"forged")
    assert told() == set()


def test_what_the_archive_lacks_is_put_there_at_the_next_turn(tsa, folder):
    checkpoint()
    stamps.stamp_newest()
    (folder / "checkpoint-00000001.tsr").unlink()
    assert stamps.put_out() == [1]
    assert told() == set()
