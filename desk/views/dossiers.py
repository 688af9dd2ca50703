"""The dossier of a case, a round or a period: asked for here, found in "My files"."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from desk import exports
from desk.dossier_cover import what_covers
from desk.dossier_period import PeriodForm
from desk.formpage import errors_of, page_of
from desk.oversight.scope import programmes_of
from desk.views.answers import refusals
from organisations.posted import posted
from organisations.second_factor import ask_again, gave_lately


@require_POST
@refusals
def case_dossier(request: HttpRequest, code: str) -> HttpResponse:
    """Have the dossier of a case made in the background."""
    return asked(request, "case", code)


@require_POST
@refusals
def round_dossier(request: HttpRequest, code: str) -> HttpResponse:
    """The same for a round with all its cases."""
    return asked(request, "round", code)


@require_http_methods(["GET", "HEAD", "POST"])
@refusals
def period_dossier(request: HttpRequest) -> HttpResponse:
    """Choose the days of a dossier, and have it made in the background."""
    programmes_of(request.user)
    given = posted(request)
    if given is None and "since" in request.GET:  # back from the second factor
        given = request.GET
    form = PeriodForm(given, by=request.user)
    if request.method == "POST" and form.is_valid():
        if not gave_lately(request):
            kept = {n: v for n, v in form.period.query.items() if n != "code"}
            back = f"{reverse('desk:period-dossier')}?{urlencode(kept)}"
            return ask_again(request, back)
        exports.ask_period(request.user, form.period)
        messages.success(request, _("The file is being made; it will stand here."))
        messages.info(request, what_covers())
        return redirect("desk:export-list")
    errors = errors_of(form) if form.is_bound else {}
    context = {"page": page_of(form, errors)}
    status = 422 if errors else 200
    return render(request, "desk/oversight/period.html", context, status=status)


def asked(request: HttpRequest, kind: str, code: str) -> HttpResponse:
    if not gave_lately(request):
        return ask_again(request, reverse(f"desk:{kind}-detail", args=[code]))
    exports.ask_dossier(request.user, kind, code)
    messages.success(request, _("The file is being made; it will stand here."))
    messages.info(request, what_covers())
    return redirect("desk:export-list")
