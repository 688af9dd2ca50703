"""The API under /api/v1/ (DESIGN.md §10)."""

from django.http import Http404, HttpRequest
from ninja import Router

from desk.api import (
    actions,
    cases,
    documents,
    drafts,
    errors,
    inbox,
    papers,
    requirements,
    rounds,
)
from desk.api.auth import PERSON
from desk.api.core import Api

api = Api(
    title="Weigong",
    version="1",
    description=(
        "Cases, tasks and rounds of a grant programme. Start at `inbox` and "
        "`rounds`: each entry has a `url`, a JSON Schema and an example body."
    ),
    urls_namespace="api",
    auth=list(PERSON),
    docs_url=None,  # its page needs inline scripts, which the CSP forbids
)
errors.register(api)
for module in (
    rounds,
    inbox,
    drafts,
    cases,
    documents,
    papers,
    requirements,
    actions,
):
    api.add_router("", module.router)
api.completers.append(actions.complete_openapi)
rest = Router()
api.add_router("", rest)  # the last: whatever no other route takes


@rest.api_operation(
    ["GET", "POST", "PUT", "PATCH", "DELETE"],
    "{path:rest}",
    include_in_schema=False,
    url_name="unknown",
)
def unknown(request: HttpRequest, rest: str) -> None:
    """Whatever else: 404 as JSON, and 401 before it like everywhere."""
    raise Http404


__all__ = ["api"]
