"""How long the papers of ended cases are kept: said in rows, then by the storage."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.cache import cache
from django.utils.timezone import now

from attachments import keeping as storing
from attachments.models import Version
from attachments.retention import Period, end_of
from attachments.storage import Retained, StorageUnavailable, get_storage
from audit.models import Event
from audit.testing import ambient_event
from audit.verify import verify
from grants.errors import Invalid, NotYours
from grants.models import Status
from grants.services import keeping
from tests.clock import Clock
from tests.factories.running import Running, bring_to_audit, make_running_case

pytestmark = [pytest.mark.once, pytest.mark.django_db]


@pytest.fixture
def archived(db: Any, clock: Clock) -> Running:
    clock.to("2021-07-01 09:00")
    project = make_running_case()
    bring_to_audit(project, clock)
    for action in ("file_audit_report", "submit_closure", "close_project"):
        project.do(action)
    project.pay(3)
    project.do("archive")
    project.case.project.refresh_from_db()
    return project


def sweeps() -> tuple[int, int]:
    """Both, as they come by turns."""
    cache.clear()
    return keeping.sweep(), storing.sweep()


def kept(kind: str) -> datetime:
    return Version.objects.filter(document__kind=kind).latest("pk").kept_until


def test_vouchers_are_kept_for_30_years_and_the_file_for_10(archived):
    begins = archived.case.project.archived_at
    said, done = sweeps()
    assert said == 1
    assert done == Version.objects.count() > 3
    assert kept("receipt") == end_of(Period.VOUCHERS, begins)
    assert kept("audit_report") == end_of(Period.PROJECT_FILE, begins)
    storage = get_storage()
    for version in Version.objects.all():
        until = storage.retention_of(version.storage_key)
        assert until is not None
        assert until >= version.keep_until
    assert sweeps() == (0, 0)
    verbs = Event.objects.values_list("verb", flat=True)
    assert {"set_retention", "keep_documents"} <= set(verbs)
    assert not verify().findings


def test_a_running_case_is_left_alone(db, clock):
    clock.to("2021-07-01 09:00")
    project = make_running_case()
    project.do("report_stage", project.stage("INITIAL"))
    assert sweeps() == (0, 0)


def test_papers_of_a_terminated_project_count_from_its_end(db, clock):
    clock.to("2021-07-01 09:00")
    project = make_running_case()
    project.do("request_payment", project.tranche(1))
    with ambient_event():
        project.case.status = Status.TERMINATED
        project.case.status_since = datetime(2022, 3, 1, tzinfo=UTC)
        project.case.save()
    sweeps()
    begins = datetime(2022, 3, 1, tzinfo=UTC)
    assert kept("receipt") == end_of(Period.VOUCHERS, begins)


def test_a_storage_that_is_down_is_asked_again(archived, monkeypatch):
    class Down:
        def retain(self, *args: Any, **kwargs: Any) -> None:
            raise StorageUnavailable("down")

    monkeypatch.setattr(storing, "get_storage", Down)
    cache.clear()
    keeping.sweep()
    with pytest.raises(StorageUnavailable):
        storing.sweep()
    assert Version.objects.filter(kept_until=None).count() == Version.objects.count()
    monkeypatch.undo()
    assert storing.sweep() == Version.objects.count()


def test_a_file_that_is_gone_does_not_keep_the_others_from_their_turn(archived, caplog):
    lost = Version.objects.earliest("pk")
    get_storage().delete(lost.storage_key)
    sweeps()
    assert "its file is gone" in caplog.text
    left = Version.objects.filter(kept_until=None)
    assert [version.pk for version in left] == [lost.pk]


def test_it_looks_every_ten_minutes_only(archived, clock):
    assert keeping.sweep() == 1
    with ambient_event():
        Version.objects.update(keep_until=None)
    assert keeping.sweep() == 0
    assert now()


def test_auditor_puts_the_papers_on_hold_and_ends_it(archived):
    def hold(outcome: str) -> tuple[bool, set[bool]]:
        archived.do(
            "hold_documents", by=archived.auditor, outcome=outcome, reason="取证"
        )
        storing.sweep()
        storage = get_storage()
        keys = Version.objects.values_list("storage_key", flat=True)
        archived.case.folder.refresh_from_db()
        return archived.case.folder.held, {storage.is_held(key) for key in keys}

    assert archived.status() == Status.ARCHIVED
    held, stored = hold("HOLD")
    assert held
    assert stored == {True}
    assert set(Version.objects.values_list("held", flat=True)) == {True}
    with pytest.raises(Retained):
        get_storage().delete(Version.objects.earliest("pk").storage_key)
    with pytest.raises(Invalid):
        hold("HOLD")
    held, stored = hold("RELEASE")
    assert not held
    assert stored == {False}
    assert "hold_versions" in set(Event.objects.values_list("verb", flat=True))
    assert not verify().findings


def test_nobody_else_holds(archived):
    for person in (archived.funder, archived.operator, archived.applicant):
        with pytest.raises(NotYours):
            archived.do("hold_documents", by=person, outcome="HOLD", reason="x")
