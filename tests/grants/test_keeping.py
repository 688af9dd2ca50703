"""How long the papers of ended cases are kept: said in rows, then by the storage."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.utils.timezone import now

from attachments import keeping as storing
from attachments.models import Folder, Version
from attachments.retention import Period, end_of
from attachments.services import add_from_public, open_folder, store_upload
from attachments.storage import Retained, StorageUnavailable, get_storage
from audit.models import Event
from audit.testing import ambient_event
from audit.verify import verify
from grants.errors import Invalid, NotYours
from grants.models import Case, Round, Status
from grants.services import keeping
from tests.attachments import files
from tests.attachments.files import upload
from tests.clock import Clock
from tests.factories import make_case
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
    archived.case.refresh_from_db()
    begins = archived.case.status_since
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


def file_into(folder: Folder, kind: str, name: str = "a.pdf") -> Version:
    with ambient_event():
        stored = store_upload(folder, upload(name, files.PDF))
        document = add_from_public(folder, kind=kind, upload=stored)
    return document.versions.get()


def near(moment: datetime) -> Any:
    """Within the minute: the clock of the tests goes on."""

    class Near:
        def __eq__(self, other: object) -> bool:
            return isinstance(other, datetime) and abs(other - moment) < MINUTE

        def __repr__(self) -> str:
            return f"about {moment}"

    return Near()


MINUTE = timedelta(minutes=1)


def locked(version: Version) -> datetime:
    """Until when the row says so and the storage has it."""
    version.refresh_from_db()
    until = get_storage().retention_of(version.storage_key)
    assert until is not None
    assert until >= version.keep_until == version.kept_until
    return version.keep_until


def test_voucher_of_a_running_project_is_locked_from_filing_on(db, clock):
    project = make_running_case()  # today: storages tell ends by their own clock
    version = file_into(project.case.folder, "expense_proof")
    papers = Version.objects.count()
    assert sweeps() == (1, papers)
    assert locked(version) == near(now() + storing.FOR_NOW)
    with pytest.raises(Retained):
        get_storage().delete(version.storage_key)
    assert sweeps() == (0, 0), "said once"
    clock.forward(days=storing.RENEWED.days, minutes=1)
    assert sweeps() == (1, papers), "and again long before it runs out"
    assert locked(version) == near(now() + storing.FOR_NOW)
    assert not verify().findings


def test_draft_is_not_locked(db, clock):
    case = make_case()
    file_into(case.folder, "other")
    assert sweeps() == (0, 0)


@pytest.mark.parametrize(
    ("kind", "period"),
    [
        ("receipt", Period.VOUCHERS),
        ("original_vouchers", Period.VOUCHERS),
        ("service_ledger", Period.VOUCHERS),
        ("closure_package", Period.VOUCHERS),
        ("bank_statement", Period.BANK_STATEMENTS),
        ("annual_report", Period.PERMANENT),
        ("charter", Period.PROJECT_FILE),
        ("a_paper_of_the_programme", Period.PROJECT_FILE),
    ],
)
def test_period_is_by_the_kind_of_the_paper(db, clock, kind, period):
    clock.to("2021-07-01 09:00")
    project = make_running_case()
    version = file_into(project.case.folder, kind)
    end(project.case)
    sweeps()
    assert locked(version) == near(end_of(period, now()))


def test_papers_of_an_application_are_kept_for_three_years(db, clock):
    case = make_case(until=Status.SCREENING)
    version = file_into(case.folder, "annual_report")
    end(case, Status.REJECTED)
    sweeps()
    assert locked(version) == near(end_of(Period.REJECTED, now()))


def end(case: Case, status: str = Status.TERMINATED) -> None:
    with ambient_event():
        Case.objects.filter(pk=case.pk).update(status=status, status_since=now())


def test_case_that_ends_again_keeps_the_same_papers_longer(db, clock):
    clock.to("2021-07-01 09:00")
    project = make_running_case()
    version = file_into(project.case.folder, "receipt")
    end(project.case)
    sweeps()
    first = locked(version)
    assert first == near(end_of(Period.VOUCHERS, now()))
    clock.to("2022-03-01 09:00")
    end(project.case, Status.RUNNING_FINAL)
    assert sweeps() == (0, 0), "nothing is shortened"
    clock.to("2022-09-01 09:00")
    end(project.case)
    assert sweeps() == (1, Version.objects.count())
    assert locked(version) == near(end_of(Period.VOUCHERS, now()))
    assert version.keep_until > first
    assert sweeps() == (0, 0)


def test_paper_that_comes_after_the_end_counts_from_the_end(db, clock):
    clock.to("2021-07-01 09:00")
    project = make_running_case()
    end(project.case)
    ended = now()
    sweeps()
    clock.to("2021-08-01 09:00")
    version = file_into(project.case.folder, "receipt")
    assert sweeps() == (1, 1)
    assert locked(version) == near(end_of(Period.VOUCHERS, ended))


def other_folders(project: Running) -> list[Version]:
    """A file of an objection, and evidence of a finding."""
    with ambient_event():
        made = [open_folder(k, stream=f"case:{project.case.pk}") for k in OTHERS]
    return [file_into(f, kind) for f, kind in zip(made, OTHERS, strict=True)]


OTHERS = ("objection", "finding")


def test_files_of_objections_and_findings_are_kept_with_the_case(db, clock):
    clock.to("2021-07-01 09:00")
    project = make_running_case()
    versions = other_folders(project)
    sweeps()
    for version in versions:
        assert locked(version) == near(now() + storing.FOR_NOW)
    end(project.case)
    sweeps()
    for version in versions:
        assert locked(version) == near(end_of(Period.PROJECT_FILE, now()))


def test_evidence_outlives_a_rejected_application(db, clock):
    case = make_case(until=Status.SCREENING)
    with ambient_event():
        folder = open_folder("finding", stream=f"case:{case.pk}")
    version = file_into(folder, "finding")
    end(case, Status.REJECTED)
    sweeps()
    assert locked(version) == near(end_of(Period.PROJECT_FILE, now()))


def test_minutes_of_a_round_are_locked_and_kept_from_its_closing(db, clock):
    clock.to("2021-07-01 09:00")
    round_ = make_running_case().round
    version = file_into(round_.folder, "minutes")
    sweeps()
    assert locked(version) == near(now() + storing.FOR_NOW)
    clock.to("2021-12-01 09:00")
    with ambient_event():
        Round.objects.filter(pk=round_.pk).update(closed_at=now())
    sweeps()
    assert locked(version) == near(end_of(Period.PROJECT_FILE, now()))
    assert sweeps() == (0, 0)


@pytest.mark.parametrize("cases", [1, 3])
def test_look_asks_as_much_of_many_cases_as_of_one(
    db, clock, django_assert_num_queries, cases
):
    clock.to("2021-07-01 09:00")
    for _number in range(cases):
        file_into(make_running_case().case.folder, "receipt")
    sweeps()
    cache.clear()
    with django_assert_num_queries(4):
        assert keeping.sweep() == 0


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
    others = other_folders(archived)
    held, stored = hold("HOLD")
    assert held
    assert stored == {True}
    assert set(Version.objects.values_list("held", flat=True)) == {True}
    assert {version.document.folder.kind for version in others} == set(OTHERS)
    later = other_folders(archived)
    storing.sweep()
    assert all(get_storage().is_held(version.storage_key) for version in later)
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
