"""The papers that the rules ask of a case, and how each stands; read-only."""

from datetime import date
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from desk.api.http import address, case_of, person
from desk.api.schemas import ERRORS
from desk.requirements import groups_for

router = Router(tags=["papers"])


class FiledOut(Schema):
    """The document that counts, and until when it holds (null: without an end)."""

    document: int
    title: str
    valid_until: date | None
    url: str


class RequirementOut(Schema):
    """One paper. `kind` is what to file it under, "" where no file is asked for.

    `state`: THERE, MISSING, EXPIRED, UNDATED (a file whose date nobody entered) or
    OPTIONAL (needed where it applies, and not there).
    """

    code: str
    title: str
    stage: str
    stage_label: str
    reached: bool
    current: bool
    who: str
    needed: str
    kind: str
    state: str
    state_label: str
    filed: FiledOut | None


@router.get(
    "cases/{code}/requirements",
    response={200: list[RequirementOut], **ERRORS},
    url_name="case_requirements",
    operation_id="case_requirements",
)
def requirements(request: HttpRequest, code: str) -> list[dict[str, Any]]:
    """The papers of every stage of a case: there, missing or expired."""
    case = case_of(person(request), code)
    return [
        {
            "code": paper.requirement.code,
            "title": paper.label,
            "stage": group.stage.value,
            "stage_label": str(group.stage.label),
            "reached": group.is_reached,
            "current": group.is_current,
            "who": str(paper.requirement.who),
            "needed": str(paper.requirement.needed),
            "kind": paper.requirement.kind,
            "state": paper.state.value,
            "state_label": str(paper.state.label),
            "filed": filed_out(paper.filed),
        }
        for group in groups_for(person(request), case, filing=None)
        for paper in (line.paper for line in group.lines)
    ]


def filed_out(filed: Any) -> dict[str, Any] | None:
    if filed is None:
        return None
    return {
        "document": filed.document,
        "title": filed.title,
        "valid_until": filed.until,
        "url": address("documents", filed.document, "content"),
    }
