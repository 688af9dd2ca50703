"""verify_audit for people and programs, install_triggers, RecordedCommand."""

import io
import json
import re

import pytest
from django.core.management import BaseCommand, call_command
from django.db import connection
from django.utils import translation

from audit import capture
from audit.commands import RecordedCommand
from audit.management.commands.verify_audit import COUNTED, MEANING
from audit.models import Event
from audit.record import record
from audit.testing import as_administrator
from organisations.models import Organisation

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def run(*arguments: str) -> tuple[int, str]:
    out = io.StringIO()
    try:
        call_command("verify_audit", *arguments, stdout=out, no_color=True)
    except SystemExit as end:
        return int(end.code), out.getvalue()
    return 0, out.getvalue()


@pytest.fixture
def cases(alice) -> None:
    """Two cases with a past each, told with their codes."""
    for case in (1, 2):
        with record("open", by=alice, target=f"GY-{case}", stream=f"case:{case}"):
            pass
        with record("send", by=alice, target=f"GY-{case}", stream=f"case:{case}"):
            pass


def tamper_with_case(number: int) -> None:
    with as_administrator() as cursor:
        cursor.execute(
            "UPDATE audit_event SET actor = 'user:666' WHERE stream = %s AND seq = 1",
            [f"case:{number}"],
        )


def test_verify_says_what_it_counted(cases) -> None:
    code, text = run()
    assert code == 0
    assert "The record verifies" in text
    assert f"events: {Event.objects.count()}" in text


def test_verify_counts_in_the_readers_language(cases) -> None:
    counted = json.loads(run("--json")[1])["counts"]
    assert set(counted) <= set(COUNTED)
    with translation.override("zh-hans"):
        told = run()[1].splitlines()[0]
    assert not re.search("[a-z]", told), told


def test_verify_fails_and_names_the_place(hospice) -> None:
    with as_administrator() as cursor:
        cursor.execute("UPDATE organisations_organisation SET name = 'Sly'")
    code, text = run()
    assert code == 1
    place = f"organisations_organisation {hospice.pk} name: Hospice → Sly"
    assert f"row changed outside the record: {place}" in text


def test_verify_for_a_program(hospice) -> None:
    code, text = run("--json")
    assert (code, json.loads(text)["ok"]) == (0, True)
    with as_administrator() as cursor:
        cursor.execute("UPDATE organisations_organisation SET name = 'Sly'")
    code, text = run("--json")
    told = json.loads(text)
    assert (code, told["ok"]) == (1, False)
    assert told["findings"] == [
        {
            "kind": "row_changed",
            "table": "organisations_organisation",
            "key": hospice.pk,
            "field": "name",
            "old": "Hospice",
            "new": "Sly",
            "note": "",
        }
    ]
    assert told["counts"]["rows"] >= 1


def test_verify_one_case(cases) -> None:
    code, text = run("--case", "GY-1")
    assert code == 0
    assert "events: 2" in text
    assert "streams: 1" in text
    tamper_with_case(2)
    assert run("--case", "GY-1")[0] == 0
    code, text = run("--case", "GY-2")
    assert code == 1
    assert "case:2#1 actor" in text


def test_verify_a_case_nobody_knows(cases) -> None:
    code, text = run("--case", "GY-99")
    assert code == 1
    assert "no event tells of this case" in text


def test_every_finding_has_words() -> None:
    import re
    from pathlib import Path

    modules = ("anchors", "findings", "live", "replay", "verify")
    source = " ".join(Path("audit", f"{name}.py").read_text() for name in modules)
    kinds = re.findall(r'(?:add|_differs)\(\s*"(\w+)"', source)
    assert len(set(kinds)) > 15
    assert set(kinds) <= set(MEANING)


def test_install_triggers_puts_them_back(db) -> None:
    wanted = len(capture.expected(connection))
    connection.check_constraints()
    capture.uninstall()
    assert capture.installed(connection) == {}
    out = io.StringIO()
    call_command("install_triggers", stdout=out)
    assert len(capture.installed(connection)) == wanted
    assert str(wanted) in out.getvalue()


def test_recorded_command_is_an_event(hospice) -> None:
    class Command(RecordedCommand):
        def handle(self, *args: object, **options: object) -> None:
            Organisation.objects.update(name="By command")

    call_command(Command())
    event = Event.objects.get(verb__startswith="command:")
    assert event.actor == "system:command"
    assert event.verb == f"command:{__name__.rsplit('.', 1)[-1]}"
    assert issubclass(RecordedCommand, BaseCommand)
