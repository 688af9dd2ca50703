"""Files shown inside of a page: which, to whom, under which policy, on record."""

import json
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from attachments.models import PagePicture, Rendition
from attachments.services import add_document
from attachments.storage import get_storage
from audit.models import Event
from tests.attachments import files
from tests.attachments.files import upload
from tests.desk.conftest import arrange
from tests.workflows.driver import fresh

pytestmark = pytest.mark.once


def by_name(value):
    return "" if isinstance(value, bytes) else None


HTML = "1 < 2 & <b>bold</b>,二\n"


@pytest.fixture(scope="module")
def submitted(house_of_the_module):
    return arrange(house_of_the_module, "SCREENING")


@pytest.fixture
def world(submitted, db, clock, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "documents"
    return submitted.again(clock)


@pytest.fixture
def paper(world, submitted):
    """Add a file to the case and return its version."""

    def add(name, content):
        applicant = world.applicant_of(submitted.case)
        document = add_document(
            submitted.case.folder,
            kind="other",
            upload=upload(name, content),
            by=applicant,
        )
        return document.versions.get()

    return add


def reads() -> list[str]:
    events = Event.objects.filter(verb="read").order_by("pk")
    return [f"{e.actor} {json.loads(e.line)['data']['what']}" for e in events]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.png", files.PNG),
        ("a.jpg", files.JPEG),
        ("a.gif", files.GIF),
        ("a.webp", files.WEBP),
    ],
    ids=by_name,
)
def test_pictures_stand_in_the_page_without_a_script(world, paper, text, name, content):
    version = paper(name, content)
    client = world.enter("funder1")
    page = client.get(f"/documents/{version.pk}/preview/")
    assert page.status_code == 200
    inline = f"/documents/{version.pk}/inline/"
    assert f'<img class="preview-picture" src="{inline}"' in text(page)
    assert version.sha256 not in text(page)
    assert reads() == [], "the page alone shows nothing of the file"

    shown = client.get(inline, follow=True)
    assert b"".join(shown.streaming_content) == content
    assert shown["Content-Type"] == version.content_type
    assert shown["Content-Disposition"].startswith("inline")
    assert shown["X-Content-Type-Options"] == "nosniff"
    assert shown["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert reads() == [f"user:{world['funder1'].pk} preview:{version.pk}"]


def test_text_is_shown_as_text(world, paper, text):
    version = paper("a.csv", ("\ufeff" + HTML).encode())
    page = world.enter("funder1").get(f"/documents/{version.pk}/preview/")
    assert "1 &lt; 2 &amp; &lt;b&gt;bold&lt;/b&gt;,二" in text(page)
    assert "\ufeff" not in text(page)
    assert "This is the beginning" not in text(page)
    assert reads() == [f"user:{world['funder1'].pk} preview:{version.pk}"]


def test_of_a_long_text_the_beginning_is_shown(world, paper, text):
    version = paper("a.txt", "一二三".encode() * 30_000)
    page = text(world.enter("funder1").get(f"/documents/{version.pk}/preview/"))
    assert "This is the beginning" in page
    assert page.count("一二三") == 200_000 // 9
    assert "\N{REPLACEMENT CHARACTER}" not in page


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.zip", files.archive("a.txt")), ("b.zip", files.archive("b.docx"))],
    ids=by_name,
)
def test_what_a_browser_cannot_show_is_a_download_only(
    world, submitted, paper, text, name, content
):
    version = paper(name, content)
    client = world.enter("funder1")
    for tail in ("preview/", "inline/"):
        assert client.get(f"/documents/{version.pk}/{tail}").status_code == 404
    tab = text(client.get(f"/cases/{submitted.case.code}/documents/"))
    assert f"/documents/{version.pk}/preview/" not in tab
    assert f"/documents/{version.pk}/" in tab


def test_text_is_never_sent_to_be_shown_by_itself(world, paper):
    version = paper("a.txt", b"plain")
    client = world.enter("funder1")
    assert client.get(f"/documents/{version.pk}/inline/").status_code == 404


def test_documents_lead_to_their_previews(world, submitted, paper, text):
    version = paper("a.pdf", files.PDF)
    client = world.enter("funder1")
    tab = text(client.get(f"/cases/{submitted.case.code}/documents/"))
    assert f'href="/documents/{version.pk}/preview/"' in tab


def test_preview_is_for_whom_the_document_is(world, paper, visitor):
    version = paper("a.pdf", files.PDF)
    for tail in ("preview/", "inline/"):
        path = f"/documents/{version.pk}/{tail}"
        assert world.enter("reviewer1").get(path).status_code == 404
        assert visitor.get(path).status_code == 302


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.pdf", files.PDF), ("a.txt", b"plain"), ("a.png", files.PNG)],
    ids=by_name,
)
def test_what_waits_for_its_scan_is_not_shown(world, paper, settings, name, content):
    version = paper(name, content)
    settings.CLAMD_URL = "tcp://127.0.0.1:9"
    client = world.enter("funder1")
    page = client.get(f"/documents/{version.pk}/preview/")
    assert page.status_code == 409
    if name == "a.png":
        assert client.get(f"/documents/{version.pk}/inline/").status_code == 409
    assert reads() == []


