"""Each request has an id; its events and its response carry it."""

import uuid
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from .context import request_id


class RequestIdMiddleware:
    """Sets ``audit.context.request_id`` and the header ``X-Request-ID``.

    The id is always our own: one sent by the client could pose as another.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        token = request_id.set(uuid.uuid4().hex)
        try:
            response = self.get_response(request)
            response["X-Request-ID"] = request_id.get()
            return response
        finally:
            request_id.reset(token)
