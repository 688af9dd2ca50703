"""Objections as the API shows them to who handles them."""

from typing import Any

from desk.api.documents import document_out
from grants.models import Case, Objection
from grants.selectors import may_read_objections, objections_of
from organisations.models import User


def objections_out(case: Case, user: User) -> list[dict[str, Any]]:
    """The objections to a case; none for who may not read them."""
    if not may_read_objections(user, case):
        return []
    return [objection_out(objection) for objection in objections_of(case)]


def objection_out(objection: Objection) -> dict[str, Any]:
    """An objection with its files, for who handles it."""
    return {
        "number": objection.number,
        "status": objection.status,
        "status_label": objection.get_status_display(),
        "anonymous": objection.anonymous,
        "name": objection.name,
        "contact": objection.contact,
        "text": objection.text,
        "received_at": objection.received_at,
        "answer": objection.answer,
        "documents": [document_out(d) for d in objection.folder.documents.all()]
        if objection.folder
        else [],
    }
