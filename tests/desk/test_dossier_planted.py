"""Changes that somebody planted in a dossier: each is named."""

import io
import json
import zipfile
from collections.abc import Callable

import pytest
from django.utils import translation

from audit import canon, checkpoints, keys
from audit.models import Event
from audit.standalone import verify_dossier as form
from desk.dossier_subject import round_subject
from desk.dossiers import note_cases, write_dossier
from tests.desk.forging import Arranged, Forged, arranged, forged, verified
from tests.factories.running import make_running_case

__all__ = ["arranged", "forged"]

# -- planted changes -------------------------------------------------------------------

Plant = Callable[[Forged, Arranged], set[tuple[str, str]]]
PLANTS: dict[str, Plant] = {}


def plant(change: Plant) -> Plant:
    """A change; it returns what must be found, and where."""
    PLANTS[change.__name__] = change
    return change


def at(forged: Forged, number: int) -> str:
    return f"{forged.entry['stream']}#{number}"


@plant
def event_altered(forged, arranged):
    forged.events(lambda every: every[2].update(verb="look"))
    return {("chain_broken", at(forged, 4))}


@plant
def event_deleted(forged, arranged):
    forged.events(lambda every: every.pop(2))
    return {("event_missing", at(forged, 3)), ("chain_broken", at(forged, 4))}


@plant
def event_inserted(forged, arranged):
    forged.events(lambda every: every.insert(3, dict(every[2], id="x")))
    return {("event_moved", at(forged, 3)), ("chain_broken", at(forged, 4))}


@plant
def events_swapped(forged, arranged):
    forged.events(lambda every: every.insert(1, every.pop(2)))
    return {("event_missing", at(forged, 2)), ("event_moved", at(forged, 2))}


@plant
def line_that_is_no_event(forged, arranged):
    forged.events(lambda every: None)
    name = forged.entry["file"]
    lines = forged.files[name].splitlines(keepends=True)
    lines[1] = b'{"at": NaN\n'
    forged.files[name] = b"".join(lines)
    return {("event_altered", at(forged, 2)), ("chain_broken", at(forged, 3))}


@plant
def event_altered_and_chained(forged, arranged):
    forged.events(lambda every: every[2].update(actor="user:999"), chain=True)
    covered = [seq for _number, seq in anchors(forged)]
    return {("anchor_differs", at(forged, covered[0]))}


@plant
def event_deleted_and_chained(forged, arranged):
    forged.events(lambda every: every.pop(1), chain=True)
    return {("anchor_differs", at(forged, anchors(forged)[0][1]))}


@plant
def event_backdated_and_chained(forged, arranged):
    moment = "2026-01-01T00:00:00.000000Z"
    forged.events(lambda every: every[3].update(at=moment), chain=True)
    return {("time_order", at(forged, 4))}


@plant
def event_appended_with_an_old_moment(forged, arranged):
    def change(every):
        every.append(dict(every[-1], id="x", tx="x", verb="look"))
        for body in every[-2:]:
            body["at"] = every[-3]["at"]

    forged.events(change, chain=True)
    return {("time_order", at(forged, forged.entry["head"]["seq"]))}


@plant
def value_before_a_change_altered_after_the_checkpoint(forged, arranged):
    def change(every):
        fields = {"status": ["EXPIRED", "ARCHIVED"]}
        pk = int(arranged.running.case.pk)
        every[-1]["changes"] = [[0, "grants_case", pk, "~", fields]]

    forged.events(change, chain=True)
    place = f"{at(forged, forged.entry['head']['seq'])} grants_case"
    return {("row_differs", f"{place} {arranged.running.case.pk} status")}


@plant
def end_cut_off(forged, arranged):
    last = anchors(forged)[-1][1]
    forged.events(lambda every: every.__delitem__(slice(last - 1, None)), chain=True)
    return {("stream_cut", arranged.stream)}


@plant
def end_cut_off_under_the_old_head(forged, arranged):
    forged.events(lambda every: every.pop())
    return {("stream_cut", arranged.stream)}


@plant
def head_altered(forged, arranged):
    forged.change_entry(head=forged.entry["head"] | {"hash": "0" * 64})
    forged.write_page()
    return {("head_differs", arranged.stream)}


@plant
def record_of_another_case(forged, arranged):
    forged.change_entry(code="GYCT-2026-00099")
    forged.write_page()
    return {("code_differs", arranged.stream)}


@plant
def document_altered(forged, arranged):
    name = forged.documents()[0]
    forged.files[name] += b" "
    return {("document_altered", name)}


@plant
def documents_swapped(forged, arranged):
    mine = {forged.files[name]: name for name in forged.documents()}
    one, two = list(mine.values())[:2]
    forged.files[one], forged.files[two] = forged.files[two], forged.files[one]
    return {("document_altered", one), ("document_altered", two)}


@plant
def document_dropped(forged, arranged):
    name = forged.documents()[0]
    del forged.files[name]
    return {("document_missing", name)}


@plant
def document_slipped_in(forged, arranged):
    forged.files["documents/case/2026/" + "0" * 32] = b"%PDF-1.4"
    return {("document_unknown", "documents/case/2026/" + "0" * 32)}


