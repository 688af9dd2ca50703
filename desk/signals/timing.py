"""When things were done: approvals at once after what they approve."""

import datetime as dt
from itertools import groupby
from typing import Any

from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from audit.actors import user_key
from audit.models import Event
from desk.oversight.scope import keyed
from desk.signals.base import Facts, Finding, Row
from desk.signals.thresholds import QUICK
from desk.wording import verb_label

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
        key for f in found for code in f[3:5] if (key := user_key(code)) is not None
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
