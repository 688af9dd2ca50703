"""``manage.py verify_audit [--case CODE] [--json]``."""

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.findings import Finding, Report
from audit.verify import verify

MEANING = {
    "born_twice": gettext_lazy("row born twice"),
    "case_unknown": gettext_lazy("no event tells of this case"),
    "chain_broken": gettext_lazy("event does not follow the one before it"),
    "changed_unborn": gettext_lazy("row changed that was never born"),
    "columns_changed": gettext_lazy("columns changed outside a migration"),
    "disclosure_altered": gettext_lazy("personal value altered"),
    "disclosure_missing": gettext_lazy("personal value missing, never erased"),
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
    "row_changed": gettext_lazy("row changed outside the record"),
    "row_deleted": gettext_lazy("row deleted outside the record"),
    "row_inserted": gettext_lazy("row inserted outside the record"),
    "stream_removed": gettext_lazy("stream removed"),
    "stream_unborn": gettext_lazy("stream that no register knows"),
    "table_missing": gettext_lazy("table missing"),
    "table_unaudited": gettext_lazy("table left the record without a migration"),
    "trigger_altered": gettext_lazy("trigger altered or disabled"),
    "trigger_missing": gettext_lazy("trigger missing"),
}


class Command(BaseCommand):
    help = "Verify the record: exit code 0 and counts, or 1 and what does not fit."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--case", metavar="CODE", help="one case only")
        parser.add_argument("--json", action="store_true", help="for a program")

    def handle(self, *args: Any, **options: Any) -> None:
        report = verify(options["case"])
        if options["json"]:
            self.stdout.write(
                json.dumps(report.as_json(), ensure_ascii=False, default=str)
            )
        else:
            self._tell(report)
        if report.findings:
            sys.exit(1)

    def _tell(self, report: Report) -> None:
        for finding in report.findings:
            self.stdout.write(self.style.ERROR(_sentence(finding)))
        counts = ", ".join(f"{k}: {v}" for k, v in sorted(report.counts.items()))
        if report.findings:
            told = _("%(count)d findings (%(counts)s)")
        else:
            told = _("The record verifies (%(counts)s)")
        self.stdout.write(told % {"count": len(report.findings), "counts": counts})


def _sentence(finding: Finding) -> str:
    place = " ".join(str(p) for p in (finding.table, finding.key, finding.field) if p)
    text = f"{MEANING[finding.kind]}: {place}"
    if finding.old != "" or finding.new != "":
        text += f": {finding.old} → {finding.new}"
    return f"{text} ({finding.note})" if finding.note else text
