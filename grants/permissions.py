"""Who may do what: object permissions, memberships and predicates.

Roles hold permissions on a programme through groups; applicants act by
membership; predicates add what roles cannot say (own seat, four eyes).
"""

from collections import defaultdict
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Case as Case_
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery, When
from django.utils.timezone import localdate
from guardian.models import GroupObjectPermission

from grants.lifecycle import MOVES, permission_of
from grants.models import (
    Case,
    Cover,
    Programme,
    Role,
    RoleGroup,
    SeatStatus,
)
from organisations.models import User
from organisations.selectors import memberships_of

#: Roles that no stand-in gets: a seat is personal, oversight is not handed on.
NEVER_COVERED = (Role.REVIEWER, Role.WITNESS, Role.AUDITOR, Role.INSPECTOR)


def programme_permissions(user: User) -> dict[int, set[str]]:
    """Codenames held on each programme; one query, cached on the user object."""
    if not user.is_authenticated or not user.is_active:
        return {}
    cached = getattr(user, "_programme_permissions", None)
    if cached is None:
        cached = defaultdict(set)
        covered = covers_of(user).filter(
            programme__role_groups__group=OuterRef("group"),
            absent__groups=OuterRef("group"),
        )
        coverable = Exists(covered) & ~Q(group__role_group__role__in=NEVER_COVERED)
        rows = GroupObjectPermission.objects.filter(
            Q(group__in=user.groups.all()) | coverable,
            content_type=ContentType.objects.get_for_model(Programme),
        ).values_list("object_pk", "permission__codename")
        for pk, codename in rows:
            cached[int(pk)].add(codename)
        user._programme_permissions = cached  # type: ignore[attr-defined]
    return cached


def roles_of(user: User) -> set[tuple[int, str]]:
    """(programme id, role) pairs, also those of whom the user stands in for."""
    return set(_roles(user))


def _roles(user: User) -> dict[tuple[int, str], int | None]:
    """(programme id, role) → None for an own role, else the id of who is absent.

    One query, cached on the user object.
    """
    if not user.is_authenticated or not user.is_active:
        return {}
    cached = getattr(user, "_programme_roles", None)
    if cached is None:
        covered = covers_of(user).filter(
            programme=OuterRef("programme"), absent__groups=OuterRef("group")
        )
        mine = user.groups.filter(pk=OuterRef("group"))
        rows = (
            RoleGroup.objects.alias(own=Exists(mine))
            .annotate(
                absent=Case_(
                    When(own=True, then=None),
                    default=Subquery(covered.values("absent")[:1]),
                ),
            )
            .filter(
                Q(own=True) | Q(absent__isnull=False) & ~Q(role__in=NEVER_COVERED),
            )
        )
        cached = {
            (programme, role): absent
            for programme, role, absent in rows.values_list(
                "programme_id", "role", "absent"
            )
        }
        user._programme_roles = cached  # type: ignore[attr-defined]
    return cached


def covers_of(user: User) -> QuerySet[Cover]:
    """Whom this person stands in for today."""
    today = localdate()
    return Cover.objects.filter(
        stand_in=user, starts_on__lte=today, ends_on__gte=today, ended_at=None
    )


def forget_permissions(user: User) -> None:
    """Drop what this user object remembers of its roles."""
    for name in ("_programme_permissions", "_programme_roles"):
        user.__dict__.pop(name, None)


def on_behalf_of(action: str, target: Any, user: Any) -> User | None:
    """For whom a stand-in takes this action; None who has the role themselves."""
    move = MOVES.get(action)
    if move is None or not move.roles or not isinstance(user, User):
        return None
    programme = programme_of(target)
    held = {role: a for (p, role), a in _roles(user).items() if p == programme}
    found = [held[role] for role in move.roles if role in held]
    absent = [pk for pk in found if pk is not None]
    if not absent or len(absent) < len(found):
        return None
    return User.objects.filter(pk__in=absent).order_by("pk").first()


def programmes_with(user: User, codename: str) -> list[int]:
    """Programmes on which the user holds a permission."""
    return sorted(
        pk for pk, held in programme_permissions(user).items() if codename in held
    )


def has_permission(user: User, codename: str, programme_id: int) -> bool:
    """Whether the user's groups hold the permission on that programme."""
    return codename in programme_permissions(user).get(programme_id, set())


