"""The dossier of a period: parts of streams, tied to checkpoints on both sides."""

import datetime as dt
import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import translation
from django.utils.timezone import localdate

from attachments.models import Version
from audit import canon
from audit.evidence import Span
from audit.models import CheckpointHead, Event
from audit.record import record
from audit.standalone import verify_dossier as form
from desk import exports
from desk.dossier_period import Period, period_subject
from desk.dossier_subject import Subject, case_subject
from desk.dossiers import write_dossier
from desk.models import Export
from grants.services.programmes import create_programme, grant_role
from organisations.models import User
from tests.desk.forging import (
    BROKEN,
    PROVEN,
    WHOLE,
    Arranged,
    Forged,
    arranged,
    verified,
)
from tests.desk.test_dossier import enter

__all__ = ["arranged", "enter"]

PAID, LOOKED = dt.date(2026, 3, 3), dt.date(2026, 3, 4)
BY = "system:test"


def written(subject: Subject) -> Forged:
    file = io.BytesIO()
    with translation.override("en"):
        write_dossier(subject, file, by=BY, language="en")
    return Forged(file.getvalue())


def of_days(arranged: Arranged, since: dt.date, until: dt.date) -> Forged:
    query = Period(since, until).query
    return written(period_subject(arranged.running.auditor, query))


def entry_of(forged: Forged, stream: str) -> dict[str, Any]:
    entries = forged.json(form.ABOUT)["streams"]
    return next(entry for entry in entries if entry["stream"] == stream)


def heads(stream: str) -> list[int]:
    rows = CheckpointHead.objects.filter(stream=stream).order_by("checkpoint")
    return list(rows.values_list("seq", flat=True))


def test_a_day_between_two_checkpoints_is_proven_on_both_sides(arranged, db, tmp_path):
    forged = of_days(arranged, PAID, PAID)
    entry = entry_of(forged, arranged.stream)
    before, after = heads(arranged.stream)
    assert entry["begins"]["seq"] == before
    assert entry["head"]["seq"] == after
    own = forged.files[entry["file"]].decode().splitlines()
    rows = Event.objects.filter(stream=arranged.stream, seq__gt=before, seq__lte=after)
    assert own == list(rows.order_by("seq").values_list("line", flat=True))
    told = verified(forged.save(tmp_path / "a.zip"), "--key", arranged.public)
    assert told.code == PROVEN, told.text
    assert arranged.stream not in told.text.partition("Not proven")[2]
    assert "The dossier verifies." in told.text


def test_it_holds_the_documents_of_these_days(arranged, db, tmp_path):
    forged = of_days(arranged, PAID, PAID)
    before, _after = heads(arranged.stream)
    births = {
        change[4]["storage_key"]
        for line in Event.objects.filter(
            stream=arranged.stream, seq__gt=before
        ).values_list("line", flat=True)
        for change in json.loads(line)["changes"]
        if change[1] == Version._meta.db_table and change[3] == "+"
    }
    assert births
    named = {name.removeprefix(form.DOCUMENTS) for name in forged.documents()}
    assert {name.partition(".")[0] for name in named} == births
    every = Version.objects.filter(stream=arranged.stream).count()
    assert len(births) < every, "the day before has documents of its own"


def test_the_last_day_has_no_checkpoint_after_it_and_says_so(arranged, db, tmp_path):
    forged = of_days(arranged, LOOKED, LOOKED)
    entry = entry_of(forged, arranged.stream)
    assert entry["begins"]["seq"] == heads(arranged.stream)[-1]
    told = verified(forged.save(tmp_path / "a.zip"))
    assert told.code == WHOLE, told.text
    assert f"{arranged.stream}: no checkpoint covers any of its 1 events" in told.text
    strict = verified(forged.save(tmp_path / "a.zip"), "--key", arranged.public)
    assert (strict.code, strict.findings) == (BROKEN, {("uncovered", arranged.stream)})
    assert "no checkpoint vouches" not in told.text


def test_the_whole_time_begins_where_the_streams_began(arranged, db, tmp_path):
    forged = of_days(arranged, dt.date(2026, 1, 1), LOOKED)
    entry = entry_of(forged, arranged.stream)
    assert entry["begins"] == {"seq": 0, "hash": ""}
    streams = {e["stream"] for e in forged.json(form.ABOUT)["streams"]}
    running = arranged.running
    assert {
        arranged.stream,
        f"grants_round:{running.round.pk}",
        f"grants_programme:{running.programme.pk}",
        f"organisations_organisation:{running.case.organisation_id}",
    } <= streams
    told = verified(forged.save(tmp_path / "a.zip"))
    assert (told.code, told.findings) == (WHOLE, set()), told.text


def test_a_part_that_nothing_vouches_for_says_so(arranged, db, tmp_path):
    subject = case_subject(arranged.running.case)
    subject = Subject(
        "period", "x", subject.streams[:1], {arranged.stream: Span(3, 5)}, {}, "audit"
    )
    told = verified(written(subject).save(tmp_path / "a.zip"))
    assert (told.code, told.findings) == (WHOLE, set()), told.text
    assert f"{arranged.stream}: what came before event 3 is not here" in told.text
    assert f"{arranged.stream}: no checkpoint covers any of its 3 events" in told.text
    chinese = verified(tmp_path / "a.zip", "--lang", "zh").text
    assert "第 3 条事件之前的内容不在存证包中" in chinese


