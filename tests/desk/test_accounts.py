"""Every address of django-allauth, for whoever comes: pages of the house, no 500."""

import pytest
from django.test import Client
from django.urls import reverse

from audit.record import record
from config.urls import accounts
from organisations.models import User

pytestmark = pytest.mark.once

KINDS = ["visitor", "password", "no password"]
#: (GET, POST of an empty form) for each of KINDS; signing out comes last.
EXPECTED = {
    "account_login": [(200, 200), (302, 302), (302, 302)],
    "account_signup": [(200, 200), (302, 302), (302, 302)],
    "account_inactive": [(200, 405), (200, 405), (200, 405)],
    "account_reauthenticate": [(302, 302), (200, 200), (403, 403)],
    "account_set_password": [(302, 302), (302, 302), (409, 409)],
    "account_change_password": [(302, 302), (200, 200), (302, 302)],
    "mfa_authenticate": [(302, 302), (302, 302), (302, 302)],
    "mfa_index": [(302, 302), (200, 405), (200, 405)],
    "mfa_activate_totp": [(302, 302), (302, 302), (200, 200)],
    "mfa_deactivate_totp": [(302, 302), (404, 404), (404, 404)],
    "mfa_reauthenticate": [(302, 302), (302, 302), (403, 403)],
    "mfa_view_recovery_codes": [(302, 302), (404, 405), (404, 405)],
    "mfa_generate_recovery_codes": [(302, 302), (302, 302), (200, 200)],
    "account_logout": [(302, 302), (200, 302), (200, 302)],
}


def browser_of(kind: str, language: str = "en") -> Client:
    """A browser of a visitor, or of somebody with or without a password."""
    client = Client(
        headers={"accept-language": language}, raise_request_exception=False
    )
    if kind != "visitor":
        password = "long-enough-1" if kind == "password" else None
        with record("test_account", by="system:tests"):
            user = User.objects.create_user("zhang", password=password)
            client.force_login(
                user, backend="django.contrib.auth.backends.ModelBackend"
            )
    return client


def test_every_address_is_known_here():
    assert {pattern.name for pattern in accounts} == set(EXPECTED)


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("debug", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_answers_are_pages_of_the_house(kind, debug, language, settings):
    settings.DEBUG = debug
    client = browser_of(kind, language)
    found = {}
    for name in EXPECTED:
        answers = [client.get(reverse(name)), client.post(reverse(name))]
        found[name] = tuple(answer.status_code for answer in answers)
        for answer in answers:
            if answer.status_code != 302:
                page = answer.content.decode()
                assert f'lang="{language}"' in page, name
                assert "css/weigong.css" in page, name
    assert found == {name: row[KINDS.index(kind)] for name, row in EXPECTED.items()}


@pytest.mark.django_db
def test_who_has_no_password_is_told_so():
    client = browser_of("no password")
    answer = client.get(reverse("account_change_password"), follow=True)
    assert answer.status_code == 409
    assert "This account has no password" in answer.content.decode()


@pytest.mark.django_db
def test_password_is_changed_and_only_the_new_one_works(visitor):
    client = browser_of("password")
    new = {"password1": "another-long-1", "password2": "another-long-1"}
    address = reverse("account_change_password")
    wrong = client.post(address, new | {"oldpassword": "guess"})
    assert wrong.status_code == 200
    assert 'aria-invalid="true"' in wrong.content.decode()
    done = client.post(address, new | {"oldpassword": "long-enough-1"}, follow=True)
    assert done.status_code == 200
    signs_in = {"login": "zhang", "password": "long-enough-1"}
    assert visitor.post(reverse("account_login"), signs_in).status_code == 200
    signs_in["password"] = "another-long-1"
    assert visitor.post(reverse("account_login"), signs_in).status_code == 302
