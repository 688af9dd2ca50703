"""What the page claims of keeping: with an object lock, and without one."""

import pytest
from django.core.cache import cache

from attachments import keeping
from attachments.models import Version
from attachments.services import add_document
from attachments.storage import get_storage
from audit.record import record
from grants.models import Case
from tests.attachments import files
from tests.attachments.files import upload
from tests.attachments.s3 import own_storage
from tests.desk.conftest import arrange
from tests.services import needs

pytestmark = pytest.mark.once

NO_LOCK = "The storage holds no object lock"
NO_CLAIM = "no retention is claimed"
LOCK = "The storage itself refuses to delete what must be kept."
UNTIL = "The storage refuses to delete it until"
HELD = "On legal hold: the storage refuses to delete it."


@pytest.fixture(scope="module")
def submitted(house_of_the_module):
    return arrange(house_of_the_module, "SCREENING")


@pytest.fixture
def world(submitted, db, clock, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "documents"
    cache.clear()
    return submitted.again(clock)


@pytest.fixture
def shown(world, submitted, text):
    """The tab of the case, as the bureau's clerk and the applicant see it."""
    case = Case.objects.select_related("folder").get(pk=submitted.case.pk)

    def show():
        path = f"/cases/{case.code}/documents/"
        pages = [
            text(world.enter(person).get(path))
            for person in ("operator1", world.applicant_of(case))
        ]
        return case, " ".join(pages), pages

    return show


def keep_all(case: Case, world) -> None:
    """One paper, held and to be kept as long as vouchers are; told to the storage."""
    Version.objects.all().delete()
    add_document(
        case.folder,
        kind="receipt",
        upload=upload("a.pdf", files.PDF),
        by=world.applicant_of(case),
    )
    with record("set_retention", by="system:storage", target=case.folder.stream):
        begins = Version.objects.latest("pk").uploaded_at
        keeping.keep(case.folder.stream, {"": keeping.Period.VOUCHERS}, begins=begins)
        keeping.hold(case.folder.stream, True)
    keeping.sweep()
    version = Version.objects.latest("pk")
    assert version.held
    assert version.kept_until == version.keep_until


def test_without_a_lock_the_page_says_so_and_claims_nothing(world, shown):
    case, _all, _pages = shown()
    keep_all(case, world)
    assert not get_storage().holds_retention
    _case, everything, pages = shown()
    for page in pages:
        assert NO_LOCK in page
        assert NO_CLAIM in page
        assert "The rules want it kept until" in page
        assert "On legal hold, which only Weigong itself keeps to." in page
    for claim in (LOCK, UNTIL, HELD):
        assert claim not in everything


@needs("s3")
def test_with_a_lock_the_page_says_until_when(world, shown, monkeypatch):
    case, _all, _pages = shown()
    with own_storage() as storage:
        for module in (
            "attachments.services",
            "attachments.keeping",
            "desk.views.tabs",
        ):
            monkeypatch.setattr(f"{module}.get_storage", lambda: storage)
        assert storage.probe()
        keep_all(case, world)
        _case, everything, pages = shown()
    for page in pages:
        for claim in (LOCK, UNTIL, HELD):
            assert claim in page
    for denial in (NO_LOCK, NO_CLAIM, "The rules want"):
        assert denial not in everything
