"""Deciding: committee list, bureau meeting, notice, award, wait list.

Batches lock the round (the pool) first and then their cases.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.utils.timezone import now
from django.utils.translation import gettext as _

from attachments.models import Document
from grants.calendar import (
    add_working_days,
    end_of,
    end_of_working_day,
    next_working_day,
    today,
    working_days_between,
)
from grants.errors import Invalid, WrongState
from grants.models import (
    Case,
    Decision,
    DecisionLine,
    DecisionOutcome,
    Notice,
    ObjectionStatus,
    Programme,
    Project,
    Round,
    Status,
)
from grants.rules import rules_of
from grants.selectors import pool_free
from grants.services.gate import gate, lock_cases, move_case, round_gate, set_status
from grants.services.listing import (
    Line,
    award_error,
    fence_message,
    list_errors,
    pool_message,
)
from grants.services.proposal import copy_request_to_plan
from organisations.models import User

CONFIRM, SEND_BACK = "CONFIRM", "SEND_BACK"
COMMITTEE, MEETING = Decision.Kind.COMMITTEE, Decision.Kind.MEETING
AWARD = DecisionOutcome.AWARD
STATUS_OF = {
    DecisionOutcome.AWARD: Status.PROPOSED,
    DecisionOutcome.WAITLIST: Status.WAITLISTED,
    DecisionOutcome.REJECT: Status.REJECTED,
}
OPEN_OBJECTIONS = (ObjectionStatus.RECEIVED, ObjectionStatus.ACCEPTED)


# -- the committee's list ------------------------------------------------------------


@round_gate("decide_list")
def decide_list(round_: Round, *, by: User, lines: list[Line]) -> Decision:
    """One member proposes the list of all scored cases (评审委员会审定).

    lines: case (code), outcome, amount (CNY, for an award), reason. Nothing
    moves before a second member confirms. Invalid names line and column: the
    pool, the cap, the request, the pass mark, unexplained leaps in the ranking.
    """
    if open_list_of(round_) is not None:
        raise WrongState(_("A list is proposed already and awaits confirmation."))
    cases = {case.code: case for case in _lock(round_, Status.SCORED)}
    if not cases:
        raise WrongState(_("No scored case awaits a decision."))
    if errors := list_errors(round_, cases, lines):
        raise Invalid(errors)
    decision = Decision.objects.create(
        round=round_, kind=COMMITTEE, proposed_by=by, proposed_at=now()
    )
    DecisionLine.objects.bulk_create(
        DecisionLine(
            decision=decision,
            case=cases[line["case"]],
            outcome=line["outcome"],
            amount=line["amount"] if line["outcome"] == AWARD else None,
            reason=line.get("reason") or "",
        )
        for line in lines
    )
    return decision


@round_gate("confirm_decision")
def confirm_decision(
    round_: Round, *, by: User, outcome: str, reason: str = ""
) -> Decision:
    """A second member confirms the list, and the cases move; or sends it back."""
    decision = open_list_of(round_)
    if decision is None:
        raise WrongState(_("No list awaits confirmation."))
    if outcome == SEND_BACK:
        if not reason.strip():
            raise Invalid({"reason": [_("Give the reason.")]})
        decision.sent_back_at = now()
    elif outcome == CONFIRM:
        _apply(round_, decision)
        decision.confirmed_by, decision.confirmed_at = by, now()
    else:
        raise Invalid({"outcome": [_("Choose an outcome.")]})
    decision.save()
    return decision


def _apply(round_: Round, decision: Decision) -> None:
    lines = {line.case_id: line for line in decision.lines.all()}
    cases = [c for c in lock_cases(list(lines)).values() if c.status == Status.SCORED]
    awards = sum((lines[c.pk].amount or Decimal(0) for c in cases), Decimal(0))
    free = pool_free(round_)
    if awards > free:
        raise Invalid({"outcome": [pool_message(awards, free)]})
    others = [lines[c.pk].amount for c in cases if not c.organisation.is_community]
    if message := fence_message(round_, sum(filter(None, others), Decimal(0))):
        raise Invalid({"outcome": [message]})
    for case in cases:
        line = lines[case.pk]
        case.awarded = line.amount
        move_case("confirm_decision", case, STATUS_OF[DecisionOutcome(line.outcome)])


def open_list_of(round_: Round) -> Decision | None:
    """The committee's list that awaits its second member."""
    return round_.decisions.filter(
        kind=COMMITTEE, confirmed_at=None, sent_back_at=None
    ).first()


