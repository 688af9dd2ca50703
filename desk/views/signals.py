"""The page of signals, for auditors and inspectors."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from audit.record import record_read
from desk.oversight.scope import cases_of, programmes_of
from desk.signals.base import Facts, Finding
from desk.signals.registry import SIGNALS
from desk.views.answers import refusals
from grants.models import Programme, Round

#: Findings of one signal that the page shows at once.
SHOWN = 30
MOST_ROUNDS = 200


@require_safe
@refusals
def signals(request: HttpRequest) -> HttpResponse:
    """Every signal with what it found, cut to a programme or a round."""
    programmes = programmes_of(request.user)
    record_read(by=request.user, target="audit", what="signals")
    facts = Facts(cases_of(request.user), programmes)
    rounds = Round.objects.filter(programme__in=programmes).order_by("-opens_at", "-pk")
    asked = {name: request.GET.get(name, "") for name in ("programme", "round")}
    chosen = chosen_cases(facts, asked)
    found = [(signal, cut(signal.find(facts), chosen)) for signal in SIGNALS]
    context: dict[str, Any] = {
        "signals": [
            {"signal": signal, "found": hits[:SHOWN], "more": len(hits) - SHOWN}
            for signal, hits in found
        ],
        "total": sum(len(hits) for _signal, hits in found),
        "programmes": Programme.objects.filter(pk__in=programmes).order_by("code"),
        "rounds": rounds.filter(published_at__isnull=False)[:MOST_ROUNDS],
        "asked": asked,
    }
    return render(request, "desk/oversight/signals.html", context)


def chosen_cases(facts: Facts, asked: dict[str, str]) -> set[int] | None:
    """The cases of the programme and round asked for; None for all."""
    if not any(asked.values()):
        return None
    programmes = {str(pk) for pk in facts.programmes}
    return {
        case.pk
        for case in facts.cases.values()
        if asked["round"] in ("", case.round.code)
        and (
            asked["programme"] not in programmes
            or asked["programme"] == str(case.round.programme_id)
        )
    }


def cut(found: list[Finding], chosen: set[int] | None) -> list[Finding]:
    """Findings that touch a chosen case; what lies outside of it stays beside it."""
    return [f for f in found if chosen is None or f.cases & chosen]