@plant
def page_altered(forged, arranged):
    name = forged.entry["readable"]
    forged.files[name] = forged.files[name].replace(b"160675.68", b"190675.68")
    return {("readable_differs", name)}


@plant
def row_taken_out_of_the_page(forged, arranged):
    name = forged.entry["readable"]
    before, _row, after = forged.files[name].partition(b'<tr id="e3">')
    forged.files[name] = before + after.partition(b"</tr>\n")[2]
    return {("readable_differs", name)}


@plant
def text_after_the_page(forged, arranged):
    forged.files[forged.entry["readable"]] += b"<p>PS</p>"
    return {("readable_differs", forged.entry["readable"])}


@plant
def checkpoint_altered(forged, arranged):
    rows = forged.lines(form.CHECKPOINTS)
    body = json.loads(rows[0]["body"]) | {"events": 1}
    rows[0]["body"] = canon.dumps(body)
    forged.put_lines(form.CHECKPOINTS, rows)
    return {("signature", "1"), ("checkpoint_order", "2")}


@plant
def checkpoint_signed_by_another_key(forged, arranged):
    key, rows = keys.load(arranged.other_file), forged.lines(form.CHECKPOINTS)
    for row in rows:
        body = json.loads(row["body"]) | {"key": keys.fingerprint(arranged.other)}
        row["body"] = canon.dumps(body)
        row["signature"] = key.sign(row["body"].encode()).hex()
    forged.put_lines(form.CHECKPOINTS, rows)
    forged.put(form.KEYS, [arranged.other])
    return {("key_differs", arranged.other), ("key_unknown", "1")}


@plant
def signature_of_another_checkpoint(forged, arranged):
    rows = forged.lines(form.CHECKPOINTS)
    rows[1]["signature"] = rows[0]["signature"]
    forged.put_lines(form.CHECKPOINTS, rows)
    return {("signature", "2")}


@plant
def checkpoint_dropped(forged, arranged):
    forged.put_lines(form.CHECKPOINTS, forged.lines(form.CHECKPOINTS)[:1])
    return {("checkpoint_order", "2")}


@plant
def proof_altered(forged, arranged):
    rows = forged.lines(form.PROOFS)
    last = [row for row in rows if row["stream"] == arranged.stream][-1]
    last["hash"] = "0" * 64
    forged.put_lines(form.PROOFS, rows)
    return {("proof", f"{arranged.stream} @ 2")}


@plant
def proofs_dropped(forged, arranged):
    rows = [row for row in forged.lines(form.PROOFS) if row["checkpoint"] == 1]
    forged.put_lines(form.PROOFS, rows)
    return {("proof_missing", f"{arranged.stream} @ 2")}


@plant
def personal_value_altered(forged, arranged):
    rows = forged.lines(forged.entry["values"])
    rows[0]["value"] = '"另一人"'
    forged.put_lines(forged.entry["values"], rows)
    forged.write_page()
    return {("value_altered", f"{arranged.stream} {rows[0]['digest']}")}


@plant
def personal_value_dropped(forged, arranged):
    said = next(b for b in forged.lines(forged.entry["file"]) if b["verb"] == "look")
    digest = said["reason"]["digest"]
    rows = [r for r in forged.lines(forged.entry["values"]) if r["digest"] != digest]
    forged.put_lines(forged.entry["values"], rows)
    forged.write_page()
    return {("value_missing", f"{at(forged, said['seq'])} reason")}


@plant
def no_checkpoint_and_everything_rewritten(forged, arranged):
    """The chain has no secret: whoever has the file can make it anew."""
    for name in (form.CHECKPOINTS, form.PROOFS):
        forged.put_lines(name, [])
    about = forged.json(form.ABOUT) | {"checkpoints": []}
    forged.put(form.ABOUT, about)
    forged.change_entry(covered=[])
    forged.events(lambda every: every[2].update(actor="user:999"), chain=True)
    return {("uncovered", arranged.stream)}


@plant
def personal_value_dropped_under_an_erasure_from_elsewhere(forged, arranged):
    said = next(b for b in forged.lines(forged.entry["file"]) if b["verb"] == "look")
    digest = said["reason"]["digest"]
    rows = [r for r in forged.lines(forged.entry["values"]) if r["digest"] != digest]
    forged.put_lines(forged.entry["values"], rows)
    forged.write_page()
    told = {"verb": form.ERASE, "stream": "organisations_user:1", "seq": 7}
    told |= {"data": {"digests": [digest]}, "reason": None, "changes": []}
    forged.put_lines(form.ELSEWHERE, [said | told])
    return {("erasure_unproven", f"{at(forged, said['seq'])} reason")}


@plant
def stream_that_is_no_object(forged, arranged):
    about = forged.json(form.ABOUT)
    about["streams"] = ["case:1"]
    forged.put(form.ABOUT, about)
    return {("malformed", "about")}


def anchors(forged: Forged) -> list[tuple[int, int]]:
    """Checkpoint and number of the event that each saw as the last one."""
    stream = forged.entry["stream"]
    own = (proof for proof in forged.lines(form.PROOFS) if proof["stream"] == stream)
    return sorted({(proof["checkpoint"], proof["seq"]) for proof in own})


