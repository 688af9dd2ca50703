"""Ending a project early (终止): proposal, confirmation, settlement, exclusion.

The officer proposes, the head of division confirms; a stage that failed is
decided on in tracking and ends here, too. Amounts are CNY. DOMAIN §9: what was
paid beyond the accepted expenditure comes back, in a case of fraud all of it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.utils.timezone import now
from django.utils.translation import gettext as _

from grants.calendar import end_of_working_day, today
from grants.errors import Invalid, WrongState
from grants.models import (
    Case,
    ChangeStatus,
    HoldKind,
    Status,
    Termination,
    TerminationGround,
    TerminationStatus,
)
from grants.rules import rules_of
from grants.services.applying import months_after
from grants.services.closing import NOTHING, facts_of
from grants.services.gate import gate, set_status
from grants.services.holding import lift_holds, set_hold
from organisations.models import User
from organisations.services import exclude

CONFIRM, REJECT = "CONFIRM", "REJECT"
G = TerminationGround
#: What an officer may propose; FAILURE comes from a stage.
PROPOSABLE = (G.AGREEMENT, G.CAUSE, G.FRAUD)
#: These shut the organisation out for some years (X21, X15).
EXCLUDING = (G.CAUSE, G.FRAUD)
#: Holds that a termination answers; a finding of the audit stays open.
ANSWERED = (
    HoldKind.RECTIFICATION,
    HoldKind.SUSPENSION,
    HoldKind.CHANGE,
    HoldKind.TERMINATION,
)


@dataclass(frozen=True)
class Settlement:
    """The figures of an early end, in CNY."""

    award: Decimal
    paid: Decimal
    returned: Decimal
    accepted: Decimal
    to_return: Decimal


def settlement_of(case: Case, ground: str, accepted: Decimal) -> Settlement:
    """What a project that ends now has to return.

    (paid − returned) − min(award, accepted expenditure), never below zero;
    in a case of fraud everything that was kept.
    """
    facts = facts_of(case)
    kept = facts.paid - facts.returned
    earned = NOTHING if ground == G.FRAUD else min(case.awarded, accepted)
    return Settlement(
        award=case.awarded,
        paid=facts.paid,
        returned=facts.returned,
        accepted=accepted,
        to_return=max(NOTHING, kept - earned),
    )


def open_proposal(case: Case) -> Termination | None:
    """The termination that waits for its confirmation."""
    return case.terminations.filter(status=TerminationStatus.PROPOSED).first()


def termination_of(case: Case) -> Termination | None:
    """The termination that ended the case."""
    confirmed = case.terminations.filter(status=TerminationStatus.CONFIRMED)
    return confirmed.order_by("-pk").first()


def terminations_of(cases: Iterable[Case]) -> dict[int, Termination]:
    """The same of several cases, by id: one query."""
    found = Termination.objects.filter(
        case__in=[case.pk for case in cases], status=TerminationStatus.CONFIRMED
    )
    return {termination.case_id: termination for termination in found.order_by("pk")}


def termination_errors(
    ground: str, reason: str, accepted: Decimal, because: str
) -> dict[str, list[str]]:
    """What is wrong with a proposal, by field."""
    errors = {}
    if ground not in PROPOSABLE:
        errors["ground"] = [_("Choose a ground.")]
    if not reason.strip():
        errors["reason"] = [_("Say why.")]
    if accepted < 0:
        errors["accepted_expenditure"] = [_("This cannot be less than nothing.")]
    if accepted and not because.strip():
        errors["accepted_because"] = [_("Say how the amount was found.")]
    return errors


@gate("terminate")
def terminate(
    case: Case,
    *,
    by: User,
    ground: str,
    reason: str,
    accepted_expenditure: Decimal,
    accepted_because: str = "",
) -> Termination:
    """The officer proposes to end the project; the money stops meanwhile.

    accepted_expenditure: CNY of what was spent so far that the programme bears.
    """
    if open_proposal(case):
        raise WrongState(_("A termination is proposed already."))
    errors = termination_errors(ground, reason, accepted_expenditure, accepted_because)
    if errors:
        raise Invalid(errors)
    set_hold(case, HoldKind.TERMINATION, reason, by=by)
    figures = settlement_of(case, ground, accepted_expenditure)
    return Termination.objects.create(
        case=case,
        ground=ground,
        reason=reason,
        accepted_because=accepted_because,
        proposed_by=by,
        proposed_at=now(),
        **columns_of(figures),
    )


def columns_of(figures: Settlement) -> dict[str, Decimal]:
    """A settlement as the columns of Termination."""
    return {
        "award": figures.award,
        "paid": figures.paid,
        "returned": figures.returned,
        "accepted_expenditure": figures.accepted,
        "to_return": figures.to_return,
    }


@gate("confirm_termination")
def confirm_termination(
    case: Case, *, by: User, outcome: str, reason: str = ""
) -> Termination:
    """Another person ends the project, or refuses with a reason: it goes on."""
    termination = open_proposal(case)
    if termination is None:
        raise WrongState(_("No termination is proposed."))
    if outcome not in (CONFIRM, REJECT):
        raise Invalid({"outcome": [_("Choose an outcome.")]})
    termination.remarks = reason
    if outcome == CONFIRM:
        carry_out(case, termination, by)
        return termination
    if not reason.strip():
        raise Invalid({"reason": [_("Give the reason.")]})
    termination.status = TerminationStatus.REFUSED
    termination.decided_by, termination.decided_at = by, now()
    termination.save()
    lift_holds(case, HoldKind.TERMINATION)
    return termination


def end_for_failure(
    case: Case, *, by: User, reason: str, accepted: Decimal | None
) -> Termination:
    """The bureau ends a project whose stage failed; a helper of tracking.

    Invalid without an accepted expenditure (CNY) where money was paid.
    """
    if accepted is None and facts_of(case).paid:
        message = _("Money was paid: say what of the expenditure is accepted.")
        raise Invalid({"accepted_expenditure": [message]})
    figures = settlement_of(case, G.FAILURE, accepted or NOTHING)
    termination = Termination(
        case=case,
        ground=G.FAILURE,
        reason=reason,
        accepted_because=reason,
        proposed_by=by,
        proposed_at=now(),
        **columns_of(figures),
    )
    carry_out(case, termination, by)
    return termination


def carry_out(case: Case, termination: Termination, by: User) -> None:
    """Settle, end what was open on the case, and claim back what is due."""
    rules = rules_of(case)
    figures = settlement_of(case, termination.ground, termination.accepted_expenditure)
    for column, amount in columns_of(figures).items():
        setattr(termination, column, amount)
    termination.status = TerminationStatus.CONFIRMED
    termination.decided_by, termination.decided_at = by, now()
    if termination.ground in EXCLUDING:
        until = months_after(today(now()), 12 * rules.excluded_years)
        termination.excluded_until = until
        said = f"{case.code}: {termination.get_ground_display()}"
        exclude(case.organisation, until=until, reason=said)
    if figures.to_return:
        days = rules.clawback_working_days
        termination.return_due = end_of_working_day(now(), days)
    termination.save()
    close_side_ways(case)
    case.application.end_reason = termination.reason
    case.application.save()
    set_status(case, Status.CLAWBACK if figures.to_return else Status.TERMINATED)


def close_side_ways(case: Case) -> None:
    """What else was asked for on the case is overtaken; its holds are answered."""
    others = case.terminations.filter(status=TerminationStatus.PROPOSED)
    others.update(status=TerminationStatus.OVERTAKEN, decided_at=now())
    asked = case.changes.filter(status=ChangeStatus.REQUESTED)
    asked.update(status=ChangeStatus.OVERTAKEN, decided_at=now())
    lift_holds(case, *ANSWERED)
