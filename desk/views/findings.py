"""Findings of the auditors over all cases, for who oversees."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from desk.views.answers import refusals
from grants.errors import NotVisible
from grants.models import Finding
from grants.permissions import programmes_with
from grants.selectors import findings_visible_to
from organisations.paging import page_by_key

PAGE = 50


@require_safe
@refusals
def finding_list(request: HttpRequest) -> HttpResponse:
    """The findings of my programmes, the latest first; open ones alone if asked."""
    if not programmes_with(request.user, "view_trail"):
        raise NotVisible()
    rows = findings_visible_to(request.user).select_related("case__organisation")
    only_open = request.GET.get("all") != "1"
    if only_open:
        rows = rows.filter(status__in=Finding.OPEN)
    found, after = page_by_key(request, rows, PAGE)
    context = {"findings": found, "next": after, "only_open": only_open}
    return render(request, "desk/finding_list.html", context)
