"""One suite for both storages: nothing half-written is ever seen, nothing is
overwritten, what must be kept is kept, keys are ours."""

import hashlib
import io
import os
import time
import tracemalloc
from datetime import UTC, datetime, timedelta

import pytest

from attachments.storage import KEY, LocalStorage, Retained, get_storage, new_key
from tests.attachments.s3 import own_storage, remove_leftovers
from tests.services import needs

pytestmark = pytest.mark.once

DAY = timedelta(days=1)
NO_TIME = timedelta(0)
MIB = 1024 * 1024
LETTERS = b"weigong " * (MIB // 8)


@pytest.fixture(scope="module")
def s3():
    remove_leftovers()
    with own_storage() as store:
        store.prepare()
        yield store


@pytest.fixture(params=["local", pytest.param("s3", marks=needs("s3"))])
def store(request, settings):
    if request.param == "local":
        return LocalStorage(settings.MEDIA_ROOT)
    return request.getfixturevalue("s3")


@pytest.fixture
def later(store, monkeypatch):
    """Move the store's clock, as far as we ask it."""

    def move(by):
        moment = store.now() + by
        monkeypatch.setattr(type(store), "now", lambda self: moment)

    return move


def put(store, content=b"x"):
    key = new_key("letters")
    return key, store.put(key, io.BytesIO(content))


def age(path, days):
    then = time.time() - days * 86400
    os.utime(path, (then, then))


def unfinished(store):
    """How many uploads began and did not end."""
    if isinstance(store, LocalStorage):
        return len(list(store.unfinished.iterdir()))
    return len(list(store._unfinished(f"{store.buckets}-documents")))


class Torn:
    """A connection that breaks after so many bytes."""

    def __init__(self, size):
        self.left = size

    def read(self, size=-1):
        if not self.left:
            raise ConnectionResetError
        size = min(size, self.left)
        self.left -= size
        return b"x" * size


class Counted:
    """A long stream made as it is read: its bytes are never all in memory."""

    def __init__(self, size):
        self.left, self.digest = size, hashlib.sha256()

    def read(self, size=-1):
        piece = LETTERS[: min(size, self.left, MIB)]
        self.left -= len(piece)
        self.digest.update(piece)
        return piece


# -- objects -----------------------------------------------------------------------


def test_put_then_open_gives_the_same_bytes(store):
    content = os.urandom(3 * MIB + 17)
    key, stored = put(store, content)

    assert stored.size == len(content)
    assert stored.sha256 == hashlib.sha256(content).hexdigest()
    assert store.exists(key)
    with store.open(key, version=stored.version) as found:
        assert found.read() == content


def test_nothing_is_a_content_too(store):
    key, stored = put(store, b"")
    assert stored.size == 0
    with store.open(key) as found:
        assert found.read() == b""


def test_long_file_passes_without_being_held_in_memory(store):
    size, source = 60 * MIB, Counted(60 * MIB)
    key = new_key("letters")
    tracemalloc.start()
    try:
        stored = store.put(key, source)
        assert tracemalloc.get_traced_memory()[1] < 30 * MIB
        tracemalloc.reset_peak()
        digest = hashlib.sha256()
        with store.open(key) as found:
            while piece := found.read(MIB):
                digest.update(piece)
        assert tracemalloc.get_traced_memory()[1] < 10 * MIB
    finally:
        tracemalloc.stop()
    assert (stored.size, stored.sha256) == (size, source.digest.hexdigest())
    assert digest.hexdigest() == stored.sha256


def test_put_never_overwrites(store):
    key, _stored = put(store, b"first")
    with pytest.raises(FileExistsError):
        store.put(key, io.BytesIO(b"second"))
    with store.open(key) as found:
        assert found.read() == b"first"


@pytest.mark.parametrize("size", [4, 12 * MIB], ids=["at-once", "in-parts"])
def test_put_that_fails_leaves_nothing(store, size):
    key = new_key("letters")
    with pytest.raises(ConnectionResetError):
        store.put(key, Torn(size))
    assert not store.exists(key)
    assert unfinished(store) == 0


def test_delete_removes_and_may_be_repeated(store):
    key, stored = put(store)
    store.delete(key)
    store.delete(key)
    assert not store.exists(key)
    for version in ("", stored.version):
        with pytest.raises(FileNotFoundError):
            store.open(key, version=version)


@pytest.mark.parametrize(
    "key",
    [
        "../etc/passwd",
        "/etc/passwd",
        "letters/2026/../../x",
        "letters/2026/" + "A" * 32,
        "letters/2026/" + "a" * 32 + "\n",
        "",
    ],
)
def test_key_of_another_form_is_refused(store, key):
    calls = (store.open, store.exists, store.delete, store.hold)
    for call in calls:
        with pytest.raises(ValueError, match="not a storage key"):
            call(key)
    with pytest.raises(ValueError, match="not a storage key"):
        store.put(key, io.BytesIO(b"x"))


# -- the walk that finds orphans -----------------------------------------------------


def test_keys_lists_old_objects_only(store, later):
    keys = {put(store)[0], put(store)[0]}
    assert list(store.keys(min_age=DAY)) == []
    later(2 * DAY)
    assert keys <= set(store.keys(min_age=DAY))


def test_keys_knows_each_age(storage):
    (old, _), (new, _) = put(storage), put(storage)
    age(storage.root / old, days=2)

    assert list(storage.keys(min_age=DAY)) == [old]
    assert sorted(storage.keys(min_age=NO_TIME)) == sorted([old, new])


def test_keys_leaves_out_the_archive(store, later):
    archived, made = new_key("archive"), new_key("export")
    for key in (archived, made):
        store.put(key, io.BytesIO(b"x"))
    later(2 * DAY)
    found = set(store.keys(min_age=DAY))
    assert made in found
    assert archived not in found


def test_moved_clock_of_ours_changes_nothing(store, clock):
    clock.forward(days=400)
    key, _stored = put(store)
    assert store.exists(key)
    assert list(store.keys(min_age=DAY)) == []


def test_discard_unfinished_removes_old_leftovers(store, later):
    put(store)
    if isinstance(store, LocalStorage):
        (store.unfinished / "leftover").write_bytes(b"x")
    else:
        bucket = f"{store.buckets}-documents"
        store.client._create_multipart_upload(bucket, new_key("letters"), {})

    assert store.discard_unfinished(min_age=DAY) == 0
    assert unfinished(store) == 1
    later(2 * DAY)
    assert store.discard_unfinished(min_age=DAY) == 1
    assert unfinished(store) == 0


@pytest.mark.parametrize("sweep", ["keys", "unfinished"])
def test_file_that_is_renamed_meanwhile_does_not_end_the_sweep(
    storage, monkeypatch, sweep
):
    """Between the list and the look at it: taken, or removed by another sweep."""
    keys = [put(storage)[0] for _number in range(3)]
    storage.unfinished.mkdir(exist_ok=True)
    for name in "abc":
        (storage.unfinished / name).touch()
        age(storage.unfinished / name, 1)
    for key in keys:
        age(storage.root / key, 1)
    folder = storage.root if sweep == "keys" else storage.unfinished
    listed = type(folder).glob

    def glob(path, pattern):
        found = sorted(listed(path, pattern))
        if path == folder:
            found[1].unlink()
        yield from found

    monkeypatch.setattr(type(folder), "glob", glob)
    if sweep == "keys":
        assert len(set(storage.keys(min_age=NO_TIME)) & set(keys)) == 2
    else:
        assert storage.discard_unfinished(min_age=NO_TIME) == 2


def test_storage_of_a_fresh_installation_is_empty(storage):
    assert list(storage.keys(min_age=NO_TIME)) == []
    assert storage.discard_unfinished(min_age=DAY) == 0


@needs("s3")
def test_buckets_of_a_fresh_installation_are_made():
    with own_storage() as fresh:
        assert list(fresh.keys(min_age=NO_TIME)) == []
        assert fresh.discard_unfinished(min_age=DAY) == 0


def test_new_key_names_kind_and_year(clock):
    clock.to(datetime(2021, 12, 31, 20, tzinfo=UTC))  # 2022 in Shanghai
    key = new_key("letters")
    assert KEY.fullmatch(key)
    assert key.startswith("letters/2022/")


def test_files_are_the_default(settings):
    assert settings.MINIO_ENDPOINT == ""
    assert isinstance(get_storage(), LocalStorage)


# -- what must be kept ---------------------------------------------------------------


def test_retained_object_stays_until_its_time(store, later):
    key, stored = put(store)
    assert store.retention_of(key) is None
    until = (store.now() + DAY).replace(microsecond=0)

    store.retain(key, until, version=stored.version)

    assert store.retention_of(key, version=stored.version) == until
    with pytest.raises(Retained):
        store.delete(key)
    assert store.exists(key)


def test_retention_grows_and_never_shrinks(store):
    key, _stored = put(store)
    until = (store.now() + DAY).replace(microsecond=0)
    store.retain(key, until)
    store.retain(key, until + DAY)
    with pytest.raises(Retained):
        store.retain(key, until)
    assert store.retention_of(key) == until + DAY


def test_held_object_stays_until_it_is_released(store):
    key, stored = put(store)
    assert not store.is_held(key)

    store.hold(key)
    assert store.is_held(key, version=stored.version)
    with pytest.raises(Retained):
        store.delete(key)

    store.release(key)
    assert not store.is_held(key)
    store.delete(key)
    assert not store.exists(key)


def test_release_of_a_hold_leaves_the_retention(store):
    key, _stored = put(store)
    store.retain(key, store.now() + DAY)
    store.hold(key)
    store.release(key)
    with pytest.raises(Retained):
        store.delete(key)


def test_what_is_not_there_cannot_be_kept(store):
    key = new_key("letters")
    for call in (
        store.hold,
        store.release,
        store.is_held,
        store.retention_of,
        lambda key: store.retain(key, store.now() + DAY),
    ):
        with pytest.raises(FileNotFoundError):
            call(key)
