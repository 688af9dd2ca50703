"""Official papers of cases and rounds as files, and check codes."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema

from desk.api.body import is_storable
from desk.api.http import address, case_of, person, round_of
from desk.api.schemas import ERRORS
from grants.errors import Missing, NotYours
from grants.papers.application_form import checked
from grants.papers.issue import Issued, issue_case_paper, issue_round_paper
from grants.papers.registry import case_papers_for
from grants.permissions import programmes_with

router = Router(tags=["papers"])


class FileOut(Schema):
    format: str
    url: str


class PaperOut(Schema):
    """A paper that can be had now, in its formats."""

    paper: str
    title: str
    files: list[FileOut]


class CheckedOut(Schema):
    """What a check code stands for."""

    code: str
    case: str
    version: int
    submitted_at: datetime
    latest: bool
    unchanged: bool


@router.get(
    "cases/{code}/papers",
    response={200: list[PaperOut], **ERRORS},
    url_name="case_papers",
    operation_id="case_papers",
)
def papers(request: HttpRequest, code: str) -> list[dict[str, Any]]:
    """The papers of a case that you may have now."""
    case = case_of(person(request), code)
    return [
        {
            "paper": paper.code,
            "title": str(paper.title),
            "files": [
                {
                    "format": fmt,
                    "url": address("cases", case.code, "papers", paper.code, fmt),
                }
                for fmt in paper.formats
            ],
        }
        for paper in case_papers_for(person(request), case)
    ]


@router.get(
    "cases/{code}/papers/{paper}/{fmt}",
    response={200: None, **ERRORS},
    url_name="case_paper",
    operation_id="case_paper",
)
def case_paper(request: HttpRequest, code: str, paper: str, fmt: str) -> HttpResponse:
    """A paper of a case: `fmt` is pdf or docx. The download is on record."""
    case = case_of(person(request), code)
    return sent(issue_case_paper(case, paper, fmt, by=person(request)))


@router.get(
    "rounds/{int:id}/papers/{paper}/{fmt}",
    response={200: None, **ERRORS},
    url_name="round_paper",
    operation_id="round_paper",
)
def round_paper(
    request: HttpRequest, id: int, paper: str, fmt: str, part: int | None = None
) -> HttpResponse:
    """A paper of a round; `part` is the id of a panel or of a payment batch."""
    round_ = round_of(person(request), id)
    return sent(issue_round_paper(round_, paper, fmt, by=person(request), part=part))


@router.get(
    "check-codes/{text}",
    response={200: CheckedOut, **ERRORS},
    url_name="check_code",
    operation_id="check_code",
)
def check_code(request: HttpRequest, text: str) -> dict[str, Any]:
    """Which submission a printed form's check code stands for; offices only."""
    if not programmes_with(person(request), "view_cases"):
        raise NotYours()
    found = checked(text, person(request)) if is_storable(text) else None
    if found is None:
        raise Missing()
    return {
        "code": found.form.code,
        "case": found.case.code,
        "version": found.form.number,
        "submitted_at": found.form.submitted_at,
        "latest": found.is_latest,
        "unchanged": found.is_unchanged,
    }


def sent(issued: Issued) -> HttpResponse:
    response = HttpResponse(issued.content, content_type=issued.content_type)
    response["Content-Disposition"] = f'attachment; filename="{issued.name}"'
    response["Content-Length"] = str(len(issued.content))
    return response
