"""Every refusal is a page of the house, with DEBUG on too."""

from collections.abc import Callable

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.urls import Resolver404, resolve

from attachments.opening import Lost
from attachments.scanning import Withheld
from attachments.storage import StorageUnavailable, is_full
from desk.views import answers
from grants.errors import ActionError


class OurAnswersMiddleware:
    """Answers what Django answers with a technical page when DEBUG is on.

    A visitor of the demo who mistypes an address reads the same page as
    anywhere else. Faults of the program keep Django's technical page there.
    Comes last of all, so that the others see the answer (APPEND_SLASH).
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            resolve(request.path_info)
        except Resolver404 as error:
            return answers.not_found(request, error)
        response = self.get_response(request)
        if response.status_code == 405 and not response.content:
            return answers.wrong_method(request, response)
        return response

    def process_exception(
        self, request: HttpRequest, exception: Exception
    ) -> HttpResponse | None:
        if isinstance(exception, Http404):
            return answers.not_found(request, exception)
        if isinstance(exception, ActionError):
            return answers.refusal(request, exception)
        if isinstance(exception, PermissionDenied):
            return answers.forbidden(request, exception)
        if isinstance(exception, SuspiciousOperation | MultiPartParserError):
            return answers.bad_request(request, exception)
        if isinstance(exception, Lost):
            return answers.lost(request, exception)
        if isinstance(exception, StorageUnavailable) or is_full(exception):
            return answers.unavailable(request, exception)
        if isinstance(exception, Withheld):
            return answers.withheld(request, exception)
        return None
