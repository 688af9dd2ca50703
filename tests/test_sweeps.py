"""What waits gets done: by the thread of the web process, or by Celery."""

import ast
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.conf import settings
from django.utils.module_loading import import_string

from config import sweeps
from config.sweeps import SWEEPS, Sweep
from tests.services import needs, redis_url
from tests.test_architecture import APPS

CALLS: list[str] = []


def quiet() -> int:
    CALLS.append("quiet")
    return 3


def broken() -> int:
    CALLS.append("broken")
    raise RuntimeError("a sweep that fails")


@pytest.fixture
def two_sweeps(monkeypatch):
    CALLS.clear()
    table = (
        Sweep(f"{__name__}.broken", ""),
        Sweep(f"{__name__}.quiet", ""),
    )
    monkeypatch.setattr(sweeps, "SWEEPS", table)


def test_failing_sweep_is_logged_and_leaves_the_others_their_turn(two_sweeps, caplog):
    assert sweeps.run_all() == {f"{__name__}.broken": None, f"{__name__}.quiet": 3}
    assert "its rows stay due" in caplog.text
    assert "a sweep that fails" in caplog.text


def test_thread_goes_on_after_a_failure(two_sweeps, settings):
    settings.SWEEP_SECONDS = 0.02
    thread = sweeps.SweepThread()
    thread.start()
    deadline = time.monotonic() + 10
    while CALLS.count("broken") < 3 and time.monotonic() < deadline:
        time.sleep(0.02)
    thread.stopped.set()
    thread.join(10)
    assert not thread.is_alive()
    assert CALLS.count("broken") >= 3
    assert CALLS.count("quiet") >= 2


def sweep_of(path: Path) -> str:
    """The name of a module's function `sweep`, as the table would name it, or ""."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
    module = ".".join(path.relative_to(settings.BASE_DIR).with_suffix("").parts)
    return f"{module}.sweep" if "sweep" in functions else ""


def test_every_app_that_waits_is_swept():
    apps = [settings.BASE_DIR / app for app in APPS]
    modules = [path for app in apps for path in app.rglob("*.py")]
    waiting = set(filter(None, map(sweep_of, modules)))
    assert {sweep.service for sweep in SWEEPS} == waiting


@pytest.mark.parametrize("sweep", SWEEPS, ids=lambda sweep: sweep.service)
def test_celery_task_calls_the_same_service(sweep, monkeypatch):
    import_string(sweep.service)
    module = sweep.service.rpartition(".")[0]
    monkeypatch.setattr(f"{module}.sweep", lambda: 42)
    assert import_string(sweep.task)() == 42


@needs("redis")
@pytest.mark.once
def test_beat_and_worker_sweep_on_redis(tmp_path):
    """The real broker: every sweep of the table succeeds in a worker."""
    kept = {name: v for name, v in os.environ.items() if name != "DATABASE_URL"}
    environment = kept | {
        "WEIGONG_VAR": str(tmp_path),
        "REDIS_URL": redis_url().rpartition("/")[0] + "/9",
        "SWEEP_SECONDS": "1",
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    root: Path = settings.BASE_DIR
    manage = [sys.executable, "-W", "ignore", "manage.py"]
    subprocess.run(
        [*manage, "migrate", "--no-input", "--verbosity", "0"],
        cwd=root,
        env=environment,
        check=True,
        timeout=300,
    )
    log = tmp_path / "worker.log"
    command = [sys.executable, "-m", "celery", "--app", "config.celery", "worker"]
    options = ["--beat", "--pool", "solo", "--loglevel", "info"]
    options += ["--schedule", str(tmp_path / "beat")]
    with log.open("w") as output:
        worker = subprocess.Popen(
            command + options, cwd=root, env=environment, stdout=output, stderr=output
        )
        try:
            wanted = {f"Task {sweep.task}[" for sweep in SWEEPS}
            deadline = time.monotonic() + 60
            done: set[str] = set()
            while done != wanted and time.monotonic() < deadline:
                time.sleep(0.5)
                lines = [x for x in log.read_text().splitlines() if "succeeded" in x]
                done = {task for task in wanted if any(task in x for x in lines)}
        finally:
            worker.send_signal(signal.SIGTERM)
            worker.wait(30)
    assert done == wanted, log.read_text()[-3000:]
