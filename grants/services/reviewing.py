"""Expert review: groups and their draw, interests, scores, the mean."""

import secrets
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db.models import QuerySet
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from grants.errors import Invalid, WrongState
from grants.models import (
    Alternate,
    Case,
    Panel,
    Recusal,
    Review,
    Role,
    Round,
    Score,
    Seat,
    SeatStatus,
    Status,
)
from grants.panels import Candidate, Drawn, TooFew, alternates, draw
from grants.rules import rules_of
from grants.services.gate import gate, lock_cases, move_case, round_gate, set_status
from organisations.models import Membership, User

COMMENT_BELOW = Decimal("0.60")  # of a criterion's weight (CONV, DOMAIN §6.2)
HUNDREDTH = Decimal("0.01")


# -- the draw --------------------------------------------------------------------


@round_gate("open_review")
def open_review(
    round_: Round, *, by: User, groups: list[dict[str, Any]], seed: str = ""
) -> list[Panel]:
    """Draw each group's experts for all its cases and open the review.

    groups: name, theme, meets_on (date), starts_at (time of the first defence),
    room, cases (codes, in the order of the defences). seed: drawn when not given; it
    stays on record, so that the draw can be repeated. Invalid names the group
    in which experts are lacking.
    """
    by_code = _eligible_cases(round_, groups)
    seed = seed or secrets.token_hex(8)
    panels = []
    for index, group in enumerate(groups):
        cases = [by_code[code] for code in group["cases"]]
        drawn = _draw(round_, index, group["name"], cases, seed)
        panels.append(_open_panel(round_, group, seed, by))
        _keep_alternates(panels[-1], cases, drawn)
        for case in cases:
            _seat(panels[-1], case, drawn)
            move_case("open_review", case, Status.UNDER_REVIEW)
    return panels


def _eligible_cases(round_: Round, groups: list[dict[str, Any]]) -> dict[str, Case]:
    """The groups' cases, locked; each must be eligible and in one group only."""
    wanted = [code for group in groups for code in group["cases"]]
    ids = list(round_.cases.filter(code__in=wanted).values_list("pk", flat=True))
    by_code = {case.code: case for case in lock_cases(ids).values()}
    errors, seen = {}, set()
    for index, group in enumerate(groups):
        for code in group["cases"]:
            case = by_code.get(code)
            if case is None or case.status != Status.ELIGIBLE:
                message = _("%(code)s is no eligible case of this round.")
            elif code in seen:
                message = _("%(code)s is listed twice.")
            else:
                seen.add(code)
                continue
            errors[f"groups.{index}.cases"] = [message % {"code": code}]
        if not group["cases"]:
            errors[f"groups.{index}.cases"] = [_("Name the group's cases.")]
    if errors or not groups:
        raise Invalid(errors or {"groups": [_("Enter at least one row.")]})
    return by_code


def _draw(
    round_: Round, index: int, name: str, cases: list[Case], seed: str
) -> list[Drawn]:
    rules = rules_of(round_)
    try:
        return draw(
            candidates_for(cases),
            seed=seed,
            group=name,
            size=rules.panel_size,
            finance=rules.min_finance_experts,
        )
    except TooFew as lack:
        raise Invalid({f"groups.{index}.cases": [_shortage(lack)]}) from lack


def _shortage(lack: TooFew) -> str:
    facts = {"needed": lack.needed, "found": lack.found}
    if lack.what == "finance":
        return (
            ngettext(
                "The panel needs %(needed)s finance expert without a conflict; "
                "there are %(found)s.",
                "The panel needs %(needed)s finance experts without a conflict; "
                "there are %(found)s.",
                lack.needed,
            )
            % facts
        )
    return (
        ngettext(
            "The panel needs %(needed)s reviewer without a conflict; "
            "there are %(found)s.",
            "The panel needs %(needed)s reviewers without a conflict; "
            "there are %(found)s.",
            lack.needed,
        )
        % facts
    )


def _keep_alternates(panel: Panel, cases: list[Case], drawn: list[Drawn]) -> None:
    """Who comes next by lot, without a conflict in the group either."""
    found = alternates(
        candidates_for(cases),
        drawn,
        seed=panel.seed,
        group=panel.name,
        count=rules_of(panel.round).alternates,
    )
    Alternate.objects.bulk_create(
        Alternate(round=panel.round, panel=panel, place=n, reviewer_id=c.pk)
        for n, c in enumerate(found, start=1)
    )


def _open_panel(round_: Round, group: dict[str, Any], seed: str, by: User) -> Panel:
    return Panel.objects.create(
        round=round_,
        name=group["name"],
        theme=group.get("theme") or "",
        meets_on=group["meets_on"],
        starts_at=group.get("starts_at"),
        room=group.get("room") or "",
        seed=seed,
        drawn_by=by,
        drawn_at=now(),
    )


def _seat(panel: Panel, case: Case, drawn: list[Drawn]) -> None:
    Seat.objects.bulk_create(
        Seat(
            case=case,
            panel=panel,
            number=seat.number,
            reviewer_id=seat.candidate.pk,
            needs_finance_expert=seat.needs_finance_expert,
        )
        for seat in drawn
    )


