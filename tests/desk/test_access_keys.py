"""Keys with which programs act for a person: on record, seen, and revoked by their
owner, by an administrator, and with the account."""

import json

import pytest
from django.test import Client
from django.urls import reverse

from audit.models import Event
from audit.testing import ambient_event, as_administrator
from audit.verify import verify
from organisations.models import ApiToken, User
from organisations.services import deactivate_user, issue_token

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"


def person(name: str, **fields: bool) -> User:
    with ambient_event():
        return User.objects.create_user(name, **fields)


def enter(user: User) -> Client:
    client = Client(headers={"accept-language": "en"})
    with ambient_event():
        client.force_login(user, backend=BACKEND)
    return client


def opens(key: str) -> int:
    header = {"authorization": f"Bearer {key}"}
    return Client().get("/api/v1/inbox", headers=header).status_code


def told(verb: str) -> list[tuple[str, str]]:
    found = Event.objects.filter(verb=verb).order_by("id")
    return [(event.actor, event.target) for event in found]


def test_key_put_beside_the_record_is_named() -> None:
    """Whoever inserts one acts as somebody else."""
    alice = person("alice")
    issue_token(alice, by=alice)
    assert verify().findings == []
    with as_administrator() as cursor:
        cursor.execute(
            "INSERT INTO organisations_apitoken(id, user_id, digest, created_at)"
            " VALUES (4711, %s, %s, '2026-01-01 00:00:00')",
            [alice.pk, "0" * 64],
        )
    found = {(f.kind, f.table, f.key) for f in verify().findings}
    assert found == {("row_inserted", "organisations_apitoken", 4711)}


def test_owner_sees_and_revokes_a_key() -> None:
    alice, mallory = person("alice"), person("mallory")
    kept, key = issue_token(alice, by=alice), issue_token(alice, by=alice)
    row = ApiToken.objects.latest("pk")
    address = reverse("desk:token-revoke", args=[row.pk])
    assert enter(mallory).post(address).status_code == 404
    assert opens(key) == 200
    client = enter(alice)
    assert f"Key {row.pk}, issued" in client.get(reverse("desk:account")).text
    answer = client.post(address, follow=True)
    assert "The access key is revoked." in answer.text
    assert f"Key {row.pk}, issued" not in answer.text
    assert (opens(key), opens(kept)) == (401, 200)
    assert told("revoke_token") == [(f"user:{alice.pk}", f"user:{alice.pk}")]
    line = json.loads(Event.objects.get(verb="revoke_token").line)
    assert [change[1:4] for change in line["changes"]] == [
        ["organisations_apitoken", row.pk, "~"]
    ]
    client.post(address)
    assert len(told("revoke_token")) == 1
    assert verify().findings == []


def test_administrator_revokes_a_key() -> None:
    alice, root = person("alice"), person("root", is_administrator=True)
    key = issue_token(alice, by=alice)
    page = reverse("organisations:person-detail", args=[alice.pk])
    row = ApiToken.objects.get()
    address = reverse("organisations:person-token-revoke", args=[row.pk])
    assert enter(alice).post(address).status_code == 403
    client = enter(root)
    assert f"Key {row.pk}, issued" in client.get(page).text
    assert client.post(address).url == page
    assert opens(key) == 401
    assert told("revoke_token") == [(f"user:{root.pk}", f"user:{alice.pk}")]


def test_keys_end_with_the_account() -> None:
    alice, root = person("alice"), person("root", is_administrator=True)
    for _ in range(2):
        issue_token(alice, by=alice)
    deactivate_user(alice, by=root)
    assert not ApiToken.objects.filter(revoked_at=None).exists()
    assert told("revoke_token") == [(f"user:{root.pk}", f"user:{alice.pk}")] * 2
