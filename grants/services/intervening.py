"""Interventions in cases: recorded by the staff, read by the inspector alone.

An event of its own stream, whose target names no case: neither the case's record
nor the auditor's search shows that there is one.
"""

import datetime as dt

from django.db.models import QuerySet
from django.utils.timezone import now
from django.utils.translation import gettext as _

from audit.record import record, record_read
from grants.calendar import today
from grants.errors import Invalid, NotYours
from grants.models import Case, Intervention, InterventionWay
from grants.permissions import programmes_with, roles_of
from organisations.models import User
from organisations.selectors import organisation_ids_of

#: What only the inspector holds.
READER = "close_accountability"


def may_record_intervention(user: User, case: Case) -> bool:
    """Everybody with a role in the programme of the case."""
    return any(programme == case.round.programme_id for programme, _r in roles_of(user))


def record_intervention(
    case: Case,
    *,
    by: User,
    who: str,
    happened_on: dt.date,
    way: str,
    asked: str,
    done: str,
) -> Intervention:
    """Put on record that somebody interfered; nothing changes it afterwards.

    Invalid names the field; NotYours for who has no role in the programme.
    """
    if not may_record_intervention(by, case):
        raise NotYours()
    errors = {
        name: [_("This is needed.")]
        for name, text in (("who", who), ("asked", asked), ("done", done))
        if not text.strip()
    }
    if happened_on > today(now()):
        errors["happened_on"] = [_("This day is still to come.")]
    if way not in InterventionWay.values:
        errors["way"] = [_("Choose one.")]
    if errors:
        raise Invalid(errors)
    with record("record_intervention", by=by) as act:
        found = Intervention.objects.create(
            case=case,
            who=who,
            happened_on=happened_on,
            way=way,
            asked=asked,
            done=done,
            recorded_by=by,
            recorded_at=now(),
        )
        act.target = f"intervention:{found.pk}"
    return found


def reads_interventions(user: User) -> bool:
    """Whether somebody is an inspector at all."""
    return bool(programmes_with(user, READER))


def interventions_for(user: User) -> QuerySet[Intervention]:
    """Those of the programmes that an inspector watches, without the own
    organisation's and without cases left for a conflict."""
    found = Intervention.objects.filter(
        case__round__programme_id__in=programmes_with(user, READER)
    ).exclude(case__organisation_id__in=organisation_ids_of(user))
    return found.exclude(case__recusals__reviewer=user)


def note_reading(user: User, found: list[Intervention]) -> None:
    """Their reading is an event of the reader; it names them by their keys."""
    if found:
        keys = ", ".join(str(each.pk) for each in found)
        record_read(by=user, target="interventions", what=f"interventions:{keys}")
