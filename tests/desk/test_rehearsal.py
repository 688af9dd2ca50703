"""Rehearsals of rounds: the path, where one stops, and that nothing stays."""

import copy
import datetime as dt
import threading
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path as Folder

import pytest
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.utils import translation
from django.utils.timezone import now

from audit.record import record
from audit.testing import ambient_event
from desk.models import Rehearsal
from desk.rehearsals import ask, claim, sweep
from grants.models import Role, RoleGroup, Round
from grants.rules import default_data
from grants.services.programmes import latest_rules, revoke_role, update_round
from grants.services.ruling import change_rules
from organisations.models import User
from outbox.models import Message
from tests.costs import queries_of
from tests.desk.conftest import World
from tests.outbox.processes import database_url
from tests.services import needs
from workflows.rehearsal.path import Ending, Pace, Path
from workflows.rehearsal.people import as_many_as_needed, cast_of
from workflows.rehearsal.sandbox import sandbox
from workflows.rehearsal.walk import rehearse


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def everything() -> tuple[dict[str, int], list[str]]:
    """Rows of every table, and every file."""
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        rows = {}
        for table in tables:
            cursor.execute(f"SELECT COUNT(*) FROM {connection.ops.quote_name(table)}")
            rows[table] = cursor.fetchone()[0]
    files = [str(p) for p in Folder(settings.MEDIA_ROOT).rglob("*") if p.is_file()]
    return rows, sorted(files)


def two_payments(world: World) -> Round:
    """A draft whose rules have the preset of two payments."""
    data = copy.deepcopy(default_data())
    data["disbursement"]["shares"] = ["0.60", "0.40"]
    programme, by = world.house.programme, world["funder1"]
    base = latest_rules(programme).version
    change_rules(programme, data, base=base, reason="两笔", by=by)
    return world.open_draft("r2027")


# -- the path -----------------------------------------------------------------------


def test_default_round_is_walked_to_the_archive_and_nothing_stays(world):
    draft = world.open_draft("r2027")
    before, at = everything(), now()
    path = rehearse(draft)
    assert path.stop is None
    assert everything() == before
    assert abs(now() - at) < dt.timedelta(minutes=5)
    done = [step.action for step in path.steps]
    assert (done[0], done[2], done[-1]) == (
        "publish_round",
        "submit_application",
        "archive",
    )
    assert done.count("lock_score") == 5
    assert path.steps[-1].status == "ARCHIVED"
    assert [(p.share, p.amount) for p in path.payments] == [
        ("50", "50000.00"),
        ("40", "40000.00"),
        ("10", "10000.00"),
    ]
    assert (path.awarded, path.paid) == ("100000.00", "100000.00")
    moments = [step.at for step in path.steps]
    assert moments == sorted(moments)
    opened = next(step for step in path.steps if step.action == "open_review")
    assert dt.datetime.fromisoformat(opened.at) >= draft.closes_at
    asked = next(step for step in path.steps if step.action == "request_payment")
    assert (asked.who, asked.about, asked.amount) == (
        "org_finance",
        "payment 1",
        "50000.00",
    )
    assert len(asked.documents) == 1
    draft.refresh_from_db()
    assert draft.published_at is None
    assert Path.of_data(path.as_data()) == path


@pytest.mark.once
def test_round_of_two_payments_with_its_own_people_on_the_last_day(world):
    path = rehearse(two_payments(world), pace=Pace.LAST, as_staffed=True)
    assert path.stop is None
    assert [(p.seq, p.share) for p in path.payments] == [(1, "60"), (2, "40")]
    submitted = next(s for s in path.steps if s.action == "submit_application")
    left = dt.datetime.fromisoformat(submitted.due) - dt.datetime.fromisoformat(
        submitted.at
    )
    assert dt.timedelta(0) < left < dt.timedelta(hours=2)
    assert any("Payment 2 falls on" in note for note in path.notes)


# -- where it stops -----------------------------------------------------------------


def test_projects_too_short_for_the_rules_stop_at_the_application(world):
    draft = world.open_draft("r2027", project_ends_on=dt.date(2026, 8, 31))
    stop = rehearse(draft).stop
    assert (stop.ending, stop.action, stop.status) == (
        Ending.REFUSED,
        "submit_application",
        "DRAFT",
    )
    assert stop.who == "applicant"
    assert all(name and text for name, text in stop.problems)


def test_call_that_is_over_and_bad_rules_stop_at_publishing(world):
    draft = world.open_draft("r2027")
    world.clock.forward(days=40)
    stop = rehearse(draft).stop
    assert (stop.action, stop.problems) == (
        "publish_round",
        [["Call closes", "The call would already be over."]],
    )
    data = copy.deepcopy(default_data())
    data["review"]["panel_size"] = 0
    with ambient_event():
        type(draft.rules).objects.filter(pk=draft.rules_id).update(data=data)
    stop = rehearse(Round.objects.get(pk=draft.pk), as_staffed=True).stop
    assert [name for name, _text in stop.problems if "panel" in name] == [
        "Review and score sheet, Experts in a panel"
    ]


def test_too_few_reviewers_and_nobody_to_screen_are_told(world):
    programme, admin = world.house.programme, world["admin1"]

    def lose(role: str, keep: int) -> None:
        group = RoleGroup.objects.get(programme=programme, role=role).group
        for user in list(group.user_set.order_by("pk"))[keep:]:
            revoke_role(programme, role, user, by=admin)

    draft = world.open_draft("r2027")
    lose(Role.REVIEWER, 3)
    stop = rehearse(draft, as_staffed=True).stop
    assert (stop.ending, stop.action, stop.who) == (
        Ending.REFUSED,
        "open_review",
        "operator",
    )
    assert stop.problems[0][1]
    lose(Role.OPERATOR, 0)
    stop = rehearse(draft, as_staffed=True).stop
    assert (stop.ending, stop.action) == (Ending.NOBODY, "screen")
    lose(Role.FUNDER, 0)
    stop = rehearse(draft, as_staffed=True).stop
    assert (stop.ending, stop.action) == (Ending.NOBODY, "publish_round")


