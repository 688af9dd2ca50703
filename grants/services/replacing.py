"""Freeing a seat, and replacing who has left one: who may take it."""

from collections.abc import Iterable
from math import inf

from django.db.models import QuerySet, Value, prefetch_related_objects
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from grants.errors import Invalid, WrongState
from grants.models import Case, Recusal, Role, Seat, SeatStatus
from grants.panels import Candidate, lot_of
from grants.services.drafts import discard_draft, draft_key
from grants.services.gate import gate
from organisations.models import Membership, User

#: Nothing is locked yet: who sits there may be let go.
LEAVABLE = (SeatStatus.DRAWN, SeatStatus.CLEAR)
NOT_LEAVABLE = gettext_lazy(
    "Only a seat that has locked no score can be freed; this one has, or nobody "
    "sits in it now."
)


def leavable_seats(case: Case) -> list[Seat]:
    """The seats of a case that have locked nothing, in order."""
    seats = case.seats.filter(status__in=LEAVABLE).select_related("reviewer")
    return list(seats.order_by("number"))


@gate("vacate_seat")
def vacate_seat(case: Case, *, by: User, seat: int, reason: str) -> Seat:
    """Free the seat of a reviewer who cannot go on, as if they had declined it.

    seat: its number in the case. Their typing goes. A score that was locked stays
    with its person, reopened or not: WrongState. Invalid without a reason.
    """
    if not reason.strip():
        raise Invalid({"reason": [_("Give the reason.")]})
    found = case.seats.filter(number=seat, status__in=LEAVABLE).first()
    if found is None:
        raise WrongState(NOT_LEAVABLE)
    found.status = SeatStatus.CONFLICT
    found.conflict_reason, found.declined = reason, True
    found.declared_at = now()
    found.save()
    forget_typing(found)
    return found


def forget_typing(seat: Seat) -> None:
    """What was typed in a seat's forms is not for who sits there next."""
    discard_draft(
        *(draft_key(name, seat) for name in ("declare_interest", "lock_score"))
    )


@gate("replace_reviewer")
def replace_reviewer(seat: Seat, *, by: User, reviewer: User, reason: str = "") -> Seat:
    """Put another reviewer into a seat whose holder declared a conflict or left it.

    The group's alternates come first, in their order, then the others by lot;
    whoever passes somebody over says why (reason, on record).
    Who leaves is shut out of the case for good. A finance seat stays one, unless
    no finance expert is free and one sits in another seat, which takes it over.
    """
    if seat.status != SeatStatus.CONFLICT:
        raise WrongState(_("Nobody has left this seat."))
    free = replacements_for(seat)
    if reviewer not in free:
        refusal = _("This person cannot take the seat.") if free else nobody_free(seat)
        raise Invalid({"reviewer": [refusal]})
    if reviewer != free[0] and not reason.strip():
        message = _("%(name)s comes first: say why somebody else takes the seat.")
        raise Invalid({"reason": [message % {"name": free[0]}]})
    if seat.needs_finance_expert and not reviewer.is_finance_expert:
        _hand_on_finance(seat)
    Recusal.objects.create(
        case=seat.case,
        seat=seat,
        reviewer=seat.reviewer,
        reason=seat.conflict_reason,
        declined=seat.declined,
        declared_at=seat.declared_at,
    )
    seat.reviewer = reviewer
    seat.status = SeatStatus.DRAWN
    seat.conflict_reason, seat.declined = "", False
    seat.declared_at = None
    seat.save()
    forget_typing(seat)  # also what a page sent while the seat was freed
    return seat


def _hand_on_finance(seat: Seat) -> None:
    """Another seat with a finance expert becomes the case's finance seat."""
    other = _finance_at_hand([seat.case]).order_by("number").first()
    if other is None:  # replacements_for offers a layman only where there is one
        raise Invalid({"reviewer": [_("This person cannot take the seat.")]})
    other.needs_finance_expert, seat.needs_finance_expert = True, False
    other.save()


