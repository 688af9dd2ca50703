"""Previews of office files and small pictures: made when, of what, with how little."""

import io
import os
import socket
import time
import zipfile
from pathlib import Path

import docx
import pytest
import time_machine
from django.core.management import call_command
from django.utils import timezone
from PIL import Image
from pypdf import PdfReader

from attachments import pages, rendering, renditions
from attachments.models import Rendition, ScanState, Version
from attachments.rendering import NotRendered, run_confined, to_pdf, to_picture
from attachments.services import add_document, remove_orphans
from attachments.storage import get_storage
from audit.models import Event
from audit.testing import ambient_event
from tests.attachments.files import upload
from tests.attachments.pictures import picture_file
from tests.attachments.s3 import own_storage
from tests.services import needs

pytestmark = pytest.mark.once
State = Rendition.State


def word_file(text: str = "项目申报书", picture: bytes = b"") -> bytes:
    document = docx.Document()
    document.add_paragraph(text)
    if picture:
        document.add_picture(io.BytesIO(picture))
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def linked(target: str) -> bytes:
    """A word file whose picture lies somewhere else."""
    out = io.BytesIO()
    inside = picture_file((50, 50))
    with (
        zipfile.ZipFile(io.BytesIO(word_file("甲", inside))) as given,
        zipfile.ZipFile(out, "w") as changed,
    ):
        for name in given.namelist():
            content = given.read(name)
            if name == "word/document.xml":
                content = content.replace(b"r:embed=", b"r:link=")
            if name == "word/_rels/document.xml.rels":
                old = b'Target="media/image1.png"'
                new = b'Target="%s" TargetMode="External"' % target.encode()
                assert old in content
                content = content.replace(old, new)
            if not name.startswith("word/media/"):
                changed.writestr(name, content)
    return out.getvalue()


@pytest.fixture
def filed(folder, alice):
    """Add a file and return its version."""

    def add(name: str, content: bytes) -> Version:
        document = add_document(
            folder, kind="other", upload=upload(name, content), by=alice
        )
        return document.versions.get()

    return add


def row(version: Version) -> Rendition:
    return Rendition.objects.get(version=version)


def fresh(version: Version) -> Version:
    return Version.objects.select_related("rendition", "document__folder").get(
        pk=version.pk
    )


# -- small pictures --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "options", "size"),
    [
        ("a.png", {"kind": "PNG"}, (240, 120)),
        ("a.jpg", {"kind": "JPEG"}, (240, 120)),
        ("a.gif", {"kind": "GIF"}, (240, 120)),
        ("a.webp", {"kind": "WEBP"}, (240, 120)),
    ],
)
def test_picture_gets_a_small_one(filed, bob, name, options, size):
    version = filed(name, picture_file(**options))
    assert row(version).state == State.WAITING
    assert renditions.sweep() == 1
    assert renditions.sweep() == 0
    with renditions.open_thumbnail(fresh(version), bob) as content:
        small = Image.open(content)
        small.load()
    assert (small.format, small.size) == ("JPEG", size)


def test_small_picture_stands_upright_and_tells_nothing_of_the_camera(filed, bob):
    marks = Image.Exif()
    marks[0x0112] = 6  # turned to the right
    marks[0x010F] = "Camera 17"
    version = filed("a.jpg", picture_file(kind="JPEG", exif=marks))
    renditions.sweep()
    with renditions.open_thumbnail(fresh(version), bob) as content:
        raw = content.read()
    assert Image.open(io.BytesIO(raw)).size == (120, 240)
    assert b"Camera 17" not in raw


def test_first_page_of_a_pdf(filed, bob, tmp_path):
    out = io.BytesIO()
    pages = [Image.new("RGB", (200, 300), colour) for colour in ("blue", "red")]
    pages[0].save(out, "PDF", save_all=True, append_images=pages[1:])
    version = filed("a.pdf", out.getvalue())
    assert renditions.sweep() == 1
    with renditions.open_thumbnail(fresh(version), bob) as content:
        small = Image.open(content).convert("RGB")
    assert small.size == (160, 240)
    red, _green, blue = small.getpixel((80, 120))
    assert blue > 200 > 50 > red


