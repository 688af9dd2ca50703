"""The rehearsal of a round: asking for one, and the path that it found."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from desk.formpage import errors_of, page_of
from desk.models import Rehearsal
from desk.rehearsals import KEPT, ask
from desk.views.answers import refusals
from desk.views.rounds import visible_round
from desk.wording import PHASE_LABELS, phase_of
from grants.errors import NotYours
from grants.models import Round
from grants.permissions import has_permission
from organisations.paging import number_in
from organisations.posted import posted
from workflows.rehearsal.path import Ending, Pace, Path, Step


class RehearsalForm(forms.Form):
    """How the example people act, and how many they are."""

    pace = forms.ChoiceField(
        label=gettext_lazy("When people act"), choices=Pace.choices, initial=Pace.PROMPT
    )
    people = forms.ChoiceField(
        label=gettext_lazy("Who takes part"),
        choices=[
            ("needed", gettext_lazy("Example people, as many as the rules need")),
            ("staffed", gettext_lazy("As many in each role as the programme has now")),
        ],
        initial="needed",
    )


@refusals
def round_rehearsal(request: HttpRequest, code: str) -> HttpResponse:
    """Ask for a rehearsal; see how far the last ones are and what they found."""
    round_ = visible_round(request, code)
    if not has_permission(request.user, "set_up_round", round_.programme_id):
        raise NotYours()
    form = RehearsalForm(posted(request))
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data
        staffed = chosen["people"] == "staffed"
        ask(round_, by=request.user, pace=chosen["pace"], as_staffed=staffed)
        messages.info(request, _("The rehearsal begins; its path appears here."))
        return redirect(reverse("desk:round-rehearsal", args=[code]))
    context = shown(round_, request.GET.get("run", ""))
    if request.htmx and request.method == "GET":
        return render(request, "desk/_rehearsal.html", context)
    errors = errors_of(form) if form.is_bound else {}
    return render(
        request,
        "desk/round_rehearsal.html",
        context | {"page": page_of(form, errors)},
        status=422 if errors else 200,
    )


def shown(round_: Round, run: str) -> dict[str, Any]:
    """The rehearsals of a round, and the path of the one that is looked at."""
    rows = list(
        Rehearsal.objects.filter(round=round_).select_related("user")[: KEPT + 5]
    )
    wanted = number_in(run)
    done = [row for row in rows if row.result is not None]
    chosen = next((row for row in done if row.pk == wanted), done[0] if done else None)
    context: dict[str, Any] = {
        "round": round_,
        "rows": rows,
        "working": any(row.is_open for row in rows),
        "chosen": chosen,
    }
    if chosen is not None:
        path = Path.of_data(chosen.result)
        context |= {
            "path": path,
            "steps": [(step, *moments(step)) for step in path.steps],
            "phases": phases_of(path),
            "days": days_between(path.steps[0], path.steps[-1]) if path.steps else 0,
            "stop_at": moment(path.stop.at) if path.stop else None,
            "ending": Ending(path.stop.ending).label if path.stop else "",
        }
    return context


def moment(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def moments(step: Step) -> tuple[datetime | None, datetime | None]:
    """When it was done, and by when it had to be."""
    return moment(step.at), moment(step.due)


@dataclass
class Phase:
    """How long the example case stood in a phase: days, and the bar's length."""

    label: Any
    begins: datetime
    ends: datetime
    days: int
    length: int = 0


def phases_of(path: Path) -> list[Phase]:
    """The phases in their order, the last one up to the last step."""
    found: list[Phase] = []
    before = ""
    for step in path.steps:
        name = phase_of(step.status) if step.status else ""
        at = datetime.fromisoformat(step.at)
        if found:
            found[-1].ends = at
        if name and name != before:
            found.append(Phase(PHASE_LABELS[name], at, at, 0))
            before = name
    for phase in found:
        phase.days = (phase.ends.date() - phase.begins.date()).days
    longest = max((phase.days for phase in found), default=0)
    for phase in found:
        phase.length = 1000 * phase.days // longest if longest else 0
    return found


def days_between(first: Step, last: Step) -> int:
    begin, end = (datetime.fromisoformat(step.at).date() for step in (first, last))
    return (end - begin).days