def _finance_at_hand(cases: Iterable[Case]) -> QuerySet[Seat]:
    """Ordinary seats that a finance expert without a declared conflict holds."""
    return Seat.objects.filter(
        case__in=list(cases),
        needs_finance_expert=False,
        reviewer__is_finance_expert=True,
    ).exclude(status=SeatStatus.CONFLICT)


def replacements_for(seat: Seat) -> list[User]:
    """Reviewers who may take a seat, in their order.

    They have no conflict and no seat of the case. The group's alternates come
    first, then the others by the lots of the group's draw, which repeat.
    A finance seat goes to a finance expert. Where none is free but one sits in
    an ordinary seat of the case, that one serves for the panel, and the seat
    goes to anybody free.
    """
    return replacements_of([seat])[seat.pk]


def replacements_of(seats: list[Seat]) -> dict[int, list[User]]:
    """The same for several seats of one programme, by seat.

    Four queries, and a fifth where a finance seat finds no finance expert.
    """
    prefetch_related_objects(seats, "panel__alternates")
    cases = [seat.case for seat in seats]
    organisations = {c.organisation_id for c in cases}
    organisations |= {c.organisation.custodian_id for c in cases} - {None}
    members = Membership.objects.filter(
        organisation_id__in=organisations, ended_at=None
    ).values_list(Value("organisation"), "organisation_id", "user_id")
    left = Recusal.objects.filter(case__in=cases)
    seated = Seat.objects.filter(case__in=cases).order_by()
    taken = set(
        members.union(
            left.values_list(Value("case"), "case_id", "reviewer_id"),
            seated.values_list(Value("case"), "case_id", "reviewer_id"),
        )
    )
    reviewers = list(
        User.objects.filter(
            is_active=True,
            groups__role_group__programme_id=cases[0].round.programme_id,
            groups__role_group__role=Role.REVIEWER,
        ).order_by("pk")
    )

    def is_free(user: User, seat: Seat) -> bool:
        organisation = seat.case.organisation
        barred = {
            ("case", seat.case_id, user.pk),
            ("organisation", organisation.pk, user.pk),
            ("organisation", organisation.custodian_id, user.pk),
        }
        return not barred & taken

    free = {
        seat.pk: in_order(seat, [u for u in reviewers if is_free(u, seat)])
        for seat in seats
    }
    return free | _for_finance([s for s in seats if s.needs_finance_expert], free)


def alternate_place(seat: Seat, user: User) -> int | None:
    """Which alternate of the group somebody is; None for one who is none."""
    places = {a.reviewer_id: a.place for a in seat.panel.alternates.all()}
    return places.get(user.pk)


def in_order(seat: Seat, people: Iterable[User]) -> list[User]:
    """Alternates by their places, then the others by lot."""

    def turn(user: User) -> tuple[float, str]:
        candidate = Candidate(user.pk, user.username, user.is_finance_expert)
        place = alternate_place(seat, user)
        lot = lot_of(seat.panel.seed, seat.panel.name, candidate)
        return (inf if place is None else place, lot)

    return sorted(people, key=turn)


def _for_finance(
    seats: list[Seat], free: dict[int, list[User]]
) -> dict[int, list[User]]:
    """Of the free people those who may take these finance seats, by seat."""
    experts = {s.pk: [u for u in free[s.pk] if u.is_finance_expert] for s in seats}
    lacking = [s for s in seats if free[s.pk] and not experts[s.pk]]
    if lacking:
        at_hand = _finance_at_hand(s.case for s in lacking).order_by()
        served = set(at_hand.values_list("case_id", flat=True))
        experts |= {s.pk: free[s.pk] for s in lacking if s.case_id in served}
    return experts


def nobody_free(seat: Seat) -> str:
    """What to do when nobody may take a seat."""
    if seat.needs_finance_expert:
        return _(
            "No finance expert of this programme is free for this case, and none "
            "sits in another of its seats. Let the administrator give another "
            "finance expert the role of reviewer, then replace."
        )
    return _(
        "No reviewer of this programme is free for this case. Let the "
        "administrator give another person the role of reviewer, then replace."
    )
