"""The benchmarks run; how fast is not for a test to say."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("script", "arguments", "says"),
    [
        (
            "record.py",
            ("--acts", "2", "--runs", "1", "--events", "200"),
            "to read and digest the same bytes",
        ),
        ("storage.py", ("--megabytes", "2"), "in all into files"),
        ("pages.py", ("--sizes", "3", "5", "--runs", "1"), "/lists/register/"),
    ],
)
def test_benchmark_runs(script, arguments, says, tmp_path):
    environment = {k: v for k, v in os.environ.items() if k != "DATABASE_URL"}
    done = subprocess.run(
        [sys.executable, str(ROOT / "benchmarks" / script), *arguments],
        env=environment | {"WEIGONG_VAR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert says in done.stdout
