"""Making checkpoints: what is signed, what is stored, what lies in the archive."""

import io
import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.utils import translation

from audit import canon, checkpoints, keys, merkle
from audit.archive import FolderArchive, archive
from audit.checkpoints import CheckpointProblem, Made
from audit.models import Checkpoint, CheckpointHead, Event, Head
from audit.record import record
from audit.tasks import make_checkpoint
from audit.testing import as_administrator

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


@pytest.fixture(autouse=True)
def folder(tmp_path, settings) -> Path:
    settings.CHECKPOINT_FOLDER = tmp_path / "checkpoints"
    return settings.CHECKPOINT_FOLDER


@pytest.fixture
def key_file(tmp_path, settings) -> Path:
    path = tmp_path / "key"
    settings.CHECKPOINT_PUBLIC_KEYS = [keys.make(path)]
    settings.CHECKPOINT_KEY_FILE = str(path)
    return path


@pytest.fixture
def key(key_file):
    return keys.load()


def act(stream: str) -> None:
    with record("act", by="system:test", stream=stream):
        pass


def made(key, always: bool = False) -> Made:
    found = checkpoints.make(key, always)
    assert found is not None
    return found


def plain_root(heads: dict[str, tuple[int, str]]) -> str:
    tree = merkle.Tree()
    for stream in sorted(heads):
        text = json.dumps([stream, *heads[stream]], separators=(",", ":"))
        tree.add(merkle.leaf(text.encode()))
    return tree.root()


def heads_now() -> dict[str, tuple[int, str]]:
    return {h.stream: (h.seq, h.hash) for h in Head.objects.all()}


def changed_in(number: int) -> dict[str, tuple[int, str]]:
    rows = CheckpointHead.objects.filter(checkpoint=number)
    return {h.stream: (h.seq, h.hash) for h in rows}


# -- keys ---------------------------------------------------------------------


def test_key_is_for_its_owner_and_never_overwritten(tmp_path) -> None:
    path, out = tmp_path / "key", io.StringIO()
    call_command("checkpoint_key", str(path), stdout=out, stderr=io.StringIO())
    assert out.getvalue().strip() == keys.public_text(keys.load(path))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    before = path.read_bytes()
    with pytest.raises(CommandError, match="never overwritten"):
        call_command("checkpoint_key", str(path))
    assert path.read_bytes() == before
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("checkpoint_key", str(tmp_path / "nowhere" / "key"))


def test_key_problems_are_told(tmp_path, settings) -> None:
    settings.CHECKPOINT_KEY_FILE = ""
    with pytest.raises(CommandError, match="set CHECKPOINT_KEY_FILE"):
        call_command("checkpoint")
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("checkpoint", "--key", str(tmp_path / "none"))
    wrong = tmp_path / "wrong"
    wrong.write_text("nothing")
    with pytest.raises(CommandError, match="holds no private key"):
        call_command("checkpoint", "--key", str(wrong))
    assert not Checkpoint.objects.exists()


@pytest.mark.parametrize("text", ["", "zz", "00", "00" * 31])
def test_public_key_of_the_settings_must_be_one(text, settings) -> None:
    settings.CHECKPOINT_PUBLIC_KEYS = [text]
    with pytest.raises(ImproperlyConfigured, match="CHECKPOINT_PUBLIC_KEYS"):
        keys.known()


def test_only_the_key_that_signed_fits(key, tmp_path) -> None:
    other = keys.make(tmp_path / "other")
    signature = key.sign(b"text").hex()
    assert keys.signs(keys.public_text(key), "text", signature)
    assert not keys.signs(keys.public_text(key), "test", signature)
    assert not keys.signs(other, "text", signature)
    assert not keys.signs("", "text", signature)
    assert not keys.signs(keys.public_text(key), "text", "no hexadecimal")


# -- what is signed -------------------------------------------------------------


def test_checkpoint_is_the_signed_root_over_all_heads(key) -> None:
    act("case:2")
    act("case:10")
    row = made(key).checkpoint
    body = json.loads(row.body)
    assert canon.dumps(body) == row.body
    assert body.keys() == checkpoints.BODY.keys()
    for name in ("number", "at", "root", "prev", "streams", "events", "key"):
        assert body[name] == getattr(row, name)
    assert keys.signs(keys.public_text(key), row.body, row.signature)
    assert (body["number"], body["prev"]) == (1, "")
    assert body["streams"] == Head.objects.count()
    assert body["events"] == Event.objects.count()
    assert body["root"] == plain_root(heads_now())
    assert changed_in(1) == heads_now()
    assert (body["changed"], body["changes"]) == (body["streams"], body["root"])


