"""``manage.py verify_audit [--case CODE] [--since CHECKPOINT] [--documents] [--json]``.

An interrupted run that was given ``--resume FILE`` goes on where it was when the same
command is given again; how far the stored files are read stands in FILE.documents.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.findings import Finding, Reach, Report
from audit.models import Event
from audit.scratch import OtherRun
from audit.verify import silent, verify

MEANING = {
    "anchor_differs": gettext_lazy("event is not the one that a checkpoint saw"),
    "born_twice": gettext_lazy("row born twice"),
    "case_unknown": gettext_lazy("no event tells of this case"),
    "chain_broken": gettext_lazy("event does not follow the one before it"),
    "changed_unborn": gettext_lazy("row changed that was never born"),
    "checkpoint_altered": gettext_lazy("checkpoint altered"),
    "checkpoint_broken": gettext_lazy("checkpoint does not follow the one before it"),
    "checkpoint_differs": gettext_lazy("checkpoint differs from its archived file"),
    "checkpoint_file": gettext_lazy("archived file of a checkpoint altered"),
    "checkpoint_key_unknown": gettext_lazy("checkpoint signed with an unknown key"),
    "checkpoint_missing": gettext_lazy("checkpoint missing"),
    "checkpoint_root": gettext_lazy("checkpoint does not follow from its heads"),
    "columns_changed": gettext_lazy("columns changed outside a migration"),
    "disclosure_altered": gettext_lazy("personal value altered"),
    "disclosure_inserted": gettext_lazy("personal value that no event tells of"),
    "disclosure_missing": gettext_lazy("personal value missing, never erased"),
    "document_altered": gettext_lazy("stored file is not the one that was filed"),
    "document_missing": gettext_lazy("stored file missing"),
    "document_surplus": gettext_lazy("stored file that no document goes by"),
    "documents_unread": gettext_lazy("stored files not read to the end"),
    "event_altered": gettext_lazy("event altered"),
    "event_missing": gettext_lazy("event missing"),
    "event_moved": gettext_lazy("event moved"),
    "head_altered": gettext_lazy("head altered: its seal does not fit"),
    "head_differs": gettext_lazy("head and events differ"),
    "head_missing": gettext_lazy("head missing"),
    "history_changed": gettext_lazy("history row altered"),
    "history_inserted": gettext_lazy("history row without an event"),
    "history_missing": gettext_lazy("history row missing"),
    "journal_left": gettext_lazy("change noted but told by no event"),
    "record_unreadable": gettext_lazy("table not read to its end"),
    "row_changed": gettext_lazy("row changed outside the record"),
    "row_deleted": gettext_lazy("row deleted outside the record"),
    "row_inserted": gettext_lazy("row inserted outside the record"),
    "row_unreadable": gettext_lazy("row that cannot be read"),
    "stamp_altered": gettext_lazy("time stamp does not fit its checkpoint"),
    "stamp_differs": gettext_lazy("time stamp differs from its archived file"),
    "stamp_missing": gettext_lazy("time stamp missing"),
    "stream_removed": gettext_lazy("stream removed"),
    "stream_unborn": gettext_lazy("stream that no register knows"),
    "table_missing": gettext_lazy("table missing"),
    "table_unaudited": gettext_lazy("table left the record without a migration"),
    "trigger_altered": gettext_lazy("trigger altered or disabled"),
    "trigger_missing": gettext_lazy("trigger missing"),
}

#: What was counted; --json has the names on the left.
COUNTED = {
    "bytes": gettext_lazy("bytes of files"),
    "checkpoints": gettext_lazy("checkpoints"),
    "disclosures": gettext_lazy("personal values"),
    "documents": gettext_lazy("stored files"),
    "erased": gettext_lazy("values erased"),
    "events": gettext_lazy("events"),
    "history": gettext_lazy("rows of histories"),
    "history_not_compared": gettext_lazy("rows of histories not compared"),
    "roots": gettext_lazy("roots"),
    "rows": gettext_lazy("rows"),
    "rows_not_compared": gettext_lazy("rows not compared"),
    "stamps": gettext_lazy("time stamps"),
    "streams": gettext_lazy("streams"),
    "triggers": gettext_lazy("triggers"),
}


class Command(BaseCommand):
    help = "Verify the record: exit code 0 and counts, or 1 and what does not fit."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--case", metavar="CODE", help="one case only")
        parser.add_argument("--json", action="store_true", help="for a program")
        parser.add_argument(
            "--since",
            metavar="CHECKPOINT",
            type=int,
            help="trust this checkpoint; read only what changed after it",
        )
        parser.add_argument(
            "--documents",
            action="store_true",
            help="read every stored file, too, and compare its size and SHA-256",
        )
        parser.add_argument(
            "--resume",
            metavar="FILE",
            type=Path,
            help="keep the work in this file, and go on from it after an interruption",
        )
        parser.add_argument(
            "--progress",
            action="store_true",
            help="say how far it is, on the standard error (a terminal is always told)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        told = options["progress"] or self.stderr.isatty()
        try:
            report = verify(
                options["case"],
                options["since"],
                options["resume"],
                self._progress if told else silent,
            )
            if options["documents"]:
                self._documents(report, options, told)
        except OtherRun:
            raise CommandError(
                _("%(path)s is not the file of a run over the same.")
                % {"path": options["resume"]}
            )
        except OSError as error:
            raise CommandError(
                _("The archive of checkpoints cannot be read: %(error)s")
                % {"error": error}
            )
        if options["json"]:
            self.stdout.write(
                json.dumps(report.as_json(), ensure_ascii=False, default=str)
            )
        else:
            self._tell(report)
        if report.findings:
            sys.exit(1)

    def _documents(self, report: Report, options: Any, told: bool) -> None:
        """Read the stored files; of a case, those in its streams."""
        streams, kept = None, options["resume"]
        if options["case"] is not None:
            found = Event.objects.filter(target=options["case"])
            of_cases = found.filter(stream__startswith="case:")
            streams = set(of_cases.values_list("stream", flat=True))
        if kept is not None:
            kept = kept.with_name(f"{kept.name}.documents")
        read = import_string(settings.AUDIT_DOCUMENTS)
        try:
            read(report, streams, kept, self._progress if told else silent)
        except OSError as error:  # what was found in the record is told all the same
            report.add("documents_unread", "documents", "", note=str(error))

    def _progress(self, what: str, done: int, total: int) -> None:
        phases = {"events": _("Events read"), "tables": _("Tables compared")}
        phases["documents"] = _("Files read")
        self.stderr.write(f"{phases[what]}: {done} / {total}", self.style.NOTICE)

    def _tell(self, report: Report) -> None:
        for finding in report.findings:
            self.stdout.write(self.style.ERROR(_sentence(finding)))
        counts = ", ".join(
            f"{COUNTED.get(k, k)}: {v}" for k, v in sorted(report.counts.items())
        )
        if report.findings:
            told = _("%(count)d findings (%(counts)s)")
        else:
            told = _("The record verifies (%(counts)s)")
        self.stdout.write(told % {"count": len(report.findings), "counts": counts})
        for sentence in (*_reach(report.reach), *_left_out(report)):
            self.stdout.write(sentence)


def _reach(reach: Reach) -> Iterator[str]:
    """How far checkpoints protect what was read."""
    if not reach.number:
        yield _("No checkpoint protects the ends of streams, nor whole streams.")
        return
    told = _(
        "Covered up to checkpoint %(number)d of %(at)s; events after it: %(after)d"
    )
    yield told % {"number": reach.number, "at": reach.at, "after": reach.after}
    if reach.signature != "checked":
        yield _("Its signature was not checked: CHECKPOINT_PUBLIC_KEYS is not set.")
    if reach.stamped:
        told = _("Stamped by a third party up to checkpoint %(number)d, at %(at)s")
        yield told % {"number": reach.stamped, "at": reach.stamped_at}
        if reach.stamps != "checked":
            yield _("Its signature was not checked: TIMESTAMP_CERTIFICATES is not set.")
    if reach.since is not None:
        told = _("What checkpoint %(number)d covers was trusted and not read again.")
        yield told % {"number": reach.since}
    if reach.unarchived:
        told = _("Checkpoints that the archive does not hold: %(count)d")
        yield told % {"count": reach.unarchived}


def _left_out(report: Report) -> Iterator[str]:
    """Which rows a run with --since says nothing about."""
    rows = report.counts["rows_not_compared"]
    if rows or report.counts["history_not_compared"]:
        yield _(
            "Not compared, as their streams did not change since: rows: %(rows)d, of "
            "histories: %(history)d. Whether somebody changed one of them with SQL is "
            "told by a run without --since."
        ) % {"rows": rows, "history": report.counts["history_not_compared"]}


def _sentence(finding: Finding) -> str:
    place = " ".join(str(p) for p in (finding.table, finding.key, finding.field) if p)
    text = f"{MEANING[finding.kind]}: {place}"
    if finding.old != "" or finding.new != "":
        text += f": {finding.old} → {finding.new}"
    return f"{text} ({finding.note})" if finding.note else text
