"""Every refusal of somebody who is signed in is one event of the record.

Whatever ends in 403; what is hidden as 404 though it is there; and what was sent and
came too late, or to the wrong state (409). Never what does not exist, nor what is
badly filled in (422). Services that note a refusal themselves are not told twice.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest

from attachments.models import Document, Upload, Version
from attachments.scanning import Withheld
from audit.record import record_refusal, was_refused
from desk.lists.table import LISTS
from desk.models import Export, SavedSearch
from grants.actions import ACTIONS
from grants.errors import ActionError, Missing, NotVisible, NotYours, WrongState
from grants.models import Case, Cover, PaymentBatch, Programme, Round, Termination
from organisations.models import ApiToken, Membership, Organisation
from outbox.models import Message
from workflows.models import WorkItem

#: What was tried where it is no action: to see something, or to send something.
READ, ATTEMPT, OPEN = "read", "attempt", "open_version"
#: Codes of 409 that refuse nobody: the same request, or typing, is still at work.
AT_WORK = ("in_progress", "draft_conflict")
SAFE = ("GET", "HEAD", "OPTIONS")


def _row(row: Any) -> str:
    return f"{row._meta.db_table}:{row.pk}"


def _code(row: Any) -> str:
    return str(row.code)


def _folder(row: Any) -> str:
    return str(row.folder.stream)


class Named(NamedTuple):
    """What the first value in an address names: rows of a model, by a field."""

    model: type[Model]
    field: str = "pk"
    target: Callable[[Any], str] = _row
    verb: str = READ


CASE = Named(Case, "code", _code)
PROGRAMME = Named(Programme, "code", _code)
TASK = Named(WorkItem, "pk", lambda item: _code(item.case or item.round))
ORGANISATION = Named(Organisation, "pk", lambda row: f"org:{row.pk}")
PERSON = Named(get_user_model(), "pk", lambda row: f"user:{row.pk}")
#: By what an address begins with.
NAMED: dict[str, Named] = {
    "cases/": CASE,
    "api/v1/cases/": CASE,
    "rounds/": Named(Round, "code", _code),
    "api/v1/rounds/": Named(Round, "pk", _code),
    "rounds/new/": PROGRAMME,
    "texts/": PROGRAMME,
    "rules/": PROGRAMME,
    "programmes/": PROGRAMME,
    "work/": TASK,
    "api/v1/tasks/": TASK,
    "documents/": Named(Version, "pk", lambda row: _folder(row.document), OPEN),
    "api/v1/documents/": Named(Document, "pk", _folder, OPEN),
    "uploads/": Named(Upload, "token", _folder),
    "messages/": Named(Message),
    "exports/": Named(Export),
    "audit/searches/": Named(SavedSearch),
    "finance/batches/": Named(PaymentBatch),
    "exclusions/": Named(Termination),
    "covers/": Named(Cover),
    "bank-account/": ORGANISATION,
    "our-organisation/": ORGANISATION,
    "organisations/": ORGANISATION,
    "people/": PERSON,
    "people/tokens/": Named(ApiToken),
    "account/keys/": Named(ApiToken),
    "memberships/": Named(Membership),
}
#: Addresses with values that name no row of ours, and why.
UNNAMED = {
    "": "the catch-all of Django's admin",
    "api/v1/": "the catch-all of the API",
    "api/v1/check-codes/": "a guess at a code shows nothing",
    "calendar/": "opened by its token, by programs that nobody is signed in to",
    "files/": "signed: attachments.links notes what is wrong with one",
    "api/v1/files/": "the same",
    "lists/": "named in the program, all of them always there",
    "notices/": "public",
    "calls/": "public",
    "objections/": "public",
    "projects/": "public",
    "admin/": "read by who runs the machine, who sees all of it",
}


def note(request: HttpRequest, error: Exception) -> None:
    """Record that somebody was refused, unless it was told already, or nobody was."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated or was_refused():
        return
    code = code_of(request, error)
    if not code:
        return
    found, named = thing_of(request)
    if found is None and named and isinstance(error, NotVisible):
        return  # there is no such thing
    record_refusal(
        verb_of(request),
        by=user,
        target=found or "",
        code=code,
        page=page_of(request),
    )


def code_of(request: HttpRequest, error: Exception) -> str:
    """Why, as a code; "" where nobody was refused."""
    if isinstance(error, Withheld):
        return error.code
    if isinstance(error, PermissionDenied):
        return "forbidden"
    if isinstance(error, Missing) or not isinstance(error, ActionError):
        return ""
    if isinstance(error, WrongState):
        late = request.method not in SAFE and error.code not in AT_WORK
        return error.code if late else ""
    return error.code if isinstance(error, NotYours | NotVisible) else ""


def verb_of(request: HttpRequest) -> str:
    """The action that was tried; else to open a document, to read or to send."""
    match = request.resolver_match
    if match is not None:
        for name in (match.kwargs.get("action"), match.url_name):
            if name in ACTIONS:
                return str(name)
        named = NAMED.get(begins(match.route))
        if named is not None and named.verb != READ:
            return named.verb
    return READ if request.method in SAFE else ATTEMPT


def page_of(request: HttpRequest) -> str:
    """The name of the address."""
    return request.resolver_match.view_name if request.resolver_match else ""


def begins(route: str) -> str:
    """What an address begins with, before its first value."""
    return route.partition("<")[0]


def thing_of(request: HttpRequest) -> tuple[str | None, bool]:
    """The row that an address names, as a target; and whether it names one at all."""
    match = request.resolver_match
    if match is None or "<" not in match.route:
        return None, False
    start = begins(match.route)
    value = next(iter(match.kwargs.values()), None)
    if start == "lists/":
        return None, value not in LISTS
    named = NAMED.get(start)
    if named is None:
        return None, True
    from desk.api.body import is_storable  # the API imports this module

    if isinstance(value, str) and not is_storable(value):
        return None, True
    row = named.model._default_manager.filter(**{named.field: value}).first()
    return (None if row is None else named.target(row)), True