# -- the bureau meeting, the notice ----------------------------------------------------


@round_gate("record_meeting")
def record_meeting(
    round_: Round, *, by: User, number: str, held_on: date, scan: Document
) -> Decision:
    """The bureau meeting approved the proposed cases (局长办公会).

    The notice opens only with the minutes' number, date and scan (OFFICER §0.2).
    """
    if held_on > today(now()):
        raise Invalid({"held_on": [_("The meeting lies in the future.")]})
    cases = _lock(round_, Status.PROPOSED)
    if not cases:
        raise WrongState(_("No proposed case awaits the meeting."))
    decision = Decision.objects.create(
        round=round_,
        kind=MEETING,
        proposed_by=by,
        proposed_at=now(),
        confirmed_by=by,
        confirmed_at=now(),
        number=number,
        held_on=held_on,
        scan=scan,
    )
    DecisionLine.objects.bulk_create(
        DecisionLine(decision=decision, case=c, outcome=AWARD, amount=c.awarded)
        for c in cases
    )
    for case in cases:
        move_case("record_meeting", case, Status.DECIDED)
    return decision


@round_gate("publish_notice")
def publish_notice(
    round_: Round,
    *,
    by: User,
    text: str,
    starts_on: date | None = None,
    ends_on: date | None = None,
) -> Notice:
    """Publish the notice of all approved cases (公示).

    It runs from the next working day (OFFICER §0.12) for the working days of
    the rules, both ends counted (X13), unless dates are given.
    """
    cases = _lock(round_, Status.DECIDED)
    if not cases:
        raise WrongState(_("No approved case awaits its notice."))
    first, last = notice_period(round_, starts_on, ends_on)
    if errors := notice_errors(round_, first, last):
        raise Invalid(errors)
    notice = Notice.objects.create(
        round=round_,
        text=text,
        starts_on=first,
        ends_on=last,
        published_by=by,
        published_at=now(),
    )
    notice.cases.set(cases)
    for case in cases:
        move_case("publish_notice", case, Status.IN_NOTICE)
    return notice


def notice_period(
    round_: Round, starts_on: date | None = None, ends_on: date | None = None
) -> tuple[date, date]:
    """First and last day of a notice, where they are not given by default."""
    first = starts_on or next_working_day(today(now()))
    if ends_on is not None:
        return first, ends_on
    days = rules_of(round_).notice_working_days
    return first, add_working_days(date.fromordinal(first.toordinal() - 1), days)


def notice_errors(round_: Round, first: date, last: date) -> dict[str, list[str]]:
    """What is wrong with a notice's days, by field."""
    if first < today(now()):
        return {"starts_on": [_("The notice cannot start in the past.")]}
    needed = rules_of(round_).notice_working_days
    found = working_days_between(first, last)
    if found < needed:
        return {
            "ends_on": [
                _("The notice must run %(needed)s working days; this is %(found)s.")
                % {"needed": needed, "found": max(found, 0)}
            ]
        }
    return {}


@gate("close_notice")
def close_notice(case: Case, *, by: User | str) -> Notice:
    """The case's notice is over (system); its first case marks the notice too."""
    notice = notice_of(case)
    if notice is None or now() < end_of(notice.ends_on):
        raise WrongState(_("The notice still runs."))
    Notice.objects.filter(pk=notice.pk, over_at=None).update(over_at=now())
    notice.refresh_from_db()
    case.application.notice_over_at = now()
    case.application.save()
    return notice


def notice_of(case: Case) -> Notice | None:
    """The latest notice that lists the case."""
    return case.notices.order_by("-id").first()


def notice_ends_at(case: Case) -> datetime | None:
    """The moment at which the case's notice is over."""
    notice = notice_of(case)
    return end_of(notice.ends_on) if notice else None


# -- the award -----------------------------------------------------------------------


