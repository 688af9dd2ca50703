"""A dossier proves itself to somebody who has nothing but a Python."""

import ast
import io
import json
import sys
import zipfile
from collections.abc import Callable

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils.timezone import now
from pypdf import PdfReader

from attachments.models import Version
from attachments.storage import get_storage
from audit.models import Disclosure, Event
from audit.record import record
from audit.standalone import verify_dossier as form
from audit.testing import ambient_event
from desk import exports
from desk.dossier_subject import case_subject
from desk.dossiers import write_dossier
from desk.models import Export
from organisations.models import User
from tests.desk.forging import (
    PROGRAM,
    PROVEN,
    WHOLE,
    Arranged,
    Forged,
    arranged,
    forged,
    verified,
)

__all__ = ["arranged", "forged"]


# -- a true dossier --------------------------------------------------------------------


def test_true_dossier_is_accepted_in_both_languages(arranged, tmp_path):
    path = tmp_path / "dossier.zip"
    path.write_bytes(arranged.covered)
    english = verified(path, "--key", arranged.public)
    assert (english.code, english.findings) == (PROVEN, set()), english.text
    assert "The dossier verifies." in english.text
    chinese = verified(path, "--lang", "zh", "--key", arranged.public)
    assert chinese.code == PROVEN
    assert "存证包核验通过。" in chinese.text


def test_what_is_whole_but_not_proven_ends_otherwise(arranged, tmp_path):
    """An event after the last checkpoint, or no key from elsewhere."""
    path = tmp_path / "dossier.zip"
    path.write_bytes(arranged.content)
    late = verified(path, "--key", arranged.public)
    assert (late.code, late.findings) == (WHOLE, set()), late.text
    assert "not all of it is proven" in late.text
    path.write_bytes(arranged.covered)
    alone = verified(path)
    assert (alone.code, alone.findings) == (WHOLE, set()), alone.text
    assert "nothing proves that the past was not rewritten" in alone.text
    assert "没有任何证据表明过去未被改写" in verified(path, "--lang", "zh").text
    for told in (late, alone):
        assert "The dossier verifies" not in told.text


def test_without_any_key_nothing_is_called_broken(arranged, tmp_path):
    """The settings had no public key when it was made, and nobody gives one."""
    forged = Forged(arranged.covered)
    forged.put(form.KEYS, [])
    path = forged.save(tmp_path / "a.zip")
    alone = verified(path)
    assert (alone.code, alone.findings) == (WHOLE, set()), alone.text
    assert "their signatures were not checked" in alone.text
    assert "signatures of checkpoints: 0" in alone.text
    assert verified(path, "--key", arranged.public).code == PROVEN


def test_it_says_what_it_checked_and_what_it_cannot(arranged, forged, tmp_path):
    said = verified(forged.save(tmp_path / "a.zip")).text
    lines = [line.strip() for line in said.splitlines()]
    every = [entry["stream"] for entry in forged.json(form.ABOUT)["streams"]]
    assert every[0] == arranged.stream
    events = Event.objects.filter(stream__in=every).count()
    papers = Version.objects.filter(stream=arranged.stream).count()
    assert papers >= 2
    assert f"events, their chain and their digests: {events}" in lines
    assert f"documents against their events: {papers}" in lines
    assert "signatures of checkpoints: 2" in lines
    assert "personal values lawfully erased: 1" in lines
    assert f"{arranged.stream}: 1 events after the last checkpoint are" in said
    assert arranged.public in said, "to be compared with paper"
    assert "The seals of heads" in said
    assert "What stands in the PDF" in said


def test_unpacked_it_verifies_as_well(arranged, tmp_path):
    folder = tmp_path / "unpacked"
    with zipfile.ZipFile(io.BytesIO(arranged.content)) as bundle:
        bundle.extractall(folder)
    assert verified(folder, "--key", arranged.public).code == WHOLE
    (folder / "extra.txt").write_text("x")
    assert verified(folder).findings == {("file_extra", "extra.txt")}


