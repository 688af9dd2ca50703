"""What a committee's list must satisfy: coverage, money, pass mark, ranking."""

from collections.abc import Iterable
from decimal import ROUND_UP, Decimal
from typing import Any

from django.utils.translation import gettext as _

from grants.models import Case, DecisionOutcome, Round
from grants.ranking import ranked_cases
from grants.rules import rules_of
from grants.selectors import committed_by_kind, pool_free

AWARD, WAITLIST = DecisionOutcome.AWARD, DecisionOutcome.WAITLIST
#: How good an outcome is, for comparing a list with the ranking.
GOODNESS = {AWARD: 2, WAITLIST: 1, DecisionOutcome.REJECT: 0}

HUNDREDTH = Decimal("0.01")
#: A row of the list: case (code), outcome, amount (CNY), reason.
Line = dict[str, Any]


def list_errors(
    round_: Round, cases: dict[str, Case], lines: list[Line]
) -> dict[str, list[str]]:
    """What is wrong with a list, by path; `cases` are the scored ones by code."""
    errors = _coverage_errors(cases, lines)
    if errors:
        return errors
    pass_mark = rules_of(round_).pass_mark
    for index, line in enumerate(lines):
        case = cases[line["case"]]
        below = (case.application.score or Decimal(0)) < pass_mark
        if below and line["outcome"] in (AWARD, WAITLIST):
            errors[f"lines.{index}.outcome"] = [
                _("Below the pass mark of %(mark)s this cannot be funded.")
                % {"mark": pass_mark}
            ]
        elif line["outcome"] == AWARD:
            if error := award_error(round_, case, line.get("amount")):
                errors[f"lines.{index}.amount"] = [error]
    awards = [
        line["amount"] or Decimal(0) for line in lines if line["outcome"] == AWARD
    ]
    total, free = sum(awards, Decimal(0)), pool_free(round_)
    if total > free:
        errors["lines"] = [pool_message(total, free)]
    elif message := fence_message(
        round_,
        sum(
            (
                line["amount"] or Decimal(0)
                for line in lines
                if line["outcome"] == AWARD
                and not cases[line["case"]].organisation.is_community
            ),
            Decimal(0),
        ),
    ):
        errors["lines"] = [message]
    return errors | _leap_errors(cases, lines)


def award_error(round_: Round, case: Case, amount: Decimal | None) -> str | None:
    """Why this amount (CNY) cannot be awarded to the case."""
    if amount is None or amount <= 0:
        return _("Enter the amount of the award.")
    if case.requested is not None and amount > case.requested:
        return _("More than the %(requested)s yuan that were asked for.") % {
            "requested": f"{case.requested:,.2f}"
        }
    if amount > round_.cap:
        return _("More than the cap of %(cap)s yuan.") % {"cap": f"{round_.cap:,.2f}"}
    return None


def pool_message(total: Decimal, free: Decimal) -> str:
    """Says how much the awards are over what is free in the pool."""
    return _(
        "The awards add up to %(total)s yuan; the pool has %(free)s yuan left: "
        "%(over)s yuan too much."
    ) % {
        "total": f"{total:,.2f}",
        "free": f"{free:,.2f}",
        "over": f"{total - free:,.2f}",
    }


def fence_of(round_: Round) -> Decimal | None:
    """CNY of the pool kept for community organisations, None where nothing is.

    A district keeps 30 per cent of its fund (A03, S1); city and street do not.
    """
    rules = rules_of(round_)
    if round_.tier != rules.ring_fence_tier:
        return None
    return (round_.pool * rules.ring_fence_share).quantize(HUNDREDTH, ROUND_UP)


def room_of(round_: Round) -> dict[bool, Decimal]:
    """CNY that may still be awarded: {True: to community organisations, False: …}."""
    return rooms_of([round_])[round_.pk]


def rooms_of(rounds: Iterable[Round]) -> dict[int, dict[bool, Decimal]]:
    """The same of several rounds, by id: one query."""
    rounds = list(rounds)
    taken, rooms = committed_by_kind(rounds), {}
    for round_ in rounds:
        had = taken[round_.pk]
        free = others = round_.pool - had[True] - had[False]
        if (fence := fence_of(round_)) is not None:
            others = max(Decimal(0), min(free, round_.pool - fence - had[False]))
        rooms[round_.pk] = {True: free, False: others}
    return rooms


def fence_message(round_: Round, others: Decimal) -> str | None:
    """Why awards of so many CNY to other organisations reach into the ring-fence."""
    fence = fence_of(round_)
    if fence is None or not others:
        return None
    open_to_all = round_.pool - fence
    taken = committed_by_kind([round_])[round_.pk][False]
    if taken + others <= open_to_all:
        return None
    return _(
        "RINGFENCE_%(share)s: of this pool %(fence)s yuan are kept for community "
        "organisations, %(open)s yuan are open to all. Other organisations would have "
        "%(total)s yuan: %(over)s yuan too much."
    ) % {
        "share": f"{rules_of(round_).ring_fence_share * 100:.0f}",
        "fence": f"{fence:,.2f}",
        "open": f"{open_to_all:,.2f}",
        "total": f"{taken + others:,.2f}",
        "over": f"{taken + others - open_to_all:,.2f}",
    }


def _coverage_errors(cases: dict[str, Case], lines: list[Line]) -> dict[str, list[str]]:
    errors, seen = {}, set()
    for index, line in enumerate(lines):
        code = line["case"]
        if code not in cases:
            message = _("%(code)s is no scored case of this round.")
        elif code in seen:
            message = _("%(code)s is listed twice.")
        else:
            seen.add(code)
            continue
        errors[f"lines.{index}.case"] = [message % {"code": code}]
    if missing := sorted(set(cases) - seen):
        errors["lines"] = [
            _("Every scored case needs a line; missing: %(codes)s.")
            % {"codes": ", ".join(missing)}
        ]
    return errors


def _leap_errors(cases: dict[str, Case], lines: list[Line]) -> dict[str, list[str]]:
    """A line that leaps over a better-ranked case, and neither says why."""
    place = {line["case"]: index for index, line in enumerate(lines)}
    errors: dict[str, list[str]] = {}
    worst: tuple[int, str] | None = None  # of the unexplained lines so far
    for case in ranked_cases(cases.values()):
        line = lines[place[case.code]]
        goodness = GOODNESS[DecisionOutcome(line["outcome"])]
        explained = bool((line.get("reason") or "").strip())
        if worst is not None and goodness > worst[0] and not explained:
            errors[f"lines.{place[case.code]}.reason"] = [
                _("This leaps over %(code)s, which is ranked higher: give the reason.")
                % {"code": worst[1]}
            ]
        if not explained and (worst is None or goodness < worst[0]):
            worst = (goodness, case.code)
    return errors