@round_gate("award_list")
def award_list(
    round_: Round, *, by: User, letter_number: str, letter_date: date
) -> list[Project]:
    """Award all cases whose notice is over and that nothing holds (立项通知).

    A case with an unanswered objection or an open hold waits for the next
    letter. Makes the projects with consecutive award numbers; an award below
    the request leads to the plan's revision, else to the agreement.
    """
    if letter_date > today(now()):
        raise Invalid({"letter_date": [_("The letter is dated in the future.")]})
    ids = list(awardable_cases(round_).values_list("pk", flat=True))
    cases = list(lock_cases(ids).values())
    if not cases:
        raise WrongState(_("No case is ready for its award letter."))
    numbers = _award_numbers(round_, len(cases))
    return [
        _award(case, award_no, letter_number, letter_date)
        for case, award_no in zip(cases, numbers, strict=True)
    ]


def awardable_cases(round_: Round) -> QuerySet[Case]:
    """Cases in a notice that is over, without open question."""
    return (
        round_.cases.filter(
            status=Status.IN_NOTICE, application__notice_over_at__isnull=False
        )
        .exclude(objections__status__in=OPEN_OBJECTIONS)
        .exclude(pk__in=_held(round_))
        .order_by("code")
    )


def _held(round_: Round) -> QuerySet[Any]:
    return (
        round_.cases.filter(holds__isnull=False, holds__lifted_at=None)
        .order_by()
        .values("pk")
    )


def _award(case: Case, award_no: str, number: str, day: date) -> Project:
    rules = rules_of(case)
    revise = case.awarded < case.requested
    project = Project.objects.create(
        case=case,
        award_no=award_no,
        award_letter_no=number,
        award_letter_date=day,
        plan="" if revise else case.application.plan,
    )
    if revise:
        days = rules.revision_working_days
        project.revision_due = end_of_working_day(now(), days)
    else:
        copy_request_to_plan(case)
        project.plan_submitted_at = now()
        project.signing_due = end_of_working_day(now(), rules.signing_working_days)
    project.save()
    move_case("award_list", case, Status.REVISION if revise else Status.AGREEMENT)
    return project


def _award_numbers(round_: Round, count: int) -> list[str]:
    """Consecutive in programme, year and tier (立项编号), as GYCT-LX-2026-CITY-001.

    The programme's row is the lock where several rounds share a year.
    """
    programmes = Programme.objects.select_for_update(no_key=True)
    programme = programmes.get(pk=round_.programme_id)
    taken = Project.objects.filter(
        case__round__programme=programme,
        case__round__year=round_.year,
        case__round__tier=round_.tier,
    ).count()
    prefix = f"{programme.code.upper()}-LX-{round_.year}-{round_.tier}"
    return [f"{prefix}-{taken + n:03d}" for n in range(1, count + 1)]


# -- the wait list, and leaving --------------------------------------------------


@round_gate("offer_place")
def offer_place(round_: Round, *, by: User, case: str, amount: Decimal) -> Case:
    """Offer a wait-listed case what became free in the pool (递补)."""
    wanted = round_.cases.filter(code=case, status=Status.WAITLISTED).first()
    if wanted is None:
        raise Invalid({"case": [_("This case is not on the wait list.")]})
    locked = lock_cases([wanted.pk])[wanted.pk]
    if error := award_error(round_, locked, amount):
        raise Invalid({"amount": [error]})
    free = pool_free(round_)
    if amount > free:
        raise Invalid({"amount": [pool_message(amount, free)]})
    others = Decimal(0) if locked.organisation.is_community else amount
    if message := fence_message(round_, others):
        raise Invalid({"amount": [message]})
    locked.awarded = amount
    move_case("offer_place", locked, Status.PROPOSED)
    return locked


@gate("release_waitlist")
def release_waitlist(case: Case, *, by: User | str) -> None:
    """The round is over and no place became free (system)."""
    if now() < case.round.ends_at:
        raise WrongState(_("The round is not over."))
    case.application.end_reason = _("No place became free before the round ended.")
    case.application.save()
    set_status(case, Status.REJECTED)


@gate("decline")
def decline(case: Case, *, by: User, declaration: Document, reason: str = "") -> None:
    """Decline the award with a sealed declaration (放弃立项)."""
    case.application.end_reason = reason or declaration.title
    case.application.save()
    set_status(case, Status.LAPSED)


def _lock(round_: Round, status: Status) -> list[Case]:
    """The round's cases of one status, locked, and still in it."""
    ids = list(round_.cases.filter(status=status).values_list("pk", flat=True))
    return [c for c in lock_cases(ids).values() if c.status == status]
