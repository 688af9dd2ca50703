"""Small things of every route: addresses, versions, replies, query values."""

from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja.responses import Response

from desk.api.body import is_storable
from grants.errors import Invalid, NotVisible, Stale
from grants.models import Case, Round
from grants.selectors import cases_visible_to, rounds_visible_to
from organisations.models import User

ROOT = "/api/v1"
#: Read with a case, because pages, forms and permissions ask for them.
CASE_PARTS = (
    "round__programme",
    "rules",
    "organisation",
    "folder",
    "application",
    "project",
)


def person(request: HttpRequest) -> User:
    """Who is asking; somebody without account only where `auth` lets them in."""
    return cast(User, request.user)


def address(*parts: Any, task: int | None = None) -> str:
    """The URL of a route, below the server's prefix."""
    prefix = (settings.FORCE_SCRIPT_NAME or "").rstrip("/")
    path = "/".join([prefix + ROOT, *(str(part) for part in parts)])
    return path if task is None else f"{path}?task={task}"


def reply(
    status: int, body: dict[str, Any], *, version: int | None = None
) -> HttpResponse:
    """A JSON answer, with the case's version as its ETag."""
    response = Response(body, status=status)
    if version is not None:
        response["ETag"] = f'"{version}"'
    return response


def version_wanted(request: HttpRequest) -> int | None:
    """The version that ``If-Match`` names; Stale for one that cannot be ours."""
    given = request.headers.get("If-Match", "").strip()
    if given in ("", "*"):
        return None
    number = given.removeprefix("W/").strip('"')
    if not (number.isascii() and number.isdecimal() and len(number) < 10):
        raise Stale()
    return int(number)


def case_of(user: User, code: str) -> Case:
    """A case by its code; NotVisible where this person may not see it."""
    case = None
    if is_storable(code):
        case = (
            cases_visible_to(user).select_related(*CASE_PARTS).filter(code=code).first()
        )
    if case is None:
        raise NotVisible()
    return case


def round_of(user: User, pk: int) -> Round:
    """A round by its id; NotVisible where this person may not see it."""
    round_ = (
        rounds_visible_to(user)
        .select_related("programme", "rules", "folder")
        .filter(pk=pk)
        .first()
    )
    if round_ is None:
        raise NotVisible()
    return round_


def plain(name: str, value: str) -> str:
    """A text of the query that a database takes."""
    if not is_storable(value):
        raise Invalid({name: [_("The text holds characters that are not taken.")]})
    return value.strip()
