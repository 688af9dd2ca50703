"""Hashing and sending a large file by the road that uploads take, against `sha256sum`
and a bare copy.

The road: begun, sent in pieces, completed (joined, moved or copied in the store, read
again for its SHA-256, looked into), taken into a document. Both measures read and write
what lies on the disk already, the order alternates, and the median counts.
"""

import argparse
import contextlib
import io
import os
import shutil
import statistics
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import django
from bench import machine

MIB = 2**20
FILLER = b"% " + b"weigong " * 12 + b"\n"


def timed(work: Callable[[], Any]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def make_file(path: Path, megabytes: int) -> None:
    """A PDF that is mostly comment, so that the checks have something to look into."""
    block = (FILLER * (MIB // len(FILLER) + 1))[: MIB - 1] + b"\n"
    with path.open("wb") as file:
        file.write(b"%PDF-1.4\n")
        for _block in range(megabytes):
            file.write(block)
        file.write(b"trailer<</Root 1 0 R>>\n%%EOF\n")
        file.flush()
        os.fsync(file.fileno())  # or the first who writes after it pays for it


def bare_copy(path: Path, target: Path) -> None:
    with path.open("rb") as source, target.open("wb") as copy:
        shutil.copyfileobj(source, copy, MIB)
        copy.flush()
        os.fsync(copy.fileno())
    target.unlink()


def sha256sum(path: Path) -> str:
    command = ["sha256sum", str(path)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def send(path: Path, person: Any, folder: Any) -> dict[str, float]:
    """By the real road; seconds of each step."""
    from attachments import uploads
    from attachments.services import add_document
    from attachments.storage import get_storage

    size = path.stat().st_size
    purpose = uploads.Purpose(folder.pk, "file", size)
    upload = uploads.begin(person, purpose, name="large.pdf", size=size)
    spent = {}
    spent["sent"] = timed(lambda: send_pieces(upload, path))
    spent["completed"] = timed(lambda: uploads.complete(upload))
    file = uploads.arrived(person, "file", str(upload.token))
    spent["filed"] = timed(
        lambda: add_document(folder, kind="other", upload=file, by=person)
    )
    version = folder.documents.latest("pk").versions.get()
    if version.sha256 != sha256sum(path).split()[0]:
        raise SystemExit("what was stored is not what was sent")
    get_storage().delete(version.storage_key)
    return spent


def send_pieces(upload: Any, path: Path) -> None:
    """As the page's script does, one piece after the other."""
    from attachments import uploads

    way = uploads.way(upload)
    with path.open("rb") as file:
        number = 0
        while piece := file.read(way["part_size"]):
            number += 1
            if way["kind"] == "own":
                at = file.tell() - len(piece)
                uploads.receive(upload, at, io.BytesIO(piece), len(piece))
                continue
            address = uploads.part_address(upload, number)
            request = urllib.request.Request(address, piece, method="PUT")
            urllib.request.urlopen(request, timeout=60).close()


@contextlib.contextmanager
def people() -> Iterator[tuple[Any, Any]]:
    """A person and a folder that she writes into, in a database of this run."""
    from django.contrib.auth import get_user_model
    from django.core.management import call_command

    from attachments import registry
    from attachments.services import open_folder
    from audit.record import record

    call_command("migrate", verbosity=0)
    yes = lambda user, folder: True  # noqa: E731
    registry.register("benchmark", can_read=yes, can_write=yes)
    with record("benchmark", by="system:benchmark"):
        person = get_user_model().objects.create_user("benchmark")
        folder = open_folder("benchmark", stream="benchmark:1")
    yield person, folder


def main(megabytes: int, rounds: int) -> None:
    from django.conf import settings

    with tempfile.TemporaryDirectory() as name, people() as (person, folder):
        path, spent = Path(name, "large.pdf"), {}
        make_file(path, megabytes)
        works: dict[str, Callable[[], Any]] = {
            "sha256sum": lambda: sha256sum(path),
            "copy": lambda: bare_copy(path, Path(name, "copy")),
            "road": lambda: send(path, person, folder),
        }
        for turn in range(rounds):
            order = list(works) if turn % 2 == 0 else list(reversed(works))
            for work in order:
                began = time.perf_counter()
                steps = works[work]()
                spent.setdefault(work, []).append(time.perf_counter() - began)
                if work == "road":
                    for step, seconds in steps.items():
                        spent.setdefault(step, []).append(seconds)
        middle = {work: statistics.median(times) for work, times in spent.items()}
        plain = middle["sha256sum"] + middle["copy"]
        road = middle["sent"] + middle["completed"] + middle["filed"]
        where = "S3" if settings.MINIO_ENDPOINT else "files"
        print(f"{megabytes} MiB, the median of {rounds}")
        print(f"{middle['sha256sum']:8.1f} s sha256sum")
        print(f"{middle['copy']:8.1f} s a bare copy, on the disk")
        for step in ("sent", "completed", "filed"):
            print(f"{middle[step]:8.1f} s {step}")
        print(f"{road:8.1f} s in all into {where}: {road / plain:.1f} x both")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=1024)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as var:
        os.environ["WEIGONG_VAR"] = var
        os.environ["DATABASE_URL"] = ""
        django.setup()
        print(machine())
        main(options.megabytes, options.rounds)
