"""Leave cover: making one and ending it."""

import datetime as dt

from django.db.models import Q
from django.utils.timezone import localdate, now
from django.utils.translation import gettext as _

from audit.record import record
from grants.errors import Invalid, NotYours, WrongState
from grants.models import Cover, Programme, RoleGroup
from grants.permissions import NEVER_COVERED, forget_permissions
from grants.services.programmes import require_separate
from organisations.models import User
from outbox.services import announce

#: Longest cover in days; whoever is away longer gives the role back.
LONGEST = 180


def make_cover(
    programme: Programme,
    *,
    absent: User,
    stand_in: User,
    starts_on: dt.date,
    ends_on: dt.date,
    reason: str,
    by: User,
) -> Cover:
    """Let ``stand_in`` act for ``absent``; both are told.

    The absent person makes it, or an administrator. Invalid names the field:
    the same person, days in the past or the wrong way round, a second cover of
    the same days, nothing to cover, or a role that must be kept apart from what
    the stand-in already is (grant_role's rule).
    """
    if by.pk != absent.pk and not by.is_administrator:
        raise NotYours()
    with record("make_cover", by=by, target=programme.code, reason=reason):
        errors = errors_of(programme, absent, stand_in, starts_on, ends_on)
        if errors:
            raise Invalid(errors)
        for role in covered_roles(programme, absent):
            try:
                require_separate(programme, role, stand_in)
            except Invalid as clash:
                raise Invalid({"stand_in": clash.errors["role"]}) from clash
        cover = Cover.objects.create(
            programme=programme,
            absent=absent,
            stand_in=stand_in,
            starts_on=starts_on,
            ends_on=ends_on,
            reason=reason,
            made_by=by,
        )
        announce("make_cover", cover=cover, by=by)
    forget_permissions(stand_in)
    return cover


def covered_roles(programme: Programme, absent: User) -> list[str]:
    """What a stand-in would get: the absent person's own roles, no seats."""
    return list(
        RoleGroup.objects.filter(programme=programme, group__user=absent)
        .exclude(role__in=NEVER_COVERED)
        .order_by("role")
        .values_list("role", flat=True)
    )


def errors_of(
    programme: Programme,
    absent: User,
    stand_in: User,
    starts_on: dt.date,
    ends_on: dt.date,
) -> dict[str, list[str]]:
    """What is wrong with a cover, by field."""
    errors: dict[str, list[str]] = {}
    if absent.pk == stand_in.pk:
        errors["stand_in"] = [_("Nobody stands in for themselves.")]
    elif not stand_in.is_active:
        errors["stand_in"] = [_("This account is closed.")]
    if ends_on < starts_on:
        errors["ends_on"] = [_("The last day lies before the first one.")]
    elif ends_on < localdate():
        errors["ends_on"] = [_("These days are over.")]
    elif (ends_on - starts_on).days >= LONGEST:
        errors["ends_on"] = [_("At most %d days; later, grant the role.") % LONGEST]
    if not covered_roles(programme, absent):
        errors["programme"] = [_("There is no role to cover in this programme.")]
    overlap = Cover.objects.filter(
        Q(starts_on__lte=ends_on, ends_on__gte=starts_on),
        programme=programme,
        absent=absent,
        ended_at=None,
    )
    if not errors and overlap.exists():
        errors["starts_on"] = [_("Somebody stands in for these days already.")]
    return errors


def end_cover(cover: Cover, *, by: User) -> Cover:
    """End a cover early; whoever is back or an administrator does it."""
    if by.pk != cover.absent_id and not by.is_administrator:
        raise NotYours()
    with record("end_cover", by=by, target=cover.programme.code):
        cover = Cover.objects.select_for_update(of=("self",)).get(pk=cover.pk)
        if cover.ended_at is not None or cover.ends_on < localdate():
            raise WrongState()
        cover.ended_at = now()
        cover.save(update_fields=["ended_at"])
        announce("end_cover", cover=cover, by=by)
    forget_permissions(cover.stand_in)
    return cover
