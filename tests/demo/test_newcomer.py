"""`make demo`, as a newcomer meets it: the program that the target starts."""

import os
import resource
import subprocess
import sys

import pytest
from django.conf import settings

from tests.demo.serving import body_of, demo

pytestmark = [pytest.mark.once, pytest.mark.slow(400), pytest.mark.xdist_group("demo")]


def work_of_children() -> float:
    """Seconds of processor time of the child processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def test_demo_comes_up_and_starts_again_with_ten_seconds_of_work(whole_demo):
    address, printed = whole_demo.address, whole_demo.printed
    for account in ("applicant1", "reviewer8", "inspector2"):
        assert account in printed
    assert "0 violations" in printed
    assert "Serving on" in printed
    assert "<html" in body_of(f"{address}/")
    assert '"openapi"' in body_of(f"{address}/api/v1/openapi.json")
    style = body_of(f"{address}/static/tabler/css/tabler.min.css")
    assert len(style) > 100_000

    before = work_of_children()  # not the clock: other tests run beside this one
    with demo(whole_demo.var) as (_address, printed):
        assert "Filling the demo" not in printed
        assert "applicant1" in printed
    assert 0 < work_of_children() - before < 10


def test_demo_is_refused_without_debug(tmp_path):
    refused = subprocess.run(
        [sys.executable, "scripts/demo.py", "--no-serve"],
        cwd=settings.BASE_DIR,
        env=os.environ
        | {
            "WEIGONG_VAR": str(tmp_path),
            "DEBUG": "0",
            "SECRET_KEY": "x" * 60,
            "AUDIT_KEY": "y" * 60,
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert refused.returncode != 0
    assert "DEBUG only" in refused.stderr
