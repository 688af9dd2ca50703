"""What somebody oversees: programmes, and of the record what belongs to them."""

import datetime as dt

from django.contrib.auth import get_user_model
from django.db.models import CharField, F, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.utils.timezone import get_current_timezone

from audit.models import Event
from grants.as_of import ROLE_VERBS
from grants.errors import NotVisible
from grants.models import Case, Programme, RoleGroup, Round
from grants.permissions import programmes_with
from grants.selectors import cases_visible_to
from organisations.attempts import ACCOUNT
from organisations.models import Membership, User

USER = get_user_model()._meta.db_table
#: Targets in a person's own stream that name no case and no programme.
OF_NOTHING = ("", ACCOUNT, "audit")
#: The stream of what somebody does who is not signed in.
NOBODY = "system:anonymous"


def programmes_of(user: User) -> list[int]:
    """The programmes whose record somebody reads; NotVisible where there is none."""
    found = programmes_with(user, "view_trail")
    if not found:
        raise NotVisible()
    return found


def cases_of(user: User) -> QuerySet[Case]:
    """The cases that somebody oversees."""
    return cases_visible_to(user).filter(round__programme__in=programmes_of(user))


def keyed(prefix: str, rows: QuerySet, column: str = "pk") -> QuerySet:
    """Keys with a prefix ("case:17"): names of streams or targets, as a subquery."""
    name = Concat(Value(prefix), Cast(F(column), CharField()))
    return rows.order_by().annotate(_key=name).values("_key")


def midnight(day: dt.date) -> dt.datetime:
    """The beginning of a day in local time."""
    return dt.datetime.combine(day, dt.time(), get_current_timezone())


def own_streams(programmes: list[int], cases: QuerySet[Case]) -> Q:
    """The streams of these cases, of the programmes with their rounds, and of the
    organisations that applied."""
    rounds = Round.objects.filter(programme__in=programmes)
    return (
        Q(stream__in=keyed("case:", cases))
        | Q(stream__in=keyed("grants_round:", rounds))
        | Q(stream__in=[f"grants_programme:{pk}" for pk in programmes])
        | Q(stream__in=keyed("organisations_organisation:", cases, "organisation_id"))
    )


def people_streams(programmes: list[int], cases: QuerySet[Case], roles: Q) -> Q:
    """The streams of who has or ever had a role in these programmes, and of who is or
    was a member of an organisation that applied.

    roles: the events that gave or took away such a role.
    """
    groups = RoleGroup.objects.filter(programme__in=programmes).order_by()
    people = get_user_model().objects.filter(groups__in=groups.values("group"))
    given = Event.objects.filter(
        roles, verb__in=ROLE_VERBS, stream__startswith=f"{USER}:"
    )
    members = Membership.objects.filter(
        organisation__in=cases.order_by().values("organisation_id")
    )
    return (
        Q(stream__in=keyed(f"{USER}:", people))
        | Q(stream__in=given.order_by().values("stream"))
        | Q(stream__in=keyed(f"{USER}:", members, "user_id"))
    )


def events_for(user: User) -> QuerySet[Event]:
    """The events that somebody oversees, wherever they are told.

    Those of their cases and rounds, of the programmes, of the organisations that
    applied, and of their people and of who has or had a role: what these did, read
    and were refused there, and how they signed in; and failed sign-ins under names
    that nobody has.
    Nothing of cases that they do not see: drafts, and those they left for a conflict.
    """
    programmes, cases = programmes_of(user), cases_of(user)
    rounds = Round.objects.filter(programme__in=programmes)
    codes = Programme.objects.filter(pk__in=programmes).order_by().values("code")
    targets = (
        Q(target__in=cases.order_by().values("code"))
        | Q(target__in=keyed("case:", cases))
        | Q(target__in=rounds.order_by().values("code"))
        | Q(target__in=codes)
        | Q(target__in=keyed("org:", cases, "organisation_id"))
    )
    roles = Q()
    for code in codes.values_list("code", flat=True):
        roles |= Q(target__startswith=f"{code}:")
    own = people_streams(programmes, cases, roles) & (
        Q(target__in=OF_NOTHING) | Q(target__startswith="user:")
    )
    streams = own_streams(programmes, cases)
    nobody = Q(stream=NOBODY, target=ACCOUNT)
    found = Event.objects.filter(streams | targets | roles | own | nobody)
    hidden = Case.objects.filter(round__programme__in=programmes)
    hidden = hidden.exclude(pk__in=cases.order_by().values("pk")).order_by()
    return found.exclude(
        Q(target__in=hidden.values("code")) | Q(stream__in=keyed("case:", hidden))
    )
