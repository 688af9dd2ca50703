"""Reopening a locked score while the panel is not closed.

The operator asks for it with a reason; the sheet stays on record as it was
locked, counts no more, and the reviewer gets the seat's task back. A panel
that has closed stays closed: its mean is before the committee.
"""

from typing import Any

from django.utils.timezone import now
from django.utils.translation import gettext as _

from grants.errors import Invalid, WrongState
from grants.models import Case, Review, Seat, SeatStatus
from grants.services.gate import gate
from organisations.models import User


def locked_seats(case: Case) -> list[Seat]:
    """The seats of a case whose score is locked, in order."""
    locked = case.seats.filter(status=SeatStatus.LOCKED).select_related("reviewer")
    return list(locked.prefetch_related("reviews").order_by("number"))


@gate("reopen_score")
def reopen_score(case: Case, *, by: User, seat: int, reason: str) -> Seat:
    """Give a locked score back to its reviewer, with what was written.

    seat: its number in the case. Invalid without a reason; WrongState where the
    seat has locked nothing.
    """
    if not reason.strip():
        raise Invalid({"reason": [_("Give the reason.")]})
    found = case.seats.filter(number=seat, status=SeatStatus.LOCKED).first()
    review = found.review if found else None
    if found is None or review is None:
        raise WrongState(_("This seat has no locked score."))
    review.reopened_at = now()
    review.reopened_by = by
    review.reopen_reason = reason
    review.save()
    found.status = SeatStatus.REOPENED
    found.save()
    return found


def last_reopened(seat: Seat) -> Review | None:
    """The sheet whose reopening gave the reviewer this seat back."""
    if seat.status != SeatStatus.REOPENED:
        return None
    earlier = seat.reviews.exclude(reopened_at=None).select_related("reopened_by")
    return earlier.order_by("-pk").first()


def locked_before(seat: Seat) -> dict[str, Any]:
    """What the reopened sheet says, as the fields of a new one."""
    review = last_reopened(seat)
    if review is None:
        return {}
    values: dict[str, Any] = {"recommended": review.recommended}
    for score in review.scores.all():
        values[f"score_{score.criterion}"] = score.score
        values[f"comment_{score.criterion}"] = score.comment
    return values