def test_every_download_is_an_event_in_the_stream_of_who_took_it(
    world, submitted, paper
):
    version = paper("a.pdf", files.PDF)
    applicant = world.applicant_of(submitted.case)
    for person in (applicant, world["funder1"]):
        client = world.enter(person)
        for path in (
            f"/documents/{version.pk}/",
            f"/api/v1/documents/{version.document_id}/content",
        ):
            answer = client.get(path, follow=True)
            assert b"".join(answer.streaming_content) == files.PDF
    expected = [applicant.pk, applicant.pk, world["funder1"].pk, world["funder1"].pk]
    assert reads() == [f"user:{pk} version:{version.pk}" for pk in expected]
    streams = Event.objects.filter(verb="read").values_list("stream", flat=True)
    assert set(streams) == {f"organisations_user:{pk}" for pk in expected}


# -- pages of PDF and office files, and small pictures ---------------------------------


def drawn(version, pages=1, *, upto=None, error="", state="MADE"):
    """The pages of a version as they are drawn; the pictures are ours to know."""
    upto = pages if upto is None else upto
    Rendition.objects.filter(version=version).update(
        state=state, error=error, page_count=pages, pages_tried=upto
    )
    for number in range(1, upto + 1):
        key = f"rendition/2026/{version.pk:016x}{number:016x}"
        stored = get_storage().put(key, upload("a.jpg", files.JPEG + b"%d" % number))
        PagePicture.objects.create(
            version=version,
            number=number,
            key=key,
            size=stored.size,
            width=100,
            height=140,
        )
    return version


def sources(page: str) -> list[str]:
    """The addresses of the pages' pictures."""
    return re.findall(r'<img src="(/documents/\d+/pages/[^"]+)"', page)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.pdf", files.PDF, "These are pictures of the pages."),
        ("申报书.docx", files.docx(), "It may look different from the file itself"),
    ],
    ids=by_name,
)
def test_pages_are_pictures_and_one_reading(world, paper, text, name, content, words):
    version = drawn(paper(name, content), 2)
    browser = world.enter("operator1")
    page = text(browser.get(f"/documents/{version.pk}/preview/"))
    assert words in page
    assert "<iframe" not in page
    assert f'alt="Page 2 of 2 of {name}"' in page
    assert page.count(f'href="/documents/{version.pk}/"') == 2, "above and below"
    once = [f"user:{world['operator1'].pk} preview:{version.pk}"]
    assert reads() == once
    for number, address in enumerate(sources(page), start=1):
        answer = browser.get(address)
        shown = b"".join(answer.streaming_content)
        assert shown == files.JPEG + b"%d" % number
        assert answer["Content-Type"] == "image/jpeg"
        assert answer["Content-Length"] == str(len(shown))
        assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert number == 2
    assert reads() == once
    download = browser.get(f"/documents/{version.pk}/", follow=True)
    assert b"".join(download.streaming_content) == content


def test_page_without_its_preview_is_a_reading_of_its_own(world, paper, text):
    version = drawn(paper("a.pdf", files.PDF), 2)
    mine = world.enter("operator1")
    address = sources(text(mine.get(f"/documents/{version.pk}/preview/")))[0]
    bare = f"/documents/{version.pk}/pages/1/"
    for browser, path in (
        (world.enter("funder1"), address),  # what another was given proves nothing
        (mine, bare),
        (mine, f"{bare}?noted=forged"),
    ):
        assert b"".join(browser.get(path).streaming_content).startswith(files.JPEG)
    people = [world[name].pk for name in ("operator1", "funder1")]
    first, second = (f"user:{pk} preview:{version.pk}" for pk in people)
    assert reads() == [first, second, first, first]
    assert mine.get(f"/documents/{version.pk}/pages/3/").status_code == 404
    assert mine.get(f"/documents/{version.pk}/pages/0/").status_code == 404


def test_long_file_is_shown_ten_pages_at_a_time(world, paper, text):
    version = drawn(paper("a.pdf", files.PDF), 23, upto=10)
    browser = world.enter("operator1")
    path = f"/documents/{version.pk}/preview/"
    page = text(browser.get(path))
    assert len(sources(page)) == 10
    assert '<a class="page-link" href="?part=3">' in page
    assert "21–23" in page
    assert reads() == [f"user:{world['operator1'].pk} preview:{version.pk}"]

    later = text(browser.get(path, {"part": "2"}))
    assert "The pages of this file are being drawn" in later
    assert sources(later) == []
    assert len(reads()) == 1, "nothing was shown"
    made = Rendition.objects.get(version=version)
    assert (made.state, made.pages_wanted) == ("WAITING", 20)
    for wrong in ("4", "0", "-1", "x", "9" * 9):
        assert browser.get(path, {"part": wrong}).status_code == 404, wrong


def test_page_that_cannot_be_drawn_leaves_the_others(world, paper, text):
    version = drawn(paper("a.pdf", files.PDF), 3)
    PagePicture.objects.get(version=version, number=2).delete()
    page = text(world.enter("operator1").get(f"/documents/{version.pk}/preview/"))
    assert "Page 2 could not be drawn." in page
    assert len(sources(page)) == 2