def test_a_scan_that_ended_after_these_days_decides_what_is_in_it(
    arranged, db, tmp_path, settings
):
    """Its verdict stands in no event of the part."""
    births = [Version.objects.get(pk=pk) for pk in born_on(arranged)]
    version = births[0]
    settings.CLAMD_URL = "tcp://127.0.0.1:9"
    with record("scan", by="system:scanner", target=arranged.stream):
        Version.objects.filter(pk__in=[v.pk for v in births]).update(scan_state="CLEAN")
    forged = of_days(arranged, PAID, PAID)
    assert any(version.storage_key in name for name in forged.documents())
    told = verified(forged.save(tmp_path / "a.zip"), "--key", arranged.public)
    assert told.code == PROVEN, told.text
    settings.CLAMD_URL = ""
    with record("scan", by="system:scanner", target=arranged.stream):
        Version.objects.filter(pk=version.pk).update(scan_state="INFECTED")
    forged = of_days(arranged, PAID, PAID)
    assert not any(version.storage_key in name for name in forged.documents())
    told = verified(forged.save(tmp_path / "b.zip"), "--key", arranged.public)
    assert (told.code, told.findings) == (WHOLE, set()), told.text
    assert "found so after the events that are here" in told.text


def born_on(arranged: Arranged) -> list[int]:
    """Versions that were born in the part of the day."""
    before, after = heads(arranged.stream)
    return [
        change[2]
        for line in Event.objects.filter(
            stream=arranged.stream, seq__gt=before, seq__lte=after
        ).values_list("line", flat=True)
        for change in json.loads(line)["changes"]
        if change[1] == Version._meta.db_table and change[3] == "+"
    ]


def test_an_erasure_after_these_days_is_proven_from_there(arranged, db, tmp_path):
    """What is said elsewhere counts as far as a checkpoint saw it."""
    forged = of_days(arranged, dt.date(2026, 1, 1), dt.date(2026, 3, 2))
    entry = entry_of(forged, arranged.stream)
    assert entry["head"]["seq"] == heads(arranged.stream)[0]
    told = verified(forged.save(tmp_path / "a.zip"), "--key", arranged.public)
    assert told.code == PROVEN, told.text
    assert "1 erasures: their events belong to other" in told.text
    forged.put_lines(form.ELSEWHERE_PROOFS, [])
    told = verified(forged.save(tmp_path / "b.zip"), "--key", arranged.public)
    assert {kind for kind, _place in told.findings} == {"erasure_unproven"}


# -- planted changes -------------------------------------------------------------------


def first_is_cut(forged: Forged, entry: dict[str, Any]) -> None:
    forged.put_lines(entry["file"], forged.lines(entry["file"])[1:])


def another_beginning(forged: Forged, entry: dict[str, Any]) -> None:
    change(forged, entry, begins=entry["begins"] | {"hash": "0" * 64})


def a_later_beginning(forged: Forged, entry: dict[str, Any]) -> None:
    """The first event is gone with its trace, but for the checkpoint's proof."""
    first, *rest = forged.lines(entry["file"])
    hash = canon.sha256(canon.dumps(first))
    forged.put_lines(entry["file"], rest)
    change(forged, entry, begins={"seq": first["seq"], "hash": hash})


def last_is_altered(forged: Forged, entry: dict[str, Any]) -> None:
    every = forged.lines(entry["file"])
    every[-1]["verb"] = "look"
    forged.put_lines(entry["file"], every)
    head = entry["head"] | {"hash": canon.sha256(canon.dumps(every[-1]))}
    change(forged, entry, head=head)


def no_beginning(forged: Forged, entry: dict[str, Any]) -> None:
    about = forged.json(form.ABOUT)
    for one in about["streams"]:
        one.pop("begins")
    forged.put(form.ABOUT, about)


def another_form(forged: Forged, entry: dict[str, Any]) -> None:
    forged.put(form.ABOUT, forged.json(form.ABOUT) | {"v": 1})


def a_proof_is_gone(forged: Forged, entry: dict[str, Any]) -> None:
    every = forged.lines(form.PROOFS)
    kept = [row for row in every if row["stream"] != entry["stream"]]
    forged.put_lines(form.PROOFS, kept)


def change(forged: Forged, entry: dict[str, Any], **values: Any) -> None:
    about = forged.json(form.ABOUT)
    for one in about["streams"]:
        if one["stream"] == entry["stream"]:
            one |= values
    forged.put(form.ABOUT, about)


