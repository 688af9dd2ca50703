"""The documents of a list's cases as one zip with a table of contents.

One folder a case, named as bureaus name them: ``01_GYCT-2021-001_项目_单位/``,
its papers numbered inside, and ``目录.xlsx`` at the top with size and SHA-256 of
each, so that the copy can be compared with the system. A file that is withheld (not
scanned yet, infected) or lost is left out, and the table says so in the place of its
path.
"""

import re
import zipfile
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import IO, Any

import xlsxwriter
from django.utils.translation import gettext as _

from attachments.scanning import withheld
from attachments.selectors import documents_for
from attachments.storage import get_storage
from desk.lists.table import Table, case_ids
from desk.requirements import kind_label
from desk.scans import scan_words
from grants.models import Case

CONTENTS = "目录.xlsx"
CHUNK = 1024 * 1024
#: Characters that no file system takes, and path separators.
UNFIT = re.compile(r'[\x00-\x1f\\/:*?"<>|]+')
LONGEST = 40


def write_bundle(table: Table, out: IO[bytes], *, progress: Any = None) -> int:
    """Write the zip; return how many cases it has. Files are read piecewise."""
    lines: list[tuple[Any, ...]] = []
    ids = case_ids(table)
    cases = Case.objects.select_related("organisation", "project", "folder")
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as bundle:
        for number, pk in enumerate(ids, start=1):
            case = cases.get(pk=pk)
            folder = folder_name(number, case, len(ids))
            for path, version in papers_of(table.user, case, folder):
                lines.append(
                    (
                        number,
                        case.code,
                        case.title,
                        packed(bundle, path, version, table.user),
                        version.size,
                        version.sha256,
                        version.uploaded_at,
                    )
                )
            if progress is not None:
                progress(number)
        with bundle.open(CONTENTS, "w") as contents:
            write_contents(contents, lines)
    return len(ids)


def folder_name(number: int, case: Case, many: int) -> str:
    """01_立项编号_项目名称_单位; the application's number before there is an award."""
    project = getattr(case, "project", None)
    code = project.award_no if project else case.code
    digits = max(2, len(str(many)))
    parts = [code, fit(case.title), fit(case.organisation.name)]
    return "_".join([f"{number:0{digits}d}", *parts])


def fit(text: str) -> str:
    """A text as part of a file name: no separators, not too long."""
    return UNFIT.sub(" ", text).strip(" .")[:LONGEST].rstrip(" .")


def papers_of(user: Any, case: Case, folder: str) -> Iterator[tuple[str, Any]]:
    """Path and newest version of each paper that the person may read."""
    if case.folder is None:
        return
    for number, document in enumerate(documents_for(user, case.folder), start=1):
        version = next(iter(document.versions.all()), None)  # the newest
        if version is None:
            continue
        suffix = fit(PurePosixPath(version.name).suffix.lower()[:10])
        name = f"{number:02d}_{fit(kind_label(document.kind, case))}"
        name += f".{suffix}" if suffix else ""
        yield f"{folder}/{name}", version


def packed(bundle: zipfile.ZipFile, path: str, version: Any, user: Any) -> str:
    """Pack a file: its path in the zip, or in words why it is left out."""
    if withheld(version, user):
        return scan_words(version)
    try:
        copy(bundle, path, version)
    except FileNotFoundError:
        return _("The storage has lost this file.")
    return path


def copy(bundle: zipfile.ZipFile, path: str, version: Any) -> None:
    """One stored file into the zip, in pieces."""
    with (
        get_storage().open(
            version.storage_key, version=version.storage_version
        ) as source,
        bundle.open(path, "w", force_zip64=True) as target,
    ):
        while piece := source.read(CHUNK):
            target.write(piece)


def write_contents(out: IO[bytes], lines: list[tuple[Any, ...]]) -> None:
    """目录.xlsx: what lies where, with its digest."""
    book = xlsxwriter.Workbook(
        out,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "remove_timezone": True,
            "default_date_format": "yyyy-mm-dd hh:mm",
        },
    )
    sheet = book.add_worksheet("目录")
    heads = [
        _("No."),
        _("Application number"),
        _("Project name"),
        _("File"),
        _("Bytes"),
        "SHA-256",
        _("Uploaded"),
    ]
    for place, head in enumerate(heads):
        sheet.write_string(0, place, head, book.add_format({"bold": True}))
    for row, line in enumerate(lines, start=1):
        for place, value in enumerate(line):
            sheet.write(row, place, value)
    sheet.set_column(1, 3, 28)
    sheet.set_column(5, 5, 66)
    book.close()
