"""Documents inside of a page, as a browser shows them."""

import io

from PIL import Image
from playwright.sync_api import Page, expect

from attachments import renditions
from attachments.services import add_document
from audit.testing import ambient_event
from desk import exports
from desk.demo.house import PASSWORD
from tests.attachments import files
from tests.attachments.files import upload
from tests.attachments.pictures import picture_file
from tests.e2e.conftest import IN_A_BROWSER, Windows
from tests.factories.running import make_running_case

pytestmark = IN_A_BROWSER


def red_and_blue() -> bytes:
    """A PDF of two pages."""
    pages = [Image.new("RGB", (200, 300), colour) for colour in ("red", "blue")]
    out = io.BytesIO()
    pages[0].save(out, "PDF", save_all=True, append_images=pages[1:])
    return out.getvalue()


def colour_of(page: Page, number: int) -> str:
    """What one sees in the middle of a page of the document, pixel by pixel."""
    shown = page.locator("figure.preview-page").nth(number - 1).locator("img")
    shown.scroll_into_view_if_needed()
    expect(shown).to_have_js_property("complete", True)
    seen = Image.open(io.BytesIO(shown.screenshot())).convert("RGB")
    width, height = seen.size
    box = (width // 4, height // 4, width * 3 // 4, height * 3 // 4)
    colours = seen.crop(box).quantize(4).convert("RGB").getcolors()
    (_count, (red, green, blue)) = max(colours)
    names = {(True, False, False): "red", (False, False, True): "blue"}
    return names.get((red > 200, green > 200, blue > 200), f"{red},{green},{blue}")


def test_picture_text_and_pdf_are_shown(windows: Windows) -> None:
    project = make_running_case()
    with ambient_event():
        for user in project.people.values():
            user.set_password(PASSWORD)
            user.save()
    papers = {
        name: add_document(
            project.case.folder, kind="other", upload=upload(name, content), by=who
        ).versions.get()
        for who in [project.applicant]
        for name, content in {
            "现场.png": files.PNG,
            "说明.txt": "第一行\n".encode() * 99,
            "报告.pdf": red_and_blue(),
        }.items()
    }
    renditions.sweep(limit=50)
    for locale, word in (("zh-CN", "预览"), ("en-GB", "Preview")):
        tab = f"/cases/{project.case.code}/documents/"
        page = windows.visit(project.funder.username, tab, locale)
        windows.check(page, "documents")
        picture = papers["现场.png"].pk
        link = page.locator(f"a.ms-2[href='/documents/{picture}/preview/']")
        expect(link).to_contain_text(word)
        link.click()
        image = page.get_by_role("img", name="现场.png")
        expect(image).to_have_js_property("complete", True)
        expect(image).to_have_js_property("naturalWidth", 1)
        windows.check(page, "preview of a picture")
        for name in ("说明.txt", "报告.pdf"):
            path = f"/documents/{papers[name].pk}/preview/"
            page = windows.visit(project.funder.username, path, locale)
            windows.check(page, f"preview of {name}")
        assert [colour_of(page, number) for number in (1, 2)] == ["red", "blue"]
    assert not windows.problems


def test_papers_small_pictures_and_the_zip(windows: Windows) -> None:
    project = make_running_case()
    with ambient_event():
        for user in project.people.values():
            user.set_password(PASSWORD)
            user.save()
    add_document(
        project.case.folder,
        kind="charter",
        upload=upload("章程.png", picture_file((300, 200))),
        by=project.applicant,
    )
    assert renditions.sweep(limit=50) >= 1
    tab = f"/cases/{project.case.code}/documents/"
    for locale, alt, button in (
        ("zh-CN", "图片：章程.png", "制作压缩包"),
        ("en-GB", "Picture: 章程.png", "Make the zip"),
    ):
        page = windows.visit(project.funder.username, tab, locale)
        windows.check(page, "papers of each stage")
        image = page.get_by_role("img", name=alt)
        image.scroll_into_view_if_needed()
        expect(image).to_have_js_property("naturalWidth", 240)
        page = windows.visit(project.funder.username, f"{tab[:-10]}bundle/", locale)
        windows.check(page, "the zip of a case")
        page.get_by_role("button", name=button).click()
        expect(page.locator("progress")).to_be_visible()
        assert exports.sweep() == 1
        expect(page.locator("#exports a").first).to_contain_text(project.case.code)
        expect(page.locator("progress")).to_have_count(0)
        windows.check(page, "my files")
    assert not windows.problems
