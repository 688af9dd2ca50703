"""Hashing and storing a large file, against `sha256sum` and a bare copy."""

import argparse
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django
from bench import machine

PIECE = 2**20  # bytes


def timed(work: Callable[[], Any]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def main(megabytes: int) -> None:
    from django.conf import settings

    from attachments.storage import LocalStorage, get_storage, new_key

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "large")
        with path.open("wb") as file:
            for _piece in range(megabytes):
                file.write(os.urandom(PIECE))

        def copy() -> None:
            with path.open("rb") as source, Path(folder, "copy").open("wb") as target:
                shutil.copyfileobj(source, target, PIECE)
                target.flush()
                os.fsync(target.fileno())

        def put(storage: Any) -> None:
            with path.open("rb") as source:
                storage.put(new_key("export"), source)

        command = ["sha256sum", str(path)]
        digest = timed(lambda: subprocess.run(command, check=True, capture_output=True))
        bare = timed(copy)
        print(f"{digest:8.1f} s sha256sum of {megabytes} MiB")
        print(f"{bare:8.1f} s a bare copy, on the disk")
        stores = {"files": LocalStorage(Path(folder, "store"))}
        if settings.MINIO_ENDPOINT:
            stores["S3"] = get_storage()
        for name, storage in stores.items():
            spent = timed(lambda s=storage: put(s))
            print(
                f"{spent:8.1f} s hashed and stored in {name}: "
                f"{spent / (digest + bare):.1f} x both"
            )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=1024)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as var:
        os.environ["WEIGONG_VAR"] = var
        django.setup()
        print(machine())
        main(options.megabytes)
