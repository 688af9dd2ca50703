"""Forgeries that every chain, register and seal bears out: a checkpoint names them."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.test import override_settings

from audit import canon, checkpoints, keys
from audit.append import register_of
from audit.archive import NAME
from audit.models import Checkpoint, CheckpointHead, Event
from audit.record import record
from audit.testing import as_administrator
from audit.verify import verify
from organisations.models import Organisation
from tests.audit import forger
from tests.factories import make_case

pytestmark = pytest.mark.django_db
ORGANISATION = "organisations_organisation"
HISTORY = "organisations_historicalorganisation"
Places = set[tuple[str, str, object, str]]


@dataclass
class Arranged:
    """A hospice with five events (three before checkpoint 1, one before checkpoint
    2, one after it), and a case with three events before checkpoint 1."""

    hospice: Organisation
    stream: str
    case: str
    key: Ed25519PrivateKey
    other: Ed25519PrivateKey
    folder: Path


def rename(hospice: Organisation, name: str) -> None:
    with record("rename", by="system:test"):
        hospice.name = name
        hospice.save()


@pytest.fixture(scope="module")
def world(
    shared_db: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Arranged]:
    place = tmp_path_factory.mktemp("checkpoints")
    folder = place / "archive"
    public = keys.make(place / "key")
    keys.make(place / "other")
    key, other = keys.load(place / "key"), keys.load(place / "other")
    with override_settings(CHECKPOINT_FOLDER=folder, CHECKPOINT_PUBLIC_KEYS=[public]):
        with record("make_organisation", by="system:test"):
            hospice = Organisation.objects.create(name="Hospice", legal_form="ASSOC")
        rename(hospice, "First")
        rename(hospice, "Second")
        case = f"case:{make_case().pk}"
        for verb in ("look", "ponder"):
            with record(verb, by="system:test", stream=case):
                pass
        assert checkpoints.make(key)
        rename(hospice, "Third")
        assert checkpoints.make(key)
        rename(hospice, "Fourth")
        stream = f"{ORGANISATION}:{hospice.pk}"
        yield Arranged(hospice, stream, case, key, other, folder)


@pytest.fixture(autouse=True)
def archive(world, tmp_path, settings) -> Path:
    """The archive, for this test to do with as it likes."""
    shutil.copytree(world.folder, tmp_path / "archive")
    settings.CHECKPOINT_FOLDER = tmp_path / "archive"
    return settings.CHECKPOINT_FOLDER


def places(report: Any) -> Places:
    return {(f.kind, f.table, f.key, f.field) for f in report.findings}


def found(since: int | None = None) -> Places:
    return places(verify(since=since))


def tamper(sql: str, *params: object) -> None:
    with as_administrator() as cursor:
        cursor.execute(sql, params)


def event(stream: str, seq: int) -> Event:
    return Event.objects.get(stream=stream, seq=seq)


# -- the record, after a checkpoint -----------------------------------------------


def test_untouched_verifies_and_says_how_far_checkpoints_reach(world) -> None:
    report = verify()
    assert report.findings == []
    second = Checkpoint.objects.get(pk=2)
    assert (report.reach.number, report.reach.at) == (2, second.at)
    assert (report.reach.root, report.reach.signature) == (second.root, "checked")
    assert (report.reach.after, report.reach.unarchived) == (1, 0)
    assert report.counts["checkpoints"] == 2
    assert report.counts["roots"] == 2


def cut_off(world: Arranged, last: int, name: str) -> None:
    """The hospice as if it had never been renamed again, rows and history too."""
    with as_administrator():
        forger.end_at(world.stream, event(world.stream, last))
        forger.run(
            f"UPDATE {ORGANISATION} SET name = %s WHERE id = %s", name, world.hospice.pk
        )
        later = world.hospice.history.order_by("history_id")[last:]
        for row in list(later):
            forger.run(f"DELETE FROM {HISTORY} WHERE history_id = %s", row.pk)


def test_end_of_a_stream_cut_off_under_a_sealed_head_named(world) -> None:
    cut_off(world, 3, "Second")
    (finding,) = verify().findings
    assert (finding.kind, finding.key) == ("event_missing", f"{world.stream}#4")
    assert finding.note == "checkpoint 2 knows it"


def test_what_no_checkpoint_covers_can_be_cut_off(world) -> None:
    """The limit that docs/record.md names and the report counts."""
    cut_off(world, 4, "Third")
    report = verify()
    assert report.findings == []
    assert report.reach.after == 0


def test_whole_case_removed_with_its_head_and_register_named(world) -> None:
    with as_administrator():
        forger.remove(world.case)
    register = register_of(world.case)
    report = verify()
    assert ("stream_removed", "audit_event", world.case, "") in places(report)
    removed, rewritten = sorted(report.findings, key=lambda f: f.kind, reverse=True)
    assert rewritten.kind == "anchor_differs"
    assert str(rewritten.key).startswith(f"{register}#")
    assert removed.note == "checkpoint 1 knows 3 events"


def sly(body: dict[str, Any]) -> None:
    """The hospice's second name was another one."""
    for *_, fields in body["changes"]:
        if "name" in fields:
            fields["name"] = json.loads(
                canon.dumps(fields["name"]).replace("Second", "Sly")
            )


