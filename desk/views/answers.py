"""Refusals as pages: each with its HTTP status and a way on."""

import functools
import logging
import sys
from collections.abc import Callable
from typing import Any, cast

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from attachments.scanning import Withheld
from attachments.storage import is_full
from desk.refused import note
from desk.scans import withheld_words
from grants.errors import ActionError, NotStored, NotYours

logger = logging.getLogger(__name__)

#: Of a file that the storage no longer has.
LOST = gettext_lazy(
    "The storage no longer has this file, only what is on record of it. Please tell "
    "the administrator."
)


def refusals(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Answer an ActionError that a view lets through with its page."""

    @functools.wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except ActionError as error:
            return refusal(request, error)
        except Http404 as error:
            return not_found(request, error)

    return guarded


def refusal(request: HttpRequest, error: ActionError) -> HttpResponse:
    """The page of an ActionError, which is on record where somebody was refused."""
    note(request, error)
    return problem(request, error.http_status, str(error.message))


def problem(
    request: HttpRequest, status: int, text: str = "", **context: Any
) -> HttpResponse:
    """The page of a refusal."""
    headings = {
        400: _("This request cannot be read"),
        403: _("This is not permitted"),
        404: _("This page does not exist"),
        405: _("This is not possible this way"),
        409: _("This is not possible now"),
        422: _("Something needs to be corrected"),
        429: _("Too many attempts"),
        503: _("Documents are out of reach just now"),
    }
    context = {"heading": headings.get(status, _("A problem")), "text": text} | context
    return render(request, "errors/problem.html", context, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return problem(
        request, 400, _("It is too large or malformed. Nothing was changed.")
    )


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    note(request, exception)
    return problem(
        request, 403, _("Your account has no access to this. Nothing was changed.")
    )


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return problem(request, 404, _("There is no such page, or it is not yours to see."))


def lost(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The storage no longer has a file; the log has its key."""
    heading = _("This file is lost")
    return problem(request, 404, str(LOST), heading=heading)


def unavailable(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The storage of documents does not answer, or a disk is full."""
    logger.error("%s %s: %s", request.method, request.path, exception)
    return problem(request, 503, str(NotStored.default_message))


def withheld(request: HttpRequest, exception: Withheld) -> HttpResponse:
    """The file is still to be scanned, or infected."""
    note(request, exception)
    return problem(request, 409, withheld_words(exception.code))


def wrong_method(request: HttpRequest, refusal: HttpResponse) -> HttpResponse:
    """The page of a 405, which names the methods that are allowed."""
    text = _("This address only takes forms that are sent to it, or is only read.")
    answer = problem(request, 405, text)
    answer["Allow"] = refusal["Allow"]
    return answer


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form's token is missing or of another sign-in (CSRF_FAILURE_VIEW)."""
    note(request, NotYours(code="csrf"))
    text = _("The form was too old. Go back, reload it and send it again.")
    return problem(request, 403, text)


def no_password(request: HttpRequest) -> HttpResponse:
    """Where allauth sends people who want to change a password they do not have."""
    if request.user.has_usable_password():
        return redirect("account_change_password")
    text = _("This account has no password. Ask the administrator for one.")
    return problem(request, 409, text)


def server_error(request: HttpRequest) -> HttpResponse:
    """Without context processors: they may be what failed.

    A disk that is full while a form is read fails before any view, and ends here.
    """
    if is_full(error := sys.exc_info()[1]):
        return unavailable(request, cast("OSError", error))
    return HttpResponse(render_to_string("errors/server_error.html"), status=500)