def test_it_holds_the_lines_as_they_are_hashed_and_all_documents(arranged, forged):
    rows = Event.objects.filter(stream=arranged.stream).order_by("seq")
    own = forged.files[forged.entry["file"]].decode().splitlines()
    assert own == [row.line for row in rows]
    for version in Version.objects.filter(stream=arranged.stream):
        name = next(n for n in forged.documents() if version.storage_key in n)
        assert form.hashlib.sha256(forged.files[name]).hexdigest() == version.sha256


def test_what_was_erased_stays_erased(arranged, forged):
    gone = [b for b in forged.lines(forged.entry["file"]) if b["verb"] == "ponder"]
    digest = gone[0]["reason"]["digest"]
    assert not Disclosure.objects.filter(digest=digest).exists()
    assert digest not in forged.files[forged.entry["values"]].decode()
    row = forged.files[forged.entry["readable"]].decode()
    assert "[erased]" in row
    assert "口头说明" in row, "the later one was not erased"


@pytest.mark.once
def test_it_verifies_when_the_words_of_the_program_have_changed(forged, tmp_path):
    words = forged.json(forged.entry["words"])
    words["page"] |= {"events": "What happened", "title": "{code}: a dossier"}
    forged.put(forged.entry["words"], words)
    forged.write_page()
    assert b"What happened" in forged.files[forged.entry["readable"]]
    assert verified(forged.save(tmp_path / "a.zip")).code == WHOLE


def test_page_and_paper_show_the_acts_in_words(forged):
    page = forged.files[forged.entry["readable"]].decode()
    assert "Record payment (record_payment)" in page
    assert "/check-code/" in page
    reader = PdfReader(io.BytesIO(forged.files[forged.entry["pdf"]]))
    text = "\n".join(p.extract_text() for p in reader.pages)
    assert forged.entry["code"] in text
    assert "Record payment" in text


# -- the program -----------------------------------------------------------------------


@pytest.mark.once
def test_program_needs_the_standard_library_alone_and_an_old_python():
    tree = ast.parse(PROGRAM.read_text(encoding="utf-8"), feature_version=(3, 9))
    named = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            named |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            named.add(str(node.module).partition(".")[0])
    assert named <= sys.stdlib_module_names
    assert not named & {"importlib", "subprocess", "socket", "urllib", "ctypes"}


# -- asking for it ---------------------------------------------------------------------


@pytest.fixture
def enter(arranged: Arranged, db: None) -> Callable[[str], Client]:
    def entered(who: str, language: str = "zh-hans") -> Client:
        client = Client(headers={"accept-language": language})
        person = getattr(arranged.running, who)
        with ambient_event():
            client.force_login(person, "django.contrib.auth.backends.ModelBackend")
        return client

    return entered


@pytest.mark.parametrize("who", ["auditor", "inspector"])
def test_one_click_then_it_lies_among_my_files(who, arranged, enter, tmp_path):
    client, code = enter(who), arranged.running.case.code
    assert f"/cases/{code}/dossier/" in client.get(f"/cases/{code}/").content.decode()
    assert client.post(f"/cases/{code}/dossier/")["Location"] == "/exports/"
    export = Export.objects.get()
    streams = [name for name, *_ in case_subject(arranged.running.case).streams]
    papers = Version.objects.filter(stream__in=streams).count()
    assert export.total == len(streams) + papers
    assert code in client.get("/exports/").content.decode()
    assert exports.sweep() == 1
    export.refresh_from_db()
    assert (export.done, export.is_open) == (export.total, False)
    assert export.sha256 in client.get("/exports/").content.decode()
    path = tmp_path / "a.zip"
    answer = client.get(f"/exports/{export.pk}/")
    path.write_bytes(b"".join(answer.streaming_content))
    told = verified(path, "--lang", "zh")
    assert (told.code, told.findings) == (WHOLE, set()), told.text
    assert export.sha256 in told.text
    own = f"organisations_user:{getattr(arranged.running, who).pk}"
    said = Event.objects.filter(stream=own, target=code)
    verbs = {event.verb: json.loads(event.line)["data"] for event in said}
    assert set(verbs) == {"ask_dossier", "export", "read"}
    assert verbs["export"]["sha256"] == export.sha256