def test_value_rewritten_with_the_whole_chain_after_it_named(world) -> None:
    row = world.hospice.history.get(name="Second")
    with as_administrator():
        forger.rewrite(world.stream, sly)
        forger.run(f"UPDATE {HISTORY} SET name = 'Sly' WHERE history_id = %s", row.pk)
    (finding,) = verify().findings
    assert finding.kind == "anchor_differs"
    assert (finding.key, finding.field) == (f"{world.stream}#3", "hash")
    assert finding.new == event(world.stream, 3).hash
    assert finding.note == "checkpoint 1: of #1 to #3"


def test_person_rewritten_between_two_checkpoints_named(world) -> None:
    """The events up to the first one stand: the row of what differs is short."""

    def change(body: dict[str, Any]) -> None:
        if body["seq"] == 4:
            body["request"] = "forged"

    with as_administrator():
        forger.rewrite(world.stream, change)
    (finding,) = verify().findings
    assert finding.key == f"{world.stream}#4"
    assert finding.note == "checkpoint 2: of #4 to #4"


def test_database_put_back_to_before_a_checkpoint_named(world) -> None:
    """The table of checkpoints went back with it; the archive did not."""
    cut_off(world, 3, "Second")
    tamper("DELETE FROM audit_checkpoint WHERE number = 2")
    tamper("DELETE FROM audit_checkpoint_head WHERE checkpoint = 2")
    assert found() == {
        ("checkpoint_missing", "audit_checkpoint", 2, ""),
        ("event_missing", "audit_event", f"{world.stream}#4", ""),
    }


# -- the checkpoints themselves -------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("at", "2001-01-01T00:00:00.000000Z"),
        ("root", "0" * 64),
        ("prev", "0" * 64),
        ("streams", 1),
        ("events", 1),
        ("key", "0" * 16),
    ],
)
def test_column_of_a_checkpoint_altered_named(column, value, world) -> None:
    tamper(f"UPDATE audit_checkpoint SET {column} = %s WHERE number = 1", value)
    assert found() == {("checkpoint_altered", "audit_checkpoint", 1, column)}


def resigned(number: int, by: Ed25519PrivateKey, **changes: object) -> Checkpoint:
    """A checkpoint with another text, signed anew, in every column consistent."""
    body = json.loads(Checkpoint.objects.get(pk=number).body) | changes
    text = canon.dumps(body)
    row = checkpoints.from_body(text, by.sign(text.encode()).hex())
    columns = {f.column: getattr(row, f.attname) for f in Checkpoint._meta.fields}
    places = ", ".join(f"{column} = %s" for column in columns)
    tamper(
        f"UPDATE audit_checkpoint SET {places} WHERE number = %s",
        *columns.values(),
        number,
    )
    return row


def test_text_of_a_checkpoint_altered_named(world) -> None:
    body = Checkpoint.objects.get(pk=2).body
    resigned(2, world.other, events=1)  # under the fingerprint of the true key
    assert found() == {
        ("checkpoint_altered", "audit_checkpoint", 2, "signature"),
        ("checkpoint_differs", "audit_checkpoint", 2, "events"),
        ("checkpoint_differs", "audit_checkpoint", 2, "signature"),
    }
    tamper("UPDATE audit_checkpoint SET body = 'x' WHERE number = 2")
    assert ("checkpoint_altered", "audit_checkpoint", 2, "body") in found()
    tamper("UPDATE audit_checkpoint SET body = %s WHERE number = 2", body)
    assert ("checkpoint_altered", "audit_checkpoint", 2, "events") in found()


def test_checkpoint_of_another_key_named(world, archive) -> None:
    other = keys.fingerprint(keys.public_text(world.other))
    resigned(2, world.other, key=other)
    unknown = ("checkpoint_key_unknown", "audit_checkpoint", 2, "key")
    assert found() == {
        unknown,
        ("checkpoint_differs", "audit_checkpoint", 2, "key"),
        ("checkpoint_differs", "audit_checkpoint", 2, "signature"),
    }
    shutil.rmtree(archive)  # without the archive the key betrays it
    assert found() == {unknown}


def test_forgery_signed_with_the_true_key_named_by_the_archive(world) -> None:
    """Whoever has the database and all keys, but not the archive."""
    with as_administrator():
        forger.rewrite(world.stream, sly)
        for seq, number in ((3, 1), (4, 2)):
            forger.run(
                "UPDATE audit_checkpoint_head SET hash = %s WHERE checkpoint = %s"
                " AND stream = %s",
                event(world.stream, seq).hash,
                number,
                world.stream,
            )
    report = places(verify())
    for number in (1, 2):
        key = f"{number} {world.stream}"
        named = ("checkpoint_altered", "audit_checkpoint_head", key, "seq,hash")
        assert named in report
    anchored = ("anchor_differs", "audit_event", f"{world.stream}#3", "hash")
    assert anchored in report  # the archived heads vouch in their place


