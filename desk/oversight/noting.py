"""Pages with facts of several cases that auditors and inspectors open are on record."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from audit.record import record_read
from grants.lifecycle import TRAIL_READERS
from grants.permissions import roles_of

#: By name of the address. Pages of one case note themselves (grants.as_of).
PAGES = frozenset(
    {
        "desk:case-list",
        "desk:list-page",
        "desk:finance",
        "desk:payment-batch",
        "desk:round-detail",
        "desk:round-group",
        "desk:round-papers",
        "desk:exclusion-list",
        "desk:exclusion",
    }
)


class ReadingsMiddleware:
    """Records that somebody who oversees a programme read one of these pages."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        match = request.resolver_match
        if (
            response.status_code == 200
            and request.method == "GET"
            and match is not None
            and match.view_name in PAGES
            and {role for _programme, role in roles_of(request.user)}
            & set(TRAIL_READERS)
        ):
            what = f"page:{request.path}"[:200]
            record_read(by=request.user, target="audit", what=what)
        return response
