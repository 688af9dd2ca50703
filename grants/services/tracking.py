"""Tracking: three stages of report, check, visit and grade (督导与评估).

A stage is worked on while its case is in the status of that stage. Every
service stores the stage's new status; the flow reads it.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils.timezone import now
from django.utils.translation import gettext as _

from attachments.models import Document
from attachments.services import StoredUpload, add_document
from grants.calendar import end_of_working_day, today
from grants.errors import Invalid, Late, WrongState
from grants.models import (
    Case,
    HoldKind,
    Stage,
    StageKind,
    StageStatus,
    Status,
    Visit,
    VisitMethod,
    VisitPicture,
)
from grants.models.tracking import CheckOutcome, FailureOutcome, GradeOutcome
from grants.rules import rules_of
from grants.services.gate import gate, set_status
from grants.services.grace import with_grace
from grants.services.holding import lift_holds, set_hold
from grants.services.indicators import keep_results
from grants.services.paying import open_due_tranches
from grants.services.terminating import end_for_failure
from organisations.models import User

#: In which status of the case a stage is worked on.
STAGE_OF = {
    Status.RUNNING_INITIAL: StageKind.INITIAL,
    Status.MID_EVAL: StageKind.MID,
    Status.FINAL_EVAL: StageKind.FINAL,
}
#: What `open_stage` does: the case's status, its next one, the stage before
#: (which must have passed) and the stage that opens.
OPENING = {
    Status.RUNNING_INITIAL: (Status.MID_EVAL, StageKind.INITIAL, StageKind.MID),
    Status.RUNNING_FINAL: (Status.FINAL_EVAL, StageKind.MID, StageKind.FINAL),
}
CLOSING = {
    Status.MID_EVAL: Status.RUNNING_FINAL,
    Status.FINAL_EVAL: Status.AUDIT,
}


# -- what a stage needs -----------------------------------------------------------


def stage_of(case: Case, kind: str) -> Stage:
    """A case's stage of one kind; countersigning made all three."""
    return case.stages.get(kind=kind)


def working_days_after(due: datetime, count: int) -> datetime:
    """The end of the `count`-th working day after the day that `due` ends."""
    return end_of_working_day(due - timedelta(microseconds=1), count)


def report_grace_ends(stage: Stage) -> datetime:
    """When a late report is an officer's question (OFFICER §0.12: 5 days)."""
    days = rules_of(stage.case).report_grace_working_days
    return working_days_after(stage.report_due, days)


def require(stage: Stage, *statuses: StageStatus) -> None:
    """WrongState unless the stage is the case's current one, and in a status."""
    if (
        STAGE_OF.get(Status(stage.case.status)) != stage.kind
        or stage.status not in statuses
    ):
        raise WrongState()


def require_text(field: str, text: str) -> None:
    """Invalid when an explanation is missing."""
    if not text.strip():
        raise Invalid({field: [_("Say why.")]})


def hold_for_rectification(stage: Stage, reason: str) -> None:
    """Stop the money until the stage's question is answered."""
    set_hold(stage.case, HoldKind.RECTIFICATION, reason)


def lift_rectification(case: Case) -> None:
    """Let the money flow again."""
    lift_holds(case, HoldKind.RECTIFICATION)


def end_stage(stage: Stage, status: StageStatus) -> None:
    """The stage is over, well or badly."""
    stage.status = status
    stage.ended_at = now()


# -- the services -----------------------------------------------------------------


@gate("report_stage")
def report_stage(
    stage: Stage,
    *,
    by: User,
    text: str,
    beneficiaries_served: int,
    money_used: Decimal,
    report_file: Document | None = None,
    indicators: Iterable[dict[str, Any]] = (),
) -> Stage:
    """The organisation reports; money in CNY, spent since the project began.

    indicators: rows of `indicator` (its id), `actual`, reached so far, and `reason`,
    needed where the ledger counts something else. Late after the days of grace;
    Invalid when more was used than awarded.
    """
    if stage.status == StageStatus.LATE:
        raise Late()
    require(stage, StageStatus.REPORT)
    if now() >= with_grace(stage.case, report_grace_ends(stage)):
        raise Late()
    if money_used > stage.case.awarded:
        message = _("More than was awarded (%(award)s) cannot have been used.")
        raise Invalid({"money_used": [message % {"award": stage.case.awarded}]})
    stage.report = text
    stage.beneficiaries_served = beneficiaries_served
    stage.money_used = money_used
    stage.report_file = report_file or stage.report_file
    stage.reported_by = by
    stage.status = StageStatus.CHECK
    stage.save()
    keep_results(stage, indicators)
    return stage


@gate("mark_report_late")
def mark_report_late(stage: Stage, *, by: str) -> Stage:
    """No report came in the days of grace: an officer decides."""
    require(stage, StageStatus.REPORT)
    if now() < stage.report_due:
        raise WrongState()
    stage.status = StageStatus.LATE
    stage.save()
    return stage


