"""The documents of a case, or of one of its stages, as one zip with a manifest.

A job like lists and dossiers (desk/exports.py): asked for by whoever sees the case,
made in the background with the rights of that moment. Each file is read piecewise
and its digest computed on the way, so that the manifest says of each whether it is
still what was filed. Manifest twice: JSON for programs, CSV for people.
"""

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO, Any

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from attachments.filetypes import CSV, TEXT
from attachments.scanning import INFECTED, WAITING
from attachments.storage import get_storage
from audit.actors import actor_of, own_stream
from audit.record import record
from desk.bundle_plan import Asked, Entry, entries_for, root_of
from desk.lists.bundles import fit
from desk.models import Export
from grants.errors import Invalid, NotVisible
from grants.models import Case
from grants.paper_rules import PaperStage
from grants.rules import in_language
from grants.selectors import cases_visible_to
from organisations.models import User

CHUNK = 1024 * 1024
#: Pieces of a file between two signs of life.
TICK = 64
LOST, DAMAGED = "lost", "damaged"
#: Everything else is packed already, or nearly.
DEFLATED = (TEXT, CSV)
#: A cell that begins so is a formula to a spreadsheet.
FORMULA = ("=", "+", "-", "@", "\t", "\r")
Progress = Callable[[int], None]


@dataclass
class Made:
    """What a bundle holds."""

    files: int = 0
    left_out: int = 0
    damaged: int = 0


# -- asking --------------------------------------------------------------------------


def case_for(user: User, code: str) -> Case:
    """The case, if this person may see it now; NotVisible otherwise."""
    found = cases_visible_to(user).filter(code=code)
    case = found.select_related(
        "round__programme", "rules", "organisation", "folder"
    ).first()
    if case is None or not user.is_active:
        raise NotVisible()
    return case


def ask_bundle(user: User, asked: Asked) -> Export:
    """Ask for a bundle; the asking is an event. What is in the making is not made
    twice.

    NotVisible, or Invalid ("stage") where there is no file to bundle.
    """
    case = case_for(user, asked.code)
    entries = entries_for(user, case, asked)
    if not entries:
        raise Invalid({"stage": [_("There are no files in it.")]})
    given = {"user": user, "kind": Export.Kind.CASE, "query": asked.as_query()}
    open_ = Export.objects.filter(**given, finished_at=None, failed_at=None).first()
    if open_ is not None:
        return open_
    with record(
        "ask_bundle",
        by=user,
        target=case.code,
        stream=own_stream(actor_of(user)),
        data={"stage": asked.stage, "earlier": asked.earlier},
    ):
        pass
    return Export.objects.create(
        **given,
        list="case",
        language=translation.get_language() or settings.LANGUAGE_CODE,
        total=len(entries),
    )


def title_of(export: Export) -> str:
    """What an asked-for bundle is called on the page: number and stage."""
    stage = export.query.get("stage")
    code = export.query.get("code", "")
    return f"{code} · {PaperStage(stage).label}" if stage else code


# -- making --------------------------------------------------------------------------


def make_bundle(export: Export, out: IO[bytes], progress: Progress) -> tuple[int, str]:
    """Write the zip of a job: how many versions it looked at, and its name.

    NotVisible when the person may not see the case any more. Its digest and its
    counts are an event in the stream of who asked.
    """
    asked = Asked(**export.query)
    case = case_for(export.user, asked.code)
    entries = entries_for(export.user, case, asked)
    made = write_case_bundle(case, asked, entries, out, progress=progress)
    with record(
        "export",
        by=export.user,
        target=case.code,
        stream=own_stream(actor_of(export.user)),
        data={
            "kind": Export.Kind.CASE.value,
            "stage": asked.stage,
            "sha256": digest_of(out),
            "documents": made.files,
            "left_out": made.left_out,
            "damaged": made.damaged,
        },
    ):
        pass
    return len(entries), name_of(case, asked)


def name_of(case: Case, asked: Asked) -> str:
    """GYCT-2026-CITY-0001_申报_材料_2026-11-23.zip"""
    parts = [case.code]
    parts += [fit(str(PaperStage(asked.stage).label))] if asked.stage else []
    parts += [_("Documents"), f"{timezone.localdate():%Y-%m-%d}"]
    return f"{'_'.join(parts)}.zip"


def digest_of(file: IO[bytes]) -> str:
    file.seek(0)
    digest = hashlib.sha256()
    while piece := file.read(CHUNK):
        digest.update(piece)
    return digest.hexdigest()


