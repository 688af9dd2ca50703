"""Sign-ins name the person; failed ones, wrong codes and lock-outs are on record."""

import json
from typing import Any

import pytest
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from django.test import Client
from django.urls import reverse

from audit.erasure import erase_disclosures
from audit.models import Disclosure, Event
from audit.selectors import entries_of
from audit.testing import ambient_event
from audit.verify import verify
from organisations import attempts
from organisations.models import ApiToken, User
from organisations.services import issue_token
from tests.desk.test_second_factor import code_of, sets_up, signs_in

pytestmark = [pytest.mark.once, pytest.mark.django_db]

PASSWORD = "long-enough-1"
LOGIN = reverse("account_login")


@pytest.fixture
def user(db: None) -> User:
    with ambient_event():
        return User.objects.create_user("zhang", password=PASSWORD)


def browser() -> Client:
    return Client(headers={"accept-language": "en"})


def tries(name: str, password: str = "guess", client: Client | None = None) -> Any:
    return (client or browser()).post(LOGIN, {"login": name, "password": password})


def of(*verbs: str) -> list[Event]:
    return list(Event.objects.filter(verb__in=verbs).order_by("pk"))


def data(event: Event) -> dict[str, Any]:
    return json.loads(event.line)["data"]


def since(pk: int) -> list[str]:
    found = Event.objects.filter(pk__gt=pk).exclude(verb="stream.open")
    return list(found.order_by("pk").values_list("verb", flat=True))


def newest() -> int:
    return Event.objects.latest("pk").pk


def test_a_sign_in_names_who_signed_in(user):
    before = newest()
    client = browser()
    assert tries("zhang", PASSWORD, client).status_code == 302
    (event,) = of("account_login")
    own = f"organisations_user:{user.pk}"
    assert (event.actor, event.stream) == (f"user:{user.pk}", own)
    address = json.loads(event.line)["origin"]["digest"]
    assert Disclosure.objects.get(digest=address).stream == own
    client.post(reverse("account_logout"))
    assert of("account_logout")[0].actor == f"user:{user.pk}"
    assert since(before) == ["account_login", "account_logout"]


def test_a_sign_in_with_the_second_factor_names_them_too(user, settings):
    settings.MFA_REQUIRED = True
    _client, secret = sets_up(user)
    again, before = signs_in(user), newest()
    again.post(reverse("mfa_authenticate"), {"code": code_of(secret, 1)})
    assert again.get("/home/").status_code == 200
    assert since(before) == ["account_authenticate"]
    assert of("account_authenticate")[0].actor == f"user:{user.pk}"


def test_a_wrong_password_is_one_event_of_the_person(user):
    before = newest()
    assert tries("zhang").status_code == 200
    assert since(before) == ["refused:sign_in"]
    (event,) = of("refused:sign_in")
    assert event.stream == f"organisations_user:{user.pk}"
    assert (event.actor, event.target) == ("system:anonymous", f"user:{user.pk}")
    assert data(event) == {"code": "wrong"}
    assert "guess" not in event.line
    assert not Disclosure.objects.filter(value__contains="guess").exists()


def test_a_name_that_nobody_has_is_kept_so_that_it_can_be_erased(user):
    assert tries("li-ming").status_code == 200
    (event,) = of("refused:sign_in")
    assert (event.stream, event.target) == ("system:anonymous", "account")
    assert "li-ming" not in event.line
    assert entries_of([event.line])[0].reason == "li-ming"
    digest = json.loads(event.line)["reason"]["digest"]
    erase_disclosures([digest], by=user, stream=event.stream, reason_code="PIPL-47")
    assert entries_of([event.line])[0].reason == ""
    assert verify().findings == []


@pytest.mark.parametrize("name", ["", "a\x00b", "名" * 200])
def test_odd_names_are_no_fault_of_the_program(user, name):
    assert tries(name).status_code == 200
    assert len(of("refused:sign_in")) <= 1


def test_a_lock_out_is_an_event_and_what_is_tried_afterwards(user, settings):
    settings.AXES_FAILURE_LIMIT = 3
    client = browser()
    answers = [tries("zhang", client=client).status_code for _ in range(4)]
    assert answers == [200, 200, 429, 429]
    assert tries("zhang", PASSWORD, client).status_code == 429
    codes = [data(event)["code"] for event in of("refused:sign_in")]
    assert codes == ["wrong"] * 3 + ["locked_out"] * 2
    (event,) = of("lock_out")
    assert (event.target, event.stream) == (
        f"user:{user.pk}",
        f"organisations_user:{user.pk}",
    )
    assert not of("account_login")


def test_a_flood_does_not_fill_the_record(user, monkeypatch):
    monkeypatch.setattr(attempts, "FEW", 4)
    for number in range(7):
        tries(f"nobody{number}")
    told = [data(event)["code"] for event in of("refused:sign_in")]
    assert told == ["wrong"] * 3 + ["wrong:more_untold"]
    other = Client(REMOTE_ADDR="10.0.0.9")
    tries("nobody", client=other)
    assert len(of("refused:sign_in")) == 5
    monkeypatch.setattr(attempts, "MANY", 2)
    tries("nobody", client=Client(REMOTE_ADDR="10.0.0.10"))
    assert len(of("refused:sign_in")) == 5


def test_wrong_codes_are_events_and_that_there_are_too_many(user, settings):
    settings.MFA_REQUIRED = True
    sets_up(user)
    again, before = signs_in(user), newest()
    for _ in range(6):
        again.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert since(before) == ["refused:second_factor"] * 6
    found = of("refused:second_factor")
    own = f"organisations_user:{user.pk}"
    assert {(e.target, e.stream) for e in found} == {(f"user:{user.pk}", own)}
    codes = [data(event)["code"] for event in found]
    assert codes == ["incorrect_code"] * 5 + ["too_many_login_attempts"]


def test_a_wrong_code_given_again_is_no_factor_given_again(user, settings):
    settings.MFA_REQUIRED = True
    client, _secret = sets_up(user)
    session = client.session
    for entry in session[AUTHENTICATION_METHODS_SESSION_KEY]:
        entry["at"] -= 5000
    session.save()
    before = newest()
    client.post(reverse("mfa_reauthenticate"), {"code": "000000"})
    assert since(before) == ["refused:second_factor"]
    assert of("refused:second_factor")[0].actor == f"user:{user.pk}"


def test_a_password_that_was_not_changed_is_not_told_as_changed(user):
    client = signs_in(user)
    new = {"password1": "another-long-1", "password2": "another-long-1"}
    before, address = newest(), reverse("account_change_password")
    client.post(address, new | {"oldpassword": "guess"})
    assert since(before) == ["refused:account_change"]
    client.post(address, new | {"oldpassword": PASSWORD})
    assert since(before) == ["refused:account_change", "account_change"]


def test_wrong_keys_of_the_api_are_events(user):
    key, before = issue_token(user, by=user), newest()

    def asks(given: str) -> int:
        header = {"authorization": f"Bearer {given}"}
        return browser().get("/api/v1/inbox", headers=header).status_code

    assert asks(key) == 200
    assert since(before) == []
    assert asks("wg_guess") == 401
    with ambient_event():
        user.is_active = False
        user.save()
    assert asks(key) == 401
    unknown, ended = of("refused:api_token")
    assert data(unknown) == {"code": "unknown"}
    assert (data(ended), ended.target) == ({"code": "ended"}, f"user:{user.pk}")
    lines = "".join(event.line for event in (unknown, ended))
    assert "wg_guess" not in lines
    assert ApiToken.objects.get().digest not in lines