@pytest.mark.once
@pytest.mark.parametrize("name", PLANTS)
def test_planted_change_is_named(name, forged, arranged, tmp_path):
    """Also where the manifest was made to fit."""
    expected = PLANTS[name](forged, arranged)
    told = verified(forged.save(tmp_path / "a.zip"), "--key", arranged.public)
    assert told.code == 1
    assert expected <= told.findings, told.text


@pytest.mark.once
def test_files_that_are_not_those_of_the_manifest(forged, tmp_path):
    name = forged.documents()[0]
    pdf = forged.entry["pdf"]
    forged.files[pdf] = forged.files[pdf] + b"\n"
    del forged.files[name]
    forged.files["letter.txt"] = b"x"
    path = forged.save(tmp_path / "a.zip", manifest=False)
    with (
        pytest.warns(UserWarning, match="Duplicate"),
        zipfile.ZipFile(path, "a") as bundle,
    ):
        bundle.writestr("keys.json", forged.files["keys.json"])
    assert verified(path).findings == {
        ("file_altered", pdf),
        ("file_missing", name),
        ("document_missing", name),
        ("file_extra", "letter.txt"),
        ("file_twice", "keys.json"),
    }


@pytest.mark.once
@pytest.mark.parametrize("content", [b"", b"PK\3\4", b"{}"])
def test_what_is_no_zip_is_named(content, tmp_path):
    path = tmp_path / "a.zip"
    path.write_bytes(content)
    assert verified(path).findings == {("archive", "a.zip")}


@pytest.mark.once
@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{", b"\xff", b'{"files":[1]}', b"[" * 99999]
)
def test_manifest_that_is_none_is_named(content, forged, tmp_path):
    forged.files[form.MANIFEST] = content
    path = forged.save(tmp_path / "a.zip", manifest=False)
    assert ("malformed", "files") in verified(path).findings


@pytest.mark.once
def test_nothing_in_it_speaks_to_the_terminal(forged, tmp_path):
    forged.files["\x1b[2J"] = b""
    told = verified(forged.save(tmp_path / "a.zip", manifest=False))
    assert "\x1b" not in told.text
    assert told.code == 1


# -- the dossier of a round ------------------------------------------------------------


@pytest.fixture(scope="module")
def round_dossier(arranged) -> bytes:
    """A round with two cases, all of it under a checkpoint."""
    with translation.override("en"):
        round_ = arranged.running.round
        make_running_case(with_case=arranged.running)
        subject = round_subject(round_, round_.cases.order_by("pk"))
        note_cases(subject, by="system:test")
        assert checkpoints.make(keys.load(arranged.other_file.with_name("key")))
        file = io.BytesIO()
        write_dossier(subject, file, by="system:test", language="en")
    return file.getvalue()


def test_a_case_taken_out_of_a_round_is_named(round_dossier, arranged, tmp_path):
    whole = Forged(round_dossier)
    told = verified(whole.save(tmp_path / "a.zip"), "--key", arranged.public)
    assert told.code == form.PROVEN, told.text
    assert "cases that the round's events name: 2" in told.text
    about = whole.json(form.ABOUT)
    gone = about["streams"].pop(2)
    assert gone["stream"].startswith("case:")
    whole.put(form.ABOUT, about)
    for name in ("file", "values", "words", "readable", "pdf"):
        del whole.files[gone[name]]
    proofs = whole.lines(form.PROOFS)
    kept = [row for row in proofs if row["stream"] != gone["stream"]]
    whole.put_lines(form.PROOFS, kept)
    told = verified(whole.save(tmp_path / "b.zip"), "--key", arranged.public)
    assert told.code == form.BROKEN
    assert ("case_missing", gone["code"]) in told.findings


def test_a_round_without_its_list_is_not_proven(round_dossier, arranged, tmp_path):
    """Somebody says that another made it, who listed nothing."""
    whole = Forged(round_dossier)
    whole.put(form.ABOUT, whole.json(form.ABOUT) | {"made_by": "user:999"})
    for number, entry in enumerate(whole.json(form.ABOUT)["streams"]):
        whole.write_page(number)
        assert entry["readable"] in whole.files
    told = verified(whole.save(tmp_path / "a.zip"), "--key", arranged.public)
    assert (told.code, told.findings) == (form.UNPROVEN, set()), told.text
    assert "which cases the round has" in told.text


@pytest.mark.django_db
def test_the_list_is_written_again_only_when_it_changes(arranged, db):
    round_ = arranged.running.round

    def listed() -> list[dict]:
        every = Event.objects.filter(verb=form.LIST_CASES, actor="system:again")
        return [json.loads(e.line)["data"] for e in every.order_by("seq")]

    cases = list(round_.cases.order_by("pk"))
    for shown in (cases, cases, []):
        note_cases(round_subject(round_, shown), by="system:again")
    codes = [case.code for case in cases]
    assert listed() == [
        {"cases": codes, "others": 0},
        {"cases": [], "others": len(codes)},
    ]
