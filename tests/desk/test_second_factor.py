"""Staff sign in with a second factor, and give it again before they decide or pay."""

import json
import time
from typing import Any

import pytest
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from audit.models import Event
from audit.testing import ambient_event
from audit.verify import verify
from organisations.models import User
from organisations.services import issue_token
from tests.factories.running import Running, make_running_case
from workflows.models import WorkItem
from workflows.rounds import sync_round

pytestmark = [pytest.mark.once, pytest.mark.django_db]

PASSWORD = "long-enough-1"
LOGIN, SET_UP = reverse("account_login"), reverse("mfa_activate_totp")


@pytest.fixture(autouse=True)
def required(settings: Any) -> None:
    settings.MFA_REQUIRED = True


@pytest.fixture
def running(db: Any, clock: Any) -> Running:
    """A project with a payment that waits for its approval."""
    clock.to("2026-03-02 09:00")
    running = make_running_case(award="160675.68")
    with ambient_event():
        for person in (running.head, running.applicant):
            person.set_password(PASSWORD)
            person.save()
    for name in ("request_payment", "register_receipt"):
        running.do(name, running.tranche(1))
    with ambient_event():
        sync_round(running.case.round)
    return running


def code_of(secret: str, steps: int = 0) -> str:
    """What an authenticator app shows, some steps of 30 seconds from now."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))


def signs_in(user: User) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.post(LOGIN, {"login": user.username, "password": PASSWORD})
    return client


def sets_up(user: User) -> tuple[Client, str]:
    """A session with its second factor, and the secret that the app keeps."""
    client = signs_in(user)
    secret = client.get(SET_UP).context["form"].secret
    answer = client.post(SET_UP, {"code": code_of(secret)})
    assert answer.url == reverse("mfa_view_recovery_codes")
    cache.clear()  # a code counts once; the next step of 30 seconds is far
    return client, secret


def forget(client: Client, seconds: int) -> None:
    """As if the session had proved everything so long ago."""
    session = client.session
    for entry in session[AUTHENTICATION_METHODS_SESSION_KEY]:
        entry["at"] -= seconds
    session.save()


def approval(running: Running) -> WorkItem:
    return WorkItem.objects.get(
        round=running.case.round, action="approve_payment", closed_at=None
    )


def test_staff_set_it_up_before_anything_else(running):
    client = signs_in(running.head)
    assert client.get("/home/").url == SET_UP
    answer = client.get("/api/v1/inbox")
    assert (answer.status_code, answer.json()["code"]) == (403, "second_factor")
    page = client.get(SET_UP).content.decode()
    assert "Your role needs a second factor" in page
    assert "data:image/svg+xml" in page
    wrong = client.post(SET_UP, {"code": "000000x"})
    assert "This code is wrong" in wrong.content.decode()
    assert not Authenticator.objects.exists()
    client, _secret = sets_up(running.head)
    codes = client.get(reverse("mfa_view_recovery_codes")).context["unused_codes"]
    assert len(codes) == 10
    assert client.get("/home/").status_code == 200


def test_applicants_are_not_asked(running):
    assert signs_in(running.applicant).get("/home/").status_code == 200


def test_nobody_is_asked_where_it_is_not_required(running, settings):
    settings.MFA_REQUIRED = False
    client = signs_in(running.head)
    assert client.get(f"/work/{approval(running).pk}/").status_code == 200


def test_signing_in_takes_the_code_or_a_recovery_code_once(running):
    client, secret = sets_up(running.head)
    recovery = client.get(reverse("mfa_view_recovery_codes")).context["unused_codes"][0]
    again = signs_in(running.head)
    assert again.get("/home/").url.startswith(LOGIN)
    ask = reverse("mfa_authenticate")
    assert again.post(ask, {"code": "123"}).status_code == 200
    assert again.get("/home/").status_code == 302
    assert again.post(ask, {"code": code_of(secret)}).status_code == 302
    assert again.get("/home/").status_code == 200
    third = signs_in(running.head)
    assert third.post(ask, {"code": recovery}).status_code == 302
    fourth = signs_in(running.head)
    assert fourth.post(ask, {"code": recovery}).status_code == 200


def test_five_wrong_codes_lock_out_for_a_while(running):
    _client, secret = sets_up(running.head)
    again, ask = signs_in(running.head), reverse("mfa_authenticate")
    for _attempt in range(5):
        again.post(ask, {"code": "123"})
    page = again.post(ask, {"code": code_of(secret)})
    assert page.status_code == 200
    assert "Too many failed" in page.content.decode()


def test_secret_is_not_kept_in_the_clear_and_not_in_the_record(running):
    _client, secret = sets_up(running.head)
    kept = [json.dumps(row.data) for row in Authenticator.objects.all()]
    lines = [event.line for event in Event.objects.all()]
    assert len(kept) == 2
    assert not [text for text in (*kept, *lines) if secret in text]
    verbs = set(Event.objects.values_list("verb", flat=True))
    assert "account_activate" in verbs
    assert not verify().findings


def test_approving_a_payment_asks_again_and_keeps_the_typing(running):
    client, secret = sets_up(running.head)
    item = approval(running)
    address = f"/work/{item.pk}/"
    page = client.get(address)
    assert page.status_code == 200, "given a moment ago"
    forget(client, 700)
    body = {
        "tranches-0-tranche": running.tranche(1).pk,
        "remarks": "已核对",
        "version": "",
        "token": "t",
    }
    ask = client.post(address, body)
    assert ask.url == f"{reverse('mfa_reauthenticate')}?next=%2Fwork%2F{item.pk}%2F"
    item.refresh_from_db()
    assert item.is_open
    assert client.get(ask.url).status_code == 200
    assert client.post(ask.url, {"code": "1"}).status_code == 200
    back = client.post(ask.url, {"code": code_of(secret), "next": address})
    assert back.url == address
    assert client.get(address).status_code == 200


def test_a_dossier_asks_again(running):
    auditor = running.auditor
    with ambient_event():
        auditor.set_password(PASSWORD)
        auditor.save()
    client, _secret = sets_up(auditor)
    address = reverse("desk:case-dossier", args=[running.case.code])
    forget(client, 700)
    assert client.post(address).url.startswith(reverse("mfa_reauthenticate"))


def test_a_token_does_not_decide(running):
    token = issue_token(running.head, by=running.head)
    answer = Client().post(
        f"/api/v1/rounds/{running.case.round_id}/approve_payment",
        data={"tranches": [{"tranche": running.tranche(1).pk}]},
        content_type="application/json",
        headers={"authorization": f"Bearer {token}", "accept-language": "en"},
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "second_factor")


def test_administrator_resets_a_lost_one(running):
    sets_up(running.head)
    with ambient_event():
        admin = User.objects.create_user("root2", PASSWORD, is_administrator=True)
        admin.set_password(PASSWORD)
        admin.save()
    client, _secret = sets_up(admin)
    page = reverse("organisations:person-detail", args=[running.head.pk])
    assert "Reset the second factor" in client.get(page).content.decode()
    client.post(reverse("organisations:person-reset-factor", args=[running.head.pk]))
    assert not Authenticator.objects.filter(user=running.head).exists()
    own = reverse("organisations:person-reset-factor", args=[admin.pk])
    client.post(own)
    assert Authenticator.objects.filter(user=admin).count() == 2
    assert Event.objects.filter(verb="reset_second_factor").count() == 1
