"""Addresses of files: short-lived, bound to a person, on both kinds of storage."""

import datetime as dt
import json
from collections.abc import Iterator

import pytest
from django.conf import settings as django_settings
from django.core import signing
from django.core.cache import cache
from django.test import Client

from attachments.links import SALT
from attachments.models import ScanState, Version
from attachments.services import add_document
from attachments.storage import LocalStorage, get_storage
from attachments.storage.s3 import S3Storage
from audit.models import Event
from audit.testing import ambient_event
from organisations.services import issue_token
from tests.attachments.files import PDF, PNG, upload
from tests.attachments.s3 import KEY, SECRET, own_storage
from tests.factories.running import Running, make_running_case
from tests.services import needs, s3_endpoint

pytestmark = [pytest.mark.django_db, pytest.mark.once]
OVER = dt.timedelta(minutes=5, seconds=1)


@pytest.fixture(params=["local", pytest.param("s3", marks=needs("s3"))])
def store(request, settings, tmp_path) -> Iterator[object]:
    settings.MEDIA_ROOT = tmp_path / "documents"
    cache.clear()
    if request.param == "local":
        yield get_storage()
        return
    with own_storage() as store:
        settings.MINIO_ENDPOINT, settings.MINIO_BUCKETS = s3_endpoint(), store.buckets
        settings.MINIO_ACCESS_KEY, settings.MINIO_SECRET_KEY = KEY, SECRET
        yield get_storage()


@pytest.fixture
def project(clock, db) -> Running:
    clock.to("2026-07-01 09:00")
    with ambient_event():
        return make_running_case()


@pytest.fixture
def version(store, project) -> Version:
    folder, by = project.case.folder, project.applicant
    file = upload("章程.pdf", PDF)
    return add_document(folder, kind="other", upload=file, by=by).versions.get()


def enter(user) -> Client:
    client = Client(headers={"accept-language": "en"})
    with ambient_event():
        client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    return client


def calling(user) -> Client:
    """A program with the person's token."""
    with ambient_event():
        token = issue_token(user, by="system:test")
    english = {"accept-language": "en"}
    return Client(headers=english | {"authorization": f"Bearer {token}"})


WAYS = ("page", "api", "token")


def come(way: str, user) -> Client:
    return calling(user) if way == "token" else enter(user)


def ask(way: str, client: Client, version: Version) -> str:
    """The address that a page or the API answers with."""
    path = f"/documents/{version.pk}/"
    if way != "page":
        path = f"/api/v1/documents/{version.document_id}/content"
    answer = client.get(path)
    assert answer.status_code == 302
    assert answer["Cache-Control"] == "private, no-store"
    place = "/files/" if way == "page" else "/api/v1/files/"
    assert answer["Location"].startswith(place)
    return answer["Location"]


def reads() -> list[str]:
    lines = (json.loads(e.line) for e in Event.objects.filter(verb="read"))
    return [f"{line['actor']} {line['data']['what']}" for line in lines]


def refused() -> list[tuple[str, str]]:
    found = Event.objects.filter(verb__startswith="refused:").order_by("pk")
    lines = [json.loads(event.line) for event in found]
    return [(line["verb"], line["data"]["code"]) for line in lines]


def test_storage_is_the_one_that_is_meant(request, store, version):
    s3 = "s3" in request.node.name
    assert isinstance(store, S3Storage if s3 else LocalStorage)
    assert store.exists(version.storage_key)


@pytest.mark.parametrize("way", WAYS)
def test_file_comes_by_its_address_and_each_open_is_one_event(project, version, way):
    user = project.operator
    client = come(way, user)
    address = ask(way, client, version)
    assert reads() == [], "nothing was opened yet"
    for times in (1, 2):
        answer = client.get(address)
        assert b"".join(answer.streaming_content) == PDF
        assert answer["Content-Disposition"].startswith("attachment")
        assert reads() == [f"user:{user.pk} version:{version.pk}"] * times
    assert refused() == []


