"""Which papers a case has, which are missing, which have run out (DOMAIN.md §10).

Two queries for any number of cases: one for facts, one for files. A file in whose
newest version a virus was found counts as none. Days are measured against today.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery, TextChoices
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from attachments.models import Document, ScanState, Version
from grants.calendar import today
from grants.lifecycle import ENDED
from grants.models import (
    Case,
    DecisionLine,
    DefenceNote,
    Expense,
    Notice,
    Project,
    Review,
    Seat,
    ServiceRecord,
    Stage,
    Visit,
)
from grants.paper_rules import (
    ANSWERS,
    ORDER,
    STAGE_OF_STATUS,
    TRACKED,
    Needed,
    PaperStage,
    Requirement,
    Validity,
)
from grants.rules import in_language, rules_of
from grants.services.applying import months_after


class PaperState(TextChoices):
    """How a required paper stands."""

    THERE = "THERE", pgettext_lazy("paper", "There")
    MISSING = "MISSING", pgettext_lazy("paper", "Missing")
    EXPIRED = "EXPIRED", pgettext_lazy("paper", "Expired")
    UNDATED = "UNDATED", _("Its date is not known")
    OPTIONAL = "OPTIONAL", _("Where it applies")


#: From the best of several files to the worst.
BEST = (PaperState.THERE, PaperState.UNDATED, PaperState.EXPIRED)
#: States that somebody has to do something about.
LACKING = (PaperState.MISSING, PaperState.EXPIRED, PaperState.UNDATED)


@dataclass(frozen=True)
class Filed:
    """A file that counts: its document, newest version, and until when it holds."""

    document: int
    version: int
    title: str
    until: dt.date | None = None


@dataclass(frozen=True)
class Paper:
    """One requirement of a case and how it stands."""

    requirement: Requirement
    state: PaperState
    filed: Filed | None = None

    @property
    def label(self) -> str:
        return in_language({"zh": self.requirement.zh, "en": self.requirement.en})

    @property
    def lacking(self) -> bool:
        return self.state in LACKING


@dataclass
class PaperList:
    """The papers of one case, by the stages of the road."""

    papers: list[Paper]
    #: The stage that the case is in; None for one that has ended.
    stage: PaperStage | None
    reached: frozenset[str] = field(default_factory=frozenset)

    def of(self, *stages: str) -> list[Paper]:
        return [p for p in self.papers if p.requirement.stage in stages]

    @property
    def lacking(self) -> list[Paper]:
        """What is missing or has run out in the stages reached; none once ended."""
        if self.stage is None:
            return []
        return [p for p in self.of(*self.reached) if p.lacking]


# -- reading -------------------------------------------------------------------------


def papers_of(case: Case) -> PaperList:
    """The papers of one case; two queries."""
    return papers_of_cases([case])[case.pk]


def papers_of_cases(cases: Iterable[Case]) -> dict[int, PaperList]:
    """By case; two queries whatever their number, none where nothing is asked."""
    cases = list(cases)
    asked = {case.pk: rules_of(case).papers for case in cases}
    rows = [row for rows in asked.values() for row in rows]
    facts = facts_of(cases, {fact_name(row) for row in rows} - {""})
    files = files_of(cases, {row.kind for row in rows} - {""})
    day = today(now())
    return {
        case.pk: PaperList(
            [
                paper(row, facts.get(case.pk, {}), files.get(case.folder_id, {}), day)
                for row in sorted(asked[case.pk], key=lambda row: ORDER[row.stage])
            ],
            stage_of(case),
            reached_by(case),
        )
        for case in cases
    }


def stage_of(case: Case) -> PaperStage | None:
    """The stage of the papers that a case is in; None for one that has ended."""
    return None if case.status in ENDED else STAGE_OF_STATUS.get(case.status)


def reached_by(case: Case) -> frozenset[str]:
    """The stages up to the case's own, or up to where it ended."""
    last = STAGE_OF_STATUS.get(case.status) or STAGE_OF_STATUS.get(case.ended_from)
    if last is None:  # a termination and what follows it
        last = PaperStage.MID if case.awarded else PaperStage.APPLICATION
    return frozenset(s for s, place in ORDER.items() if place <= ORDER[last])


def paper(
    row: Requirement,
    facts: dict[str, bool],
    files: dict[str, list[dict[str, Any]]],
    day: dt.date,
) -> Paper:
    """How one requirement stands."""
    name = fact_name(row)
    if name and facts.get(name):
        return Paper(row, PaperState.THERE)
    found = [held(row, file, day) for file in files.get(row.kind, ())]
    for state in BEST:
        for of_state, filed in found:
            if of_state == state:
                return Paper(row, state, filed)
    nothing = row.needed == Needed.APPLIES
    return Paper(row, PaperState.OPTIONAL if nothing else PaperState.MISSING)