def test_text_gets_none(filed):
    version = filed("a.txt", "一\n".encode())
    assert not Rendition.objects.filter(version=version).exists()
    assert renditions.sweep() == 0


def test_broken_file_fails_after_a_second_try_and_says_so(filed):
    version = filed("a.pdf", b"%PDF-1.4\nnothing that one could draw\n%%EOF\n")
    assert renditions.sweep() == 0
    assert (row(version).state, row(version).error) == (State.WAITING, "unreadable")
    assert renditions.sweep() == 0, "not at once again"
    assert row(version).attempts == 1
    with time_machine.travel(timezone.now() + 2 * renditions.PAUSE, tick=False):
        renditions.sweep()
    assert (row(version).state, row(version).attempts) == (State.FAILED, 2)


def test_killed_worker_leaves_a_lease_that_runs_out(filed):
    version = filed("a.png", picture_file())
    assert renditions.claim() is not None
    assert renditions.sweep() == 0, "somebody holds it"
    with time_machine.travel(timezone.now() + 2 * renditions.LEASE, tick=False):
        assert renditions.sweep() == 1
    assert row(version).state == State.MADE


# -- access ----------------------------------------------------------------------------


def test_nothing_is_made_before_the_scan_lets_it(filed, settings, alice, bob):
    settings.CLAMD_URL = "tcp://127.0.0.1:9"
    version = filed("a.png", picture_file())
    assert renditions.sweep() == 0
    with ambient_event():
        Version.objects.filter(pk=version.pk).update(scan_state=ScanState.CLEAN)
    assert renditions.sweep() == 1


def test_infected_file_gets_none_and_shows_none(filed, bob):
    made, later = filed("a.png", picture_file()), filed("b.png", picture_file((9, 9)))
    renditions.sweep(limit=1)
    with ambient_event():
        Version.objects.update(scan_state=ScanState.INFECTED)
    assert renditions.sweep() == 0
    assert (row(later).state, row(later).error) == (State.FAILED, "infected")
    with pytest.raises(FileNotFoundError):
        renditions.open_thumbnail(fresh(made), bob)


def test_small_picture_is_no_event(filed, bob):
    version = filed("a.png", picture_file())
    renditions.sweep()
    before = Event.objects.count()
    renditions.open_thumbnail(fresh(version), bob).close()
    assert Event.objects.count() == before


def test_walk_through_the_storage_leaves_them(filed, storage):
    filed("a.png", picture_file())
    renditions.sweep()
    for path in storage.root.rglob("*"):
        os.utime(path, (0, 0))
    assert remove_orphans().orphans == []


def test_older_files_are_put_into_the_queue(filed, capsys):
    version = filed("a.png", picture_file())
    Rendition.objects.all().delete()
    call_command("make_renditions", "--now")
    assert row(version).state == State.MADE
    assert "1" in capsys.readouterr().out


# -- office files ----------------------------------------------------------------------


@needs("libreoffice")
def test_office_file_becomes_a_pdf_beside_the_version(filed, bob):
    version = filed("申报书.docx", word_file("项目申报书"))
    assert renditions.sweep() == 1
    made = row(version)
    assert (made.state, made.error) == (State.MADE, "")
    assert Version.objects.count() == 1, "no version of the document"
    with get_storage().open(made.preview_key) as content:
        raw = content.read()
    assert len(raw) == made.preview_size
    assert (made.page_count, made.pages_tried) == (1, 1)
    with pages.open_page(fresh(version), 1, bob)[0] as content:
        assert Image.open(content).size[0] == 1240
    assert "项目申报书" in PdfReader(io.BytesIO(raw)).pages[0].extract_text()
    with renditions.open_thumbnail(fresh(version), bob) as small:
        assert Image.open(small).format == "JPEG"


