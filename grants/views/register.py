"""The public register of funded projects: search, figures, open data."""

import csv
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from grants import register
from grants.models import District, Round
from organisations.paging import page_by_key

PAGE = 30
#: Columns of the open data, in their order.
FIELDS = (
    "number",
    "title",
    "organisation",
    "round",
    "year",
    "district",
    "category",
    "awarded",
    "state",
    "starts_on",
    "ends_on",
    "summary",
)
#: A spreadsheet would run a cell that begins so.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def asked(request: HttpRequest) -> dict[str, str]:
    """The search as it was typed; overlong values are cut."""
    names = {"q": "q", "round": "round_code", "district": "district", "state": "state"}
    return {
        keyword: request.GET.get(name, "").replace("\x00", "")[:80]
        for name, keyword in names.items()
    }


@login_not_required
@require_safe
def project_list(request: HttpRequest) -> HttpResponse:
    """Funded projects, the latest first, paged by key."""
    query = asked(request)
    cases = register.searched(**query)
    found, after = page_by_key(request, register.with_facts(cases), PAGE)
    number, amount = register.totals(cases)
    context = {
        "entries": [register.entry_of(case) for case in found],
        "next": after,
        "query": query,
        "number": number,
        "amount": amount,
        "rounds": list(Round.objects.filter(published_at__isnull=False)[:100]),
        "districts": districts(),
        "states": [(name, label) for name, (label, _s) in register.STATES.items()],
        "feed": request.GET.urlencode(),
    }
    return render(request, "grants/project_list.html", context)


def districts() -> list[tuple[str, str]]:
    """Districts by code, each once whatever its reforms were."""
    found = {d.code: str(d) for d in District.objects.order_by("valid_from")}
    return sorted(found.items())


@login_not_required
@require_safe
def project_detail(request: HttpRequest, number: str) -> HttpResponse:
    """One funded project."""
    cases = register.with_facts(register.funded())
    case = get_object_or_404(cases, project__award_no=number)
    return render(
        request, "grants/project_detail.html", {"entry": register.entry_of(case)}
    )


@login_not_required
@require_safe
def figures(request: HttpRequest) -> HttpResponse:
    """Where the money went: by district, service field and round."""
    cases = register.searched(round_code=asked(request)["round_code"])
    number, amount = register.totals(cases)
    context = {
        "number": number,
        "amount": amount,
        "plots": [
            (_("By district"), register.by_district(cases)),
            (_("By service field"), register.by_category(cases)),
            (_("By round"), register.by_round(register.funded())),
        ],
        "rounds": list(Round.objects.filter(published_at__isnull=False)[:100]),
        "chosen": asked(request)["round_code"],
    }
    return render(request, "grants/figures.html", context)


def entries(request: HttpRequest) -> Iterator[dict[str, Any]]:
    """Every project that the search finds, in bounded memory."""
    cases: Any = register.with_facts(register.searched(**asked(request)))
    for case in cases.order_by("pk").iterator(chunk_size=500):
        entry = asdict(register.entry_of(case))
        yield {name: entry[name] for name in FIELDS}


@login_not_required
@require_safe
def projects_json(request: HttpRequest) -> HttpResponse:
    """The register as JSON: amounts are decimal strings in CNY."""
    found = [entry | {"awarded": str(entry["awarded"])} for entry in entries(request)]
    return JsonResponse(
        {"currency": "CNY", "projects": found},
        json_dumps_params={"ensure_ascii": False},
    )


class Line:
    """What csv writes to: it hands each line on."""

    def write(self, text: str) -> str:
        return text


@login_not_required
@require_safe
def projects_csv(request: HttpRequest) -> StreamingHttpResponse:
    """The register as CSV (UTF-8 with mark, so that spreadsheets read Chinese)."""
    writer = csv.writer(Line())

    def lines() -> Iterator[str]:
        yield "\ufeff"
        yield writer.writerow(FIELDS)
        for entry in entries(request):
            yield writer.writerow([plain(entry[name]) for name in FIELDS])

    answer = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="projects.csv"'
    return answer


def plain(value: Any) -> str:
    """A cell that no spreadsheet takes for a formula."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA) else text
