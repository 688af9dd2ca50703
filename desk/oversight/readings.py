"""What was read, and what was searched for, in words."""

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.timezone import get_current_timezone
from django.utils.translation import gettext_lazy

from attachments.models import Version
from attachments.services import DOWNLOAD, PREVIEW
from audit.models import Event
from audit.record import READ
from grants.models import Case

#: What was read, by the first word of the note.
READINGS: dict[str, Any] = {
    "as_of": gettext_lazy("The case as of a moment"),
    "version": gettext_lazy("Document opened"),
    "bundle": gettext_lazy("Documents of the case taken as one zip"),
    "list": gettext_lazy("List taken as a file"),
    "papers": gettext_lazy("Documents of a list taken as one zip"),
    "dossier": gettext_lazy("Dossier taken"),
    "preview": gettext_lazy("Document looked at in a page"),
    "search": gettext_lazy("Search over the record"),
    "signals": gettext_lazy("Signals"),
    "readers": gettext_lazy("Who read the case"),
    "overview": gettext_lazy("Overview"),
    "form": gettext_lazy("Application form"),
    "documents": gettext_lazy("Documents"),
    "findings": gettext_lazy("Audit findings"),
    "interventions": gettext_lazy("Interventions in cases"),
    "reviews": gettext_lazy("Reviews"),
    "objections": gettext_lazy("Objections"),
    "money": gettext_lazy("Money"),
    "tracking": gettext_lazy("Tracking"),
    "ledger": gettext_lazy("Ledger"),
    "timeline": gettext_lazy("Timeline"),
    "diagram": gettext_lazy("Diagram"),
    "api": gettext_lazy("Through the API"),
    "page": gettext_lazy("Page"),
}


def versions_named(readings: Iterable[str]) -> dict[str, str]:
    """The names of the files that readings tell of, by the reading: one query."""
    keys = {
        what: int(key)
        for what in readings
        for kind, _colon, key in [what.partition(":")]
        if kind in (DOWNLOAD, PREVIEW) and key.isdecimal()
    }
    found = Version.objects.in_bulk(set(keys.values())) if keys else {}
    return {what: found[pk].name for what, pk in keys.items() if pk in found}


def read_words(what: str, files: Mapping[str, str] = MappingProxyType({})) -> str:
    """What was read, in words: a tab, a document, the case as of a moment.

    files: names of the files among what was read (``versions_named``).
    """
    kind, _colon, rest = what.partition(":")
    label = str(READINGS.get(kind, kind))
    if kind == "as_of":
        at = dt.datetime.fromisoformat(rest).astimezone(get_current_timezone())
        return f"{label}: {at:%Y-%m-%d %H:%M}"
    if what in files:
        return f"{label}: {files[what]}"
    return f"{label} {rest}" if kind == "page" else label


def asked_words(query: str) -> str:
    """What was asked, as it is kept with the reading: canonical JSON of the fields."""
    given = {k: v for k, v in QueryDict(query).items() if v and k != "before"}
    return json.dumps(given, sort_keys=True, ensure_ascii=False)


def readings_of(case: Case) -> QuerySet[Event]:
    """Who read what of a case and its papers, the newest first."""
    verbs = (READ, "export_paper", "refused:open_version")
    targets = (case.code, f"case:{case.pk}")
    return Event.objects.filter(target__in=targets, verb__in=verbs).order_by("-pk")
