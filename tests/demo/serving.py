"""The demo as `make demo` prepares and serves it, once for all tests of a run."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def demo(var: Path) -> Iterator[tuple[str, str]]:
    """Start the demo in a folder; yield its address and what it printed."""
    port = free_port()
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in {"DATABASE_URL", "REDIS_URL"}
    }
    output = var / f"demo-{port}.log"
    with output.open("w", encoding="utf-8") as log:
        process = subprocess.Popen(
            [sys.executable, "scripts/demo.py", "--port", str(port)],
            cwd=settings.BASE_DIR,
            env=kept | {"WEIGONG_VAR": str(var), "PYTHONIOENCODING": "utf-8"},
            stdout=log,
            stderr=log,
        )
        address = f"http://127.0.0.1:{port}"
        try:
            wait_for(address, process, output)
            yield address, output.read_text(encoding="utf-8")
        finally:
            process.terminate()
            process.wait(30)


def wait_for(address: str, process: subprocess.Popen, output: Path) -> None:
    deadline = time.monotonic() + 1500
    while time.monotonic() < deadline:
        assert process.poll() is None, output.read_text(encoding="utf-8")[-4000:]
        try:
            with urllib.request.urlopen(f"{address}/", timeout=30):
                return
        except urllib.error.HTTPError as error:
            pytest.fail(f"{error}: {output.read_text(encoding='utf-8')[-4000:]}")
        except OSError:
            time.sleep(0.2)
    pytest.fail(f"no answer: {output.read_text(encoding='utf-8')[-4000:]}")


def body_of(address: str) -> str:
    with urllib.request.urlopen(address, timeout=30) as response:
        return response.read().decode()
