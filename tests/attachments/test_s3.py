"""What a real S3 server must refuse: others' keys, deletion of what is locked.
Against Ceph's gateway (`make services`)."""

import io
import socket
import time
import urllib.error
import urllib.request
from datetime import timedelta

import pytest
from django.core.cache import cache
from minio.commonconfig import COMPLIANCE
from minio.deleteobjects import DeleteObject
from minio.error import S3Error
from minio.retention import Retention

from attachments.storage import Retained, StorageUnavailable, get_storage, new_key
from attachments.storage.s3 import S3Storage
from tests.attachments.s3 import KEY, own_storage, s3_storage
from tests.services import needs, s3_endpoint

pytestmark = [needs("s3"), pytest.mark.once]

SOON = timedelta(seconds=2)


@pytest.fixture(scope="module")
def s3():
    with own_storage(mode=COMPLIANCE) as storage:
        storage.prepare()
        yield storage


@pytest.fixture
def letter(s3):
    """Key and version of an object."""
    key = new_key("letters")
    return key, s3.put(key, io.BytesIO(b"letter")).version


def bucket(storage):
    return f"{storage.buckets}-documents"


def fetch(address):
    """Status and body of an address."""
    try:
        with urllib.request.urlopen(address, timeout=10) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, b""


def test_object_is_not_open_to_the_world(s3, letter):
    address = f"{s3.endpoint}/{bucket(s3)}/{letter[0]}"
    assert fetch(address)[0] == 403


# -- errors ------------------------------------------------------------------------


def closed_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.mark.parametrize("wrong", ["secret", "key", "address"])
def test_store_that_does_not_know_us_is_unavailable(s3, letter, wrong):
    options = {
        "secret": {"secret": "wrong"},
        "key": {"key": "nobody"},
        "address": {"endpoint": f"http://127.0.0.1:{closed_port()}"},
    }[wrong]
    storage = s3_storage(buckets=s3.buckets, **options)
    for call in (
        lambda: storage.put(new_key("letters"), io.BytesIO(b"x")),
        lambda: storage.open(letter[0]),
        lambda: storage.exists(letter[0]),
        lambda: storage.delete(letter[0]),
        lambda: list(storage.keys(min_age=timedelta(0))),
        lambda: storage.probe(),
    ):
        with pytest.raises(StorageUnavailable):
            call()
    assert not storage.holds_retention
    assert s3.exists(letter[0])


def test_settings_name_the_store(settings, s3, letter):
    settings.MINIO_ENDPOINT, settings.MINIO_BUCKETS = s3_endpoint(), s3.buckets
    settings.MINIO_ACCESS_KEY = KEY
    settings.MINIO_SECRET_KEY = "weigong-development"
    storage = get_storage()
    assert isinstance(storage, S3Storage)
    assert storage is get_storage()
    with storage.open(letter[0]) as found:
        assert found.read() == b"letter"


# -- versions ------------------------------------------------------------------------


def test_version_is_read_though_somebody_put_another_over_it(s3, letter):
    key, version = letter
    s3.client.put_object(bucket(s3), key, io.BytesIO(b"forged"), 6)
    with s3.open(key, version=version) as found:
        assert found.read() == b"letter"


def test_version_is_read_though_somebody_marked_it_deleted(s3, letter):
    key, version = letter
    s3.client.remove_object(bucket(s3), key)
    assert not s3.exists(key)
    with s3.open(key, version=version) as found:
        assert found.read() == b"letter"


def test_long_file_has_a_version_too(s3):
    key = new_key("letters")
    stored = s3.put(key, io.BytesIO(b"x" * (6 * 1024 * 1024)))
    assert stored.version
    with s3.open(key, version=stored.version) as found:
        assert len(found.read()) == stored.size


# -- the lock ------------------------------------------------------------------------


def refused_by_the_store(storage, key, version):
    """Whether the store keeps a version from whoever has the key and secret."""
    client = storage.client
    with pytest.raises(S3Error) as refused:
        client.remove_object(bucket(storage), key, version_id=version)
    errors = client.remove_objects(
        bucket(storage), [DeleteObject(key, version)], bypass_governance_mode=True
    )
    codes = {refused.value.code, *(error.code for error in errors)}
    client.stat_object(bucket(storage), key, version_id=version)
    return codes == {"AccessDenied"}


def test_store_refuses_to_delete_what_is_retained_until_its_time(s3, letter):
    key, version = letter
    until = s3.now() + SOON
    s3.retain(key, until, version=version)

    assert refused_by_the_store(s3, key, version)
    with pytest.raises(S3Error):  # nor may it be shortened
        s3.client.set_object_retention(
            bucket(s3), key, Retention(COMPLIANCE, until - SOON / 2), version
        )
    with pytest.raises(Retained):
        s3.delete(key)

    while s3.now() <= until:
        time.sleep(0.2)
    s3.delete(key)
    assert not s3.exists(key)


def test_store_refuses_to_delete_what_is_held(s3, letter):
    key, version = letter
    s3.hold(key, version=version)
    assert refused_by_the_store(s3, key, version)
    s3.release(key, version=version)
    s3.delete(key)
    assert not s3.exists(key)


def test_retention_of_thirty_years_is_read_as_it_was_set(s3):
    with own_storage() as storage:  # where a test may lift it again
        storage.prepare()
        key = new_key("letters")
        storage.put(key, io.BytesIO(b"voucher"))
        until = storage.now().replace(year=storage.now().year + 30, day=1)
        storage.retain(key, until)
        assert storage.retention_of(key) == until


# -- the probe -----------------------------------------------------------------------


def test_probe_finds_that_the_lock_holds(s3):
    cache.clear()
    assert not s3.holds_retention  # nobody has looked yet
    assert s3.probe()
    assert s3.holds_retention


def test_probe_finds_a_bucket_without_a_lock(caplog):
    with own_storage() as storage:
        for kind in ("documents", "archive"):
            storage.client.make_bucket(f"{storage.buckets}-{kind}")
        assert not storage.probe()
        assert not storage.holds_retention
        assert "keeps no versions" in caplog.text


def test_probe_is_not_deceived_by_a_server_that_forgets_the_lock(
    s3, monkeypatch, caplog
):
    put = s3.client.put_object

    def forgetful(*args, **kwargs):
        kwargs.pop("retention", None)
        return put(*args, **kwargs)

    def refuse(*args, **kwargs):
        raise S3Error(None, "AccessDenied", "", "", "", "")

    monkeypatch.setattr(s3.client, "put_object", forgetful)
    assert not s3.probe()
    assert "let a retention be shortened" in caplog.text
    monkeypatch.setattr(s3.client, "set_object_retention", refuse)
    assert not s3.probe()
    assert "deleted an object that was to be kept" in caplog.text
    assert not s3.holds_retention