@gate("check_materials")
def check_materials(
    stage: Stage, *, by: User, outcome: str, remarks: str = ""
) -> Stage:
    """The operator accepts the report, or returns it with the reason.

    A returned report has at least the days of a correction (CONV).
    """
    require(stage, StageStatus.CHECK)
    if outcome == CheckOutcome.RETURN:
        require_text("remarks", remarks)
        days = rules_of(stage.case).correction_working_days
        stage.report_due = max(stage.report_due, end_of_working_day(now(), days))
        stage.status = StageStatus.REPORT
    else:
        stage.status = StageStatus.VISIT
        stage.checked_at = now()
    stage.remarks = remarks
    stage.checked_by = by
    stage.save()
    return stage


@gate("visit_site")
def visit_site(
    stage: Stage,
    *,
    by: User,
    visited_on: Any,
    findings: str,
    photo: Document | None = None,
    pictures: Iterable[StoredUpload] = (),
    method: str = VisitMethod.ON_SITE,
    **facts: Any,
) -> Visit:
    """A supervisor looked at the project; three visits a cycle (A11, S3).

    On site with a picture. facts: progress and money_share (per cent), problems,
    advice.
    """
    require(stage, StageStatus.VISIT)
    if visited_on > today(now()):
        raise Invalid({"visited_on": [_("This day has not come yet.")]})
    if method == VisitMethod.ON_SITE and photo is None:
        raise Invalid({"photo": [_("A visit on site needs a picture.")]})
    case = stage.case
    visit = Visit.objects.create(
        case=case,
        stage=stage,
        visited_on=visited_on,
        method=method,
        findings=findings,
        photo=photo,
        visited_by=by,
        **facts,
    )
    for picture in pictures:
        document = add_document(case.folder, kind="visit_photo", upload=picture, by=by)
        VisitPicture.objects.create(case=case, visit=visit, document=document)
    stage.status = StageStatus.GRADE
    stage.save()
    return visit


@gate("submit_rectification")
def submit_rectification(
    stage: Stage, *, by: User, text: str, file: Document | None = None
) -> Stage:
    """The organisation says what it put right; Late after the due moment."""
    require(stage, StageStatus.RECTIFY)
    if now() >= with_grace(stage.case, stage.rectify_due):
        raise Late()
    stage.rectification = text
    stage.rectification_file = file or stage.rectification_file
    stage.status = StageStatus.RECHECK
    stage.save()
    return stage


@gate("fail_rectification")
def fail_rectification(stage: Stage, *, by: str) -> Stage:
    """Nothing was put right in time; the hold stays until it is decided."""
    require(stage, StageStatus.RECTIFY)
    if now() < stage.rectify_due:
        raise WrongState()
    stage.status = StageStatus.FAILED
    stage.save()
    return stage


@gate("recheck")
def recheck(stage: Stage, *, by: User, outcome: str, remarks: str = "") -> Stage:
    """A supervisor looks again: a pass lifts the hold, a failure keeps it."""
    require(stage, StageStatus.RECHECK)
    if outcome == GradeOutcome.PASS:
        end_stage(stage, StageStatus.PASSED)
        lift_rectification(stage.case)
    else:
        require_text("remarks", remarks)
        stage.status = StageStatus.FAILED
    stage.remarks = remarks
    stage.save()
    return stage


@gate("decide_on_failure")
def decide_on_failure(
    stage: Stage,
    *,
    by: User,
    outcome: str,
    reason: str,
    accepted_expenditure: Decimal | None = None,
) -> Stage:
    """The bureau decides on a failed stage or a report that never came.

    REPORT (a late report only) gives the days of grace once more, from today.
    TERMINATE settles the project: CNY of accepted expenditure, if any was paid.
    """
    require(stage, StageStatus.FAILED, StageStatus.LATE)
    case = stage.case
    require_text("reason", reason)
    if outcome == FailureOutcome.REPORT:
        if stage.status != StageStatus.LATE:
            message = _("Only a late report can be given another time.")
            raise Invalid({"outcome": [message]})
        days = rules_of(case).report_grace_working_days
        stage.report_due = end_of_working_day(now(), days)
        stage.status = StageStatus.REPORT
    elif outcome == FailureOutcome.GO_ON:
        end_stage(stage, StageStatus.PASSED)
        stage.excused = True
        lift_rectification(case)
    else:
        end_stage(stage, StageStatus.FAILED)
        end_for_failure(case, by=by, reason=reason, accepted=accepted_expenditure)
    stage.remarks = reason
    stage.save()
    return stage


@gate("open_stage")
def open_stage(case: Case, *, by: str) -> Stage:
    """The time of the next evaluation has come and the stage before is over.

    A report is never due sooner after the opening than countersigning planned
    it, however late the stage before ended.
    """
    status, before, kind = OPENING[Status(case.status)]
    stage = stage_of(case, kind)
    if stage_of(case, before).status != StageStatus.PASSED or now() < stage.opens_at:
        raise WrongState()
    days = rules_of(case).report_grace_working_days
    stage.report_due = max(stage.report_due, end_of_working_day(now(), days))
    stage.save()
    set_status(case, status)
    return stage


@gate("close_stage")
def close_stage(case: Case, *, by: str) -> Stage:
    """The evaluation is passed: the project goes on, and money falls due."""
    stage = stage_of(case, STAGE_OF[Status(case.status)])
    if stage.status != StageStatus.PASSED:
        raise WrongState()
    set_status(case, CLOSING[Status(case.status)])
    open_due_tranches(case)
    return stage
