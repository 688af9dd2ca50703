"""Taking a file that was made in the background: the rights of now, and the record.

A file lies ready for hours. Meanwhile its person may have lost a role, or a virus may
have been found in one of the documents in it. So each file carries what it holds
(``Export.holds``): the streams and programmes, the folders and columns it was cut to,
and the infected versions that were known, and hence left out, when its making began.
"""

from collections.abc import Iterable
from typing import Any

from attachments.models import Folder, ScanState, Version
from attachments.registry import can_read
from attachments.storage import get_storage
from audit.actors import own_stream
from audit.record import record, record_read, record_refusal
from audit.statements import chunks
from desk.bundle_plan import folders_of
from desk.lists.table import LISTS, Table, case_ids, kind_for, may_read_lists
from desk.models import Export
from grants.errors import NotVisible
from grants.models import Case, Round
from grants.permissions import programmes_with
from grants.selectors import cases_visible_to
from organisations.models import User

#: Keys asked for in one query.
MANY = 500
#: What the note of a taking begins with (desk.oversight.readings.READINGS).
NOTES = {
    Export.Kind.LIST: "list",
    Export.Kind.BUNDLE: "papers",
    Export.Kind.DOSSIER: "dossier",
    Export.Kind.CASE: "bundle",
}


# -- what a file holds -----------------------------------------------------------------


def holds_of_table(table: Table) -> dict[str, Any]:
    """Of a list, or of the documents of its cases."""
    cases = case_ids(table)
    columns = [column.key for column in table.columns]
    return _holds(cases, _programmes_of(cases), columns=columns)


def holds_of_case(user: User, case: Case) -> dict[str, Any]:
    """Of the documents of a case: the folders that the person may read."""
    folders = [folder.pk for folder in folders_of(user, case)]
    return _holds([case.pk], [], folders=folders)


def holds_of_streams(streams: Iterable[str], programmes: Iterable[int]) -> dict:
    """Of a dossier: the streams in it, and the programmes whose record they are."""
    streams = list(streams)
    rounds = [int(key) for kind, key in map(_split, streams) if kind == "grants_round"]
    cases = [int(key) for kind, key in map(_split, streams) if kind == "case"]
    found = {*programmes, *_programmes_of(cases)}
    for part in chunks(rounds, MANY):
        found |= set(
            Round.objects.filter(pk__in=part).values_list("programme", flat=True)
        )
    others = [name for name in streams if not name.startswith("case:")]
    return _holds(cases, sorted(found), streams=others)


def _holds(
    cases: list[int],
    programmes: Iterable[int],
    *,
    streams: Iterable[str] = (),
    **more: Any,
) -> dict[str, Any]:
    held = {"cases": sorted(cases), "programmes": sorted(programmes), **more}
    held["streams"] = sorted(streams)
    return held | {"infected": sorted(_infected_in(held))}


# -- the rights ------------------------------------------------------------------------


def take(export: Export) -> None:
    """Let the person take a file: asked anew, and on record, every time.

    NotVisible (recorded) for who has no right any more to all that it holds.
    """
    user = export.user
    if not may_take(export):
        record_refusal(
            "take_export", by=user, target=_target_of(export), code="may_not_take"
        )
        raise NotVisible()
    what = f"{NOTES[Export.Kind(export.kind)]}:{export.pk}"
    record_read(by=user, target=_target_of(export), what=what)


def may_take(export: Export) -> bool:
    """Whether the person still may see everything that a file holds.

    A file of which nobody knows what it holds (made by an earlier release) is not
    given out: it is asked for again.
    """
    user, held = export.user, export.holds
    if not user.is_active or not held or not _sees_all(user, held["cases"]):
        return False
    programmes = set(held["programmes"])
    if export.kind == Export.Kind.DOSSIER:
        return programmes <= set(programmes_with(user, "view_trail"))
    if export.kind == Export.Kind.CASE:
        folders = Folder.objects.filter(pk__in=held["folders"])
        return all(can_read(user, folder) for folder in folders)
    offices = set(programmes_with(user, "view_cases"))
    if not may_read_lists(user) or not programmes <= offices:
        return False
    if export.kind == Export.Kind.BUNDLE:
        return True
    readable = kind_for(user, LISTS[export.list], offices).columns
    return set(held["columns"]) <= {column.key for column in readable}


def _sees_all(user: User, cases: list[int]) -> bool:
    visible = cases_visible_to(user)
    return all(visible.filter(pk__in=p).count() == len(p) for p in chunks(cases, MANY))


def _target_of(export: Export) -> str:
    """Of what the taking is: the case where it is of one, else the list or period."""
    if export.kind == Export.Kind.CASE and export.holds:
        return f"case:{export.holds['cases'][0]}"
    if export.kind == Export.Kind.DOSSIER:
        return export.query.get("code", "audit")
    return f"list:{export.list}"


# -- viruses ---------------------------------------------------------------------------


def is_infected(export: Export) -> bool:
    """Whether a virus was found in what a file may hold, since its making began."""
    if export.kind == Export.Kind.LIST or not export.holds:
        return False
    return bool(_infected_in(export.holds) - set(export.holds["infected"]))


def drop_infected() -> int:
    """Throw away the files that hold an infected version; each is made anew without
    it. How many."""
    made = Export.objects.exclude(finished_at=None).exclude(kind=Export.Kind.LIST)
    if not Version.objects.filter(scan_state=ScanState.INFECTED).exists():
        return 0
    return sum(drop(export) for export in made if is_infected(export))


def drop(export: Export) -> bool:
    """Throw a file away and let it be made anew; False where somebody did already."""
    made = Export.objects.filter(pk=export.pk, storage_key=export.storage_key)
    with record(
        "drop_export",
        by="system:scanner",
        target=_target_of(export),
        stream=own_stream(f"user:{export.user_id}"),
        data={"export": export.pk, "sha256": export.sha256},
    ):
        dropped = made.exclude(finished_at=None).update(
            finished_at=None,
            expires_at=None,
            lease_until=None,
            attempts=0,
            done=0,
            storage_key="",
            sha256="",
            size=0,
            name="",
            holds={},
        )
    if dropped:
        get_storage().delete(export.storage_key)
    return bool(dropped)


def _infected_in(held: dict[str, Any]) -> set[int]:
    """The infected versions among the papers of these cases and streams."""
    names = {f"case:{pk}" for pk in held["cases"]} | set(held["streams"])
    found = Version.objects.filter(scan_state=ScanState.INFECTED)
    return {pk for pk, stream in found.values_list("pk", "stream") if stream in names}


# -- small things ----------------------------------------------------------------------


def _programmes_of(cases: list[int]) -> list[int]:
    found: set[int] = set()
    for part in chunks(cases, MANY):
        rows = Case.objects.filter(pk__in=part).order_by()
        found |= set(rows.values_list("round__programme", flat=True).distinct())
    return sorted(found)


def _split(stream: str) -> tuple[str, str]:
    kind, _colon, key = stream.partition(":")
    return kind, key