@pytest.mark.parametrize(
    ("plant", "found"),
    [
        (first_is_cut, {"event_missing", "chain_broken"}),
        (another_beginning, {"anchor_differs", "chain_broken"}),
        (a_later_beginning, {"event_missing"}),
        (last_is_altered, {"anchor_differs", "readable_differs"}),
        (no_beginning, {"malformed"}),
        (another_form, {"malformed"}),
        (a_proof_is_gone, {"proof_missing"}),
    ],
)
def test_what_was_planted_is_named(plant, found, arranged, db, tmp_path):
    forged = of_days(arranged, PAID, PAID)
    plant(forged, entry_of(forged, arranged.stream))
    told = verified(forged.save(tmp_path / "a.zip"))
    kinds = {kind for kind, _place in told.findings}
    assert told.code == 1
    assert found <= kinds, told.text


# -- asking for it ---------------------------------------------------------------------

Enter = Callable[..., Client]
DAYS = {"since": str(PAID), "until": str(PAID)}


def test_chosen_days_then_it_lies_among_my_files(arranged, enter: Enter, tmp_path):
    client = enter("auditor", "en")
    assert "/audit/dossier/" in client.get("/audit/").content.decode()
    assert client.get("/audit/dossier/").status_code == 200
    programme = arranged.running.programme.code
    answer = client.post("/audit/dossier/", DAYS | {"programme": programme})
    assert answer["Location"] == "/exports/"
    export = Export.objects.get()
    assert export.total > 0
    assert exports.sweep() == 1
    export.refresh_from_db()
    assert export.name.startswith(f"{programme}_2026-03-03_2026-03-03_")
    path = tmp_path / "a.zip"
    answer = client.get(f"/exports/{export.pk}/")
    path.write_bytes(b"".join(answer.streaming_content))
    told = verified(path)
    assert (told.code, told.findings) == (WHOLE, set()), told.text
    own = f"organisations_user:{arranged.running.auditor.pk}"
    said = Event.objects.filter(stream=own, target="audit")
    data = {event.verb: json.loads(event.line)["data"] for event in said}
    assert data["ask_dossier"]["since"] == str(PAID)
    assert data["export"]["sha256"] == export.sha256


@pytest.mark.parametrize(
    ("asked", "field", "said"),
    [
        ({}, "since", "This field is required."),
        ({"since": "x", "until": str(PAID)}, "since", "Enter a valid date."),
        ({"since": str(LOOKED), "until": str(PAID)}, "until", "less than where"),
        ({"since": "2020-01-01", "until": "2020-01-02"}, "until", "Nothing happened"),
        (DAYS | {"programme": "other"}, "programme", "Select a valid choice"),
    ],
)
def test_what_cannot_be_is_said_beside_the_field(asked, field, said, enter, arranged):
    answer = enter("auditor", "en").post("/audit/dossier/", asked)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert f"id_{field}" in page
    assert said in page
    assert not Export.objects.exists()


def test_a_period_that_is_too_large_says_how_large(arranged, enter, monkeypatch):
    monkeypatch.setattr("desk.dossier_period.MOST_EVENTS", 3)
    answer = enter("auditor", "en").post("/audit/dossier/", DAYS)
    assert answer.status_code == 422
    assert "a dossier takes 3 of 2000" in answer.content.decode()


def test_it_belongs_to_who_oversees(arranged, enter):
    for who in ("funder", "leader", "applicant", "finance"):
        client = enter(who)
        assert client.get("/audit/dossier/").status_code == 404
        assert client.post("/audit/dossier/", DAYS).status_code == 404


def test_the_command_writes_one_too(arranged, db, tmp_path):
    out, who = tmp_path / "a.zip", arranged.running.auditor.username
    days = ["--from", str(PAID), "--to", str(PAID)]
    call_command("dossier", *days, "--as", who, "--out", str(out))
    told = verified(out, "--key", arranged.public)
    assert told.code == PROVEN, told.text
    event = Event.objects.filter(verb="export", target="audit").latest("id")
    assert json.loads(event.line)["data"]["code"] == f"{PAID}_{PAID}"
    applicant = arranged.running.applicant.username
    with translation.override("en"):
        for options, said in (
            ([], "Give a code"),
            ([*days, arranged.running.case.code], "Give a code"),
            (days, "whose programmes"),
            ([*days, "--as", applicant], "whose programmes"),
            (["--from", str(LOOKED), "--to", str(PAID), "--as", who], "until: "),
            ([*days[:2], "--as", who], "until: "),
        ):
            with pytest.raises(CommandError, match=said):
                call_command("dossier", *options, "--out", str(tmp_path / "b.zip"))


def test_of_another_programme_it_holds_nothing(arranged, db):
    own = arranged.running.programme
    other = create_programme("other", ("其他", "Other"), own.authority, None, by=BY)
    grant_role(other, role="auditor", user=arranged.running.auditor, by=BY)
    user = User.objects.get(pk=arranged.running.auditor.pk)
    assert not Period(PAID, PAID, "other").events(user).exists()
    today = localdate()
    streams = Period(today, today, "other").events(user).values_list("stream")
    assert set(streams) == {(f"grants_programme:{other.pk}",)}
    assert Period(PAID, PAID, own.code).events(user).exists()


def test_the_second_factor_comes_back_to_the_chosen_days(arranged, enter):
    client = enter("auditor", "en")
    page = client.get("/audit/dossier/", DAYS | {"programme": ""}).content.decode()
    assert f'value="{PAID}"' in page