def reviewers_for(cases: Iterable[Case]) -> QuerySet[User]:
    """The programme's reviewers who have no known conflict in these cases.

    A conflict is: being a member of an applicant or its custodian, or having
    left one of the cases because of a conflict.
    """
    cases = list(cases)
    organisations = {case.organisation_id for case in cases}
    organisations |= {case.organisation.custodian_id for case in cases} - {None}
    members = Membership.objects.filter(
        organisation_id__in=organisations, ended_at=None
    )
    left = Recusal.objects.filter(case__in=cases)
    return (
        User.objects.filter(
            is_active=True,
            groups__role_group__programme_id=cases[0].round.programme_id,
            groups__role_group__role=Role.REVIEWER,
        )
        .exclude(pk__in=members.values("user_id"))
        .exclude(pk__in=left.values("reviewer_id"))
        .order_by("pk")
    )


def candidates_for(cases: Iterable[Case]) -> list[Candidate]:
    """The same people as the draw takes them."""
    return [
        Candidate(user.pk, user.username, user.is_finance_expert)
        for user in reviewers_for(cases)
    ]


# -- interests -------------------------------------------------------------------


@gate("declare_interest")
def declare_interest(
    seat: Seat,
    *,
    by: User,
    conflict: bool,
    reason: str = "",
    declined: bool = False,
) -> Seat:
    """The reviewer declares a conflict, with its reason, or that there is none.

    Before that nobody scores; after a conflict the case is closed to them.
    declined: they cannot take the seat (leave, lack of time), for the reason given;
    it is freed in the same way.
    """
    if seat.status != SeatStatus.DRAWN:
        raise WrongState(_("The declaration was made already."))
    if conflict and not reason.strip():
        raise Invalid({"reason": [_("Say what the conflict is.")]})
    if declined and not reason.strip():
        raise Invalid({"reason": [_("Say why you cannot take the seat.")]})
    leaves = conflict or declined
    seat.status = SeatStatus.CONFLICT if leaves else SeatStatus.CLEAR
    seat.conflict_reason = reason if leaves else ""
    seat.declined = declined and not conflict
    seat.declared_at = now()
    seat.save()
    return seat


# -- scores ----------------------------------------------------------------------


@gate("lock_score")
def lock_score(seat: Seat, *, by: User, recommended: Decimal, **marks: Any) -> Review:
    """Lock a score sheet; it cannot be changed afterwards, unless it is reopened.

    marks: score_<criterion> (0 to its weight) and comment_<criterion>, which is
    needed below 60 % of the weight. recommended: CNY, at most what was asked.
    """
    if seat.status not in (SeatStatus.CLEAR, SeatStatus.REOPENED):
        raise WrongState(_("Declare your interest first; a score is locked once."))
    errors = score_errors(seat, {"recommended": recommended, **marks})
    if errors:
        raise Invalid(errors)
    criteria = [c["code"] for c in rules_of(seat.case).criteria]
    scores = {code: Decimal(marks[f"score_{code}"]) for code in criteria}
    review = Review.objects.create(
        case=seat.case,
        seat=seat,
        reviewer=by,
        total=sum(scores.values(), Decimal(0)),
        recommended=recommended,
        locked_at=now(),
    )
    Score.objects.bulk_create(
        Score(
            case=seat.case,
            review=review,
            criterion=code,
            score=score,
            comment=marks.get(f"comment_{code}") or "",
        )
        for code, score in scores.items()
    )
    seat.status = SeatStatus.LOCKED
    seat.save()
    return review


def score_errors(seat: Seat, marks: dict[str, Any]) -> dict[str, list[str]]:
    """What is wrong with a score sheet, by field."""
    errors: dict[str, list[str]] = {}
    for criterion in rules_of(seat.case).criteria:
        code, weight = criterion["code"], Decimal(str(criterion["weight"]))
        score = marks.get(f"score_{code}")
        if score is None:
            errors[f"score_{code}"] = [_("Enter a score.")]
        elif not 0 <= score <= weight:
            errors[f"score_{code}"] = [
                _("Enter a score from 0 to %(weight)s.") % {"weight": weight}
            ]
        elif score < weight * COMMENT_BELOW and not (
            (marks.get(f"comment_{code}") or "").strip()
        ):
            errors[f"comment_{code}"] = [
                _("A score below 60 per cent of the weight needs a comment.")
            ]
    recommended, requested = marks.get("recommended"), seat.case.requested
    if recommended is None or recommended < 0:
        errors["recommended"] = [_("Enter the amount you recommend.")]
    elif recommended > requested:
        errors["recommended"] = [
            _("At most the %(requested)s yuan that were asked for.")
            % {"requested": f"{requested:,.2f}"}
        ]
    return errors


@gate("close_panel")
def close_panel(case: Case, *, by: User | str) -> Decimal:
    """All seats have locked: the panel's score, and on to the committee."""
    seats = list(case.seats.all())
    if not seats or any(seat.status != SeatStatus.LOCKED for seat in seats):
        raise WrongState(_("Not every reviewer has locked a score."))
    in_force = case.reviews.filter(reopened_at=None)
    totals = list(in_force.values_list("total", flat=True))
    application = case.application
    application.score = panel_score(totals, rules_of(case).trim_at_least)
    application.scored_at = now()
    application.save()
    set_status(case, Status.SCORED)
    return application.score


def panel_score(totals: list[Decimal], trim_at_least: int) -> Decimal:
    """The mean, without one highest and one lowest from so many scores on.

    trim_at_least: 0 keeps them all, however many.
    Two decimals, rounded half up (DOMAIN §7.1).
    """
    kept = sorted(totals)
    if 0 < trim_at_least <= len(kept):
        kept = kept[1:-1]
    mean = sum(kept, Decimal(0)) / len(kept)
    return mean.quantize(HUNDREDTH, ROUND_HALF_UP)
