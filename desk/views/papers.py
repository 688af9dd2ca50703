"""Official papers: download them, list a round's, check a printed form's code."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from desk.papers import groups_of_round
from desk.views.answers import refusals
from desk.views.rounds import visible_round
from desk.views.work import visible_case
from grants.errors import NotYours
from grants.papers.application_form import checked
from grants.papers.issue import Issued, issue_case_paper, issue_round_paper
from grants.papers.registry import round_papers_for
from grants.permissions import programmes_with


@require_safe
@refusals
def case_paper(request: HttpRequest, code: str, paper: str, fmt: str) -> HttpResponse:
    """A paper of a case as a file; the download is on record."""
    case = visible_case(request, code)
    return sent(issue_case_paper(case, paper, fmt, by=request.user))


@require_safe
@refusals
def round_paper(
    request: HttpRequest, code: str, paper: str, fmt: str, part: int | None = None
) -> HttpResponse:
    """A paper of a round, or of one of its panels or payment batches."""
    round_ = visible_round(request, code)
    return sent(issue_round_paper(round_, paper, fmt, by=request.user, part=part))


def sent(issued: Issued) -> HttpResponse:
    """The file as a download, never shown inside our pages."""
    response = HttpResponse(issued.content, content_type=issued.content_type)
    response["Content-Disposition"] = f'attachment; filename="{issued.name}"'
    response["Content-Length"] = len(issued.content)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "private, no-store"
    return response


@require_safe
@refusals
def round_papers(request: HttpRequest, code: str) -> HttpResponse:
    """The papers of a round, for the offices that have any."""
    round_ = visible_round(request, code)
    if not round_papers_for(request.user, round_):
        raise NotYours(_("This paper is for other offices."))
    titles = {"round": _("Of the round"), "batch": _("Payments awaiting approval")}
    groups = groups_of_round(request.user, round_, titles)
    return render(
        request, "desk/round_papers.html", {"round": round_, "groups": groups}
    )


@require_safe
@refusals
def check_code(request: HttpRequest) -> HttpResponse:
    """Which submission a printed form's check code stands for; offices only."""
    if not programmes_with(request.user, "view_cases"):
        raise NotYours()
    typed = request.GET.get("code", "").replace("\x00", "")[:60]
    found = checked(typed, request.user) if typed.strip() else None
    return render(request, "desk/check_code.html", {"typed": typed, "found": found})
