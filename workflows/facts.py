"""What gateways and timers read: facts that services stored, and moments."""

from datetime import datetime, timedelta
from typing import Any

from grants.calendar import end_of, end_of_working_day
from grants.models import Case, Objection, Seat, Stage, StageKind, Tranche
from grants.services.closing import refund_due


def status(subject: Any) -> str:
    """The stored status of whatever the process is about."""
    return subject.status


def case_status(subject: Any) -> str:
    return subject.case.status


def open_seats(case: Case) -> list[Seat]:
    """The seats of the panel, in order."""
    return list(case.seats.order_by("number"))


def refund_is_due(case: Case) -> str:
    """DUE while more was paid than was accepted, and not yet returned."""
    return "DUE" if refund_due(case) > 0 else "NONE"


def payment_approved(tranche: Tranche) -> bool:
    return tranche.status == "APPROVED"


# -- moments -------------------------------------------------------------------


def call_closes(case: Case) -> datetime:
    return case.round.closes_at


def correction_ends(case: Case) -> datetime:
    return case.application.correction_due


def review_ends(seat: Seat) -> datetime:
    return seat.case.round.review_ends_at


def round_ends(case: Case) -> datetime:
    return case.round.ends_at


def notice_ends(case: Case) -> datetime:
    """The end of the last day of the case's notice, in Shanghai."""
    return end_of(case.notices.latest("pk").ends_on)


def revision_ends(case: Case) -> datetime:
    return case.project.revision_due


def signing_ends(case: Case) -> datetime:
    return case.project.signing_due


def stage_opens(case: Case, kind: StageKind) -> datetime:
    return case.stages.get(kind=kind).opens_at


def mid_stage_opens(case: Case) -> datetime:
    return stage_opens(case, StageKind.MID)


def final_stage_opens(case: Case) -> datetime:
    return stage_opens(case, StageKind.FINAL)


def report_due(stage: Stage) -> datetime:
    return stage.report_due


def rectify_ends(stage: Stage) -> datetime:
    return stage.rectify_due


def closure_due(case: Case) -> datetime:
    """A month after the audit report (X37: thirty days)."""
    return case.audit_report.filed_at + timedelta(days=30)


def objection_answer_due(objection: Objection) -> datetime:
    """Five working days (X11)."""
    return end_of_working_day(objection.received_at, 5)
