"""``GET rounds``: where one may apply now, and with what body."""

from typing import Any

from django.http import HttpRequest
from django.utils.timezone import now
from ninja import Router

from desk.api import forms
from desk.api.http import address, person
from desk.api.schemas import ERRORS, RoundOut
from grants.models import Round
from grants.selectors import open_rounds
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