def test_second_checkpoint_holds_what_changed_and_names_the_first(key) -> None:
    act("case:1")
    first = made(key).checkpoint
    act("case:1")
    act("case:2")
    row = made(key).checkpoint
    body, register = json.loads(row.body), heads_now().keys() - {"case:1", "case:2"}
    assert body["prev"] == canon.sha256(first.body)
    assert body["number"] == 2
    assert body["root"] == plain_root(heads_now())
    changed = changed_in(2)
    assert {"case:1", "case:2"} < changed.keys()
    assert len(changed.keys() - {"case:1", "case:2"}) == 1  # the register of case:2
    assert changed.keys() - {"case:1", "case:2"} < register
    assert body["changes"] == plain_root(changed)


def test_nothing_new_where_nothing_changed(key, capsys) -> None:
    act("case:1")
    assert make_checkpoint() == 1
    assert make_checkpoint() is None
    call_command("checkpoint")
    assert "Nothing has changed" in capsys.readouterr().out
    call_command("checkpoint", "--always")
    assert "Checkpoint 2 of" in capsys.readouterr().out
    second = json.loads(Checkpoint.objects.get(pk=2).body)
    assert (second["changed"], second["changes"]) == (0, merkle.EMPTY.hex())
    assert second["root"] == plain_root(heads_now())


def test_printed_form_is_fit_for_paper(key, capsys) -> None:
    act("case:1")
    call_command("checkpoint")
    row, printed = Checkpoint.objects.get(), capsys.readouterr().out
    assert row.at in printed
    lines = [line.strip() for line in printed.splitlines()]
    root = "".join(lines[lines.index("Root") + 1 : lines.index("Signature")])
    signature = "".join(lines[lines.index("Signature") + 1 : lines.index("Key")])
    assert root.replace(" ", "") == row.root
    assert signature.replace(" ", "") == row.signature
    assert max(map(len, lines)) <= 45


def test_worker_prints_what_the_command_prints(key, capfd, settings, tmp_path) -> None:
    paper = tmp_path / "paper"
    settings.CHECKPOINT_PRINT = f"sh -c 'cat > {paper}'"
    act("case:1")
    assert make_checkpoint() == 1
    sheet = paper.read_text("utf-8")
    assert sheet in capfd.readouterr().out
    assert Checkpoint.objects.get().root in "".join(sheet.split())
    assert make_checkpoint() is None
    assert capfd.readouterr().out == ""
    call_command("checkpoint", "--always")
    assert paper.read_text("utf-8") in capfd.readouterr().out
    assert "Checkpoint 2 of" in paper.read_text("utf-8")


@pytest.mark.parametrize("command", ["no-such-printer", "false", "sh -c 'exit 3'"])
def test_printer_that_does_not_answer_stops_no_checkpoint(
    key, capsys, caplog, settings, command
) -> None:
    settings.CHECKPOINT_PRINT = command
    act("case:1")
    assert make_checkpoint() == 1
    assert "checkpoint 1 was not printed" in caplog.text
    act("case:1")
    call_command("checkpoint")
    assert "Checkpoint 2 was not printed" in capsys.readouterr().err


def test_unknown_public_key_is_mentioned(key, settings, capsys) -> None:
    settings.CHECKPOINT_PUBLIC_KEYS = []
    call_command("checkpoint")
    assert keys.public_text(key) in capsys.readouterr().err


# -- what went back is told, and signed as it is ---------------------------------


def test_stream_that_went_back_or_is_gone_is_told(key, capsys) -> None:
    for stream in ("case:1", "case:1", "case:2"):
        act(stream)
    call_command("checkpoint")
    before = Event.objects.get(stream="case:1", seq=1)
    with as_administrator() as cursor:
        cursor.execute("DELETE FROM audit_event WHERE stream = 'case:1' AND seq = 2")
        cursor.execute(
            "UPDATE audit_head SET seq = 1, hash = %s WHERE stream = 'case:1'",
            [before.hash],
        )
        for table in ("audit_head", "audit_event"):
            cursor.execute(f"DELETE FROM {table} WHERE stream = 'case:2'")
    capsys.readouterr()
    with pytest.raises(SystemExit) as end:
        call_command("checkpoint")
    assert end.value.code == 1
    told = capsys.readouterr().err
    assert "case:1" in told
    assert "case:2" in told
    assert changed_in(2) == {"case:1": (1, before.hash), "case:2": (0, "")}
    assert Checkpoint.objects.get(pk=2).root == plain_root(heads_now())
    assert checkpoints.make(key) is None
    act("case:2")  # reborn
    assert made(key).lost == []


