"""Documents inside of a page, as a browser shows them."""

from playwright.sync_api import expect

from attachments.services import add_document
from audit.testing import ambient_event
from desk.demo.house import PASSWORD
from tests.attachments import files
from tests.attachments.files import upload
from tests.e2e.conftest import IN_A_BROWSER, Windows
from tests.factories.running import make_running_case

pytestmark = IN_A_BROWSER


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
            "报告.pdf": files.PDF,
        }.items()
    }
    for locale, word in (("zh-CN", "预览"), ("en-GB", "Preview")):
        tab = f"/cases/{project.case.code}/documents/"
        page = windows.visit(project.funder.username, tab, locale)
        windows.check(page, "documents")
        picture = papers["现场.png"].pk
        link = page.locator(f"a[href='/documents/{picture}/preview/']")
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
        expect(page.locator("iframe.preview-frame")).to_be_visible()
    assert not windows.problems
