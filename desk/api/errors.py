"""Every refusal as ``{"code", "message", "fields"?}``, in the caller's language."""

import logging
from collections.abc import Callable
from functools import partial
from typing import Any

from django.core.exceptions import (
    BadRequest,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.core.exceptions import ValidationError as DjangoValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.http.request import RawPostDataException, UnreadablePostError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from ninja import NinjaAPI
from ninja.errors import HttpError, Throttled, ValidationError

from attachments.opening import Lost
from attachments.scanning import Withheld
from attachments.storage import StorageUnavailable, is_full
from desk.refused import note
from desk.scans import withheld_words
from desk.views.answers import LOST
from grants.errors import ActionError, Invalid, NotStored

logger = logging.getLogger(__name__)

#: What a status says where the error has no code and words of its own.
DEFAULTS: dict[int, tuple[str, Any]] = {
    400: ("malformed", gettext_lazy("The request cannot be read.")),
    401: ("unauthenticated", gettext_lazy("Sign in or send a personal token.")),
    403: ("forbidden", gettext_lazy("This is not permitted.")),
    404: ("not_found", gettext_lazy("There is no such thing, or it is not yours.")),
    405: ("method_not_allowed", gettext_lazy("This address takes other methods.")),
    409: ("conflict", gettext_lazy("This is not possible now.")),
    413: ("too_large", gettext_lazy("The request is too large.")),
    422: ("invalid", gettext_lazy("Please correct the fields that are marked.")),
    429: ("too_many_requests", gettext_lazy("Too many requests; try again later.")),
    503: (NotStored.default_code, NotStored.default_message),
    500: ("failed", gettext_lazy("Something went wrong here; nothing was changed.")),
}


class Malformed(ActionError):
    """The body is no JSON, or JSON of a kind that is not taken."""

    http_status = 400
    default_code, default_message = DEFAULTS[400]


class TooLarge(ActionError):
    http_status = 413
    default_code, default_message = DEFAULTS[413]


def problem(
    api: NinjaAPI,
    request: HttpRequest,
    status: int,
    *,
    code: str = "",
    message: Any = "",
    fields: dict[str, list[str]] | None = None,
    more: dict[str, Any] | None = None,
) -> HttpResponse:
    """The JSON answer of a refusal."""
    usual_code, usual_message = DEFAULTS.get(status, DEFAULTS[500])
    body: dict[str, Any] = {
        "code": code or usual_code,
        "message": str(message or usual_message),
    }
    if fields:
        body["fields"] = {k: [str(m) for m in v] for k, v in fields.items()}
    body |= more or {}
    return api.create_response(request, body, status=status)


def refused(error: Any) -> dict[str, Any]:
    return {
        "status": error.http_status,
        "code": error.code,
        "message": error.message,
        "fields": error.errors if isinstance(error, Invalid) else None,
        "more": getattr(error, "more", None),
    }


def mistyped(error: Any) -> dict[str, Any]:
    """A value of the query that is of the wrong type."""
    names = {str(item["loc"][-1]) for item in error.errors}
    return {"status": 422, "fields": {name: [_("Not valid.")] for name in names}}


def not_taken(error: Any) -> dict[str, Any]:
    """Django's own refusal of a value, as of an upload."""
    located = hasattr(error, "error_dict")
    fields = error.message_dict if located else {"__all__": error.messages}
    return {"status": 422, "fields": fields}


def not_stored(error: Any) -> dict[str, Any]:
    """The storage of documents does not answer; the log has the reason."""
    logger.error("storage: %s", error)
    return {"status": 503}


def lost(error: Any) -> dict[str, Any]:
    """The storage no longer has the file."""
    return {"status": 404, "code": "file_lost", "message": LOST}


def withheld(error: Any) -> dict[str, Any]:
    """The file is still to be scanned, or infected."""
    code = f"scan_{error.code}"
    return {"status": 409, "code": code, "message": withheld_words(error.code)}


#: What an exception becomes; the nearest class in its ancestry counts.
ANSWERS: dict[type[Exception], Callable[[Any], dict[str, Any]]] = {
    ActionError: refused,
    ValidationError: mistyped,
    DjangoValidationError: not_taken,
    StorageUnavailable: not_stored,
    Lost: lost,
    Withheld: withheld,
    HttpError: lambda error: {"status": error.status_code},
    Http404: lambda error: {"status": 404},
    PermissionDenied: lambda error: {"status": 403},
    RequestDataTooBig: lambda error: {"status": 413},
    TooManyFieldsSent: lambda error: {"status": 413},
    TooManyFilesSent: lambda error: {"status": 413},
    BadRequest: lambda error: {"status": 400},
    SuspiciousOperation: lambda error: {"status": 400},
    MultiPartParserError: lambda error: {"status": 400},
    UnreadablePostError: lambda error: {"status": 400},
    RawPostDataException: lambda error: {"status": 400},
}


def register(api: NinjaAPI) -> None:
    """Give the API its answers."""
    for kind, describe in ANSWERS.items():
        api.add_exception_handler(kind, _handler(api, describe))
    api.add_exception_handler(Exception, partial(failed, api))


def _handler(
    api: NinjaAPI, describe: Callable[[Any], dict[str, Any]]
) -> Callable[..., HttpResponse]:
    def handle(request: HttpRequest, error: Exception) -> HttpResponse:
        note(request, error)
        response = problem(api, request, **describe(error))
        if isinstance(error, Throttled) and error.wait:
            response["Retry-After"] = str(int(error.wait))
        return response

    return handle


def failed(api: NinjaAPI, request: HttpRequest, error: Exception) -> HttpResponse:
    """A defect: the client gets JSON like for any refusal, the log the cause.

    A full disk is none.
    """
    if is_full(error):
        return problem(api, request, **not_stored(error))
    logger.error("%s %s failed", request.method, request.path, exc_info=error)
    return problem(api, request, 500)
