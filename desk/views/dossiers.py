"""The dossier of a case or a round: asked for here, found among "My files"."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from desk import exports
from desk.views.answers import refusals
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


def asked(request: HttpRequest, kind: str, code: str) -> HttpResponse:
    if not gave_lately(request):
        return ask_again(request, reverse(f"desk:{kind}-detail", args=[code]))
    exports.ask_dossier(request.user, kind, code)
    messages.success(request, _("The file is being made; it will stand here."))
    return redirect("desk:export-list")