def programme_of(target: Any) -> int:
    """The programme an action's target (case, seat, round …) belongs to."""
    if hasattr(target, "case"):
        return target.case.round.programme_id
    return target.programme_id


def can_take(action: str, target: Any, user: User | str | None) -> bool:
    """Whether this person may take this action, the state left aside."""
    move = MOVES[action]
    if isinstance(user, str):
        return move.is_system
    if move.public:
        return True
    if user is None or not user.is_authenticated or not user.is_active:
        return False
    if move.holder:
        allowed = target.reviewer_id == user.pk and has_permission(
            user, permission_of(action), programme_of(target)
        )
    elif move.members:
        organisation = target.case.organisation_id
        allowed = any(
            m.organisation_id == organisation and m.role in move.members
            for m in memberships_of(user)
        )
    else:
        allowed = bool(move.roles) and has_permission(
            user, permission_of(action), programme_of(target)
        )
    if allowed and not move.members and hasattr(target, "case"):
        allowed = is_not_of_applicant(user, target.case)
    predicate = PREDICATES.get(action)
    if not allowed or predicate is None:
        return allowed
    absent = on_behalf_of(action, target, user)
    return predicate(user, target) and (absent is None or predicate(absent, target))


# -- predicates: four eyes and the like ------------------------------------------


def is_not_of_applicant(user: User, case: Case) -> bool:
    """Nobody acts for the programme on a case of their own organisation."""
    return all(m.organisation_id != case.organisation_id for m in memberships_of(user))


def is_not_proposer_of_refusal(user: User, case: Case) -> bool:
    return case.application.refusal_proposed_by_id != user.pk


def is_not_proposer_of_list(user: User, round_: Any) -> bool:
    """A list is confirmed by a second member of the committee."""
    open_list = round_.decisions.filter(
        kind="COMMITTEE", confirmed_at=None, sent_back_at=None
    ).first()
    return open_list is None or open_list.proposed_by_id != user.pk


def is_not_visitor(user: User, stage: Any) -> bool:
    """Who visited does not grade (FLOWS: grade_stage not by the visitor)."""
    return not stage.visits.filter(visited_by=user, cancelled_at=None).exists()


def is_not_registrar(user: User, tranche: Any) -> bool:
    """Registered, approved and recorded by three different officers."""
    approver = tranche.batch.approved_by_id if tranche.batch_id else None
    return user.pk not in (tranche.registered_by_id, approver)


def is_not_proposer_of_termination(user: User, case: Case) -> bool:
    return not case.terminations.filter(status="PROPOSED", proposed_by=user).exists()


def is_not_asker_of_reopening(user: User, case: Case) -> bool:
    return not case.reopenings.filter(status="REQUESTED", asked_by=user).exists()


def is_not_referrer(user: User, finding: Any) -> bool:
    """An accountability case is not closed by who referred the finding."""
    return finding.referred_by_id != user.pk


def holds_no_seat(user: User, case: Case) -> bool:
    """Who sits on the panel reopens no score of it and frees no seat."""
    return not case.seats.filter(reviewer=user).exists()


def decides_such_changes(user: User, case: Case) -> bool:
    """A major change is decided by the head of division, a minor one by either."""
    if (case.round.programme_id, Role.HEAD) in roles_of(user):
        return True
    return not case.changes.filter(status="REQUESTED", is_major=True).exists()


def has_no_conflict(user: User, case: Case) -> bool:
    """False for who declared a conflict in this case, in whatever role."""
    return not (
        case.recusals.filter(reviewer=user).exists()
        or case.seats.filter(reviewer=user, status=SeatStatus.CONFLICT).exists()
    )


PREDICATES = {
    "confirm_refusal": is_not_proposer_of_refusal,
    "reopen_score": holds_no_seat,
    "vacate_seat": holds_no_seat,
    "confirm_decision": is_not_proposer_of_list,
    "grade_stage": is_not_visitor,
    "record_payment": is_not_registrar,
    "confirm_termination": is_not_proposer_of_termination,
    "confirm_reopening": is_not_asker_of_reopening,
    "decide_change": decides_such_changes,
    "close_accountability": is_not_referrer,
}