@pytest.mark.parametrize(
    ("who", "status"), [("funder", 403), ("leader", 403), ("applicant", 403)]
)
def test_nobody_else_gets_one(who, status, arranged, enter):
    client, code = enter(who), arranged.running.case.code
    page = client.get(f"/cases/{code}/").content.decode()
    assert page
    assert f"/cases/{code}/dossier/" not in page
    assert client.post(f"/cases/{code}/dossier/").status_code == status
    assert not Export.objects.exists()


def test_who_lost_the_role_gets_none(arranged, enter):
    client, code = enter("auditor"), arranged.running.case.code
    client.post(f"/cases/{code}/dossier/")
    with ambient_event():
        User.objects.get(pk=arranged.running.auditor.pk).groups.clear()
    for _turn in range(exports.MAX_ATTEMPTS):
        with time_machine.travel(now() + exports.LEASE, tick=False):
            assert exports.sweep() == 0
    assert Export.objects.get().failed_at


def test_round_with_its_cases_verifies(arranged, enter, tmp_path):
    code = arranged.running.round.code
    client = enter("auditor", "en")
    assert "Make the dossier" in client.get(f"/rounds/{code}/").content.decode()
    client.post(f"/rounds/{code}/dossier/")
    assert exports.sweep() == 1
    path = tmp_path / "a.zip"
    answer = client.get(f"/exports/{Export.objects.get().pk}/")
    path.write_bytes(b"".join(answer.streaming_content))
    told = verified(path)
    assert (told.code, told.findings) == (WHOLE, set()), told.text
    entries = Forged(path.read_bytes()).json(form.ABOUT)["streams"]
    streams = [entry["stream"] for entry in entries]
    assert streams == [
        f"grants_round:{arranged.running.round.pk}",
        arranged.stream,
        f"grants_programme:{arranged.running.programme.pk}",
    ]


def test_command_writes_the_same(arranged, db, tmp_path):
    out, told = tmp_path / "a.zip", io.StringIO()
    code = arranged.running.case.code
    call_command("dossier", code, "--out", str(out), stdout=told)
    assert verified(out).code == WHOLE
    event = Event.objects.get(verb="export", target=code)
    digest = json.loads(event.line)["data"]["sha256"]
    assert digest in told.getvalue()
    assert digest in verified(out).text
    with pytest.raises(CommandError):
        call_command("dossier", code, "--out", str(out))
    with pytest.raises(CommandError):
        call_command("dossier", "nothing", "--out", str(tmp_path / "b.zip"))


def test_a_document_that_the_storage_lost_is_named(arranged, db, tmp_path):
    version = Version.objects.filter(stream=arranged.stream).first()
    path, storage = tmp_path / "a.zip", get_storage()
    with storage.open(version.storage_key, version=version.storage_version) as file:
        kept = file.read()
    storage.delete(version.storage_key)
    try:
        with path.open("w+b") as out:
            subject = case_subject(arranged.running.case)
            made = write_dossier(subject, out, by="system:test", language="en")
    finally:
        storage.put(version.storage_key, io.BytesIO(kept))
    assert made.lost == [version.storage_key]
    assert [kind for kind, _place in verified(path).findings] == ["document_missing"]


def test_infected_documents_are_left_out_and_waiting_ones_missed(
    arranged, db, tmp_path, settings
):
    first, *others = Version.objects.filter(stream=arranged.stream).order_by("pk")
    subject = case_subject(arranged.running.case)
    with record("scan", by="system:scanner", target=first.stream):
        Version.objects.filter(pk=first.pk).update(scan_state="INFECTED")

    def made_now(name: str):
        path = tmp_path / name
        with path.open("w+b") as out:
            made = write_dossier(subject, out, by="system:test", language="en")
        return made, [kind for kind, _place in verified(path).findings]

    made, findings = made_now("infected.zip")
    assert (made.withheld, findings) == ([first.storage_key], [])
    assert made.documents == len(others)
    settings.CLAMD_URL = "tcp://127.0.0.1:9"
    made, findings = made_now("waiting.zip")
    assert made.documents == 0
    assert findings == ["document_missing"] * len(others)
