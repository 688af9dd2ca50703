"""A review group: when and where it meets, its defences, its experts."""

from typing import Any

from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from desk.views.answers import refusals
from desk.views.rounds import visible_round
from grants.errors import NotVisible
from grants.models import Panel, Seat, SeatStatus
from grants.panels import defence_times
from grants.permissions import has_permission
from grants.rules import rules_of


@require_safe
@refusals
def round_group(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """One group for offices of the programme: schedule, seats, alternates, seed."""
    round_ = visible_round(request, code)
    panel = round_.panels.select_related("drawn_by").filter(pk=pk).first()
    if panel is None or not has_permission(
        request.user, "view_cases", round_.programme_id
    ):
        raise NotVisible()
    prefetch_related_objects([panel], "alternates__reviewer")
    rows = schedule_of(panel)
    pitch, questions = rules_of(round_).defence_minutes
    return render(
        request,
        "desk/round_group.html",
        {
            "round": round_,
            "panel": panel,
            "rows": rows,
            "pitch": pitch,
            "questions": questions,
        },
    )


def schedule_of(panel: Panel) -> list[dict[str, Any]]:
    """The group's cases in the order of their defences, with their seats: one query."""
    seats = (
        Seat.objects.filter(panel=panel)
        .select_related("case__organisation", "reviewer")
        .order_by("pk")
    )
    rows: dict[int, dict[str, Any]] = {}
    for seat in seats:
        row = rows.setdefault(seat.case_id, {"case": seat.case, "seats": []})
        row["seats"].append(seat)
    minutes = sum(rules_of(panel.round).defence_minutes)
    times: list[Any] = [None] * len(rows)
    if panel.starts_at is not None:
        times = list(defence_times(panel.starts_at, len(rows), minutes))
    for row, starts in zip(rows.values(), times, strict=True):
        row["starts_at"] = starts
        row["seats"].sort(key=lambda seat: seat.number)
        row["locked"] = sum(s.status == SeatStatus.LOCKED for s in row["seats"])
    return list(rows.values())
