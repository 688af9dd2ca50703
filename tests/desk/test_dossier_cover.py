"""A dossier is covered by a checkpoint where one can be had, and says so else."""

import datetime as dt
import io

import pytest
import time_machine
from django.core.management import call_command
from django.utils import translation
from django.utils.timezone import now

from audit import checkpoints, keys
from audit.tasks import make_checkpoint
from desk import exports
from desk.dossier_cover import WAIT
from desk.models import Export
from tests.desk.forging import PROVEN, WHOLE, Arranged, arranged, verified
from tests.desk.test_dossier import enter
from tests.desk.test_dossier_period import DAYS

__all__ = ["arranged", "enter"]


@pytest.fixture
def asked_for(settings, monkeypatch) -> list[dict]:
    """A house with a worker that makes checkpoints; what it was asked for."""
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    found: list[dict] = []
    monkeypatch.setattr(
        make_checkpoint, "apply_async", lambda **options: found.append(options)
    )
    return found


@pytest.fixture
def asks(arranged, enter, django_capture_on_commit_callbacks):
    """The auditor asks for the dossier of the case, and reads what the page says."""

    def ask(path: str = "", **data: str) -> str:
        client = enter("auditor", "en")
        path = path or f"/cases/{arranged.running.case.code}/dossier/"
        with django_capture_on_commit_callbacks(execute=True):
            answer = client.post(path, data)
        assert answer.status_code == 302
        return client.get("/exports/").content.decode()

    return ask


def fetched(arranged: Arranged, tmp_path, enter):
    answer = enter("auditor").get(f"/exports/{Export.objects.get().pk}/")
    path = tmp_path / "a.zip"
    path.write_bytes(b"".join(answer.streaming_content))
    return verified(path, "--key", arranged.public)


def test_it_waits_for_the_checkpoint_that_was_asked_for(
    arranged, asked_for, asks, enter, tmp_path
):
    assert "A checkpoint was asked for" in asks()
    assert asked_for == [{"queue": "checkpoints", "expires": WAIT.total_seconds()}]
    assert exports.sweep() == 0
    with time_machine.travel(now() + dt.timedelta(seconds=5), tick=False):
        checkpoints.make(keys.load(arranged.other_file.with_name("key")))
        assert exports.sweep() == 1
    told = fetched(arranged, tmp_path, enter)
    assert told.code == PROVEN, told.text


def test_it_does_not_wait_for_ever(arranged, asked_for, asks, enter, tmp_path):
    asks("/audit/dossier/", **DAYS)
    asks()
    assert len(asked_for) == 2
    assert exports.sweep() == 0
    with time_machine.travel(now() + WAIT + dt.timedelta(seconds=1), tick=False):
        assert exports.sweep() == 2


def test_a_queue_that_does_not_answer_stops_nobody(
    asked_for, asks, monkeypatch, caplog
):
    def refuse(**options: object) -> None:
        raise ConnectionError("nobody there")

    monkeypatch.setattr(make_checkpoint, "apply_async", refuse)
    asks()
    assert Export.objects.count() == 1
    assert "no checkpoint could be asked for" in caplog.text


def test_where_a_command_makes_them_the_page_says_how_far_they_reach(
    arranged, asks, settings
):
    assert "since number 2 is in the file, but not proven" in asks()
    assert exports.sweep() == 1, "nothing to wait for"
    settings.CHECKPOINT_PUBLIC_KEYS = []
    assert "No checkpoints are set up here" in asks()


def test_the_command_takes_one_where_it_can_read_the_key(
    arranged, db, tmp_path, settings
):
    code, errors = arranged.running.case.code, io.StringIO()
    out = tmp_path / "a.zip"
    with translation.override("en"):
        call_command("dossier", code, "--out", str(out), stderr=errors)
    assert "but not proven" in errors.getvalue()
    assert verified(out, "--key", arranged.public).code == WHOLE
    settings.CHECKPOINT_KEY_FILE = str(arranged.other_file.with_name("key"))
    covered, errors = tmp_path / "b.zip", io.StringIO()
    call_command("dossier", code, "--out", str(covered), stderr=errors)
    assert errors.getvalue() == ""
    assert verified(covered, "--key", arranged.public).code == PROVEN
