"""Each request has an id and an address; its events carry both."""

import uuid
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from .context import request_id, told_of
from .origin import Address, client_address, origin


class RequestIdMiddleware:
    """Sets ``audit.context.request_id``, ``audit.origin.origin`` and the header
    ``X-Request-ID``.

    The id is always our own: one sent by the client could pose as another. Behind
    proxies REMOTE_ADDR becomes the address that TRUSTED_PROXIES of them vouch for,
    so that lock-outs and limits by address count the same one.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        address = client_address(
            request.META.get("REMOTE_ADDR", ""),
            request.META.get("HTTP_X_FORWARDED_FOR", ""),
            settings.TRUSTED_PROXIES,
        )
        if settings.TRUSTED_PROXIES:
            request.META["REMOTE_ADDR"] = address
        token = request_id.set(uuid.uuid4().hex)
        told = told_of.set(set())
        source = origin.set(Address(address) if address else None)
        try:
            response = self.get_response(request)
            response["X-Request-ID"] = request_id.get()
            return response
        finally:
            request_id.reset(token)
            told_of.reset(told)
            origin.reset(source)
