"""Storing a file and naming it are two steps; dying between them harms nobody."""

import os
import signal
import threading
import time
from datetime import timedelta

import pytest
from django.db import connection

from attachments import services
from attachments.models import Document, Version
from audit.models import Event
from tests.attachments import files
from tests.attachments.files import upload
from tests.outbox.processes import run

pytestmark = pytest.mark.django_db(transaction=True)

ADD = """
from django.contrib.auth import get_user_model
from attachments import registry, services
from attachments.models import Folder
from tests.attachments import files
registry.register("letters", can_read=lambda *a: True, can_write=lambda *a: True)
services.add_document(
    Folder.objects.get(),
    kind="application",
    upload=files.upload("a.pdf", files.PDF),
    by=get_user_model().objects.get(),
)
"""
ANY_AGE = timedelta(0)


def test_upload_killed_after_storing_leaves_nothing_to_see(
    folder, alice, storage, tmp_path
):
    events = Event.objects.count()

    killed = run(ADD, mails=tmp_path, crash_at="attachments.stored")

    assert killed == -signal.SIGKILL
    [orphan] = storage.keys(min_age=ANY_AGE)
    assert not Document.objects.exists()
    assert not Version.objects.exists()
    assert Event.objects.count() == events

    # The person tries again: one document. A day later the orphan is gone.
    assert run(ADD, mails=tmp_path) == 0
    version = Version.objects.get()
    for key in storage.keys(min_age=ANY_AGE):
        then = time.time() - 2 * 86400
        os.utime(storage.root / key, (then, then))
    report = services.remove_orphans()
    assert (report.checked, report.orphans) == (2, [orphan])
    assert list(storage.keys(min_age=ANY_AGE)) == [version.storage_key]
    with services.open_version(version, alice) as content:
        assert content.read() == files.PDF


def test_versions_added_at_once_get_numbers_of_their_own(folder, alice):
    document = services.add_document(
        folder, kind="x", upload=upload("a.pdf", files.PDF), by=alice
    )

    def add():
        try:
            services.add_version(
                document, upload=upload("a.pdf", files.PDF + b"\n"), by=alice
            )
        finally:
            connection.close()

    workers = [threading.Thread(target=add) for _number in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    numbers = document.versions.order_by("number").values_list("number", flat=True)
    assert list(numbers) == [1, 2, 3, 4, 5]
