"""Suspending a project (暂停拨款): its payments stop until it is resumed."""

from django.utils.translation import gettext as _

from grants.errors import Invalid, WrongState
from grants.models import Case, HoldKind
from grants.services.gate import gate
from grants.services.holding import is_held, lift_holds, set_hold
from organisations.models import User


@gate("suspend")
def suspend(case: Case, *, by: User, reason: str) -> Case:
    """Stop the project's payments, with a reason; nothing else stops."""
    if is_held(case, HoldKind.SUSPENSION):
        raise WrongState(_("The project is suspended already."))
    if not reason.strip():
        raise Invalid({"reason": [_("Give the reason.")]})
    set_hold(case, HoldKind.SUSPENSION, reason, by=by)
    return case


@gate("resume")
def resume(case: Case, *, by: User, reason: str) -> Case:
    """Let the payments go on; the reason is on record."""
    if not is_held(case, HoldKind.SUSPENSION):
        raise WrongState(_("The project is not suspended."))
    if not reason.strip():
        raise Invalid({"reason": [_("Give the reason.")]})
    lift_holds(case, HoldKind.SUSPENSION)
    return case
