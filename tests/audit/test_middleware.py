"""A request has an id; the response carries it, and so do its events."""

from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from audit.context import request_id
from audit.middleware import RequestIdMiddleware


def test_request_has_an_id_of_its_own(rf: RequestFactory) -> None:
    seen = []

    def view(request: HttpRequest) -> HttpResponse:
        seen.append(request_id.get())
        return HttpResponse()

    middleware = RequestIdMiddleware(view)
    first = middleware(rf.get("/", headers={"X-Request-ID": "forged"}))
    second = middleware(rf.get("/"))
    assert seen == [first["X-Request-ID"], second["X-Request-ID"]]
    assert len({*seen, "forged"}) == 3
    assert request_id.get() == ""