def held(
    row: Requirement, file: dict[str, Any], day: dt.date
) -> tuple[PaperState, Filed]:
    """Whether a file still holds, by the rule's word on its validity."""
    until = None
    if row.validity == Validity.UNTIL:
        until = file["dates__valid_until"]
    elif row.validity == Validity.AGE and file["dates__issued_on"]:
        until = months_after(file["dates__issued_on"], row.months)
    filed = Filed(file["pk"], file["newest"], file["title"], until)
    if row.validity == Validity.NONE:
        return PaperState.THERE, filed
    if until is None:
        return PaperState.UNDATED, filed
    return (PaperState.EXPIRED if until < day else PaperState.THERE), filed


# -- files and facts -----------------------------------------------------------------


def files_of(
    cases: list[Case], kinds: set[str]
) -> dict[int, dict[str, list[dict[str, Any]]]]:
    """Files by folder and kind, the newest first; one query."""
    if not kinds:
        return {}
    newest = Version.objects.filter(document=OuterRef("pk")).order_by("-number")
    found = (
        Document.objects.filter(
            folder_id__in={c.folder_id for c in cases if c.folder_id}, kind__in=kinds
        )
        .annotate(
            newest=Subquery(newest.values("pk")[:1]),
            scan=Subquery(newest.values("scan_state")[:1]),
        )
        .exclude(scan=ScanState.INFECTED)
        .order_by("-pk")
        .values(
            "pk",
            "folder_id",
            "kind",
            "title",
            "newest",
            "dates__issued_on",
            "dates__valid_until",
        )
    )
    files: dict[int, dict[str, list[dict[str, Any]]]] = {}
    for row in found:
        files.setdefault(row["folder_id"], {}).setdefault(row["kind"], []).append(row)
    return files


def fact_name(row: Requirement) -> str:
    """The fact that answers a requirement: "seats", "report_MID", or ""."""
    answer = ANSWERS.get(row.answer)
    if answer is None or not answer.fact:
        return ""
    return f"{answer.fact}_{row.stage}" if answer.staged else answer.fact


def facts_of(cases: list[Case], names: set[str]) -> dict[int, dict[str, bool]]:
    """Facts by case, as many as the rules name; one query."""
    known = all_facts()
    names = names & known.keys()
    if not names:
        return {}
    found = Case.objects.filter(pk__in=[case.pk for case in cases]).order_by()
    for name in sorted(names):
        found = found.annotate(**{f"has_{name}": known[name]})
    rows = found.values("pk", *(f"has_{name}" for name in sorted(names)))
    return {row["pk"]: {n: bool(row[f"has_{n}"]) for n in names} for row in rows}


def all_facts() -> dict[str, Any]:
    """What the database knows of a case, by name."""
    facts: dict[str, Any] = {
        "submitted": condition(Q(submitted_at__isnull=False)),
        "account": condition(
            Q(organisation__custodian=None) & ~Q(organisation__bank_account="")
            | Q(organisation__custodian__isnull=False)
            & ~Q(organisation__custodian__bank_account="")
        ),
        "seats": of_case(Seat.objects.all()),
        "declarations": of_case(Seat.objects.filter(declared_at__isnull=False)),
        "reviews": of_case(Review.objects.filter(reopened_at=None)),
        "defence": of_case(DefenceNote.objects.all()),
        "minutes": of_case(DecisionLine.objects.filter(decision__scan__isnull=False)),
        "notice": Exists(Notice.objects.filter(cases=OuterRef("pk"))),
        "award": of_case(Project.objects.exclude(award_no="")),
        "services": of_case(ServiceRecord.objects.filter(voided_at=None)),
        "expenses": of_case(Expense.objects.filter(voided_at=None)),
    }
    for stage in TRACKED:
        stages = Stage.objects.filter(kind=stage.value)
        visits = Visit.objects.filter(stage__kind=stage.value, cancelled_at=None)
        facts[f"report_{stage.value}"] = of_case(
            stages.filter(reported_by__isnull=False)
        )
        facts[f"visit_{stage.value}"] = of_case(visits)
        facts[f"graded_{stage.value}"] = of_case(stages.filter(score__isnull=False))
    return facts


def of_case(rows: QuerySet[Any]) -> Exists:
    return Exists(rows.filter(case=OuterRef("pk")))


def condition(what: Q) -> Exists:
    """A condition on the case itself, as a value."""
    return Exists(Case.objects.filter(what, pk=OuterRef("pk")))
