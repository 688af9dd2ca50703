"""Where papers are found: of a case, of a round, of a step."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from grants.models import Case, Panel, PaymentBatch, Round
from grants.papers.registry import (
    BY_CODE,
    OF_ACTION,
    Paper,
    case_papers_for,
    may_have,
    round_papers_for,
)
from organisations.models import User


@dataclass(frozen=True)
class PaperLinks:
    """One paper with an address for each format; none where it is not ready."""

    title: str
    files: list[tuple[str, str]]


@dataclass(frozen=True)
class PaperGroup:
    """The papers of a round, of one of its panels, or of one payment batch."""

    title: str
    papers: list[PaperLinks]


def links_of_case(user: User, case: Case) -> list[PaperLinks]:
    """The papers of a case that this person may have now."""
    return [case_links(paper, case) for paper in case_papers_for(user, case)]


def case_links(paper: Paper, case: Case) -> PaperLinks:
    files = [
        (fmt, reverse("desk:case-paper", args=[case.code, paper.code, fmt]))
        for fmt in paper.formats
    ]
    return PaperLinks(str(paper.title), files)


def round_links(paper: Paper, round_: Round, part: int | None = None) -> PaperLinks:
    name = "desk:round-paper" if part is None else "desk:round-part-paper"
    rest = [] if part is None else [part]
    files = [
        (fmt, reverse(name, args=[round_.code, paper.code, fmt, *rest]))
        for fmt in paper.formats
    ]
    return PaperLinks(str(paper.title), files)


def groups_of_round(
    user: User, round_: Round, titles: dict[str, str]
) -> list[PaperGroup]:
    """Everything of a round, by what it is about: a fixed number of queries.

    titles: the headings for "round" and "batch" (what awaits its approval).
    """
    papers = round_papers_for(user, round_)

    def about(target: str) -> list[Paper]:
        return [paper for paper in papers if paper.target == target]

    ready = [p for p in about("round") if p.ready(round_)]
    groups = [PaperGroup(titles["round"], [round_links(p, round_) for p in ready])]
    if about("panel"):
        groups += [
            PaperGroup(
                str(panel), [round_links(p, round_, panel.pk) for p in about("panel")]
            )
            for panel in Panel.objects.filter(round=round_).order_by("pk")
        ]
    waiting = [p for p in about("batch") if p.ready(round_)]
    groups.append(
        PaperGroup(titles["batch"], [round_links(p, round_) for p in waiting])
    )
    if about("batch"):
        groups += [
            PaperGroup(
                batch.number, [round_links(p, round_, batch.pk) for p in about("batch")]
            )
            for batch in PaymentBatch.objects.filter(round=round_).order_by("-pk")
        ]
    return [group for group in groups if group.papers]


def links_of_batch(user: User, batch: PaymentBatch) -> list[PaperLinks]:
    """The papers of one payment batch that this person may have."""
    papers = round_papers_for(user, batch.round)
    return [
        round_links(paper, batch.round, batch.pk)
        for paper in papers
        if paper.target == "batch"
    ]


def links_of_step(user: User, action: str, target: Any) -> list[PaperLinks]:
    """The papers that belong to a step, for who takes it."""
    papers = [BY_CODE[code] for code in OF_ACTION.get(action, ())]
    if isinstance(target, Round):
        return [
            round_links(paper, target)
            for paper in papers
            if paper.target in ("round", "batch") and may_have(paper, user, target)
        ]
    case = target.case
    return [
        case_links(paper, case)
        for paper in papers
        if paper.target == "case" and may_have(paper, user, case)
    ]
