"""A job of a large file is held while it is made, digested and stored; who lost it
writes nothing into it."""

import io
from datetime import timedelta

import pytest
from django.utils import timezone

from attachments.models import Version
from attachments.services import add_document
from attachments.storage import get_storage
from desk import case_bundles, exports
from desk.bundle_plan import Asked
from desk.case_bundles import ask_bundle
from desk.models import Export
from desk.signs_of_life import Held, Watched
from tests.attachments.files import PDF, upload
from tests.desk.conftest import arrange
from tests.workflows.driver import fresh

pytestmark = pytest.mark.once

LONG = timedelta(minutes=4)  # of one piece; a lease is five


@pytest.fixture(scope="module")
def submitted(house_of_the_module):
    return arrange(house_of_the_module, "SCREENING")


@pytest.fixture
def world(submitted, db, clock, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "documents"
    return submitted.again(clock)


@pytest.fixture
def job(world, submitted):
    """A zip of the case's papers that was asked for."""
    applicant = world.applicant_of(submitted.case)
    Version.objects.all().delete()
    for number in range(3):
        add_document(
            submitted.case.folder,
            kind="other",
            upload=upload(f"{number}.pdf", PDF),
            by=applicant,
        )
    return ask_bundle(fresh(world["funder1"]), Asked(submitted.case.code))


class Slow:
    """A storage that takes four minutes for each piece it stores."""

    def __init__(self, clock, seen):
        self._storage, self._clock, self._seen = get_storage(), clock, seen

    def put(self, key, file):
        content = io.BytesIO()
        while piece := file.read(100):
            content.write(piece)
            self._clock.forward(minutes=4)
            self._seen.append(exports.claim())
        content.seek(0)
        return self._storage.put(key, content)

    def delete(self, key):
        self._storage.delete(key)


def test_storing_a_large_file_keeps_the_job(world, job, clock, monkeypatch):
    seen = []
    slow = Slow(clock, seen)
    monkeypatch.setattr(exports, "get_storage", lambda: slow)
    began = timezone.now()
    assert exports.sweep(limit=1) == 1
    assert timezone.now() - began > 2 * exports.LEASE
    assert set(seen) == {None}, "nobody else took it"
    job.refresh_from_db()
    assert (job.attempts, job.failed_at) == (1, None)


def test_digesting_a_large_file_keeps_the_job(world, job, clock, monkeypatch):
    seen = []

    def slowly(file):
        file.seek(0)
        while file.read(100):
            clock.forward(minutes=4)
            seen.append(exports.claim())
        return "0" * 64

    monkeypatch.setattr(case_bundles, "digest_of", slowly)
    assert exports.sweep(limit=1) == 1
    assert len(seen) > 2
    assert set(seen) == {None}


def test_killed_worker_still_loses_its_job(job, clock):
    assert exports.claim() is not None
    assert exports.claim() is None
    clock.forward(minutes=6)
    assert exports.claim() is not None


def test_who_lost_the_job_writes_nothing_into_it(world, job, clock, monkeypatch):
    """A machine that slept: another worker made the file meanwhile."""
    stored = []

    class Meanwhile(Slow):
        def put(self, key, file):
            if not stored:
                stored.append(key)
                Export.objects.update(lease_until=timezone.now() - LONG)
                assert exports.sweep(limit=1) == 1
                return self._storage.put(key, file)
            stored.append(key)
            return self._storage.put(key, file)

    storage = Meanwhile(clock, [])
    monkeypatch.setattr(exports, "get_storage", lambda: storage)
    assert exports.sweep(limit=1) == 0
    job.refresh_from_db()
    assert job.storage_key == stored[1], "the other's file"
    assert get_storage().exists(stored[1])
    assert not get_storage().exists(stored[0])


def test_work_on_the_file_costs_few_updates(job, clock, django_assert_num_queries):
    job.refresh_from_db()
    file = Watched(io.BytesIO(), Held(job, exports.LEASE))
    with django_assert_num_queries(0):
        for _piece in range(1000):
            file.write(b"x")
    clock.forward(minutes=2)
    with django_assert_num_queries(1):
        for _piece in range(1000):
            file.write(b"x")
