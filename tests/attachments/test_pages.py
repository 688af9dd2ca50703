"""The pages of a PDF as pictures: drawn ten at a time, each by itself, on record."""

import io
import os

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.utils import timezone
from PIL import Image
from pypdf import PdfWriter
from pypdf.generic import NameObject, NullObject

from attachments import pages, renditions
from attachments.models import PagePicture, Rendition, ScanState, Version
from attachments.rendering import NotRendered
from attachments.scanning import Withheld
from attachments.services import add_document, remove_orphans
from attachments.storage import get_storage
from audit.models import Event
from audit.testing import ambient_event
from tests.attachments.files import upload

pytestmark = pytest.mark.once
State = Rendition.State


def pdf(*colours: str, size: tuple[int, int] = (200, 300)) -> bytes:
    """A page of each colour."""
    made = [Image.new("RGB", size, colour) for colour in colours]
    out = io.BytesIO()
    made[0].save(out, "PDF", save_all=True, append_images=made[1:])
    return out.getvalue()


@pytest.fixture
def filed(folder, alice):
    """Add a PDF and return its version."""

    def add(content: bytes) -> Version:
        document = add_document(
            folder, kind="other", upload=upload("a.pdf", content), by=alice
        )
        return document.versions.get()

    return add


def row(version: Version) -> Rendition:
    return Rendition.objects.get(version=version)


def fresh(version: Version) -> Version:
    found = Version.objects.select_related("rendition", "document__folder")
    return found.get(pk=version.pk)


def picture_of(version: Version, number: int, by) -> Image.Image:
    content, _size = pages.open_page(fresh(version), number, by)
    with content:
        opened = Image.open(content)
        opened.load()
    return opened


def test_each_page_is_a_picture_of_that_page(filed, bob):
    version = filed(pdf("red", "lime", "blue"))
    assert renditions.sweep() == 1
    assert row(version).state == State.MADE
    for number, channel in ((1, 0), (2, 1), (3, 2)):
        picture = picture_of(version, number, bob)
        assert (picture.format, picture.size) == ("JPEG", (1240, 1860))
        middle = picture.getpixel((600, 900))
        assert middle[channel] > 240 > 20 > sum(middle) - middle[channel]
        page = PagePicture.objects.get(version=version, number=number)
        assert (page.width, page.height) == picture.size


def test_ten_are_drawn_at_once_and_others_when_somebody_comes(filed, bob):
    version = filed(pdf(*["red"] * 11, "blue"))
    assert renditions.sweep() == 1
    made = row(version)
    assert (made.page_count, made.pages_tried, made.state) == (12, 10, State.MADE)
    assert pages.is_tried(made, 1)
    assert not pages.is_tried(made, 2)
    small = made.thumbnail_key
    wanted = pages.want_pages(made, pages.last_of(2))
    assert (wanted.state, wanted.pages_wanted) == (State.WAITING, 20)
    assert renditions.sweep() == 1
    made = row(version)
    assert (made.pages_tried, made.state) == (12, State.MADE)
    assert made.thumbnail_key == small, "what is there is not made again"
    assert picture_of(version, 12, bob).getpixel((9, 9))[2] > 240
    assert pages.want_pages(made, pages.last_of(3)).state == State.MADE, "no more"


def test_what_somebody_waits_for_is_drawn_first(filed):
    versions = [filed(pdf(colour)) for colour in ("red", "lime", "blue")]
    for version in reversed(versions[1:]):
        pages.want_pages(row(version), 10)
    drawn = []
    while renditions.sweep(limit=1):
        states = [row(version).state for version in versions]
        drawn.append([n for n, state in enumerate(states) if state == State.MADE])
    assert drawn == [[2], [1, 2], [0, 1, 2]]
    assert {row(version).asked_at for version in versions} == {None}


def test_far_page_is_reached_in_several_turns(filed):
    version = filed(pdf(*["red"] * 25))
    pages.want_pages(row(version), 30)
    assert renditions.sweep(limit=5) == 3
    assert row(version).pages_tried == PagePicture.objects.count() == 25