def write_case_bundle(
    case: Case,
    asked: Asked,
    entries: list[Entry],
    out: IO[bytes],
    *,
    progress: Progress = lambda done: None,
) -> Made:
    """Write the zip, in bounded memory; the language is active already."""
    made, rows = Made(), []
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED, allowZip64=True) as bundle:
        for number, entry in enumerate(entries, start=1):
            state = entry.left_out or copy(
                bundle, entry, lambda done=number - 1: progress(done)
            )
            if state in (WAITING, INFECTED, LOST):
                made.left_out += 1
            else:
                made.files += 1
                made.damaged += state == DAMAGED
            rows.append(row_of(entry, state))
            progress(number)
        about = {
            "v": 1,
            "kind": "bundle",
            "case": case.code,
            "title": case.title,
            "organisation": str(case.organisation),
            "stage": asked.stage,
            "versions": "all" if asked.earlier else "newest",
            "made_at": timezone.now().isoformat(timespec="seconds"),
            "files": made.files,
            "left_out": made.left_out,
            "damaged": made.damaged,
        }
        root = root_of(case)
        text = json.dumps(about | {"rows": rows}, ensure_ascii=False, indent=1)
        deflated = zipfile.ZIP_DEFLATED
        bundle.writestr(f"{root}/manifest.json", text, deflated)
        bundle.writestr(f"{root}/manifest.csv", csv_of(rows), deflated)
    return made


def copy(bundle: zipfile.ZipFile, entry: Entry, tick: Callable[[], None]) -> str:
    """One stored file into the zip: "" when it is what was filed, LOST or DAMAGED."""
    version = entry.version
    try:
        source = get_storage().open(
            version.storage_key, version=version.storage_version
        )
    except FileNotFoundError:
        return LOST
    at = timezone.localtime(version.uploaded_at)
    info = zipfile.ZipInfo(entry.path, at.timetuple()[:6])
    packed = version.content_type in DEFLATED
    info.compress_type = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
    digest, pieces = hashlib.sha256(), 0
    with source, bundle.open(info, "w", force_zip64=True) as target:
        while piece := source.read(CHUNK):
            digest.update(piece)
            target.write(piece)
            pieces += 1
            if pieces % TICK == 0:
                tick()
    return "" if digest.hexdigest() == version.sha256 else DAMAGED


# -- the manifest --------------------------------------------------------------------


def row_of(entry: Entry, state: str) -> dict[str, Any]:
    """What the manifest says of one version."""
    version = entry.version
    return {
        "path": "" if state in (WAITING, INFECTED, LOST) else entry.path,
        "document": entry.document.pk,
        "title": entry.document.title,
        "kind": entry.document.kind,
        "kind_label": entry.label,
        "stage": entry.stage,
        "version": version.number,
        "versions": entry.versions,
        "size": version.size,
        "sha256": version.sha256,
        "content_type": version.content_type,
        "uploaded_at": version.uploaded_at.isoformat(timespec="seconds"),
        "uploader_role": entry.role,
        "requirements": [
            {"code": row.code, "title": in_language({"zh": row.zh, "en": row.en})}
            for row in entry.requirements
        ],
        "state": state or "intact",
    }


def state_words(state: str) -> str:
    return {
        "intact": _("as it was filed"),
        WAITING: _("left out: waits for the virus scan"),
        INFECTED: _("left out: a virus was found"),
        LOST: _("left out: the storage has lost it"),
        DAMAGED: _("differs from what was filed"),
    }[state]


def csv_of(rows: list[dict[str, Any]]) -> str:
    """The manifest as a table that spreadsheets open; no cell is a formula."""
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow(
        [
            _("File"),
            _("Title"),
            _("Kind"),
            _("Version"),
            _("Bytes"),
            "SHA-256",
            _("Uploaded"),
            _("Uploaded by (role)"),
            _("Requirement"),
            _("Status"),
        ]
    )
    for row in rows:
        cells = [
            row["path"],
            row["title"],
            row["kind_label"],
            f"{row['version']} / {row['versions']}",
            str(row["size"]),
            row["sha256"],
            row["uploaded_at"],
            row["uploader_role"],
            "; ".join(each["title"] for each in row["requirements"]),
            state_words(row["state"]),
        ]
        table.writerow([f"'{c}" if c.startswith(FORMULA) else c for c in cells])
    return "\ufeff" + out.getvalue()
