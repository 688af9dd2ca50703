"""Make a PDF of an office file, and small pictures: in confined processes.

LibreOffice gets a profile of its own for each run, in a folder that goes with it: no
macros, no links to anything outside of the file, no proxy. Its environment holds
nothing of ours.
"""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from django.conf import settings

from attachments.filetypes import (
    DOC,
    DOCM,
    DOCX,
    PDF,
    PICTURES,
    PPT,
    PPTM,
    PPTX,
    XLS,
    XLSM,
    XLSX,
)

#: What is converted, and the extension under which LibreOffice is to see it.
OFFICE = {
    DOC: "doc",
    DOCX: "docx",
    DOCM: "docm",
    XLS: "xls",
    XLSX: "xlsx",
    XLSM: "xlsm",
    PPT: "ppt",
    PPTX: "pptx",
    PPTM: "pptm",
}
DRAWN = (PDF, *PICTURES)
SIDE = 240  # pixels of a small picture: too few to read a page by
MIB = 1024 * 1024
MOST_SOURCE = 100 * MIB
MOST_PREVIEW = 50 * MIB
#: Seconds by the clock, and bytes of address space.
OFFICE_SECONDS, OFFICE_MEMORY = 60, 4096 * MIB
DRAW_SECONDS, DRAW_MEMORY = 20, 1536 * MIB
PAGES_SECONDS = 60

#: Of a profile: no macros, nothing fetched from outside of the file.
PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry"
 xmlns:xs="http://www.w3.org/2001/XMLSchema"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
{items}</oor:items>
"""
ITEM = (
    '<item oor:path="{path}"><prop oor:name="{name}" oor:op="fuse">'
    "<value>{value}</value></prop></item>\n"
)
COMMON = "/org.openoffice.Office.Common"
SCRIPTING = f"{COMMON}/Security/Scripting"
SETTINGS = (
    (SCRIPTING, "MacroSecurityLevel", "3"),
    (SCRIPTING, "DisableMacrosExecution", "true"),
    (SCRIPTING, "BlockUntrustedRefererLinks", "true"),
    (f"{COMMON}/Misc", "FirstRun", "false"),
    ("/org.openoffice.Office.Writer/Content/Update", "Link", "2"),
    ("/org.openoffice.Office.Calc/Content/Update", "Link", "2"),
    ("/org.openoffice.Inet/Settings", "ooInetProxyType", "0"),
)


class NotRendered(Exception):
    """Nothing came of it; the code says why: no_converter, too_slow, too_large,
    unreadable."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def converter() -> str | None:
    """LibreOffice's program, where there is one."""
    return shutil.which("soffice")


def to_pdf(source: Path, folder: Path) -> Path:
    """A PDF of an office file, made in a folder that is thrown away afterwards.

    NotRendered where it does not come to that.
    """
    program = converter()
    if program is None:
        raise NotRendered("no_converter")
    profile = folder / "profile"
    (profile / "user").mkdir(parents=True)
    items = "".join(ITEM.format(path=p, name=n, value=v) for p, n, v in SETTINGS)
    (profile / "user" / "registrymodifications.xcu").write_text(
        PROFILE.format(items=items), encoding="utf-8"
    )
    run_confined(
        [
            program,
            *("--headless", "--norestore", "--nolockcheck", "--nodefault"),
            f"-env:UserInstallation={profile.as_uri()}",
            *("--convert-to", "pdf", "--outdir", str(folder / "out"), str(source)),
        ],
        folder,
        seconds=OFFICE_SECONDS,
        memory=OFFICE_MEMORY,
        hide=[*secret_folders(), str(settings.BASE_DIR)],
    )
    made = (folder / "out" / source.name).with_suffix(".pdf")
    return _checked(made)


def to_picture(source: Path, content_type: str, folder: Path) -> Path:
    """A small JPEG of a PDF's first page or of a picture. NotRendered."""
    made = folder / "small.jpg"
    kind = "pdf" if content_type == PDF else "picture"
    run_confined(
        [
            *(sys.executable, "-I", str(Path(__file__).with_name("drawing.py"))),
            *(kind, str(source), str(made), str(SIDE)),
        ],
        folder,
        seconds=DRAW_SECONDS,
        memory=DRAW_MEMORY,
        hide=secret_folders(),
    )
    return _checked(made)


def to_pages(source: Path, folder: Path, first: int, last: int) -> Path:
    """Pages of a PDF as pictures, in a folder that is made for them; see drawing.py.

    NotRendered when something stopped it; the pages before that are in the folder.
    """
    folder.mkdir()
    run_confined(
        [
            *(sys.executable, "-I", str(Path(__file__).with_name("drawing.py"))),
            *("pages", str(source), str(folder), str(first), str(last)),
        ],
        folder,
        seconds=PAGES_SECONDS,
        memory=DRAW_MEMORY,
        hide=secret_folders(),
    )
    return folder


def run_confined(
    command: list[str], folder: Path, *, seconds: int, memory: int, hide: list[str]
) -> None:
    """Run a program under confine.py, with all its children; NotRendered.

    What is to be hidden may hold neither the program nor the folder it works in.
    """
    program = Path(command[0]).resolve()
    hidden = [
        path
        for path in hide
        if not any(p.is_relative_to(path) for p in (program, folder, *_needed(command)))
    ]
    limits = {
        "memory": memory,
        "cpu": seconds,
        "file": MOST_PREVIEW,
        "hide": hidden,
    }
    script = Path(__file__).with_name("confine.py")
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, "-I", str(script), json.dumps(limits), *command],
        cwd=folder,
        env={
            "HOME": str(folder),
            "TMPDIR": str(folder),
            "PATH": os.environ.get("PATH", os.defpath),
            "LANG": "C.UTF-8",
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        code = process.wait(seconds)
    except subprocess.TimeoutExpired as error:
        raise NotRendered("too_slow") from error
    finally:
        _end(process)
    if code in (-signal.SIGXCPU, -signal.SIGKILL):
        raise NotRendered("too_slow")
    if code == -signal.SIGXFSZ:
        raise NotRendered("too_large")
    if code != 0:
        raise NotRendered("unreadable")


def _end(process: "subprocess.Popen[bytes]") -> None:
    """The program and whatever it started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def secret_folders() -> list[str]:
    """Where our data lie, and people's homes."""
    return [str(settings.VAR_DIR), str(settings.MEDIA_ROOT), "/home", "/root"]


def _needed(command: list[str]) -> list[Path]:
    """Paths among a command's words, and the interpreter's own folders."""
    words = [Path(word) for word in command if word.startswith("/")]
    return [*words, Path(sys.prefix), Path(sys.base_prefix)]


def _checked(made: Path) -> Path:
    """What was made, if it is there, whole and not too large."""
    if not made.is_file() or made.stat().st_size == 0:
        raise NotRendered("unreadable")
    if made.stat().st_size >= MOST_PREVIEW:
        raise NotRendered("too_large")
    return made
