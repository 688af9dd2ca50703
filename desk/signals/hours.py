"""Work at odd hours: at night, on weekends and public holidays."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import ExtractHour, ExtractIsoWeekDay, TruncDate
from django.utils.timezone import get_current_timezone, localdate, localtime
from django.utils.translation import gettext as _

from audit.actors import user_key
from audit.models import Event
from desk.oversight.scope import keyed
from desk.signals.base import Facts, Finding, Row
from desk.signals.thresholds import NIGHT_BEGINS, NIGHT_ENDS
from desk.signals.timing import case_key, clock
from desk.wording import verb_label
from grants.actions import ACTIONS
from grants.calendar import is_working_day
from grants.lifecycle import MOVES

#: What decides, or lets money go or stop.
DECIDING = tuple(name for name, action in ACTIONS.items() if action.confirms)
#: What offices and experts do; not the applicants.
VERBS = tuple(name for name, move in MOVES.items() if move.roles or move.holder)
SATURDAY = 6
Act = tuple[int, str, dt.datetime]  # case, verb, moment


def odd_hours(facts: Facts) -> list[Finding]:
    """What was done at night, by person and night; decisions on days off.

    Experts score, supervisors visit and officers prepare on weekends: that is
    ordinary. A weekend day that is worked for a holiday (调休) is no day off.
    """
    nights: dict[tuple[str, dt.date], list[Act]] = defaultdict(list)
    days: dict[tuple[str, dt.date], list[Act]] = defaultdict(list)
    for stream, verb, actor, at in _odd(facts):
        pk, moment = case_key(stream), localtime(at)
        if pk not in facts.cases:
            continue
        if moment.hour >= NIGHT_BEGINS or moment.hour < NIGHT_ENDS:
            night = (moment - dt.timedelta(hours=NIGHT_ENDS)).date()
            nights[actor, night].append((pk, verb, at))
        elif not is_working_day(moment.date()):
            days[actor, moment.date()].append((pk, verb, at))
    people = facts.people(user_key(actor) for actor, _day in (*nights, *days))
    night = _("%(who)s worked in the night after %(day)s: acts %(n)s.")
    found = [_finding(facts, people, night, *one) for one in nights.items()]
    for (actor, day), acts in days.items():
        text = _("%(who)s decided on %(day)s, a public holiday: acts %(n)s.")
        if day.isoweekday() >= SATURDAY:
            text = _("%(who)s decided on %(day)s, a weekend: acts %(n)s.")
        found.append(_finding(facts, people, text, (actor, day), acts))
    return found


def _odd(facts: Facts) -> QuerySet:
    """Stream, verb, actor and moment of acts at night or on what may be a day off."""
    zone = get_current_timezone()
    events = Event.objects.filter(
        stream__in=keyed("case:", facts.overseen),
        verb__in=VERBS,
        actor__startswith="user:",
    ).annotate(
        hour=ExtractHour("at", tzinfo=zone),
        weekday=ExtractIsoWeekDay("at", tzinfo=zone),
        day=TruncDate("at", tzinfo=zone),
    )
    night = Q(hour__gte=NIGHT_BEGINS) | Q(hour__lt=NIGHT_ENDS)
    off = Q(weekday__gte=SATURDAY) | Q(day__in=list(_holidays(facts)))
    events = events.filter(night | (off & Q(verb__in=DECIDING)))
    return events.order_by("pk").values_list("stream", "verb", "actor", "at")


def _holidays(facts: Facts) -> Iterable[dt.date]:
    """Days off between Monday and Friday since the first case was submitted."""
    moments = [case.submitted_at for case in facts.cases.values() if case.submitted_at]
    day = localdate(min(moments)) if moments else localdate()
    while day <= localdate():
        if day.isoweekday() < SATURDAY and not is_working_day(day):
            yield day
        day += dt.timedelta(days=1)


def _finding(
    facts: Facts,
    people: dict[int, Any],
    text: str,
    whose: tuple[str, dt.date],
    acts: list[Act],
) -> Finding:
    actor, day = whose
    who = people.get(user_key(actor), actor)
    return Finding(
        text % {"who": who, "day": day.isoformat(), "n": len(acts)},
        [
            Row(
                f"{clock(at)} · {verb_label(verb)} · {facts.cases[pk].code}",
                facts.cases[pk],
                "timeline",
                at,
            )
            for pk, verb, at in acts
        ],
    )