@pytest.mark.once
def test_command_tells_where_it_stops(world, capsys):
    world.open_draft("r2027", project_ends_on=dt.date(2026, 8, 31))
    with pytest.raises(CommandError, match="Submit application"):
        call_command("rehearse_round", "r2027")
    assert "Round published" in capsys.readouterr().out
    with pytest.raises(CommandError, match="no such round"):
        call_command("rehearse_round", "nowhere")


@needs("postgres")
@pytest.mark.django_db(transaction=True)
def test_nobody_waits_for_a_rehearsal(clock):
    clock.to("2026-03-02 09:00")
    world = World(clock, projects=1)
    draft = world.open_draft("r2027")
    done = []

    def work_beside() -> None:
        """Rows that open streams of their own, and the round that is rehearsed."""
        try:
            for number in range(40):
                with record("create_person", by="system:test"):
                    User.objects.create(username=f"beside{number}")
            title = {"title_en": "Changed meanwhile"}
            update_round(Round.objects.get(pk=draft.pk), by="system:test", **title)
            done.append(True)
        finally:
            connection.close()

    with sandbox():
        cast_of(draft, as_many_as_needed(draft))
        beside = threading.Thread(target=work_beside)
        beside.start()
        beside.join(20)
        waited = not done
    beside.join()
    assert not waited
    assert User.objects.filter(username__startswith="beside").count() == 40


# -- the job ------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_sweep_walks_in_another_process_and_writes_the_path(clock, monkeypatch):
    clock.to("2020-03-02 09:00")
    world = World(clock, projects=1)
    draft = world.open_draft("r2027")
    fields = {"pace": Pace.PROMPT, "as_staffed": False}
    rehearsal = ask(draft, by=world["funder1"], **fields)
    assert ask(draft, by=world["funder1"], **fields) == rehearsal
    clock.back()
    monkeypatch.setenv("DATABASE_URL", database_url())
    before = everything()
    assert sweep() == 1
    assert everything() == before
    rehearsal.refresh_from_db()
    path = Path.of_data(rehearsal.result)
    assert path.stop.action == "publish_round"  # the call was over long ago
    assert rehearsal.finished_at
    assert not rehearsal.is_open
    assert sweep() == 0


def test_process_that_fails_is_tried_again_and_given_up(world, monkeypatch, settings):
    rehearsal = ask(
        world.round, by=world["funder1"], pace=Pace.PROMPT, as_staffed=False
    )
    settings.BASE_DIR = Folder("/nonexistent")
    assert sweep(limit=1) == 0
    rehearsal.refresh_from_db()
    assert rehearsal.is_open
    world.clock.forward(minutes=1)
    assert sweep(limit=1) == 0
    rehearsal.refresh_from_db()
    assert rehearsal.failed_at
    assert claim() is None


# -- the page -----------------------------------------------------------------------


def kept(world: World, round_: Round, path: Path) -> Rehearsal:
    """A rehearsal that is over."""
    return Rehearsal.objects.create(
        round=round_,
        user=world["funder1"],
        pace=Pace.PROMPT,
        as_staffed=False,
        language="en",
        finished_at=now(),
        result=path.as_data(),
    )


@pytest.mark.once
def test_officer_asks_and_reads_the_path(world, text):
    funder = world.enter("funder1")
    url = "/rounds/r2026/rehearsal/"
    assert url in text(funder.get("/rounds/r2026/"))
    wrong = funder.post(url, {"pace": "NEVER", "people": "needed"})
    assert wrong.status_code == 422
    assert 'href="#id_pace' in text(wrong)
    body = {"pace": "LAST", "people": "staffed"}
    page = text(funder.post(url, body, follow=True))
    assert "under way" in page
    assert 'hx-trigger="every 2s"' in page
    (asked,) = Rehearsal.objects.all()
    assert (asked.pace, asked.as_staffed, asked.language) == ("LAST", True, "en")
    asked.delete()
    short = world.open_draft("r2027", project_ends_on=dt.date(2026, 8, 31))
    kept(world, short, rehearse(short))
    for language, words in (
        ("en", ("The case does not get to the archive", "Submit application")),
        ("zh-hans", ("示例项目未能走到归档", "提交申报")),
    ):
        page = text(world.enter("operator1", language).get("/rounds/r2027/rehearsal/"))
        for word in words:
            assert word in page, (language, word)
    assert not Message.objects.filter(url__contains="r2027").exists()


@pytest.mark.once
def test_rehearsals_are_for_who_sets_up(world):
    for name, status in (("head1", 403), ("applicant1", 403), ("operator1", 200)):
        client = world.enter(name)
        assert client.get("/rounds/r2026/rehearsal/").status_code == status, name
    assert world.enter("funder1").get("/rounds/no/rehearsal/").status_code == 404


def test_page_costs_the_same_with_many_rehearsals(world):
    funder, path = world.enter("funder1"), Path(paid=str(Decimal(0)))
    costs = []
    for number in (1, 8):
        for _turn in range(number):
            kept(world, world.round, path)
        costs.append(queries_of(funder, "/rounds/r2026/rehearsal/"))
    assert costs == [8, 8]