def test_what_was_drawn_before_it_took_too_long_is_shown(world, paper, text):
    version = paper("a.pdf", files.PDF)
    drawn(version, 5, upto=3, error="too_slow", state="FAILED")
    page = text(world.enter("operator1").get(f"/documents/{version.pk}/preview/"))
    assert len(sources(page)) == 3
    assert "Drawing the pages of this file took too long." in page
    assert "Page 5 could not be drawn." in page


@pytest.mark.parametrize("pages", [1, 9])
def test_pages_cost_the_preview_no_query(world, paper, pages):
    version = drawn(paper("a.pdf", files.PDF), pages)
    browser = world.enter("operator1")
    path = f"/documents/{version.pk}/preview/"
    browser.get(path)
    with CaptureQueriesContext(connection) as seen:
        assert browser.get(path).content.count(b"/pages/") == pages
    assert len(seen) == 19


@pytest.mark.parametrize(
    ("state", "error", "words"),
    [
        ("WAITING", "", "The pages of this file are being drawn"),
        ("WAITING", "no_converter", "This machine has no LibreOffice"),
        ("WAITING", "too_slow", "took too long. It will be tried once more."),
        ("FAILED", "too_slow", "Drawing the pages of this file took too long."),
        ("FAILED", "too_large", "too large to be shown"),
        ("FAILED", "unreadable", "The pages of this file could not be drawn."),
    ],
)
@pytest.mark.parametrize(
    ("name", "content"), [("a.pdf", files.PDF), ("a.docx", files.docx())], ids=by_name
)
def test_where_there_are_no_pages_it_says_why(
    world, paper, text, name, content, state, error, words
):
    version = paper(name, content)
    Rendition.objects.filter(version=version).update(state=state, error=error)
    browser = world.enter("operator1")
    page = text(browser.get(f"/documents/{version.pk}/preview/"))
    assert words in page
    assert "<iframe" not in page
    assert ('hx-trigger="every 3s"' in page) == (state == "WAITING" and not error)
    for tail in ("inline/", "pages/1/"):
        assert browser.get(f"/documents/{version.pk}/{tail}").status_code == 404
    assert reads() == []


def test_page_is_for_who_may_open_the_file(world, paper, settings):
    version = drawn(paper("a.pdf", files.PDF))
    url = f"/documents/{version.pk}/pages/1/"
    stranger = world.house.member_of(world.organisation(1), "applicant")
    assert world.enter(fresh(stranger)).get(url).status_code == 404
    settings.CLAMD_URL = "tcp://127.0.0.1:9"  # it waits for its scan
    assert world.enter("operator1").get(url).status_code == 409
    assert reads() == []


def test_list_shows_small_pictures_and_notes_no_reading_of_each(
    world, submitted, paper, text
):
    picture = paper("现场.png", files.PNG)
    plain = paper("a.txt", b"a\n")
    key = "rendition/2026/" + "c" * 32
    get_storage().put(key, upload("a.jpg", files.JPEG))
    Rendition.objects.filter(version=picture).update(state="MADE", thumbnail_key=key)
    browser = world.enter("operator1")
    page = text(browser.get(f"/cases/{submitted.case.code}/documents/"))
    url = f"/documents/{picture.pk}/thumbnail/"
    assert f'<img src="{url}" alt="Picture: 现场.png" loading="lazy">' in page
    assert f"/documents/{plain.pk}/thumbnail/" not in page
    answer = browser.get(url)
    assert answer["Content-Type"] == "image/jpeg"
    assert b"".join(answer.streaming_content) == files.JPEG
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert reads() == []
    assert browser.get(f"/documents/{plain.pk}/thumbnail/").status_code == 404


def test_small_picture_is_for_who_may_open_the_file(world, paper, settings):
    version = paper("a.png", files.PNG)
    key = "rendition/2026/" + "d" * 32
    get_storage().put(key, upload("a.jpg", files.JPEG))
    Rendition.objects.filter(version=version).update(state="MADE", thumbnail_key=key)
    url = f"/documents/{version.pk}/thumbnail/"
    stranger = world.house.member_of(world.organisation(1), "applicant")
    assert world.enter(fresh(stranger)).get(url).status_code == 404
    settings.CLAMD_URL = "tcp://127.0.0.1:9"  # it waits for its scan
    assert world.enter("operator1").get(url).status_code == 404


@pytest.mark.parametrize("pictures", [1, 5])
def test_small_pictures_cost_the_list_no_query(world, submitted, paper, pictures):
    for number in range(pictures):
        paper(f"{number}.png", files.PNG)
    Rendition.objects.update(state="MADE", thumbnail_key="rendition/2026/" + "e" * 32)
    browser = world.enter("operator1")
    path = f"/cases/{submitted.case.code}/documents/"
    browser.get(path)
    with CaptureQueriesContext(connection) as seen:
        assert b"loading=" in browser.get(path).content
    assert len(seen) == 14
