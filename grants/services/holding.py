"""Holds: open questions that stop the money of a case (grants.models.Hold)."""

from django.utils.timezone import now

from grants.models import Case, Hold, HoldKind
from organisations.models import User

REASON_LENGTH = 400


def set_hold(
    case: Case, kind: HoldKind, reason: str, *, by: User | str | None = None
) -> None:
    """Open a hold, unless one of the kind is open. by: whose act it is."""
    case.holds.get_or_create(
        kind=kind,
        lifted_at=None,
        defaults={
            "reason": reason[:REASON_LENGTH],
            "opened_at": now(),
            "opened_by": by if isinstance(by, User) else None,
        },
    )


def lift_holds(case: Case, *kinds: HoldKind) -> None:
    """Lift the open holds of these kinds."""
    for hold in case.holds.filter(kind__in=kinds, lifted_at=None):
        hold.lifted_at = now()
        hold.save(update_fields=["lifted_at"])


def hold_of(case: Case, kind: HoldKind) -> Hold | None:
    """The open hold of a kind, with who opened it."""
    held = case.holds.filter(kind=kind, lifted_at=None)
    return held.select_related("opened_by").first()


def is_held(case: Case, kind: HoldKind) -> bool:
    """Whether a hold of the kind is open."""
    return case.holds.filter(kind=kind, lifted_at=None).exists()
