"""Reopening an ended case: asked with a reason, confirmed by a second person.

It goes back to where it ended. Terms that have passed meanwhile begin anew; an
award must still fit into the pool, which is locked before the case.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from django.utils.timezone import now
from django.utils.translation import gettext as _

from grants.calendar import end_of_working_day
from grants.errors import ActionError, Invalid, WrongState
from grants.lifecycle import ENDED, PHASES
from grants.models import (
    Agreement,
    Case,
    Reopening,
    ReopeningStatus,
    StageStatus,
    Status,
    TerminationStatus,
)
from grants.rules import rules_of
from grants.selectors import COMMITTED
from grants.services.gate import gate, set_status
from grants.services.listing import rooms_of
from grants.services.terminating import CONFIRM, REJECT, termination_of
from grants.services.tracking import STAGE_OF, hold_for_rectification, stage_of
from organisations.models import User
from organisations.services import end_exclusion

NOTHING = Decimal(0)


def open_reopening(case: Case) -> Reopening | None:
    """The reopening that waits for its confirmation."""
    return case.reopenings.filter(status=ReopeningStatus.REQUESTED).first()


def reopening_obstacle(case: Case) -> ActionError | None:
    """Why the case cannot go back to where it ended, or None; read afresh."""
    return reopening_obstacles([case])[case.pk]


def reopening_obstacles(cases: Iterable[Case]) -> dict[int, ActionError | None]:
    """The same of several cases, by id: two queries, for their rounds."""
    cases = list(cases)
    rooms = rooms_of({case.round_id: case.round for case in cases}.values())
    live = (
        Case.objects.filter(
            round__in=list(rooms), organisation__in=[c.organisation_id for c in cases]
        )
        .exclude(status__in=ENDED)
        .order_by()
        .values_list("round_id", "organisation_id")
    )
    others = Counter(live)
    return {
        case.pk: _obstacle(
            case,
            rooms[case.round_id][case.organisation.is_community],
            others[case.round_id, case.organisation_id],
        )
        for case in cases
    }


def _obstacle(case: Case, free: Decimal, others: int) -> ActionError | None:
    """free: CNY left for such an award; others: live cases of the organisation."""
    round_, back_to = case.round, case.ended_from
    if not back_to:
        return WrongState(_("It is not known where this case ended."))
    if round_.closed_at is not None:
        return WrongState(_("The round is closed."), code="round_closed")
    if back_to == Status.WAITLISTED and now() >= round_.ends_at:
        return WrongState(_("The wait list ended with the round."))
    if back_to in COMMITTED and case.status not in COMMITTED:
        if (case.awarded or NOTHING) > free:
            message = _("The pool has only %(free)s yuan left for this award.")
            return WrongState(message % {"free": f"{free:,.2f}"}, code="pool_short")
    if back_to in PHASES["asking"]:
        if others >= rules_of(round_).max_applications:
            message = _("The organisation has another application in this round.")
            return WrongState(message, code="one_application")
    return None


@gate("reopen")
def reopen(case: Case, *, by: User, reason: str) -> Reopening:
    """An officer asks to reopen the case; WrongState names what stands against it."""
    if open_reopening(case):
        raise WrongState(_("A reopening is asked for already."))
    if not reason.strip():
        raise Invalid({"reason": [_("Give the reason.")]})
    if obstacle := reopening_obstacle(case):
        raise obstacle
    return Reopening.objects.create(
        case=case,
        ended_as=case.status,
        back_to=case.ended_from,
        reason=reason,
        asked_by=by,
        asked_at=now(),
    )


@gate("confirm_reopening")
def confirm_reopening(
    case: Case, *, by: User, outcome: str, reason: str = ""
) -> Reopening:
    """Another person takes the case back to where it ended, or leaves it ended."""
    reopening = open_reopening(case)
    if reopening is None:
        raise WrongState(_("No reopening is asked for."))
    if outcome not in (CONFIRM, REJECT):
        raise Invalid({"outcome": [_("Choose an outcome.")]})
    if outcome == REJECT and not reason.strip():
        raise Invalid({"reason": [_("Give the reason.")]})
    confirmed = outcome == CONFIRM
    if confirmed and (obstacle := reopening_obstacle(case)):
        raise obstacle
    reopening.status = (
        ReopeningStatus.CONFIRMED if confirmed else ReopeningStatus.REFUSED
    )
    reopening.remarks = reason
    reopening.decided_by, reopening.decided_at = by, now()
    reopening.save()
    if confirmed:
        back_to = Status(reopening.back_to)
        if case.status == Status.TERMINATED:
            revoke_termination(case)
        give_time(case, back_to)
        set_status(case, back_to)
    return reopening


def revoke_termination(case: Case) -> None:
    """The termination and its exclusion no longer hold."""
    termination = termination_of(case)
    if termination is None:
        return
    termination.status = TerminationStatus.REVOKED
    termination.save()
    if termination.excluded_until:
        end_exclusion(case.organisation, until=termination.excluded_until)


def give_time(case: Case, back_to: Status) -> None:
    """Undo how the case ended, and begin the terms that have passed anew."""
    application, rules = case.application, rules_of(case)
    application.end_reason = ""

    def term(days: int) -> datetime:
        return end_of_working_day(now(), days)

    if back_to == Status.DRAFT and now() >= case.round.closes_at:
        application.term_ends = term(rules.correction_working_days)
    elif back_to == Status.CORRECTION:
        application.correction_due = term(rules.correction_working_days)
    elif back_to == Status.REVISION:
        case.project.revision_due = term(rules.revision_working_days)
        case.project.save()
    elif back_to == Status.AGREEMENT and not is_signed(case):
        case.project.signing_due = term(rules.signing_working_days)
        case.project.save()
    elif back_to in STAGE_OF:
        give_stage_time(case, back_to)
    application.save()


def is_signed(case: Case) -> bool:
    """Whether the organisation has signed its agreement."""
    return Agreement.objects.filter(case=case).exists()


def give_stage_time(case: Case, back_to: Status) -> None:
    """The open stage goes on: its terms anew, a failed one to be decided again."""
    stage, rules = stage_of(case, STAGE_OF[back_to]), rules_of(case)
    if stage.status == StageStatus.REPORT:
        due = end_of_working_day(now(), rules.report_grace_working_days)
        stage.report_due = max(stage.report_due, due)
    elif stage.status in (StageStatus.RECTIFY, StageStatus.RECHECK):
        hold_for_rectification(stage, stage.remarks)
        due = end_of_working_day(now(), rules.rectify_working_days)
        stage.rectify_due = max(stage.rectify_due, due)
    elif stage.status == StageStatus.FAILED:
        hold_for_rectification(stage, stage.remarks)
        stage.ended_at = None
    stage.save()
