"""Files made in the background: spreadsheets of long lists, bundles of documents,
dossiers.

A row is the job (docs/decisions/0006-sweeps.md): ``ask`` writes it, ``sweep``
claims it by one UPDATE with a lease and makes the file; a worker killed in the
middle leaves a lease that runs out, and the file is made anew. What a person may
see is asked again when the file is made, with the rights of that moment.
"""

import logging
import tempfile
from collections.abc import Callable
from datetime import timedelta
from typing import IO, Any, cast

from django.conf import settings
from django.db.models import F, Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from attachments.storage import get_storage, new_key
from audit.actors import actor_of, own_stream
from audit.record import record
from desk.case_bundles import case_for, make_bundle
from desk.dossier_cover import ask_checkpoint, waits_for_one
from desk.dossier_period import Period, chosen, period_subject
from desk.dossier_subject import Subject, subject_for
from desk.dossiers import note_cases, note_dossier, write_dossier
from desk.lists.bundles import write_bundle
from desk.lists.table import LISTS, Table, may_read_lists, table_for
from desk.lists.xlsx import write_xlsx
from desk.models import Export
from desk.signs_of_life import Held, Watched
from desk.taking import (
    drop_infected,
    holds_of_case,
    holds_of_streams,
    holds_of_table,
)
from organisations.models import User

logger = logging.getLogger(__name__)

LEASE = timedelta(minutes=5)
KEPT = timedelta(hours=20)
MAX_ATTEMPTS = 3
#: Rows up to which a spreadsheet is made at once, while the person waits.
AT_ONCE = 2000
#: Steps between two notes of the progress.
NOTE_EVERY = 20
#: Kinds whose steps take long enough to note each.
STEPWISE = (Export.Kind.DOSSIER, Export.Kind.CASE)

MAKERS: dict[str, tuple[str, Callable[..., int]]] = {
    Export.Kind.LIST: ("xlsx", write_xlsx),
    Export.Kind.BUNDLE: ("zip", write_bundle),
}


def ask(user: User, kind: str, table: Table, query: dict[str, Any]) -> Export:
    """Ask for a file of a list; the asking is an event of the asker."""
    total = table.count()
    note_export(user, table.kind.code, kind, total)
    return Export.objects.create(
        user=user,
        kind=kind,
        list=table.kind.code,
        query=query,
        language=translation.get_language() or settings.LANGUAGE_CODE,
        total=total,
    )


def ask_dossier(user: User, kind: str, code: str) -> Export:
    """Ask for the dossier of a case or a round; the asking is an event, too.

    NotVisible, or NotYours for who is neither auditor nor inspector.
    """
    subject = subject_for(user, kind, code)
    total = subject.steps()
    note_cases(subject, by=user)
    with record(
        "ask_dossier",
        by=user,
        target=code,
        stream=own_stream(actor_of(user)),
        data={"kind": kind},
    ):
        pass
    export = Export.objects.create(
        user=user,
        kind=Export.Kind.DOSSIER,
        list=kind,
        query={"code": code},
        language=translation.get_language() or settings.LANGUAGE_CODE,
        total=total,
    )
    ask_checkpoint()
    return export


def ask_period(user: User, period: Period) -> Export:
    """The same for a period, which the form has found to be neither empty nor too
    large: what it holds is looked up when the file is made."""
    query = period.query
    with record(
        "ask_dossier",
        by=user,
        target="audit",
        stream=own_stream(actor_of(user)),
        data={"kind": "period"} | query,
    ):
        pass
    streams = period.events(user).order_by().values("stream").distinct().count()
    export = Export.objects.create(
        user=user,
        kind=Export.Kind.DOSSIER,
        list="period",
        query=query,
        language=translation.get_language() or settings.LANGUAGE_CODE,
        total=streams,
    )
    ask_checkpoint()
    return export


def subject_of(export: Export) -> Subject:
    """What a dossier is of, with the rights that the person has now."""
    if export.list == "period":
        return period_subject(export.user, export.query)
    return subject_for(export.user, export.list, export.query["code"])


def note_export(user: User, code: str, kind: str, rows: int) -> None:
    """An export is on record, in the stream of whoever took it."""
    with record(
        "export",
        by=user,
        target=f"list:{code}",
        stream=own_stream(actor_of(user)),
        data={"kind": str(kind), "rows": rows},
    ):
        pass


def file_name(table: Table, extension: str) -> str:
    """项目台账_2026-11-23.xlsx"""
    return f"{table.kind.title}_{timezone.localdate():%Y-%m-%d}.{extension}"


