"""``GET rounds``: where one may apply now, and with what body."""

from typing import Any

from django.db.models import Count
from django.http import HttpRequest
from django.utils.timezone import now
from ninja import Router

from desk.api import forms
from desk.api.http import address, person, round_of
from desk.api.schemas import ERRORS, RoundOut, RoundState
from grants.models import Round
from grants.selectors import cases_visible_to, open_rounds
from organisations.models import User

router = Router(tags=["rounds"])


@router.get(
    "rounds",
    response={200: list[RoundOut], **ERRORS},
    url_name="rounds",
    operation_id="rounds",
    by_alias=True,
)
def rounds(request: HttpRequest) -> list[dict[str, Any]]:
    """Rounds whose call is open; `example` posted to `url` makes a draft."""
    found = open_rounds(now()).select_related("rules", "programme")
    return [round_out(round_, person(request)) for round_ in found]


@router.get(
    "rounds/{int:id}",
    response={200: RoundState, **ERRORS},
    url_name="round",
    operation_id="round",
)
def round_state(request: HttpRequest, id: int) -> dict[str, Any]:
    """A round, open or not: its dates, when it was closed, its cases by status."""
    found = round_of(person(request), id)
    cases = cases_visible_to(person(request)).filter(round=found).order_by()
    counts = dict(cases.values_list("status").annotate(n=Count("pk")))
    return {
        "id": found.pk,
        "code": found.code,
        "title": found.title,
        "year": found.year,
        "tier": found.tier,
        "opens_at": found.opens_at,
        "closes_at": found.closes_at,
        "ends_at": found.ends_at,
        "published_at": found.published_at,
        "closed_at": found.closed_at,
        "pool": str(found.pool),
        "cap": str(found.cap),
        "cases": counts,
    }


def round_out(round_: Round, user: User) -> dict[str, Any]:
    schema, example = forms.new_application(round_, user)
    return {
        "id": round_.pk,
        "code": round_.code,
        "title": round_.title,
        "year": round_.year,
        "tier": round_.tier,
        "opens_at": round_.opens_at,
        "closes_at": round_.closes_at,
        "pool": str(round_.pool),
        "cap": str(round_.cap),
        "url": address("cases"),
        "schema": schema,
        "example": example,
    }