@needs("libreoffice")
def test_conversion_fetches_nothing_from_elsewhere(tmp_path):
    """Neither a file of the machine nor an address: the picture is not there."""
    secret = tmp_path / "secret.png"
    secret.write_bytes(picture_file((77, 77)))
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        address = f"http://127.0.0.1:{server.getsockname()[1]}/a.png"
        for number, target in enumerate((secret.as_uri(), address)):
            folder = tmp_path / str(number)
            folder.mkdir()
            source = folder / "a.docx"
            source.write_bytes(linked(target))
            made = PdfReader(to_pdf(source, folder))
            assert [image for page in made.pages for image in page.images] == []
        with pytest.raises(BlockingIOError):
            server.accept()  # nobody came


@needs("libreoffice")
def test_picture_inside_of_the_file_is_in_the_pdf(tmp_path):
    source = tmp_path / "a.docx"
    source.write_bytes(word_file("甲", picture_file((50, 50))))
    made = PdfReader(to_pdf(source, tmp_path))
    assert len([image for page in made.pages for image in page.images]) == 1


def test_without_libreoffice_it_waits_for_one(filed, monkeypatch):
    monkeypatch.setattr(rendering, "converter", lambda: None)
    version = filed("a.docx", word_file())
    assert renditions.sweep() == 0
    found = row(version)
    assert (found.state, found.error) == (State.WAITING, "no_converter")
    assert found.attempts == 0
    assert found.next_attempt_at > timezone.now() + renditions.LATER / 2


# -- with how little -------------------------------------------------------------------


def script(tmp_path, text: str):
    path = tmp_path / "program"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


LITTLE = {"seconds": 5, "memory": 1024 * rendering.MIB, "hide": []}


def test_program_that_goes_on_is_ended_with_its_children(tmp_path):
    command = script(tmp_path, f"sleep 60 & echo $! > {tmp_path}/child; wait")
    with pytest.raises(NotRendered, match="too_slow"):
        run_confined([command], tmp_path, **(LITTLE | {"seconds": 1}))
    child = int((tmp_path / "child").read_text())
    for _moment in range(50):
        if not is_alive(child):
            return
        time.sleep(0.1)
    pytest.fail("the child goes on")


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that ended and was not fetched yet does not."""
    try:
        return bool(Path(f"/proc/{pid}/cmdline").read_bytes())
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_program_gets_no_secrets_and_no_folders_of_ours(tmp_path, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "geheim")
    ours = tmp_path / "ours"
    ours.mkdir()
    (ours / "db").write_text("secret")
    work = tmp_path / "work"
    work.mkdir()
    command = script(tmp_path, f"env > env; ls {ours} > seen; cat /proc/net/dev > net")
    run_confined([command], work, **(LITTLE | {"hide": [str(ours)]}))
    assert "geheim" not in (work / "env").read_text()
    interfaces = (work / "net").read_text().splitlines()[2:]
    assert [line.split(":")[0].strip() for line in interfaces] == ["lo"]
    assert (work / "seen").read_text() == ""
    assert (ours / "db").read_text() == "secret"


def test_memory_and_file_size_have_an_end(tmp_path):
    eats = script(tmp_path, "dd if=/dev/zero of=/dev/null bs=900M count=1")
    with pytest.raises(NotRendered):
        run_confined([eats], tmp_path, **(LITTLE | {"memory": 256 * rendering.MIB}))
    writes = script(tmp_path, "exec dd if=/dev/zero of=big bs=1M count=60")
    with pytest.raises(NotRendered):
        run_confined([writes], tmp_path, **LITTLE)
    assert (tmp_path / "big").stat().st_size <= rendering.MOST_PREVIEW


def test_failing_program_is_told_of(tmp_path):
    source = tmp_path / "a.bin"
    source.write_bytes(b"no picture")
    with pytest.raises(NotRendered, match="unreadable"):
        to_picture(source, "image/png", tmp_path)


@needs("s3")
def test_renditions_lie_in_the_scratch_bucket(filed, bob, monkeypatch):
    with own_storage() as storage:
        for module in ("services", "renditions"):
            monkeypatch.setattr(f"attachments.{module}.get_storage", lambda: storage)
        version = filed("a.png", picture_file())
        assert renditions.sweep() == 1
        assert row(version).thumbnail_key.startswith("rendition/")
        with renditions.open_thumbnail(fresh(version), bob) as content:
            assert Image.open(content).format == "JPEG"
