"""What is read is on record: all that auditors and inspectors open, and of others
what is sensitive.

One event a page, in the reader's own stream. Pages that say more of what was read (a
tab, a moment, a search, a file) note themselves, and are not told twice.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from audit.record import record_read, was_read, was_shown
from desk.refused import NAMED, begins, page_of, thing_of
from grants.lifecycle import TRAIL_READERS
from grants.permissions import roles_of

#: What leaves no event though an auditor opens it, and why: by name of the address.
EXCEPT = {
    "api:openapi-json": "says how the API is spoken to",
    "api:rounds": "open calls, which are public",
    "desk:account": "the reader's own choices",
    "desk:calendar": "fetched by programs, with a token",
    "desk:cover-list": "who stands in for the reader",
    "desk:document-page": "part of the preview around it, which is an event",
    "desk:document-thumbnail": "part of the list around it (docs/decisions/0020)",
    "desk:export-list": "files the reader asked for; asking and fetching are events",
    "desk:message-list": "letters to the reader",
    "desk:upload": "a file that the reader is sending",
}
#: The same for all addresses whose names begin so.
EXCEPT_ALL = {
    "account_": "the reader's own account",
    "mfa_": "the reader's own account",
    "grants:": "public, the same for visitors",
}
#: Read by whomever, it is an event: telephones and addresses of people. Pages that
#: show some to some readers say so themselves (audit.record.shows).
SENSITIVE = ("organisations:person-list", "organisations:person-detail", "admin:")
#: Where a reading stands that is of no case, round, person or organisation alone.
NOTHING = "audit"


class ReadingsMiddleware:
    """Records what was read, after it was answered."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if is_read(request, response) and is_told(request):
            what = f"page:{request.path}"[:200]
            record_read(by=request.user, target=target_of(request), what=what)
        return response


def is_read(request: HttpRequest, response: HttpResponse) -> bool:
    """Whether somebody who is signed in was shown a page that is not told yet."""
    return (
        request.method == "GET"
        and 200 <= response.status_code < 300
        and request.resolver_match is not None
        and request.user.is_authenticated
        and not was_read()
    )


def is_told(request: HttpRequest) -> bool:
    """Whether this page is an event when this person reads it."""
    name = page_of(request)
    if was_shown() or name.startswith(SENSITIVE):
        return True
    if name in EXCEPT or name.startswith(tuple(EXCEPT_ALL)):
        return False
    roles = {role for _programme, role in roles_of(request.user)}
    return bool(roles & set(TRAIL_READERS))


def target_of(request: HttpRequest) -> str:
    """The case, round, programme, person or organisation that the address names."""
    match = request.resolver_match
    named = NAMED.get(begins(match.route)) if match else None
    if match is None or named is None or not match.kwargs:
        return NOTHING
    if named.field == "code":
        return str(next(iter(match.kwargs.values())))
    found, _named = thing_of(request)
    table = named.model._meta.db_table
    return NOTHING if found is None or found.startswith(f"{table}:") else found
