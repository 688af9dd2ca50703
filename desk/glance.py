"""Rounds under way at a glance: where their cases stand, where their money is.

For who works in a programme; counted over the cases that the person may see.
"""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import urlencode

from django.db.models import Count, Sum
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _

from grants.models import Role, Round, Status, Tranche, TrancheStatus
from grants.permissions import roles_of
from grants.selectors import COMMITTED, cases_visible_to
from organisations.models import User

ROUNDS = 3
#: Reviewers see the cases of their seats alone: no round at a glance.
NOT_FOR = {Role.REVIEWER, Role.WITNESS}


@dataclass(frozen=True)
class Bar:
    """One bar: its caption, what it says in figures, its length of 1000."""

    label: str
    cases: int | None
    amount: Decimal | None
    length: int
    url: str = ""


@dataclass(frozen=True)
class Glance:
    """One round: its cases by status in the order of the road, and its money."""

    round: Round
    cases: list[Bar]
    money: list[Bar]


def glances_of(user: User) -> list[Glance]:
    """The latest rounds under way that the person works in; three queries."""
    programmes = {pk for pk, role in roles_of(user) if role not in NOT_FOR}
    if not programmes:
        return []
    running = Round.objects.filter(
        programme__in=programmes, published_at__isnull=False, closed_at=None
    )
    rounds = list(running.filter(opens_at__lte=now()).order_by("-opens_at")[:ROUNDS])
    if not rounds:
        return []
    seen = cases_visible_to(user).filter(round__in=rounds)
    rows: dict[int, dict[str, int]] = defaultdict(dict)
    awarded: dict[int, Decimal] = defaultdict(Decimal)
    counted = seen.order_by().values_list("round_id", "status")
    for round_id, status, n, amount in counted.annotate(Count("pk"), Sum("awarded")):
        rows[round_id][status] = n
        if status in COMMITTED:
            awarded[round_id] += amount or 0
    paid = dict(
        Tranche.objects.filter(case__in=seen.order_by(), status=TrancheStatus.PAID)
        .order_by()
        .values_list("case__round_id")
        .annotate(Sum("amount"))
    )
    return [
        Glance(
            round_,
            _cases(round_, rows[round_.pk]),
            _money(round_, awarded[round_.pk], paid.get(round_.pk) or Decimal(0)),
        )
        for round_ in rounds
    ]


def _cases(round_: Round, found: dict[str, int]) -> list[Bar]:
    most = max(found.values(), default=0)
    return [
        Bar(
            str(status.label),
            found[status],
            None,
            1000 * found[status] // most,
            f"{reverse('desk:case-list')}?"
            + urlencode({"round": round_.code, "status": status.value}),
        )
        for status in Status
        if found.get(status)
    ]


def _money(round_: Round, awarded: Decimal, paid: Decimal) -> list[Bar]:
    most = max(round_.pool, awarded, paid)
    amounts = ((_("Pool"), round_.pool), (_("Awarded"), awarded), (_("Paid"), paid))
    return [
        Bar(label, None, amount, int(1000 * amount / most) if most else 0)
        for label, amount in amounts
    ]
