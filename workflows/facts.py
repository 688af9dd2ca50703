"""What gateways and timers read: facts that services stored, and moments."""

from datetime import datetime, timedelta
from typing import Any

from django.utils.timezone import now

from grants.calendar import end_of, end_of_working_day
from grants.models import (
    Case,
    Finding,
    FindingStatus,
    HoldKind,
    Objection,
    Seat,
    SeatStatus,
    Stage,
    StageKind,
    Status,
    Tranche,
)
from grants.rules import rules_of
from grants.services.applying import draft_ends
from grants.services.changing import open_change
from grants.services.closing import refund_due
from grants.services.holding import is_held
from grants.services.reopening import is_signed, open_reopening
from grants.services.repaying import claim_of
from grants.services.terminating import open_proposal, termination_of
from organisations.models import User


def status(subject: Any) -> str:
    """The stored status of whatever the process is about."""
    return subject.status


def case_status(subject: Any) -> str:
    return subject.case.status


def open_seats(case: Case) -> list[Seat]:
    """The seats of the panel, in order."""
    return list(case.seats.order_by("number"))


def panel_waits_no_more(seat: Seat) -> bool:
    """Whether every seat of the case has locked, or this one was reopened."""
    if seat.status == SeatStatus.REOPENED:
        return True
    return not seat.case.seats.exclude(status=SeatStatus.LOCKED).exists()


def seat_is_left(seat: Seat) -> bool:
    """Whether its reviewer has a conflict or has left it: nobody's step any more."""
    return seat.status == SeatStatus.CONFLICT


def refund_is_due(case: Case) -> str:
    """DUE while more was paid than was accepted, and not yet returned."""
    return "DUE" if refund_due(case) > 0 else "NONE"


def payment_approved(tranche: Tranche) -> bool:
    return tranche.status == "APPROVED"


def where_asking(case: Case) -> str:
    """The status, or what within it comes next: a reopened case goes on there."""
    if case.status == Status.SCREENING and case.application.refusal_proposed_by_id:
        return "REFUSAL_PROPOSED"
    if case.status == Status.REVISION and case.project.plan_submitted_at:
        return "PLAN_HANDED_IN"
    if case.status == Status.AGREEMENT and is_signed(case):
        return "SIGNED"
    return case.status


def where_running(case: Case) -> str:
    """The status, or that a closure package is being examined."""
    if case.status == Status.CLOSING and case.closures.filter(outcome="").exists():
        return "PACKAGE_HANDED_IN"
    return case.status


def where_termination_stands(case: Case) -> str:
    return "PROPOSED" if open_proposal(case) else "DECIDED"


def proposer_of_termination(case: Case) -> User | None:
    proposal = open_proposal(case)
    return proposal.proposed_by if proposal else None


def where_clawback_stands(case: Case) -> str:
    """DUE, PROVED while a proof is being examined, DONE once all has come."""
    if case.status != Status.CLAWBACK:
        return "DONE"
    return "PROVED" if claim_of(case).submitted else "DUE"


def where_change_stands(case: Case) -> str:
    """By whom it is decided: MINOR by the officer, MAJOR by the head."""
    change = open_change(case)
    if change is None:
        return "DECIDED"
    return "MAJOR" if change.is_major else "MINOR"


def where_suspension_stands(case: Case) -> str:
    return "SUSPENDED" if is_held(case, HoldKind.SUSPENSION) else "RESUMED"


def where_reopening_stands(case: Case) -> str:
    return "ASKED" if open_reopening(case) else "ANSWERED"


def asker_of_reopening(case: Case) -> User | None:
    reopening = open_reopening(case)
    return reopening.asked_by if reopening else None


def where_finding_stands(finding: Finding) -> str:
    """Who is next: who is asked (OFFICE, ORGANISATION), the auditor (ANSWERED), the
    inspector (REFERRED), nobody (OVER)."""
    if finding.status == FindingStatus.RAISED:
        return finding.addressee
    if finding.status in (FindingStatus.ANSWERED, FindingStatus.REFERRED):
        return finding.status
    return "OVER"


def finding_is_referred(finding: Finding) -> bool:
    """Whether the auditor took it out of everybody's hands."""
    return finding.status == FindingStatus.REFERRED


def referrer_of_finding(finding: Finding) -> User | None:
    return finding.referred_by


# -- moments -------------------------------------------------------------------


def call_closes(case: Case) -> datetime:
    return draft_ends(case)


def screening_ends(case: Case) -> datetime:
    """Working days after the call; after a correction, from then on (OFFICER §3)."""
    days = rules_of(case).screening_working_days
    return end_of_working_day(max(now(), case.round.closes_at), days)


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


def return_due(case: Case) -> datetime | None:
    termination = termination_of(case)
    return termination.return_due if termination else None


def objection_answer_due(objection: Objection) -> datetime:
    """Five working days (X11)."""
    return end_of_working_day(objection.received_at, 5)