# -- the archive ------------------------------------------------------------------


def test_file_holds_body_signature_and_changed_heads(key, folder) -> None:
    act("case:1")
    row = made(key).checkpoint
    (path,) = folder.iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o444
    first, *heads = path.read_text(encoding="utf-8").splitlines()
    assert json.loads(first) == {"body": row.body, "signature": row.signature}
    tree = merkle.Tree()
    for line in heads:
        tree.add(merkle.leaf(line.encode()))
    assert tree.root() == json.loads(row.body)["changes"]
    assert archive().numbers() == {1}


def test_file_is_never_overwritten_nor_left_half_written(folder) -> None:
    store = FolderArchive()
    assert store.numbers() == set()
    store.write(7, ["one"])
    with pytest.raises(FileExistsError):
        store.write(7, ["two"])

    def breaks():
        yield "begun"
        raise OSError("full")

    with pytest.raises(OSError, match="full"):
        store.write(8, breaks())
    assert list(store.lines(7)) == ["one"]
    assert [path.name for path in folder.iterdir()] == ["checkpoint-00000007.jsonl"]


def test_what_the_archive_lacks_is_put_there_the_next_time(key, folder) -> None:
    folder.write_text("a file where the folder should be")
    act("case:1")
    with pytest.raises(CommandError, match="archive of checkpoints"):
        call_command("checkpoint")
    assert Checkpoint.objects.count() == 1
    folder.unlink()
    assert checkpoints.make(key) is None
    assert archive().numbers() == {1}


def test_database_put_back_goes_on_after_the_archive(key) -> None:
    """What it lost stays in the chain of checkpoints."""
    act("case:1")
    made(key)
    act("case:1")
    lost = made(key).checkpoint
    with as_administrator() as cursor:
        cursor.execute("DELETE FROM audit_checkpoint WHERE number = 2")
        cursor.execute("DELETE FROM audit_checkpoint_head WHERE checkpoint = 2")
    act("case:2")
    found = made(key)
    assert found.taken_back == [2]
    assert found.checkpoint.number == 3
    assert found.checkpoint.prev == canon.sha256(lost.body)
    assert changed_in(2)["case:1"][0] == 2


def test_forged_file_is_not_taken_back(key, folder, tmp_path) -> None:
    act("case:1")
    made(key)
    keys.make(tmp_path / "other")
    act("case:1")
    made(keys.load(tmp_path / "other"))
    with as_administrator() as cursor:
        cursor.execute("DELETE FROM audit_checkpoint WHERE number = 2")
        cursor.execute("DELETE FROM audit_checkpoint_head WHERE checkpoint = 2")
    with pytest.raises(CheckpointProblem, match="checkpoint 2, which does not verify"):
        checkpoints.make(key)
    assert Checkpoint.objects.count() == 1


def test_two_at_once_make_one(key, monkeypatch) -> None:
    """The second comes too late to the same number, and says so."""
    act("case:1")
    store = checkpoints._store

    def late(checkpoint, heads):
        monkeypatch.setattr(checkpoints, "_store", store)
        made(key)
        store(checkpoint, heads)

    monkeypatch.setattr(checkpoints, "_store", late)
    with pytest.raises(CheckpointProblem, match="somebody else"):
        checkpoints.make(key)
    assert Checkpoint.objects.count() == 1


# -- the worker -----------------------------------------------------------------------

SCHEDULE = """
import os, json
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
from config.celery import app
print(json.dumps(app.conf.beat_schedule.get("audit.tasks.make_checkpoint")))
"""


@pytest.mark.once
@pytest.mark.parametrize("public", ["", "00" * 32])
def test_beat_asks_a_queue_of_its_own_where_checkpoints_are_set_up(
    public, tmp_path, root
) -> None:
    environment = {name: v for name, v in os.environ.items() if name != "DATABASE_URL"}
    environment |= {"WEIGONG_VAR": str(tmp_path), "REDIS_URL": "redis://localhost/9"}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", SCHEDULE],
        cwd=root,
        env=environment | {"CHECKPOINT_PUBLIC_KEYS": public},
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(done.stdout)
    if not public:
        assert found is None
        return
    assert found["options"] == {"expires": 3600, "queue": "checkpoints"}
    assert found["schedule"] == 3600
