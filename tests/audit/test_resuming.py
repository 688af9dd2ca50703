"""A verification that was interrupted goes on where it was."""

import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from audit import scratch
from audit.models import Event
from audit.record import record
from audit.scratch import OtherRun
from audit.testing import as_administrator
from audit.verify import verify

pytestmark = pytest.mark.django_db


class Interrupted(Exception):
    """Somebody pulled the plug."""


class Watch:
    """Notes how far the run is; pulls the plug after so many parts."""

    def __init__(self, plug: int = 0) -> None:
        self.plug, self.events = plug, [0]

    def __call__(self, what: str, done: int, total: int) -> None:
        assert done <= total
        if what == "events":
            self.events.append(done)
            if len(self.events) - 1 == self.plug:
                raise Interrupted


@pytest.fixture
def kept(tmp_path, monkeypatch, db) -> Path:
    """The file of a run that was interrupted after the first of its parts, in
    which an event was found altered."""
    monkeypatch.setattr(scratch, "PART", 40)
    for number in range(1, 4):
        with record("act", by="system:test", stream=f"case:{number}"):
            pass
    with as_administrator() as cursor:
        cursor.execute(
            "UPDATE audit_event SET verb = 'x' WHERE stream IN ('case:1', 'case:2')"
        )
    path = tmp_path / "kept"
    with pytest.raises(Interrupted):
        verify(kept=path, progress=Watch(1))
    assert path.exists()
    return path


def test_goes_on_and_tells_the_same_as_a_whole_run(kept) -> None:
    watch, whole = Watch(), verify()
    report = verify(kept=kept, progress=watch)
    assert report.findings == whole.findings
    assert {f.key for f in report.findings} == {"case:1#1", "case:2#1"}
    assert report.counts == whole.counts
    assert watch.events[1] > 40  # the first part counts, and was not read again
    every = Watch()
    verify(progress=every)
    assert watch.events[1:] == every.events[2:]
    assert list(kept.parent.iterdir()) == []


def test_what_changed_meanwhile_is_read_again(kept) -> None:
    with record("act", by="system:test", stream="case:1"):
        pass
    with as_administrator() as cursor:
        cursor.execute("UPDATE audit_event SET verb = 'act' WHERE stream = 'case:1'")
    whole, report = verify(), verify(kept=kept)
    assert report.findings == whole.findings
    assert {f.key for f in report.findings} == {"case:2#1"}
    assert report.counts == whole.counts
    assert report.counts["events"] == Event.objects.count()


def test_file_of_another_run_is_refused(kept) -> None:
    with pytest.raises(OtherRun):
        verify(case="GY-1", kept=kept)
    other = kept.with_name("other")
    other.write_text("a letter to somebody")
    with (
        translation.override("en"),
        pytest.raises(CommandError, match="not the file of a run"),
    ):
        call_command("verify_audit", "--resume", str(other))
    assert other.read_text() == "a letter to somebody"


def test_command_goes_on_and_says_how_far_it_is(kept) -> None:
    out, err = io.StringIO(), io.StringIO()
    with translation.override("en"), pytest.raises(SystemExit) as end:
        call_command(
            "verify_audit",
            "--resume",
            str(kept),
            "--progress",
            stdout=out,
            stderr=err,
        )
    assert end.value.code == 1
    assert "event altered: audit_event case:1#1 verb" in out.getvalue()
    count = Event.objects.count()
    assert f"Events read: {count} / {count}" in err.getvalue()
    assert "Tables compared: 0 /" in err.getvalue()
    assert not kept.exists()
