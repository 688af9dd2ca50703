"""Files that a page sends ahead of its form, in Chinese: several at once, a lost
connection, a pause, a page that is left; then the form, which takes them."""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as ours
from django.contrib.sessions.models import Session
from django.test import override_settings
from playwright.sync_api import Locator, Page, Request, expect

from attachments.models import Upload, UploadState, Version
from attachments.services import open_version
from attachments.storage import get_incoming
from audit.testing import ambient_event
from desk.demo.house import PASSWORD
from grants.actions import ACTIONS
from tests.attachments.s3 import KEY, SECRET, own_storage
from tests.e2e.conftest import IN_A_BROWSER, Windows
from tests.e2e.steps import fill, send
from tests.factories.running import Running, make_running_case
from tests.services import needs, s3_endpoint

pytestmark = IN_A_BROWSER

MIB = 1024 * 1024
SLOW = 6 * MIB  # bytes a second


@pytest.fixture(
    params=[
        "local",
        pytest.param("s3", marks=needs("s3")),
        pytest.param("s3 behind us", marks=needs("s3")),
    ]
)
def store(request, live_server, tmp_path: Path) -> Iterator[str]:
    """Where the files go; with S3 the browser sends them there itself, or through us
    where it does not reach it."""
    changed = {"MEDIA_ROOT": tmp_path / "documents"}
    if request.param == "local":
        with override_settings(**changed):
            yield "local"
        return
    with own_storage() as storage:
        policy = ours.CONTENT_SECURITY_POLICY["DIRECTIVES"]
        public = s3_endpoint() if request.param == "s3" else ""
        sources = [*policy["connect-src"], *([public] if public else [])]
        with override_settings(
            **changed,
            MINIO_ENDPOINT=s3_endpoint(),
            MINIO_PUBLIC_ENDPOINT=public,
            MINIO_ACCESS_KEY=KEY,
            MINIO_SECRET_KEY=SECRET,
            MINIO_BUCKETS=storage.buckets,
            SITE_URL=live_server.url,
            CONTENT_SECURITY_POLICY={"DIRECTIVES": policy | {"connect-src": sources}},
        ):
            yield request.param


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    """A large sheet and two pictures, as PDF files."""
    made = {}
    for name, size in (("签到表", 30), ("照片一", 9), ("照片二", 9)):
        path = made[name] = tmp_path / f"{name}.pdf"
        line = f"%{name}\n".encode()
        filler = line * (size * MIB // len(line))
        path.write_bytes(b"%PDF-1.4\n" + filler + b"trailer<</Root 1 0 R>>\n%%EOF\n")
    return made


def running() -> Running:
    """A project whose people can sign in."""
    project = make_running_case()
    with ambient_event():
        for user in project.people.values():
            user.set_password(PASSWORD)
            user.save()
    return project


def row(page: Page, name: str) -> Locator:
    return page.locator(".upload-item").filter(has_text=f"{name}.pdf")


def share(line: Locator) -> int:
    """How many hundredths of a file have arrived, as the page shows."""
    return int(line.locator("progress").evaluate("bar => bar.value"))


def until(page: Page, true: Callable[[], bool]) -> None:
    for _turn in range(2400):
        if true():
            return
        page.wait_for_timeout(25)
    raise AssertionError(page.locator("form#form").inner_text())


class Line:
    """The line to the browser: as slow as we like, or cut."""

    def __init__(self, page: Page) -> None:
        self.session = page.context.new_cdp_session(page)
        self.session.send("Network.enable")
        self.set(SLOW)

    def set(self, speed: int, *, cut: bool = False) -> None:
        """``speed`` is in bytes a second, -1 for any."""
        self.session.send(
            "Network.emulateNetworkConditions",
            {
                "offline": cut,
                "latency": 5,
                "downloadThroughput": -1,
                "uploadThroughput": speed,
            },
        )


def test_files_survive_a_lost_connection_a_pause_and_a_reload(
    windows: Windows, store: str, files: dict[str, Path]
) -> None:
    project = running()
    address = f"/cases/{project.case.code}/act/record_service/"
    page = windows.visit(project.applicant.username, address)
    windows.check(page, "before uploads")
    expect(page.locator(".upload").first).to_contain_text("每个文件不超过")
    outside = [] if store == "local" else [s3_endpoint()]
    sent: list[Request] = []
    page.on("request", lambda request: sent.append(request))

    line_out = Line(page)
    page.set_input_files("input[name=pictures]", [files["照片一"], files["照片二"]])
    page.set_input_files("input[name=sign_in_sheet]", files["签到表"])
    sheet, first, second = (row(page, n) for n in ("签到表", "照片一", "照片二"))
    until(page, lambda: all(share(line) > 0 for line in (sheet, first, second)))

    line_out.set(SLOW, cut=True)
    for line in (sheet, first, second):
        expect(line).to_contain_text("恢复连接后将自动继续上传")
    windows.check(page, "no connection")
    sheet.get_by_role("button", name="暂停").click()
    expect(sheet).to_contain_text("已暂停")
    line_out.set(-1)
    for line in (first, second):
        expect(line).to_contain_text("已上传并通过检查", timeout=30_000)
    expect(sheet).to_contain_text("已暂停")

    line_out.set(SLOW)
    before = share(sheet)
    sheet.get_by_role("button", name="继续").click()
    until(page, lambda: share(sheet) > max(before, 40))
    sheet.get_by_role("button", name="暂停").click()
    page.reload()
    expect(sheet).to_contain_text("请重新选择同一文件")
    expect(first).to_contain_text("已上传并通过检查")
    assert share(sheet) >= 25
    windows.check(page, "after a reload")
    upload = Upload.objects.get(name="签到表.pdf")

    del sent[:]
    page.set_input_files("input[name=sign_in_sheet]", files["签到表"])
    until(page, lambda: share(sheet) > 50)
    body = ACTIONS["record_service"].example(project.case, project.applicant)
    for name in ("pictures", "sign_in_sheet"):
        body.pop(name)
    fill(page, body)
    send(windows, page, "record_service")  # held until the sheet has arrived

    assert page.url.endswith("/ledger/")
    pieces = [each for each in sent if each.method == "PUT"]
    whole = -(-files["签到表"].stat().st_size // get_incoming().part_size)
    assert 0 < len(pieces) < whole  # what was there was not sent again
    strays = [p.url for p in sent if not p.url.startswith((windows.base, *outside))]
    assert strays == []
    if store == "s3":
        assert all(piece.url.startswith(s3_endpoint()) for piece in pieces)
    upload.refresh_from_db()
    assert upload.state == UploadState.TAKEN
    for name, path in files.items():
        version = Version.objects.get(name=f"{name}.pdf")
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        assert (version.sha256, version.size) == (digest, path.stat().st_size)
        with open_version(version, project.applicant) as content:
            assert hashlib.sha256(content.read()).hexdigest() == digest
    assert windows.problems == []


def test_a_file_that_is_refused_and_one_that_is_dropped(
    windows: Windows, store: str, tmp_path: Path
) -> None:
    project = running()
    address = f"/cases/{project.case.code}/documents/add/"
    page = windows.visit(project.applicant.username, address)
    program = tmp_path / "报告.pdf"
    program.write_bytes(b"MZ" + bytes(600))
    page.set_input_files("input[name=upload]", program)
    line = row(page, "报告")
    expect(line).to_contain_text("不接受程序")
    windows.check(page, "refused")
    page.locator("form#form .btn-list button").last.click()
    expect(page.get_by_role("alert")).to_contain_text("有文件尚未上传完成")

    page.evaluate(
        """() => {
            const given = new DataTransfer();
            const text = "%PDF-1.4\\ntrailer<</Root 1 0 R>>\\n%%EOF\\n";
            given.items.add(new File([text], "计划.pdf"));
            document.querySelector("[data-upload-drop]").dispatchEvent(
                new DragEvent("drop", { dataTransfer: given, cancelable: true }));
        }"""
    )
    expect(row(page, "计划")).to_contain_text("已上传并通过检查")
    expect(line).to_have_count(0)
    with page.expect_navigation():
        page.locator("form#form > .btn-list button").click()
    assert Version.objects.get(name="计划.pdf").document.folder == project.case.folder
    assert not Version.objects.filter(name="报告.pdf").exists()
    assert windows.problems == []


def test_who_was_signed_out_goes_on_after_signing_in_again(
    windows: Windows, files: dict[str, Path], settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path / "documents"
    project = running()
    address = f"/cases/{project.case.code}/documents/add/"
    page = windows.visit(project.applicant.username, address)
    line_out = Line(page)
    page.set_input_files("input[name=upload]", files["照片一"])
    line = row(page, "照片一")
    until(page, lambda: share(line) > 0)
    line.get_by_role("button", name="暂停").click()
    line_out.set(-1)
    Session.objects.all().delete()
    line.get_by_role("button", name="继续").click()
    expect(line).to_contain_text("您已退出登录")

    other = page.context.new_page()
    other.goto("/accounts/login/")
    windows.sign_in(other, project.applicant.username)
    line.get_by_role("button", name="继续").click()
    expect(line).to_contain_text("已上传并通过检查")
    with page.expect_navigation():
        page.locator("form#form > .btn-list button").click()
    version = Version.objects.get(name="照片一.pdf")
    assert version.size == files["照片一"].stat().st_size