def test_head_in_a_checkpoint_removed_named(world, archive) -> None:
    tamper(
        "DELETE FROM audit_checkpoint_head WHERE checkpoint = 2 AND stream = %s",
        world.stream,
    )
    table, key = "audit_checkpoint_head", f"2 {world.stream}"
    assert found() == {("checkpoint_altered", table, key, "seq,hash")}
    shutil.rmtree(archive)
    assert ("checkpoint_altered", table, 2, "heads") in found()


def test_checkpoint_removed_named(world, archive) -> None:
    tamper("DELETE FROM audit_checkpoint WHERE number = 1")
    tamper("DELETE FROM audit_checkpoint_head WHERE checkpoint = 1")
    missing = ("checkpoint_missing", "audit_checkpoint", 1, "")
    assert found() == {missing}
    shutil.rmtree(archive)  # the second one still tells of it
    assert missing in found()


def test_last_checkpoint_removed_everywhere_shows_only_on_paper(world, archive) -> None:
    """The limit that docs/record.md names: the report goes no further than it."""
    tamper("DELETE FROM audit_checkpoint WHERE number = 2")
    tamper("DELETE FROM audit_checkpoint_head WHERE checkpoint = 2")
    (archive / NAME.format(2)).unlink()
    report = verify()
    assert report.findings == []
    assert report.reach.number == 1
    assert report.reach.after >= 2


def test_file_altered_or_removed_named(world, archive) -> None:
    path = archive / NAME.format(2)
    path.chmod(0o600)
    text = path.read_text(encoding="utf-8")
    for forged in (
        text.replace(event(world.stream, 4).hash, "0" * 64),
        text.replace('"signature":"', '"signature":"00'),
        "",
        "[]\n",
    ):
        path.write_text(forged, encoding="utf-8")
        assert ("checkpoint_file", "archive", 2, "") in found(), forged[:40]
    path.unlink()
    report = verify()
    assert (report.findings, report.reach.unarchived) == ([], 1)


def test_without_public_keys_the_report_says_so(world, settings) -> None:
    settings.CHECKPOINT_PUBLIC_KEYS = []
    report = verify()
    assert (report.findings, report.reach.signature) == ([], "unchecked")


# -- trusting a checkpoint ------------------------------------------------------------


def test_since_reads_only_what_changed_after_it(world) -> None:
    whole, part = verify(), verify(since=1)
    assert part.findings == []
    assert part.counts["streams"] == 1 < whole.counts["streams"]
    assert part.counts["events"] == 5
    assert part.counts["rows"] == 1
    assert (part.reach.since, part.reach.number, part.reach.after) == (1, 2, 1)
    assert verify(since=2).counts["streams"] == 1


def test_since_trusts_what_it_covers_and_nothing_else(world) -> None:
    tamper(
        "UPDATE audit_event SET verb = 'x' WHERE stream = %s AND seq = 2", world.case
    )
    altered = ("event_altered", "audit_event", f"{world.case}#2", "verb")
    assert found(since=1) == set()
    assert found() == {altered}
    with record("act", by="system:test", stream=world.case):
        pass
    assert found(since=1) == {altered}
    tamper(f"UPDATE {ORGANISATION} SET name = 'x' WHERE id = %s", world.hospice.pk)
    changed = ("row_changed", ORGANISATION, world.hospice.pk, "name")
    assert found(since=1) == {altered, changed}


def test_since_finds_ends_and_cases_that_are_gone(world) -> None:
    cut_off(world, 3, "Second")
    missing = ("event_missing", "audit_event", f"{world.stream}#4", "")
    assert found(since=1) == found(since=2) == {missing}
    with as_administrator():
        forger.remove(world.case)
    for since in (1, 2):
        removed = ("stream_removed", "audit_event", world.case, "")
        assert {missing, removed} < found(since=since)


def test_since_needs_a_checkpoint_that_stands(world, archive) -> None:
    assert found(since=9) == {("checkpoint_missing", "audit_checkpoint", 9, "")}
    head = CheckpointHead.objects.filter(checkpoint=1, stream=world.case)
    tamper(
        "UPDATE audit_checkpoint_head SET hash = %s WHERE id = %s",
        "0" * 64,
        head.get().pk,
    )
    assert ("checkpoint_root", "audit_checkpoint", 1, "root") in found(since=1)
    tamper("UPDATE audit_checkpoint SET signature = '00' WHERE number = 1")
    signature = ("checkpoint_altered", "audit_checkpoint", 1, "signature")
    assert signature in found(since=1)
