"""When things were done: scores after locking, approvals at once, work at night."""

import datetime as dt
from collections import defaultdict
from itertools import groupby, pairwise
from typing import Any

from django.db.models import Q
from django.db.models.functions import ExtractHour
from django.utils.timezone import get_current_timezone, localtime
from django.utils.translation import gettext as _

from audit.models import Event
from desk.oversight.scope import keyed
from desk.signals.base import Facts, Finding, Row
from desk.signals.thresholds import NIGHT_BEGINS, NIGHT_ENDS, QUICK
from desk.wording import verb_label
from grants.lifecycle import MOVES
from grants.models import Review

#: What approves what: the approval, and the acts it may approve.
APPROVES: dict[str, tuple[str, ...]] = {
    "screen": ("submit_application", "resubmit"),
    "confirm_decision": ("decide_list",),
    "accept_plan": ("revise_plan",),
    "countersign": ("sign",),
    "check_materials": ("report_stage",),
    "recheck": ("submit_rectification",),
    "register_receipt": ("request_payment",),
    "approve_payment": ("register_receipt",),
    "close_project": ("submit_closure",),
    "confirm_termination": ("terminate",),
    "decide_change": ("request_change",),
    "confirm_reopening": ("reopen",),
    "record_repayment": ("submit_repayment",),
}
SUBMISSIONS = frozenset(verb for verbs in APPROVES.values() for verb in verbs)
#: What offices and reviewers do, not the applicants.
OFFICE_VERBS = tuple(n for n, m in MOVES.items() if m.roles or m.holder)


def case_key(stream: str) -> int:
    return int(stream.partition(":")[2])


def quick_approvals(facts: Facts) -> list[Finding]:
    """Approvals within seconds of what they approve."""
    verbs = SUBMISSIONS | APPROVES.keys()
    events = Event.objects.filter(
        stream__in=keyed("case:", facts.overseen), verb__in=verbs
    )
    told = events.order_by("stream", "seq").values_list("stream", "verb", "actor", "at")
    found: list[tuple[int, str, str, str, str, dt.datetime, dt.datetime]] = []
    for stream, group in groupby(told, key=lambda event: event[0]):
        last: dict[str, tuple[str, dt.datetime]] = {}
        for _stream, verb, actor, at in group:
            for sent in APPROVES.get(verb, ()):
                if sent in last and actor.startswith("user:"):
                    sender, since = last[sent]
                    if dt.timedelta() <= at - since <= QUICK:
                        pk = case_key(stream)
                        found.append((pk, verb, sent, actor, sender, at, since))
            if verb in SUBMISSIONS:
                last[verb] = actor, at
    people = facts.people(
        int(code[5:]) for f in found for code in f[3:5] if code.startswith("user:")
    )
    return [_quick(facts, people, *one) for one in found if one[0] in facts.cases]


def _quick(
    facts: Facts,
    people: dict[int, Any],
    pk: int,
    verb: str,
    sent: str,
    actor: str,
    sender: str,
    at: dt.datetime,
    since: dt.datetime,
) -> Finding:
    case = facts.cases[pk]
    named = {f"user:{key}": str(person) for key, person in people.items()}
    who, by = named.get(actor, _("System")), named.get(sender, _("System"))
    text = _(
        "%(who)s did “%(act)s” in %(case)s %(seconds)s seconds after “%(before)s”."
    ) % {
        "who": who,
        "act": verb_label(verb),
        "case": case.code,
        "seconds": round((at - since).total_seconds()),
        "before": verb_label(sent),
    }
    rows = [
        Row(f"{clock(since)} · {verb_label(sent)} · {by}", case, "timeline", since),
        Row(f"{clock(at)} · {verb_label(verb)} · {who}", case, "timeline", at),
    ]
    return Finding(text, rows)


def clock(at: dt.datetime) -> str:
    return localtime(at).strftime("%Y-%m-%d %H:%M:%S")


def night_work(facts: Facts) -> list[Finding]:
    """What offices and reviewers did at night, by person and night."""
    hour = ExtractHour("at", tzinfo=get_current_timezone())
    events = (
        Event.objects.filter(
            stream__in=keyed("case:", facts.overseen),
            verb__in=OFFICE_VERBS,
            actor__startswith="user:",
        )
        .annotate(hour=hour)
        .filter(Q(hour__gte=NIGHT_BEGINS) | Q(hour__lt=NIGHT_ENDS))
    )
    nights: dict[tuple[str, dt.date], list[Any]] = defaultdict(list)
    told = events.order_by("pk").values_list("stream", "verb", "actor", "at")
    for stream, verb, actor, at in told:
        night = (localtime(at) - dt.timedelta(hours=NIGHT_ENDS)).date()
        if case_key(stream) in facts.cases:
            nights[actor, night].append((case_key(stream), verb, at))
    people = facts.people(int(actor[5:]) for actor, _night in nights)
    return [
        Finding(
            _("%(who)s worked in the night after %(day)s: acts %(n)s.")
            % {
                "who": people.get(int(actor[5:]), actor),
                "day": night.isoformat(),
                "n": len(acts),
            },
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
        for (actor, night), acts in nights.items()
    ]


def edits_after_locking(facts: Facts) -> list[Finding]:
    """Scores that changed after they were locked, by way of a reopening."""
    seats = Review.objects.filter(case__in=facts.keys).exclude(reopened_at=None)
    reviews = (
        Review.objects.filter(seat__in=seats.order_by().values("seat"))
        .select_related("reviewer", "reopened_by")
        .order_by("seat", "pk")
    )
    out = []
    for _seat, group in groupby(reviews, key=lambda review: review.seat_id):
        sheets = list(group)
        for before, after in pairwise(sheets):
            if before.total != after.total or before.recommended != after.recommended:
                out.append(_edited(facts, before, after))
    return out


def _edited(facts: Facts, before: Review, after: Review) -> Finding:
    case = facts.cases[before.case_id]
    text = _(
        "%(who)s's score of %(case)s went from %(old)s to %(new)s after it had been "
        "locked; %(by)s reopened it: %(why)s"
    ) % {
        "who": before.reviewer,
        "case": case.code,
        "old": before.total,
        "new": after.total,
        "by": before.reopened_by,
        "why": before.reopen_reason,
    }
    rows = [
        Row(
            f"{clock(sheet.locked_at)} · {sheet.total} · {sheet.recommended:,.2f}",
            case,
            "reviews",
            sheet.locked_at,
        )
        for sheet in (before, after)
    ]
    return Finding(text, rows)
