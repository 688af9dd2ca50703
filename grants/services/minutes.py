"""Minutes of a review group's defences: written by the operator, signed on paper."""

from typing import Any

from django.utils.timezone import now
from django.utils.translation import gettext as _

from attachments.models import Document
from grants.errors import Invalid, WrongState
from grants.models import Case, DefenceMinutes, DefenceNote, Panel, Round
from grants.services.gate import lock_cases, round_gate
from organisations.models import User


def cases_of(panel: Panel) -> list[Case]:
    """The group's cases in the order of their defences: one query."""
    seats = panel.seats.select_related("case__organisation").order_by("pk")
    return list({seat.case_id: seat.case for seat in seats}.values())


@round_gate("record_minutes")
def record_minutes(
    round_: Round,
    *,
    by: User,
    group: int,
    present: str,
    conclusion: str,
    notes: list[dict[str, Any]],
    scan: Document | None = None,
) -> DefenceMinutes:
    """Put down a group's session, or correct what was put down.

    group: id of the panel. notes: case (its number), questions, answers; a case
    left out keeps what it has. A scan once there stays until another one comes.
    """
    if round_.closed_at is not None:
        raise WrongState(_("The round is closed."), code="round_closed")
    panel = round_.panels.filter(pk=group).first()
    if panel is None:
        raise Invalid({"group": [_("There is no such group in this round.")]})
    found = {case.code: case for case in cases_of(panel)}
    errors = {
        f"notes.{index}.case": [_("This case is not of the group.")]
        for index, note in enumerate(notes)
        if note["case"] not in found
    }
    if errors:
        raise Invalid(errors)
    lock_cases([found[note["case"]].pk for note in notes])
    for note in notes:
        DefenceNote.objects.update_or_create(
            case=found[note["case"]],
            panel=panel,
            defaults={"questions": note["questions"], "answers": note["answers"]},
        )
    facts = {
        "present": present,
        "conclusion": conclusion,
        "recorded_by": by,
        "recorded_at": now(),
    }
    if scan is not None:
        facts["scan"] = scan
    minutes, _made = DefenceMinutes.objects.update_or_create(
        panel=panel, defaults=facts, create_defaults={**facts, "round": round_}
    )
    return minutes