def test_file_from_before_pages_were_drawn_gets_them(filed):
    version = filed(pdf("red"))
    renditions.sweep()
    PagePicture.objects.all().delete()
    Rendition.objects.update(page_count=0, pages_tried=0)
    assert renditions.sweep() == 0
    assert pages.want_pages(row(version), 10).state == State.WAITING
    assert renditions.sweep() == 1
    assert row(version).pages_tried == 1


def test_broken_page_leaves_the_others(filed, bob):
    writer = PdfWriter(clone_from=io.BytesIO(pdf("red", "lime", "blue")))
    kids = writer._pages.get_object()["/Kids"]
    kids[1].get_object()[NameObject("/Type")] = NullObject()
    kids[1] = NullObject()
    out = io.BytesIO()
    writer.write(out)
    version = filed(out.getvalue())
    assert renditions.sweep() == 1
    assert (row(version).page_count, row(version).state) == (3, State.MADE)
    numbers = PagePicture.objects.order_by("number").values_list("number", flat=True)
    assert list(numbers) == [1, 3]
    assert picture_of(version, 3, bob).getpixel((9, 9))[2] > 240


@pytest.mark.parametrize("size", [(20, 20_000), (20_000, 20)])
def test_page_of_any_shape_has_an_end(filed, bob, size):
    version = filed(pdf("red", size=size))
    renditions.sweep()
    picture = picture_of(version, 1, bob)
    assert picture.width <= 1240
    assert picture.height <= 3600


def test_what_was_drawn_before_it_was_stopped_stays(filed, monkeypatch):
    version = filed(pdf("red", "lime", "blue"))
    draw = pages.to_pages

    def stopped(source, folder, first, last):
        draw(source, folder, first, min(last, first + 1))
        raise NotRendered("too_slow")

    monkeypatch.setattr(pages, "to_pages", stopped)
    assert renditions.sweep() == 0
    made = row(version)
    assert (made.state, made.error, made.pages_tried) == (State.WAITING, "too_slow", 2)
    monkeypatch.setattr(pages, "to_pages", draw)
    with time_machine.travel(timezone.now() + 2 * renditions.PAUSE, tick=False):
        assert renditions.sweep() == 1
    made = row(version)
    assert (made.state, made.error, made.pages_tried) == (State.MADE, "", 3)


def test_page_asks_as_the_file_does_and_is_an_event(filed, alice, bob, mallory):
    version = filed(pdf("red"))
    renditions.sweep()
    picture_of(version, 1, bob)
    assert Event.objects.filter(verb="read").count() == 1
    noted = pages.note_reading(fresh(version), bob)
    pages.open_page(fresh(version), 1, bob, noted=noted)[0].close()
    assert Event.objects.filter(verb="read").count() == 2, "part of that reading"
    pages.open_page(fresh(version), 1, alice, noted=noted)[0].close()
    assert Event.objects.filter(verb="read").count() == 3, "it was not hers"
    later = timezone.now() + timezone.timedelta(seconds=pages.NOTED_FOR + 9)
    with time_machine.travel(later, tick=False):
        pages.open_page(fresh(version), 1, bob, noted=noted)[0].close()
    assert Event.objects.filter(verb="read").count() == 4, "it was long ago"
    with pytest.raises(PermissionDenied):
        pages.open_page(fresh(version), 1, mallory, noted=noted)
    with ambient_event():
        Version.objects.update(scan_state=ScanState.INFECTED)
    with pytest.raises(Withheld):
        pages.open_page(fresh(version), 1, bob, noted=noted)
    assert Event.objects.filter(verb="refused:open_version").count() == 2


def test_walk_through_the_storage_leaves_pages(filed, storage, bob):
    version = filed(pdf("red"))
    renditions.sweep()
    for path in storage.root.rglob("*"):
        os.utime(path, (0, 0))
    assert remove_orphans().orphans == []
    assert picture_of(version, 1, bob).width == 1240


def test_pages_lie_beside_the_versions(filed):
    version = filed(pdf("red"))
    renditions.sweep()
    key = PagePicture.objects.get(version=version).key
    assert key.startswith("rendition/")
    assert get_storage().exists(key)
