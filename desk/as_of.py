"""The page "as of": a case at a moment beside today, in sections of words."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth import get_user_model
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.asof import Row, Rows
from desk.record_words import Words, field_label, shown_columns, table_label
from desk.wording import role_label
from grants.as_of import CaseAsOf, case_as_of
from grants.models import Case

#: Sections of the page: title, and the tables whose rows stand in it.
SECTIONS: tuple[tuple[str, Any, tuple[str, ...]], ...] = (
    (
        "case",
        gettext_lazy("Case"),
        ("grants_case", "grants_hold", "grants_reopening", "grants_finding"),
    ),
    (
        "application",
        gettext_lazy("Application"),
        (
            "grants_application",
            "grants_budgetline",
            "grants_indicator",
            "grants_activity",
            "grants_teammember",
            "grants_partner",
            "grants_otherfunding",
            "grants_similarproject",
            "grants_submittedform",
            "grants_eligibilitycheck",
        ),
    ),
    (
        "review",
        gettext_lazy("Review"),
        (
            "grants_panel",
            "grants_seat",
            "grants_recusal",
            "grants_review",
            "grants_score",
            "grants_defencenote",
        ),
    ),
    (
        "decision",
        gettext_lazy("Decision and notice"),
        (
            "grants_decision",
            "grants_decisionline",
            "grants_notice",
            "grants_objection",
        ),
    ),
    (
        "project",
        gettext_lazy("Project and agreement"),
        (
            "grants_project",
            "grants_agreement",
            "grants_changerequest",
            "grants_termination",
            "grants_exclusionlift",
        ),
    ),
    (
        "money",
        gettext_lazy("Money"),
        (
            "grants_tranche",
            "grants_paymentbatch",
            "grants_auditreport",
            "grants_refund",
            "grants_repayment",
            "grants_closure",
        ),
    ),
    (
        "tracking",
        gettext_lazy("Tracking"),
        (
            "grants_stage",
            "grants_stagescore",
            "grants_indicatorresult",
            "grants_visit",
            "grants_visitpicture",
            "grants_servicerecord",
            "grants_servicepicture",
            "grants_expense",
        ),
    ),
    (
        "documents",
        gettext_lazy("Documents"),
        ("attachments_document", "attachments_version", "grants_paperdates"),
    ),
    ("tasks", gettext_lazy("Open tasks"), ("workflows_workitem",)),
    ("round", gettext_lazy("Round"), ("grants_round",)),
    (
        "organisation",
        gettext_lazy("Organisation and its members"),
        (
            "organisations_organisation",
            "organisations_organisationprofile",
            "organisations_membership",
        ),
    ),
    ("covers", gettext_lazy("Leave cover"), ("grants_cover",)),
)
#: Tables of a case that no section shows: the engine's, and mere links.
NOT_SHOWN = frozenset(
    {
        "workflows_process",
        "workflows_task",
        "attachments_folder",
        "grants_notice_cases",
    }
)
SAME, CHANGED, NEW, GONE = "same", "changed", "new", "gone"


@dataclass(frozen=True)
class Fact:
    """One field of a row: its words then and today. `differs`: where both stand."""

    label: str
    then: str
    now: str
    differs: bool


@dataclass(frozen=True)
class Record:
    """One row, then and today. `state`: same, changed, new since then, gone since."""

    kind: str
    title: str
    state: str
    facts: list[Fact]


@dataclass
class Section:
    """A part of the page; `differences` counts rows that are not the same."""

    name: str
    title: Any
    records: list[Record] = field(default_factory=list)

    @property
    def differences(self) -> int:
        return sum(record.state != SAME for record in self.records)


@dataclass(frozen=True)
class Holding:
    """Who holds a role, then and today."""

    who: str
    role: str
    then: bool
    now: bool


@dataclass(frozen=True)
class Page:
    """The case at a moment beside today, ready to be shown."""

    at: dt.datetime
    existed: bool
    sections: list[Section]
    holdings: list[Holding]

    @property
    def differences(self) -> int:
        return sum(section.differences for section in self.sections)


def page_of(case: Case, at: dt.datetime) -> Page:
    """The page of a case at a moment, for callers that have asked `audits`."""
    found = case_as_of(case, at)
    then, now = shown(found.then, localdate(at)), shown(found.now, localdate())
    words = Words([case.rules], now, then, _people(found))
    sections = [
        Section(name, title, _records(tables, then, now, words))
        for name, title, tables in SECTIONS
    ]
    holdings = [
        Holding(words.person(h.user_id), role_label(h.role), h.then, h.now)
        for h in found.holders
    ]
    existed = ("grants_case", case.pk) in found.then
    return Page(at, existed, [s for s in sections if s.records], holdings)


def _people(found: CaseAsOf) -> Rows:
    """Rows that name the holders of roles, so that their names are fetched too."""
    table = get_user_model().groups.through._meta.db_table
    return {
        (table, -number): {"user_id": holder.user_id}
        for number, holder in enumerate(found.holders, 1)
    }


def shown(rows: Rows, day: dt.date) -> Rows:
    """Without tasks that were done and covers that did not run on that day."""
    return {
        key: row
        for key, row in rows.items()
        if key[0] not in NOT_SHOWN
        and not (key[0] == "workflows_workitem" and row.get("closed_at"))
        and not (key[0] == "grants_cover" and not _runs(row, day))
    }


def _runs(cover: Row, day: dt.date) -> bool:
    """Whether a leave cover ran on a day; one that was ended does no more."""
    return (
        cover["starts_on"] <= day.isoformat() <= cover["ends_on"]
        and cover["ended_at"] is None
    )


def _records(
    tables: tuple[str, ...], then: Rows, now: Rows, words: Words
) -> list[Record]:
    keys: dict[str, list[Any]] = defaultdict(list)
    for table, pk in sorted({*then, *now}, key=str):
        keys[table].append(pk)
    return [
        _record(table, then.get((table, pk)), now.get((table, pk)), words)
        for table in tables
        for pk in sorted(keys[table])
    ]


def _record(table: str, then: Row | None, now: Row | None, words: Words) -> Record:
    before, after = then or {}, now or {}
    columns = shown_columns(table)
    changed = {
        c
        for c in columns
        # a column that is younger than the moment differs only once it says something
        if before.get(c) != after.get(c) and (c in before or after.get(c))
    }
    if then is None or now is None:
        state = NEW if then is None else GONE
    else:
        state = CHANGED if changed else SAME
    facts = [
        Fact(field_label(table, c), *pair, c in changed and state == CHANGED)
        for c in columns
        if (pair := (words.value(table, c, before), words.value(table, c, after)))
        != ("–", "–")
    ]
    return Record(table_label(table), words.title(table, after or before), state, facts)


def states() -> dict[str, str]:
    """What became of a row since the moment, in words."""
    return {
        SAME: "",
        CHANGED: _("changed since"),
        NEW: _("not there yet"),
        GONE: _("no longer there"),
    }
