"""A dossier in the hands of somebody who would like it to say something else."""

import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings
from django.utils import translation

from attachments.services import add_document
from audit import canon, checkpoints, keys
from audit.erasure import erase_disclosures
from audit.models import Event
from audit.record import record
from audit.standalone import verify_dossier as form
from desk.dossier_subject import case_subject
from desk.dossiers import write_dossier
from tests.attachments.files import PDF, upload
from tests.clock import moved_clock
from tests.factories.running import Running, make_running_case

PROGRAM = Path(form.__file__)
PROVEN, BROKEN, WHOLE = form.PROVEN, form.BROKEN, form.UNPROVEN


@dataclass(frozen=True)
class Told:
    """What the program said: its exit code, the findings, and all of its lines."""

    code: int
    findings: set[tuple[str, str]]
    text: str


def verified(path: Path, *options: str) -> Told:
    """Run the program as a stranger would: alone, in an isolated interpreter."""
    ran = subprocess.run(
        [sys.executable, "-I", str(PROGRAM), str(path), *options],
        capture_output=True,
        cwd=path.parent,
        encoding="utf-8",
        timeout=60,
    )
    assert ran.stderr == ""
    lines = [x for x in ran.stdout.splitlines() if x.startswith("[")]
    found = {(x[1:].split("]")[0], x.split("] ", 1)[1].split(": ")[0]) for x in lines}
    return Told(ran.returncode, found, ran.stdout)


class Forged:
    """The files of a dossier, to be changed; ``save`` makes the manifest fit."""

    def __init__(self, content: bytes) -> None:
        with zipfile.ZipFile(io.BytesIO(content)) as bundle:
            self.files = {name: bundle.read(name) for name in bundle.namelist()}

    def save(self, path: Path, *, manifest: bool = True) -> Path:
        if manifest:
            said = self.json(form.MANIFEST)
            said["files"] = [
                {
                    "path": name,
                    "size": len(content),
                    "sha256": form.hashlib.sha256(content).hexdigest(),
                }
                for name, content in sorted(self.files.items())
                if name != form.MANIFEST
            ]
            self.put(form.MANIFEST, said)
        with zipfile.ZipFile(path, "w") as bundle:
            for name, content in self.files.items():
                bundle.writestr(name, content)
        return path

    # -- files

    def json(self, name: str) -> Any:
        return json.loads(self.files[name])

    def put(self, name: str, value: Any) -> None:
        self.files[name] = canon.dumps(value).encode()

    def lines(self, name: str) -> list[Any]:
        return [json.loads(line) for line in self.files[name].splitlines()]

    def put_lines(self, name: str, values: list[Any]) -> None:
        self.files[name] = "".join(canon.dumps(v) + "\n" for v in values).encode()

    def documents(self) -> list[str]:
        return sorted(name for name in self.files if name.startswith(form.DOCUMENTS))

    # -- the one stream of a case

    @property
    def entry(self) -> Any:
        return self.json(form.ABOUT)["streams"][0]

    def change_entry(self, **values: Any) -> None:
        about = self.json(form.ABOUT)
        about["streams"][0] |= values
        self.put(form.ABOUT, about)

    def events(
        self, change: Callable[[list[Any]], Any], *, chain: bool = False
    ) -> None:
        """Change the events; with ``chain`` all of numbers, chain and head fits."""
        name = self.entry["file"]
        every = self.lines(name)
        change(every)
        if chain:
            hash = ""
            for number, body in enumerate(every, start=1):
                body["seq"], body["prev"] = number, hash
                hash = canon.sha256(canon.dumps(body))
            head = {"seq": len(every), "hash": hash, "at": every[-1]["at"]}
            self.change_entry(head=self.entry["head"] | head)
        self.put_lines(name, every)
        self.write_page()

    def write_page(self, number: int = 0) -> None:
        """The readable page of a stream as its events give it now."""
        about = self.json(form.ABOUT)
        entry = about["streams"][number]
        values = {row["digest"]: row["value"] for row in self.lines(entry["values"])}
        reader = form.Stream(values, self.json(entry["words"]), about["language"])
        page = form.page_of(about, entry, self.lines(entry["file"]), reader)
        self.files[entry["readable"]] = "".join(text for _, text in page).encode()


@dataclass
class Arranged:
    """A project, and its dossier under two checkpoints, with an event after both."""

    running: Running
    stream: str
    content: bytes
    covered: bytes  # the same, made before the last event
    public: str
    other: str
    other_file: Path


def note(stream: str, verb: str) -> None:
    with record(verb, by="system:test", stream=stream, reason="口头说明"):
        pass


def dossier_of(running: Running) -> bytes:
    file = io.BytesIO()
    subject = case_subject(running.case)
    write_dossier(subject, file, by="system:test", language="en")
    return file.getvalue()


@pytest.fixture(scope="module")
def arranged(
    shared_db: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Arranged]:
    place = tmp_path_factory.mktemp("keys")
    public, other = keys.make(place / "key"), keys.make(place / "other")
    key = keys.load(place / "key")
    folder = place / "checkpoints"
    with (
        override_settings(CHECKPOINT_PUBLIC_KEYS=[public], CHECKPOINT_FOLDER=folder),
        moved_clock() as clock,
        translation.override("en"),
    ):
        clock.to("2026-03-02 09:00")
        running = make_running_case(award="160675.68")
        stream = f"case:{running.case.pk}"
        note(stream, "ponder")
        last = Event.objects.filter(stream=stream).latest("seq")
        said = json.loads(last.line)["reason"]["digest"]
        assert checkpoints.make(key)
        clock.forward(days=1)
        running.pay(1)
        add_document(
            running.case.folder,
            kind="other",
            upload=upload("附页.pdf", PDF + b"\n% second"),
            by=running.applicant,
        )
        erase_disclosures(
            [said], by="system:test", stream=stream, reason_code="PIPL-47"
        )
        clock.forward(hours=1)
        assert checkpoints.make(key)
        covered = dossier_of(running)
        clock.forward(days=1)
        note(stream, "look")
        content = dossier_of(running)
        yield Arranged(
            running, stream, content, covered, public, other, place / "other"
        )


@pytest.fixture
def forged(arranged: Arranged) -> Forged:
    return Forged(arranged.content)