@pytest.mark.parametrize("way", WAYS)
def test_address_ends(project, version, clock, way):
    client = come(way, project.operator)
    address = ask(way, client, version)
    clock.forward(seconds=int(OVER.total_seconds()) - 2)
    assert b"".join(client.get(address).streaming_content) == PDF
    clock.forward(seconds=2)
    answer = client.get(address)
    assert answer.status_code == 403
    assert "This link to a file is over" in answer.content.decode()
    assert refused() == [("refused:open_link", "link_expired")]
    assert len(reads()) == 1
    assert ask(way, client, version) != address, "the page gives another"


def test_how_long_is_a_setting(project, version, clock, settings):
    assert django_settings.FILE_LINK_MINUTES == 5
    settings.FILE_LINK_MINUTES = 60
    client = enter(project.operator)
    address = ask("page", client, version)
    clock.forward(minutes=59)
    assert b"".join(client.get(address).streaming_content) == PDF


@pytest.mark.parametrize("way", WAYS)
def test_address_serves_nobody_else(project, version, way):
    """Not even who may read the same file by an address of their own."""
    address = ask(way, come(way, project.operator), version)
    for other in (project.funder, project.applicant):
        answer = come(way, other).get(address)
        assert answer.status_code == 403
        assert "was made for somebody else" in answer.content.decode()
    assert refused() == [("refused:open_link", "link_of_another")] * 2
    assert Client().get(address).status_code == (302 if way == "page" else 401)
    assert reads() == []


@pytest.mark.parametrize("way", ["page", "api"])
def test_changed_address_opens_nothing(project, version, way):
    client = enter(project.operator)
    file = upload("b.pdf", PDF + b"\n")
    other = add_document(
        project.case.folder, kind="other", upload=file, by=project.applicant
    ).versions.get()
    address = ask(way, client, version)
    start, _slash, token = address.rstrip("/").rpartition("/")
    value, moment, signature = token.split(":")
    mine = [project.operator.pk, other.pk, "version"]
    forged = [
        f"{value}:{moment}:{signature[:-1]}{'A' if signature[-1] != 'A' else 'B'}",
        f"{value}:zzzzzz:{signature}",
        f"{signing.dumps(mine, salt='other')}",
        signing.dumps(mine, key="x" * 50, salt=SALT),
        f"{signing.dumps(mine, salt='other').split(':')[0]}:{moment}:{signature}",
        value,
        "1:forged",
        "ü",
    ]
    end = "/" if way == "page" else ""
    for each in forged:
        answer = client.get(f"{start}/{each}{end}")
        assert answer.status_code == 403, each
        assert "This link to a file is damaged" in answer.content.decode()
    assert refused() == [("refused:open_link", "link_forged")] * len(forged)
    assert reads() == []


def test_who_lost_the_right_meanwhile_opens_nothing(project, version):
    client = enter(project.operator)
    address = ask("page", client, version)
    with ambient_event():
        project.people["operator"].groups.clear()
    assert enter(project.operator).get(address).status_code == 404
    assert reads() == []
    assert refused() == [("refused:open_version", "may_not_read")]


def test_file_in_which_a_virus_was_found_meanwhile_opens_no_more(project, version):
    client = enter(project.operator)
    address = ask("page", client, version)
    with ambient_event():
        Version.objects.filter(pk=version.pk).update(
            scan_state=ScanState.INFECTED, threat="Eicar"
        )
    assert client.get(address).status_code == 409
    assert client.get(f"/documents/{version.pk}/").status_code == 409
    assert refused() == [("refused:open_version", "infected")] * 2


def test_picture_of_a_preview_comes_in_the_same_way(store, project):
    folder, by = project.case.folder, project.applicant
    file = upload("a.png", PNG)
    version = add_document(folder, kind="other", upload=file, by=by).versions.get()
    client = enter(project.operator)
    address = client.get(f"/documents/{version.pk}/inline/")["Location"]
    assert reads() == []
    answer = client.get(address)
    assert b"".join(answer.streaming_content) == PNG
    assert answer["Content-Disposition"].startswith("inline")
    assert reads() == [f"user:{project.operator.pk} preview:{version.pk}"]
    assert enter(project.funder).get(address).status_code == 403
