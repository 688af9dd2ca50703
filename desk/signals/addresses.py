"""Network addresses from which several organisations submitted."""

import datetime as dt
from collections import defaultdict

from django.utils.translation import gettext as _

from audit.selectors import acts_with_address, disclosed_values
from desk.oversight.scope import keyed
from desk.signals.base import Facts, Finding, Row
from desk.signals.timing import case_key, clock

SUBMITTED = ("submit_application", "resubmit")
Act = tuple[int, str, dt.datetime]  # case, actor, moment


def shared_addresses(facts: Facts) -> list[Finding]:
    """One address from which people of several organisations submitted in a round.

    One person who submits for several organisations is no secret, and left out.
    """
    streams = keyed("case:", facts.overseen)
    acts = list(acts_with_address(streams, SUBMITTED))
    known = disclosed_values({digest for *_act, digest in acts})
    used: dict[tuple[int, str], list[Act]] = defaultdict(list)
    for stream, actor, at, digest in acts:
        case = facts.cases.get(case_key(stream))
        if case is not None and digest in known:
            used[case.round_id, known[digest]].append((case.pk, actor, at))
    return [
        _finding(facts, address, found)
        for (_round, address), found in sorted(used.items())
        if len({actor for _case, actor, _at in found}) > 1
        and len(_owners(facts, found)) > 1
    ]


def _owners(facts: Facts, acts: list[Act]) -> set[int]:
    return {facts.cases[pk].organisation_id for pk, _actor, _at in acts}


def _finding(facts: Facts, address: str, acts: list[Act]) -> Finding:
    names = (str(facts.organisations[pk]) for pk in sorted(_owners(facts, acts)))
    first = facts.cases[acts[0][0]]
    text = _(
        "%(n)s organisations submitted in %(round)s from the address %(address)s: "
        "%(names)s."
    ) % {
        "n": len(_owners(facts, acts)),
        "round": first.round.code,
        "address": address,
        "names": ", ".join(names),
    }
    rows = [
        Row(
            f"{clock(at)} · {facts.cases[pk].organisation} · {address}",
            facts.cases[pk],
            "timeline",
            at,
        )
        for pk, _actor, at in acts
    ]
    return Finding(text, rows)
