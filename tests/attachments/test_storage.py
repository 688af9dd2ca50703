"""Nothing half-written is ever seen, nothing is overwritten, keys are ours."""

import hashlib
import io
import os
import time
from datetime import UTC, datetime, timedelta

import pytest

from attachments.storage import KEY, get_storage, new_key

pytestmark = pytest.mark.once

DAY = timedelta(days=1)


def age(path, days):
    then = time.time() - days * 86400
    os.utime(path, (then, then))


def test_put_then_open_gives_the_same_bytes(storage):
    content = os.urandom(3 * 1024 * 1024 + 17)
    key = new_key("letters")

    stored = storage.put(key, io.BytesIO(content))

    assert stored.size == len(content)
    assert stored.sha256 == hashlib.sha256(content).hexdigest()
    assert storage.exists(key)
    with storage.open(key) as found:
        assert found.read() == content


def test_put_never_overwrites(storage):
    key = new_key("letters")
    storage.put(key, io.BytesIO(b"first"))
    with pytest.raises(FileExistsError):
        storage.put(key, io.BytesIO(b"second"))
    with storage.open(key) as found:
        assert found.read() == b"first"


def test_put_that_fails_leaves_nothing(storage):
    class Torn(io.BytesIO):
        def read(self, size=-1):
            if self.tell():
                raise ConnectionResetError
            return super().read(4)

    key = new_key("letters")
    with pytest.raises(ConnectionResetError):
        storage.put(key, Torn(b"12345678"))
    assert not storage.exists(key)
    assert list(storage.unfinished.iterdir()) == []


def test_delete_removes_and_may_be_repeated(storage):
    key = new_key("letters")
    storage.put(key, io.BytesIO(b"x"))
    storage.delete(key)
    storage.delete(key)
    assert not storage.exists(key)
    with pytest.raises(FileNotFoundError):
        storage.open(key)


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
def test_key_of_another_form_is_refused(storage, key):
    for call in (storage.open, storage.exists, storage.delete):
        with pytest.raises(ValueError, match="not a storage key"):
            call(key)
    with pytest.raises(ValueError, match="not a storage key"):
        storage.put(key, io.BytesIO(b"x"))


def test_new_key_names_kind_and_year(clock):
    clock.to(datetime(2021, 12, 31, 20, tzinfo=UTC))  # 2022 in Shanghai
    key = new_key("letters")
    assert KEY.fullmatch(key)
    assert key.startswith("letters/2022/")


def test_keys_lists_old_objects_only(storage):
    old, new = new_key("letters"), new_key("letters")
    for key in (old, new):
        storage.put(key, io.BytesIO(b"x"))
    age(storage.root / old, days=2)

    assert list(storage.keys(min_age=DAY)) == [old]
    assert sorted(storage.keys(min_age=timedelta(0))) == sorted([old, new])


def test_keys_is_not_fooled_by_a_moved_clock(storage, clock):
    storage.put(new_key("letters"), io.BytesIO(b"x"))
    clock.forward(days=400)
    assert list(storage.keys(min_age=DAY)) == []


def test_discard_unfinished_removes_old_leftovers(storage):
    storage.put(new_key("letters"), io.BytesIO(b"x"))
    for name in ("old", "new"):
        (storage.unfinished / name).write_bytes(b"x")
    age(storage.unfinished / "old", days=2)

    assert storage.discard_unfinished(min_age=DAY) == 1
    assert [path.name for path in storage.unfinished.iterdir()] == ["new"]


def test_storage_of_a_fresh_installation_is_empty(storage):
    assert list(get_storage().keys(min_age=DAY)) == []
    assert storage.discard_unfinished(min_age=DAY) == 0
