"""The dossier of a case holds what decided on it, not what happened to others."""

import io
import json

import pytest
from django.utils import translation

from attachments.models import Document, Version
from audit import checkpoints, keys
from audit.standalone import verify_dossier as form
from desk.dossier_subject import case_subject
from desk.dossiers import write_dossier
from grants.models import Case, Decision, Notice
from grants.services.programmes import grant_role, revoke_role

from .conftest import World
from .forging import PROVEN, WHOLE, Forged, verified


@pytest.fixture
def case(world: World) -> Case:
    """Of two cases of a round the one that was decided on and published."""
    world.bring(world.draft(1), "SCREENING")
    return world.bring(world.draft(), "IN_NOTICE")


@pytest.fixture
def public(tmp_path, settings) -> str:
    settings.CHECKPOINT_FOLDER = tmp_path / "checkpoints"
    settings.CHECKPOINT_PUBLIC_KEYS = [keys.make(tmp_path / "key")]
    return settings.CHECKPOINT_PUBLIC_KEYS[0]


def dossier(case: Case, tmp_path) -> Forged:
    checkpoints.make(keys.load(tmp_path / "key"))
    file = io.BytesIO()
    with translation.override("en"):
        write_dossier(case_subject(case), file, by="system:test", language="en")
    return Forged(file.getvalue())


def page_of(forged: Forged, stream: str) -> str:
    entries = forged.json(form.ABOUT)["streams"]
    entry = next(e for e in entries if e["stream"] == stream)
    return forged.files[entry["readable"]].decode()


def test_decision_minutes_and_notice_are_in_it_and_proven(
    world, case, public, tmp_path
):
    forged = dossier(case, tmp_path)
    told = verified(forged.save(tmp_path / "a.zip"), "--key", public)
    assert told.code == PROVEN, told.text
    round_ = page_of(forged, f"grants_round:{case.round_id}")
    for decision in Decision.objects.filter(round=case.round).exclude(number=""):
        assert decision.number in round_
    assert Decision.objects.exclude(number="").exists()
    notice = Notice.objects.get(cases=case)
    listed = page_of(forged, f"grants_notice:{notice.pk}")
    assert str(case.pk) in listed
    minutes = Document.objects.filter(folder=case.round.folder)
    assert minutes.exists()
    held = " ".join(forged.documents())
    for document in minutes:
        assert document.versions.latest("pk").storage_key in held


def test_nothing_in_it_names_another_case(world, case, public, tmp_path):
    other = Case.objects.exclude(pk=case.pk).get()
    forged = dossier(case, tmp_path)
    named = [str(other.organisation)]
    assert named != [str(case.organisation)]
    for name, content in forged.files.items():
        if not name.startswith(form.DOCUMENTS) and not name.endswith(".pdf"):
            text = content.decode()
            assert [word for word in named if word in text] == [], name


def test_who_held_which_role_is_in_it(world, case, public, tmp_path):
    programme, leader = world.house.programme, world["leader1"]
    admin = world["admin1"]
    grant_role(programme, "leader", leader, by=admin)
    grant_role(programme, "committee", world["funder1"], by=admin)
    revoke_role(programme, "committee", world["funder1"], by=admin)
    forged = dossier(case, tmp_path)
    stream = f"grants_programme:{programme.pk}"
    page = page_of(forged, stream)
    assert "Role noted in the programme" in page
    assert f"{leader} (user:{leader.pk})" in page
    entries = forged.json(form.ABOUT)["streams"]
    entry = next(e for e in entries if e["stream"] == stream)
    noted = [b["data"] for b in forged.lines(entry["file"]) if b["verb"] == "note_role"]
    funder = f"user:{world['funder1'].pk}"
    last = [
        row for row in noted if (row["person"], row["role"]) == (funder, "committee")
    ]
    assert [row["holds"] for row in last] == [True, False]
    grants = [row for row in noted if row["person"] == f"user:{leader.pk}"]
    assert len(grants) == 1, "a repeat changes nothing"
    assert json.dumps(noted).count("auditor") >= 1


def test_a_role_that_was_struck_out_is_missed(world, case, public, tmp_path):
    forged = dossier(case, tmp_path)
    entries = forged.json(form.ABOUT)["streams"]
    entry = next(e for e in entries if e["stream"].startswith("grants_programme"))
    lines = forged.lines(entry["file"])
    gone = next(n for n, b in enumerate(lines) if b["verb"] == "note_role")
    forged.put_lines(entry["file"], lines[:gone] + lines[gone + 1 :])
    told = verified(forged.save(tmp_path / "a.zip"), "--key", public)
    seq = lines[gone]["seq"]
    assert ("event_missing", f"{entry['stream']}#{seq}") in told.findings


def test_a_part_that_was_taken_out_is_missed(world, case, public, tmp_path):
    forged = dossier(case, tmp_path)
    about = forged.json(form.ABOUT)
    stream = f"grants_round:{case.round_id}"
    gone = next(e for e in about["streams"] if e["stream"] == stream)
    about["streams"].remove(gone)
    forged.put(form.ABOUT, about)
    for name in ("file", "values", "words", "readable", "pdf"):
        del forged.files[gone[name]]
    of_round = Version.objects.filter(stream=stream).values_list("storage_key")
    for (key,) in of_round:
        (name,) = [name for name in forged.documents() if key in name]
        del forged.files[name]
    told = verified(forged.save(tmp_path / "a.zip"), "--key", public)
    assert (told.code, told.findings) == (WHOLE, set()), told.text
    assert f"{stream}: what it decided" in told.text
