"""Documents: who may add and open them, and what is recorded."""

import json

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from attachments import registry, selectors, services
from attachments.models import Document, Folder, Version
from audit.models import Event
from audit.record import record
from tests.attachments import files
from tests.attachments.files import upload


@pytest.fixture
def pdf():
    return upload("申报书.pdf", files.PDF)


@pytest.fixture
def document(folder, alice, pdf):
    return services.add_document(folder, kind="application", upload=pdf, by=alice)


def verbs(stream):
    events = Event.objects.filter(stream=stream).order_by("seq")
    return list(events.values_list("verb", flat=True))


def test_add_document_stores_the_file_and_says_what_it_is(folder, alice, document):
    version = document.versions.get()

    assert (document.title, document.created_by) == ("申报书", alice)
    assert (version.number, version.name) == (1, "申报书.pdf")
    assert (version.size, version.content_type) == (len(files.PDF), "application/pdf")
    assert version.scan_state == "NOT_SCANNED"
    with services.open_version(version, alice) as content:
        assert content.read() == files.PDF


def test_add_document_is_an_event_of_the_owner(document):
    assert verbs("case:17") == ["open_folder", "add_document"]


def test_add_document_denied_when_the_owner_says_no(folder, bob, pdf, storage):
    with pytest.raises(PermissionDenied):
        services.add_document(folder, kind="application", upload=pdf, by=bob)

    assert not Document.objects.exists()
    assert not storage.root.exists()
    assert verbs(f"organisations_user:{bob.pk}")[-1] == "refused:add_document"


def test_add_document_denied_when_the_folder_closed_meanwhile(
    folder, alice, pdf, monkeypatch
):
    answers = iter([True, False])
    monkeypatch.setattr(registry, "can_write", lambda user, folder: next(answers))
    with pytest.raises(PermissionDenied):
        services.add_document(folder, kind="application", upload=pdf, by=alice)

    assert not Document.objects.exists()


def test_add_document_refused_file_leaves_nothing(folder, alice, storage):
    program = upload("a.pdf", b"MZ" + bytes(60))
    with pytest.raises(ValidationError):
        services.add_document(folder, kind="application", upload=program, by=alice)

    assert not Document.objects.exists()
    assert not storage.root.exists()


def test_add_document_takes_a_file_stored_before_the_lock(folder, alice, pdf):
    stored = services.store_upload(folder, pdf)
    document = services.add_document(
        folder, kind="sealed_copy", upload=stored, by=alice, title="盖章件"
    )

    assert document.title == "盖章件"
    assert document.versions.get().storage_key == stored.storage_key


def test_paper_that_an_act_left_behind_is_taken_again(folder, alice, document):
    """The same person's, of the same kind and content; nothing is stored twice."""

    def again(kind="application", content=files.PDF, name="申报书.pdf"):
        file = upload(name, content)
        return services.add_document(
            folder, kind=kind, upload=file, by=alice, reuse=True
        )

    assert again() == again(name="renamed.pdf") == document
    assert again(kind="minutes") != document
    assert again(content=files.PDF + b"\n") != document
    assert Document.objects.count() == Version.objects.count() == 3


def test_add_version_keeps_the_earlier_ones(document, alice):
    second = services.add_version(
        document, upload=upload("改.pdf", files.PDF + b"\n"), by=alice
    )

    assert second.number == 2
    assert selectors.newest_version(document) == second
    assert document.versions.count() == 2
    with services.open_version(document.versions.get(number=1), alice) as content:
        assert content.read() == files.PDF
    assert verbs("case:17")[-1] == "add_version"


def test_add_version_denied_when_the_owner_says_no(document, bob, pdf):
    with pytest.raises(PermissionDenied):
        services.add_version(document, upload=pdf, by=bob)
    assert document.versions.count() == 1


def test_open_version_denied_when_the_owner_says_no(document, mallory):
    with pytest.raises(PermissionDenied):
        services.open_version(document.versions.get(), mallory)
    assert verbs(f"organisations_user:{mallory.pk}")[-1] == "refused:open_version"


@pytest.mark.parametrize("how", [services.DOWNLOAD, services.PREVIEW])
def test_open_version_is_an_event_of_the_reader(document, bob, how):
    version = document.versions.get()
    before = Event.objects.count()
    services.open_version(version, bob, how=how).close()

    assert Event.objects.count() == before + 1
    assert verbs(f"organisations_user:{bob.pk}")[-1] == "read"
    noted = json.loads(Event.objects.latest("pk").line)["data"]
    assert noted == {"what": f"{how}:{version.pk}"}


def test_unregistered_owner_is_refused(alice, pdf, db):
    with record("open_folder", by="system:tests"):
        stray = Folder.objects.create(kind="unknown", stream="case:18")
    with pytest.raises(PermissionDenied):
        services.add_document(stray, kind="x", upload=pdf, by=alice)
    with pytest.raises(LookupError):
        services.open_folder("unknown", stream="case:18")
    assert not registry.can_read(alice, stray)


def test_register_refuses_a_second_owner_and_a_strange_kind():
    yes = bool
    with pytest.raises(ValueError, match="have an owner"):
        registry.register("letters", can_read=yes, can_write=yes)
    with pytest.raises(ValueError, match="not fit"):
        registry.register("../letters", can_read=yes, can_write=yes)


def test_selectors_show_nothing_to_whoever_may_not_read(document, bob, mallory):
    version = document.versions.get()

    assert list(selectors.documents_for(bob, document.folder)) == [document]
    assert selectors.version_for(bob, version.pk) == version
    assert selectors.document_for(bob, document.pk) == document
    assert list(selectors.documents_for(mallory, document.folder)) == []
    with pytest.raises(Version.DoesNotExist):
        selectors.version_for(mallory, version.pk)
    with pytest.raises(Document.DoesNotExist):
        selectors.document_for(mallory, document.pk)


@pytest.mark.parametrize("papers", [1, 3])
def test_list_of_a_folder_costs_two_queries(
    folder, alice, papers, django_assert_num_queries
):
    for number in range(papers):
        file = upload(f"{number}.pdf", files.PDF)
        services.add_document(folder, kind="application", upload=file, by=alice)

    with django_assert_num_queries(2):
        for document in selectors.documents_for(alice, folder):
            assert document.created_by.username == "alice"
            for version in document.versions.all():
                assert version.uploaded_by.username == "alice"
