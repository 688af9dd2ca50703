"""A review group: when and where it meets, its defences, its experts."""

from typing import Any

from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from desk.papers import round_links
from desk.views.acting import Acting, act_page
from desk.views.answers import refusals
from desk.views.rounds import visible_round
from grants.errors import Missing, NotVisible, NotYours
from grants.models import DefenceMinutes, Panel, Seat, SeatStatus
from grants.panels import defence_times
from grants.papers.registry import BY_CODE
from grants.permissions import can_take, has_permission
from grants.rules import rules_of
from organisations.paging import number_in


@require_safe
@refusals
def round_group(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """One group for offices of the programme: schedule, seats, alternates, seed."""
    round_ = visible_round(request, code)
    panel = round_.panels.select_related("drawn_by").filter(pk=pk).first()
    if not has_permission(request.user, "view_cases", round_.programme_id):
        raise NotVisible()
    if panel is None:
        raise Missing()
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
            "minutes": DefenceMinutes.objects.filter(panel=panel)
            .select_related("scan", "recorded_by")
            .first(),
            "may_record": round_.closed_at is None
            and can_take("record_minutes", round_, request.user),
            "paper": round_links(BY_CODE["defences"], round_, panel.pk),
            "pitch": pitch,
            "questions": questions,
        },
    )


@refusals
def round_minutes(request: HttpRequest, code: str) -> HttpResponse:
    """Put down the session of the group that the address names."""
    round_ = visible_round(request, code)
    if not can_take("record_minutes", round_, request.user):
        raise NotYours()
    key = number_in(request.GET.get("group", ""))
    panel = round_.panels.filter(pk=key).first() if key is not None else None
    if panel is None:
        raise Missing()
    back = reverse("desk:round-group", args=[code, panel.pk])
    return act_page(
        request,
        Acting(
            name="record_minutes",
            target=round_,
            url=f"{reverse('desk:round-minutes', args=[code])}?group={panel.pk}",
            back=back,
            after=lambda _result: back,
        ),
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
