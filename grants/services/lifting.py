"""Lifting an exclusion before its day (提前解除): proposed by one, decided by another.

The bureau's officer proposes it with the reason, the head of division decides.
Both stand in the record of the case whose termination excluded the organisation.
"""

from django.db.models import QuerySet
from django.utils.timezone import localdate, now
from django.utils.translation import gettext as _

from audit.record import record
from grants.errors import Invalid, NotYours, WrongState
from grants.models import (
    Case,
    ExclusionLift,
    LiftStatus,
    Role,
    Termination,
    TerminationStatus,
)
from grants.permissions import is_not_of_applicant, roles_of
from grants.services.gate import lock_case
from organisations.models import User
from organisations.services import end_exclusion, exclude
from outbox.services import announce


def exclusions_in(programmes: list[int]) -> QuerySet[Termination]:
    """Terminations of these programmes whose exclusion is in force, the last first."""
    return (
        Termination.objects.filter(
            status=TerminationStatus.CONFIRMED,
            excluded_until__gte=localdate(),
            case__round__programme__in=programmes,
        )
        .exclude(lifts__status=LiftStatus.CONFIRMED)
        .select_related("case__organisation", "case__round")
        .order_by("-excluded_until", "-pk")
    )


def open_lift(termination: Termination) -> ExclusionLift | None:
    """The proposal that waits for the head of division."""
    return termination.lifts.filter(status=LiftStatus.PROPOSED).first()


def may_propose(user: User, case: Case) -> bool:
    return _holds(user, case, Role.FUNDER)


def may_decide(user: User, case: Case, lift: ExclusionLift) -> bool:
    """The head of division, who has not proposed it."""
    return _holds(user, case, Role.HEAD) and lift.proposed_by_id != user.pk


def _holds(user: User, case: Case, role: str) -> bool:
    held = (case.round.programme_id, role) in roles_of(user)
    return held and is_not_of_applicant(user, case)


def propose_lift(termination: Termination, *, by: User, reason: str) -> ExclusionLift:
    """Ask to lift the exclusion; Invalid without a reason."""
    case = termination.case
    if not may_propose(by, case):
        raise NotYours()
    if not reason.strip():
        raise Invalid({"reason": [_("Give the reason.")]})
    with record("propose_lift", by=by, target=case.code, reason=reason):
        _require(termination, case)
        if open_lift(termination) is not None:
            raise WrongState(_("Lifting this exclusion is proposed already."))
        lift = ExclusionLift.objects.create(
            case=case,
            termination=termination,
            reason=reason,
            proposed_by=by,
            proposed_at=now(),
        )
        announce("propose_lift", lift=lift, by=by)
    return lift


def decide_lift(
    termination: Termination, *, by: User, confirm: bool, remarks: str = ""
) -> ExclusionLift:
    """Another person lifts the exclusion, or lets it stand and says why."""
    case = termination.case
    with record("decide_lift", by=by, target=case.code, reason=remarks):
        _require(termination, case)
        lift = open_lift(termination)
        if lift is None:
            raise WrongState(_("Lifting this exclusion is not proposed."))
        if not may_decide(by, case, lift):
            raise NotYours()
        if not confirm and not remarks.strip():
            raise Invalid({"remarks": [_("Give the reason.")]})
        lift.status = LiftStatus.CONFIRMED if confirm else LiftStatus.REFUSED
        lift.remarks = remarks
        lift.decided_by, lift.decided_at = by, now()
        lift.save()
        if confirm:
            _lift(termination)
        announce("decide_lift", lift=lift, by=by)
    return lift


def _require(termination: Termination, case: Case) -> None:
    """The exclusion is in force, read afresh under the case's lock."""
    lock_case(case)
    if not exclusions_in([case.round.programme_id]).filter(pk=termination.pk).exists():
        raise WrongState(_("This exclusion is not in force."))


def _lift(termination: Termination) -> None:
    """End it; another exclusion of the organisation that still runs takes over."""
    organisation = termination.case.organisation
    end_exclusion(organisation, until=termination.excluded_until)
    others = (
        Termination.objects.filter(
            case__organisation=organisation,
            status=TerminationStatus.CONFIRMED,
            excluded_until__gte=localdate(),
        )
        .exclude(lifts__status=LiftStatus.CONFIRMED)
        .order_by("-excluded_until")
    )
    other = others.select_related("case").first()
    if other is not None:
        said = f"{other.case.code}: {other.get_ground_display()}"
        exclude(organisation, until=other.excluded_until, reason=said)
