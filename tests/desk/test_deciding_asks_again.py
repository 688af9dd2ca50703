"""Every act that decides asks for the second factor again, on the page and by API."""

import io
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from attachments.storage import get_storage, new_key
from audit.testing import ambient_event
from desk.models import Export
from desk.taking import holds_of_streams
from grants.actions import ACTIONS
from grants.models import Case, HoldKind
from grants.services.lifting import propose_lift
from organisations.models import User
from organisations.services import issue_token
from tests.desk.test_second_factor import (
    PASSWORD,
    code_of,
    forget,
    required,
    running,
    sets_up,
)
from tests.factories.running import Running
from workflows.models import WorkItem
from workflows.services import perform

__all__ = ["required", "running"]
pytestmark = [pytest.mark.once, pytest.mark.django_db]

ASK = reverse("mfa_reauthenticate")
#: Longer ago than the second factor counts.
LONG_AGO = 700
ROOT = Path(__file__).parents[2]


def stale(user: User) -> tuple[Client, str]:
    """A session that gave its second factor too long ago."""
    with ambient_event():
        user.set_password(PASSWORD)
        user.save()
    client, secret = sets_up(user)
    forget(client, LONG_AGO)
    return client, secret


def codes_of(running: Running, client: Client, headers: dict[str, str]) -> set[str]:
    """The acts that the API refuses for the want of a second factor."""
    refused = set()
    for name, action in ACTIONS.items():
        where = f"rounds/{running.round.pk}"
        if action.of != "round":
            where = f"cases/{running.case.code}"
        answer = client.post(
            f"/api/v1/{where}/{name}",
            data={},
            content_type="application/json",
            headers={"accept-language": "en", **headers},
        )
        if answer.status_code == 403 and answer.json()["code"] == "second_factor":
            refused.add(name)
    return refused


def test_no_token_decides(running):
    token = issue_token(running.funder, by=running.funder)
    headers = {"authorization": f"Bearer {token}"}
    wanted = {name for name, action in ACTIONS.items() if action.confirms}
    assert codes_of(running, Client(), headers) == wanted
    assert {"record_meeting", "confirm_refusal", "close_accountability"} < wanted


def test_a_stale_session_does_not_decide_by_api(running):
    client, _secret = stale(running.funder)
    wanted = {name for name, action in ACTIONS.items() if action.confirms}
    assert codes_of(running, client, {}) == wanted


@pytest.mark.parametrize(
    ("asked", "asker", "name", "who"),
    [
        ("terminate", "funder", "confirm_termination", "head"),
        ("request_change", "applicant", "decide_change", "funder"),
    ],
)
def test_a_task_that_decides_asks_again(running, asked, asker, name, who):
    case, by = Case.objects.get(pk=running.case.pk), getattr(running, asker)
    action = ACTIONS[asked]
    form = action.bind_json(case, by=by, body=action.example(case, by))
    perform(asked, case, by=by, form=form)
    item = WorkItem.objects.get(case=running.case, action=name, closed_at=None)
    client, secret = stale(getattr(running, who))
    address = f"/work/{item.pk}/"
    for send in (client.get, client.post):
        assert send(address).url.startswith(ASK)
    item.refresh_from_db()
    assert item.is_open
    client.post(ASK, {"code": code_of(secret), "next": address})
    assert client.get(address).status_code == 200


def test_an_act_without_a_task_asks_again_and_keeps_the_typing(running):
    client, secret = stale(running.funder)
    address = reverse("desk:case-act", args=[running.case.code, "suspend"])
    assert client.get(address).url.startswith(ASK)
    reason = "账目不清，先停下来"
    assert client.post(address, {"reason": reason}).url.startswith(ASK)
    assert not running.case.holds.filter(kind=HoldKind.SUSPENSION).exists()
    back = client.post(ASK, {"code": code_of(secret), "next": address})
    assert back.url == address
    page = client.get(address)
    assert reason in page.content.decode()
    assert reason not in client.get(address).content.decode(), "kept once"
    assert client.post(address, {"reason": reason}).status_code == 302
    assert running.case.holds.filter(kind=HoldKind.SUSPENSION).exists()


def test_lifting_an_exclusion_asks_again(running):
    why = {"ground": "CAUSE", "reason": "未按协议实施"}
    figures = {"accepted_expenditure": "0.00", "accepted_because": ""}
    running.do("terminate", **why, **figures)
    running.do("confirm_termination")
    ended = running.case.terminations.get()
    propose_lift(ended, by=running.funder, reason="已整改")
    client, secret = stale(running.head)
    address = reverse("desk:exclusion", args=[ended.pk])
    assert client.get(address).url.startswith(ASK)
    sent = {"outcome": "STAND", "remarks": "尚不足以解除"}
    page = client.post(address, sent)
    assert page.status_code == 422
    assert "尚不足以解除" in page.content.decode()
    assert "second factor is asked for again" in page.content.decode()
    client.post(ASK, {"code": code_of(secret), "next": address})
    assert client.post(address, sent).url == reverse("desk:exclusion-list")


def test_a_finished_dossier_is_handed_out_after_the_second_factor(running):
    auditor = running.auditor
    client, secret = stale(auditor)
    key = new_key("export")
    get_storage().put(key, io.BytesIO(b"the dossier"))
    export = Export.objects.create(
        user=auditor,
        kind=Export.Kind.DOSSIER,
        list="case",
        query={"code": running.case.code},
        holds=holds_of_streams([f"case:{running.case.pk}"], []),
        language="en",
        finished_at=timezone.now(),
        storage_key=key,
        name="dossier.zip",
    )
    address = reverse("desk:export-file", args=[export.pk])
    files = reverse("desk:export-list")
    assert client.get(address).url.startswith(ASK)
    assert client.post(ASK, {"code": code_of(secret), "next": files}).url == files
    assert client.get(address).getvalue() == b"the dossier"


@pytest.mark.parametrize(
    ("given", "starts"),
    [
        ({"DEBUG": "0", "MFA_REQUIRED": "0"}, False),
        ({"DEBUG": "0"}, True),
        ({"DEBUG": "1", "MFA_REQUIRED": "0"}, True),
    ],
)
def test_without_debug_nothing_starts_without_the_second_factor(
    given: dict[str, str], starts: bool, tmp_path: Any
):
    house = {"SECRET_KEY": "a" * 60, "AUDIT_KEY": "b" * 60, "DATABASE_URL": ""}
    environment = {**house, "WEIGONG_VAR": str(tmp_path), **given}
    ran = subprocess.run(
        [sys.executable, "-c", "import config.settings"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode == 0) is starts, ran.stderr
    assert starts or "MFA_REQUIRED=0" in ran.stderr