def sweep(limit: int = 5) -> int:
    """Make what was asked for, at most ``limit`` files; throw away what expired, and
    what holds a file in which a virus was found."""
    expire()
    drop_infected()
    made = 0
    for _turn in range(limit):
        export = claim()
        if export is None:
            break
        made += make(export)
    return made


def claim() -> Export | None:
    """Take the oldest open job that no living worker holds, and that does not wait
    for a checkpoint."""
    now = timezone.now()
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    waiting = Export.objects.filter(free, finished_at=None, failed_at=None)
    since = waits_for_one(now)
    if since is not None:
        waiting = waiting.exclude(kind=Export.Kind.DOSSIER, created_at__gt=since)
    for pk in waiting.order_by("pk").values_list("pk", flat=True)[:10]:
        claimed = waiting.filter(pk=pk).update(
            lease_until=now + LEASE, attempts=F("attempts") + 1, done=0
        )
        if claimed:
            return Export.objects.select_related("user").get(pk=pk)
    return None


def make(export: Export) -> bool:
    """Make one file; False when it failed, which the row then says, or when another
    worker took the job meanwhile."""
    held = Held(export, LEASE)
    every = 1 if export.kind in STEPWISE else NOTE_EVERY

    def note(done: int) -> None:
        if done % every == 0:
            held.note(done=done)

    try:
        with (
            translation.override(export.language),
            tempfile.TemporaryFile() as plain,
        ):
            file = cast("IO[bytes]", Watched(plain, held))
            done, name = write(export, file, note)
            key, size, digest = store(file)
    except Exception:
        logger.exception("export %s failed", export.pk)
        failed = timezone.now() if export.attempts >= MAX_ATTEMPTS else None
        held.row.update(failed_at=failed, lease_until=timezone.now())
        return False
    now = timezone.now()
    mine = held.row.update(
        done=done,
        total=done,
        finished_at=now,
        expires_at=now + KEPT,
        storage_key=key,
        size=size,
        sha256=digest,
        name=name,
        holds=export.holds,
        lease_until=None,
    )
    if not mine:
        logger.warning("export %s was made by another worker too", export.pk)
        get_storage().delete(key)
    return bool(mine)


def write(
    export: Export, file: IO[bytes], note: Callable[[int], None]
) -> tuple[int, str]:
    """Write what was asked for; how many steps it took, and its name.

    What it holds is noted in ``export.holds``, for whoever takes it later.
    """
    if export.kind == Export.Kind.DOSSIER:
        subject = subject_of(export)
        period = export.query["programme"] if export.list == "period" else None
        programmes = [] if period is None else chosen(export.user, period)
        streams = [name for name, _code, _facts in subject.streams]
        export.holds = holds_of_streams(streams, programmes)
        made = write_dossier(
            subject, file, by=export.user, language=export.language, progress=note
        )
        note_dossier(subject, made, by=export.user)
        return subject.steps(), dossier_name(subject.code)
    if export.kind == Export.Kind.CASE:
        case = case_for(export.user, export.query["code"])
        export.holds = holds_of_case(export.user, case)
        return make_bundle(export, file, note)
    extension, write_table = MAKERS[export.kind]
    table = allowed_table(export)
    export.holds = holds_of_table(table)
    done = write_table(table, file, progress=note)
    after = holds_of_table(table)  # a case may have come meanwhile
    for name in ("cases", "programmes"):
        export.holds[name] = sorted({*export.holds[name], *after[name]})
    return done, file_name(table, extension)


def dossier_name(code: str) -> str:
    """GYCT-2026-CITY-00001_存证包_2026-11-23.zip"""
    word = _("Dossier")
    return f"{code}_{word}_{timezone.localdate():%Y-%m-%d}.zip"


def allowed_table(export: Export) -> Table:
    """The list with the rights that the person has now."""
    user = export.user
    if not user.is_active or not may_read_lists(user):
        raise PermissionError("the person may read no lists any more")
    asked = {name: value for name, value in export.query.items() if name != "unit"}
    return table_for(user, LISTS[export.list], asked)[0]


def store(file: IO[bytes]) -> tuple[str, int, str]:
    """Put a file into the storage: key, bytes, SHA-256."""
    file.seek(0)
    key = new_key("export")
    stored = get_storage().put(key, file)
    return key, stored.size, stored.sha256


def expire() -> int:
    """Throw away files whose time is over; the row goes with them."""
    over = Export.objects.filter(expires_at__lt=timezone.now())
    gone = 0
    for export in over[:50]:
        get_storage().delete(export.storage_key)
        export.delete()
        gone += 1
    return gone
